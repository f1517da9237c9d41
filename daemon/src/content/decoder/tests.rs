use super::*;
use crate::content::Coding;
use flate2::{
    Compression,
    write::{DeflateEncoder, GzEncoder, ZlibEncoder},
};
use proptest::prelude::*;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};
use std::io::Write;

const TEXT: &[u8] = "Waylay Waylay Waylay, \u{e9}t\u{e9}\n".as_bytes();
/// `TEXT` by the reference encoders.
const BROTLI: &str = "8b0d805761796c6179205761796c6179205761796c61792c20c3a974c3a90a03";
const ZSTD: &str = "28b52ffd0458ad0000785761796c6179202c20c3a974c3a90a01003a8a1145b0d56e";
/// 64 MiB of zeros by the reference encoder, quality 11.
const BROTLI_BOMB: &str = "cbffff3ff82700e2b14020f7fe8fffff7ff04f00c4611180eefd1fffffffe09f0088c30200ddfb3ffeffffc13f0110\
    870500baf77ffcffff837f02200e0b0074effff8ffff07ff04401c1600e8defff1ffff0ffe0980382c00d0bdffcbffff3ffc1300715800a07bff07";

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter_map(|b| (b as char).to_digit(16)).map(|d| d as u8).collect();
    digits.chunks(2).map(|d| d[0] << 4 | d[1]).collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut w = GzEncoder::new(Vec::new(), Compression::best());
    w.write_all(bytes).unwrap();
    w.finish().unwrap()
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut w = ZlibEncoder::new(Vec::new(), Compression::fast());
    w.write_all(bytes).unwrap();
    w.finish().unwrap()
}

fn raw_deflate(bytes: &[u8]) -> Vec<u8> {
    let mut w = DeflateEncoder::new(Vec::new(), Compression::fast());
    w.write_all(bytes).unwrap();
    w.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    compress_to_vec(bytes, CompressionLevel::Fastest)
}

fn codings(field: &str) -> Codings {
    Codings::parse([field.as_bytes()]).unwrap()
}

fn all(field: &str, bytes: &[u8]) -> Vec<u8> {
    let decoded = decode(bytes, &codings(field), 1 << 20);
    assert!(decoded.error.is_none() && !decoded.truncated, "{field}: {:?}", decoded.error);
    decoded.bytes
}

fn error(field: &str, bytes: &[u8]) -> (Vec<u8>, String) {
    let decoded = decode(bytes, &codings(field), 1 << 20);
    (decoded.bytes, decoded.error.expect(field).to_string())
}

#[test]
fn every_coding_is_undone() {
    assert_eq!(all("", TEXT), TEXT);
    assert_eq!(all("gzip", &gzip(TEXT)), TEXT);
    assert_eq!(all("deflate", &zlib(TEXT)), TEXT);
    assert_eq!(all("deflate", &raw_deflate(TEXT)), TEXT);
    assert_eq!(all("br", &hex(BROTLI)), TEXT);
    assert_eq!(all("zstd", &hex(ZSTD)), TEXT);
    let long: Vec<u8> = (0..60_000u32).flat_map(|n| n.to_string().into_bytes()).collect();
    assert_eq!(all("gzip", &gzip(&long)), long);
    assert_eq!(all("deflate", &raw_deflate(&long)), long);
    assert_eq!(all("zstd", &zstd(&long)), long);
}

#[test]
fn lists_are_undone_from_the_last() {
    assert_eq!(all("deflate, gzip", &gzip(&zlib(TEXT))), TEXT);
    assert_eq!(all("br, zstd, gzip", &gzip(&zstd(&hex(BROTLI)))), TEXT);
}

#[test]
fn members_and_frames_follow_one_another() {
    assert_eq!(all("gzip", &[gzip(b"one "), gzip(b""), gzip(b"two")].concat()), b"one two");
    let skippable = hex("50 2a 4d 18 03 00 00 00 aa bb cc");
    assert_eq!(all("zstd", &[zstd(b"one "), skippable.clone(), zstd(b"two"), skippable].concat()), b"one two");
}

#[test]
fn nothing_is_an_empty_body_and_rubbish_after_the_end_is_left() {
    for field in ["gzip", "deflate", "br", "zstd", "gzip, br"] {
        assert_eq!(all(field, b""), b"", "{field}");
    }
    assert_eq!(all("gzip", &[gzip(TEXT), b"\0\0\0\0".to_vec()].concat()), TEXT);
    assert_eq!(all("deflate", &[zlib(TEXT), b"rest".to_vec()].concat()), TEXT);
}

#[test]
fn what_is_cut_gives_what_came_before_and_says_so() {
    let long: Vec<u8> = (0..40_000u32).flat_map(|n| (n * 7).to_string().into_bytes()).collect();
    for (field, whole) in
        [("gzip", gzip(&long)), ("deflate", zlib(&long)), ("deflate", raw_deflate(&long)), ("zstd", zstd(&long))]
    {
        let (bytes, message) = error(field, &whole[..whole.len() * 2 / 3]);
        assert!(long.starts_with(&bytes), "{field}");
        assert_eq!(message, format!("not valid {field} data: it ends early"));
    }
    assert!(!error("gzip", &gzip(&long)[..50_000]).0.is_empty());
    assert!(error("br", &hex(BROTLI)[..20]).1.ends_with("it is damaged or ends early"));
}

#[test]
fn damage_is_reported() {
    for field in ["gzip", "br", "zstd", "deflate"] {
        let (bytes, message) = error(field, b"<html>no coding at all</html>");
        assert!(bytes.is_empty() && message.starts_with(&format!("not valid {field} data: ")), "{message}");
    }
    let mut wrong_sum = hex(ZSTD);
    *wrong_sum.last_mut().unwrap() ^= 1;
    assert_eq!(error("zstd", &wrong_sum), (TEXT.to_vec(), "not valid zstd data: the checksum does not match".into()));
    let mut wrong_sum = gzip(TEXT);
    let at = wrong_sum.len() - 8;
    wrong_sum[at] ^= 1;
    assert!(error("gzip", &wrong_sum).1.contains("gzip"));
}

#[test]
fn a_read_error_is_told_from_bad_data() {
    struct Fails;
    impl Read for Fails {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("disk on fire"))
        }
    }
    for field in ["", "gzip", "deflate", "br", "zstd", "zstd, gzip", "gzip, zstd"] {
        let half = |whole: Vec<u8>| io::Cursor::new(whole[..whole.len() / 2].to_vec()).chain(Fails);
        for source in [half(vec![]), half(gzip(TEXT)), half(zlib(TEXT)), half(hex(BROTLI)), half(zstd(TEXT))] {
            let decoded = decode(source, &codings(field), 1 << 20);
            // A source of another coding may be found bad before its end.
            let message = decoded.error.unwrap().to_string();
            assert!(message.ends_with("disk on fire") || message.starts_with("not valid"), "{field}: {message}");
        }
        assert!(matches!(decode(Fails, &codings(field), 9).error, Some(DecodeError::Read(_))), "{field}");
    }
}

#[test]
fn the_limit_holds_to_the_byte() {
    let body = vec![b'a'; 1000];
    for (field, bytes) in [("", body.clone()), ("gzip", gzip(&body)), ("zstd", zstd(&body)), ("deflate", zlib(&body))] {
        for (limit, kept, truncated) in [(999, 999, true), (1000, 1000, false), (1001, 1000, false), (0, 0, true)] {
            let decoded = decode(&bytes[..], &codings(field), limit);
            assert_eq!((decoded.bytes.len(), decoded.truncated), (kept, truncated), "{field} limit {limit}");
            assert!(decoded.error.is_none(), "{field} limit {limit}: {:?}", decoded.error);
        }
    }
}

/// A zstd frame of `blocks` run-length blocks, 128 KiB each, with the window its first byte after the magic stands for.
fn zstd_runs(blocks: usize, window: u8) -> Vec<u8> {
    let block = ((128u32 << 10) << 3 | 1 << 1).to_le_bytes();
    let mut frame = hex("28b52ffd00");
    frame.push(window);
    for _ in 0..blocks {
        frame.extend_from_slice(&block[..3]);
        frame.push(0);
    }
    frame.extend_from_slice(&[1, 0, 0]);
    frame
}

#[test]
fn bombs_stop_at_the_limit() {
    let limit = 100_000;
    let zeros = vec![0; 64 << 20];
    let one = gzip(&zeros);
    let bombs = [
        ("gzip, gzip", gzip(&one)),
        ("gzip", one),
        ("deflate", raw_deflate(&zeros)),
        ("br", hex(BROTLI_BOMB)),
        ("zstd", zstd_runs(512, 0x38)),
    ];
    for (field, bomb) in bombs {
        let decoded = decode(&bomb[..], &codings(field), limit);
        assert_eq!((decoded.bytes.len() as u64, decoded.truncated), (limit, true), "{field}");
        assert!(decoded.bytes.iter().all(|b| *b == 0) && decoded.error.is_none(), "{field}: {:?}", decoded.error);
    }
}

#[test]
fn a_zstd_window_larger_than_a_content_coding_may_have_is_refused() {
    let (bytes, message) = error("zstd", &zstd_runs(4096, 0x70));
    assert!(bytes.is_empty() && message.contains("window"), "{message}");
}

/// One block of 8 KB that would decode to half a gigabyte: 4,000 sequences of 131,074 bytes each.
#[test]
fn a_zstd_block_larger_than_blocks_may_be_is_refused() {
    let zeros = ((1000u32 << 3) | 1 << 1).to_le_bytes();
    // Literals: 1 byte, as it is. Sequences: every table of one symbol: no literals, a repeated offset, the longest
    // match.
    let mut block = hex("08 61");
    let count = 4000u16;
    block.extend_from_slice(&[(count >> 8) as u8 | 0x80, count as u8, 0b0101_0100, 0, 0, 52]);
    block.extend(std::iter::repeat_n(0xff, 2 * usize::from(count)));
    block.push(1);
    let header = ((block.len() as u32) << 3 | 2 << 1 | 1).to_le_bytes();
    let frame = [&hex("28b52ffd0038"), &zeros[..3], &[0], &header[..3], &block].concat();
    let (bytes, message) = error("zstd", &frame);
    assert!(bytes.is_empty() && message.contains("a block holds more"), "{message}");
}

#[test]
fn input_without_output_ends_too() {
    let empty = gzip(b"");
    let members = (20 << 20) / empty.len();
    let endless = io::Cursor::new(empty.repeat(members));
    let mut source = CountingReader { inner: endless, read: 0 };
    let decoded = decode(&mut source, &codings("gzip"), 10_000);
    assert!(decoded.truncated && decoded.error.is_none() && decoded.bytes.is_empty());
    assert!(source.read < 200_000, "{} bytes were read", source.read);
}

struct CountingReader<R> {
    inner: R,
    read: usize,
}

impl<R: Read> Read for CountingReader<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buf)?;
        self.read += n;
        Ok(n)
    }
}

fn any_codings() -> impl Strategy<Value = Vec<Coding>> {
    let one = prop_oneof![Just(Coding::Gzip), Just(Coding::Deflate), Just(Coding::Brotli), Just(Coding::Zstd)];
    prop::collection::vec(one, 0..=Codings::MAX)
}

fn field(codings: &[Coding]) -> String {
    codings.iter().map(Coding::to_string).collect::<Vec<_>>().join(",")
}

proptest! {
    #[test]
    fn any_bytes_decode_within_the_limit(list in any_codings(), bytes: Vec<u8>, limit in 0u64..5000) {
        let decoded = decode(&bytes[..], &codings(&field(&list)), limit);
        prop_assert!(decoded.bytes.len() as u64 <= limit);
    }

    #[test]
    fn damaged_streams_decode_within_the_limit(
        body in prop::collection::vec(0u8..4, 0..2000),
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        limit in 0u64..5000,
    ) {
        for (name, mut bytes) in
            [("gzip", gzip(&body)), ("deflate", zlib(&body)), ("deflate", raw_deflate(&body)), ("zstd", zstd(&body)),
             ("br", hex(BROTLI)), ("br", hex(BROTLI_BOMB)), ("zstd", hex(ZSTD))] {
            for (at, with) in &flips {
                let at = at.index(bytes.len());
                bytes[at] = *with;
            }
            let decoded = decode(&bytes[..], &codings(name), limit);
            prop_assert!(decoded.bytes.len() as u64 <= limit, "{}", name);
        }
    }

    #[test]
    fn what_was_encoded_comes_back(body: Vec<u8>) {
        prop_assert_eq!(&all("gzip", &gzip(&body)), &body);
        prop_assert_eq!(&all("deflate", &zlib(&body)), &body);
        prop_assert_eq!(&all("deflate", &raw_deflate(&body)), &body);
        prop_assert_eq!(&all("zstd", &zstd(&body)), &body);
    }
}
