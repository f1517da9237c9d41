//! Content codings put on without compressing anything. HAR holds bodies decoded while their heads speak of a coding; what
//! is stored must be what its head says.

use crate::content::{Coding, Codings};

/// A body that decodes to `bytes` by `codings`. Only for bodies that are in memory.
pub fn encode(bytes: Vec<u8>, codings: &Codings) -> Vec<u8> {
    codings.as_slice().iter().fold(bytes, |bytes, coding| one(&bytes, *coding))
}

fn one(bytes: &[u8], coding: Coding) -> Vec<u8> {
    match coding {
        // RFC 1952, 2.3: no name, no time, an unknown system.
        Coding::Gzip => {
            let mut crc = flate2::Crc::new();
            crc.update(bytes);
            let length = (bytes.len() as u32).to_le_bytes();
            let mut out = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
            deflate(bytes, &mut out);
            [&out[..], &crc.sum().to_le_bytes(), &length].concat()
        }
        // RFC 1950, 2.2: a window of 32 KiB, no dictionary.
        Coding::Deflate => {
            let mut out = vec![0x78, 0x01];
            deflate(bytes, &mut out);
            [&out[..], &adler(bytes).to_be_bytes()].concat()
        }
        Coding::Brotli => brotli(bytes),
        Coding::Zstd => zstd(bytes),
    }
}

/// Stored blocks (RFC 1951, 3.2.4).
fn deflate(bytes: &[u8], out: &mut Vec<u8>) {
    let mut blocks = bytes.chunks(0xffff).peekable();
    if bytes.is_empty() {
        out.extend_from_slice(&[1, 0, 0, 0xff, 0xff]);
    }
    while let Some(block) = blocks.next() {
        let length = block.len() as u16;
        out.push(u8::from(blocks.peek().is_none()));
        out.extend_from_slice(&length.to_le_bytes());
        out.extend_from_slice(&(!length).to_le_bytes());
        out.extend_from_slice(block);
    }
}

/// Uncompressed meta-blocks of up to 64 KiB, and an empty last one (RFC 7932, 9.1 and 9.2).
fn brotli(bytes: &[u8]) -> Vec<u8> {
    // WBITS 16 is the one bit 0. The meta-block's head: ISLAST 0, MNIBBLES 00 (four), MLEN - 1 in 16 bits, ISUNCOMPRESSED 1.
    let (mut out, mut first) = (Vec::with_capacity(bytes.len() + 16), true);
    for block in bytes.chunks(1 << 16) {
        let head = ((block.len() as u32 - 1) << 3) | (1 << 19);
        let head = if std::mem::take(&mut first) { head << 1 } else { head };
        out.extend_from_slice(&head.to_le_bytes()[..3]);
        out.extend_from_slice(block);
    }
    // ISLAST 1, ISLASTEMPTY 1, behind WBITS if nothing else is.
    out.push(if first { 0b110 } else { 0b11 });
    out
}

/// Raw blocks (RFC 8878, 3.1.1).
fn zstd(bytes: &[u8]) -> Vec<u8> {
    const BLOCK: usize = 128 << 10;
    // No dictionary, no checksum, no size of the content; a window of 128 KiB.
    let mut out = vec![0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x38];
    let mut blocks = bytes.chunks(BLOCK).peekable();
    if bytes.is_empty() {
        out.extend_from_slice(&[1, 0, 0]);
    }
    while let Some(block) = blocks.next() {
        let head = (block.len() as u32) << 3 | u32::from(blocks.peek().is_none());
        out.extend_from_slice(&head.to_le_bytes()[..3]);
        out.extend_from_slice(block);
    }
    out
}

fn adler(bytes: &[u8]) -> u32 {
    let (mut a, mut b) = (1u32, 0u32);
    // So many sums fit in 32 bits.
    for chunk in bytes.chunks(5552) {
        for byte in chunk {
            a += u32::from(*byte);
            b += a;
        }
        (a, b) = (a % 65_521, b % 65_521);
    }
    b << 16 | a
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::decode;

    #[test]
    fn what_is_encoded_decodes() {
        for field in ["gzip", "deflate", "br", "zstd", "gzip, br", "identity"] {
            let codings = Codings::parse([field.as_bytes()]).unwrap();
            for size in [0, 1, 16, 65_535, 65_536, 65_537, 131_072, 300_001] {
                let bytes: Vec<u8> = (0..size).map(|n: u32| (n * 7 % 251) as u8).collect();
                let encoded = encode(bytes.clone(), &codings);
                let found = decode(&encoded[..], &codings, 1 << 20);
                assert!(found.error.is_none() && found.bytes == bytes, "{field} of {size}: {:?}", found.error);
            }
        }
    }
}
