use super::*;
use proptest::prelude::*;

fn files(files: &[(&str, &[u8])]) -> Vec<u8> {
    write(files.iter().copied()).unwrap()
}

fn refused(archive: &[u8]) -> String {
    read(Cursor::new(archive)).unwrap_err().to_string()
}

#[test]
fn what_is_written_is_read() {
    let archive = files(&[("a.json", b"{}"), ("files/b.bin", b"\0\xff"), ("__MACOSX/a", b"x"), ("d/.DS_Store", b"")]);
    assert!(is_zip(&archive));
    let entry = |name: &str, bytes: &[u8]| Entry { name: name.into(), bytes: bytes.to_vec() };
    assert_eq!(read(Cursor::new(&archive)).unwrap(), [entry("a.json", b"{}"), entry("files/b.bin", b"\0\xff")]);
    assert_eq!(
        archive,
        files(&[("a.json", b"{}"), ("files/b.bin", b"\0\xff"), ("__MACOSX/a", b"x"), ("d/.DS_Store", b"")])
    );
    assert!(read(Cursor::new(files(&[]))).unwrap().is_empty());
}

#[test]
fn names_that_lead_out_are_refused() {
    for name in ["../a", "/a", "a/../../b", "a//b", "./a", "C:/a", "a\\b", "a/..", "", &"x".repeat(1025)] {
        let said = refused(&files(&[(name, b"x")]));
        assert!(said.contains("is not the name of a file within it"), "{name:?}: {said}");
    }
}

#[test]
fn bombs_are_refused() {
    let zeros = vec![0; 32 << 20];
    assert!(refused(&files(&[("a", &zeros)])).contains("\"a\" in the zip archive is more than 500 times as long"));
    // Repetitive, but not enough to be a bomb by itself: a letter in 256 is random.
    let mut seed = 1u32;
    let mut random = || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 24) as u8
    };
    let text: Vec<u8> = (0..23 << 20).map(|n| if n % 256 == 0 { random() } else { 0 }).collect();
    assert!(read(Cursor::new(files(&[("a", &text), ("b", &text)]))).is_ok());
    assert!(refused(&files(&[("a", &text), ("b", &text), ("c", &text)])).contains("more than 64 MiB together"));
}

#[test]
fn too_many_entries_are_refused() {
    let names: Vec<_> = (0..=MAX_ENTRIES).map(|n| format!("{n}")).collect();
    let archive = write(names.iter().map(|name| (name.as_str(), &b""[..]))).unwrap();
    assert_eq!(refused(&archive), "The zip archive has 10001 entries; 10000 are allowed.");
}

#[test]
fn links_passwords_and_damage_are_refused() {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer.add_symlink("link", "/etc/passwd", SimpleFileOptions::default()).unwrap();
    assert!(refused(&writer.finish().unwrap().into_inner()).contains("\"link\" in the zip archive is a link"));

    let mut locked = files(&[("a", b"secret")]);
    let central = memchr::memmem::find(&locked, b"PK\x01\x02").unwrap();
    locked[6] |= 1;
    locked[central + 8] |= 1;
    assert!(refused(&locked).contains("\"a\" in the zip archive is encrypted"));

    let mut twice = files(&[("a", b"1"), ("b", b"2")]);
    for at in memchr::memmem::find_iter(&twice.clone(), b"b").collect::<Vec<_>>() {
        twice[at] = b'a';
    }
    let said = read(Cursor::new(&twice));
    assert!(said.is_err() || said.unwrap().len() == 1, "one of them at most");

    let whole = files(&[("a", b"hello hello hello")]);
    for damaged in [&b"PK\x03\x04"[..], b"", b"{}", &whole[..whole.len() - 5], &whole[10..]] {
        assert!(refused(damaged).starts_with("The zip archive cannot be read"), "{damaged:?}");
    }
    let mut flipped = whole.clone();
    flipped[32] ^= 0xff;
    assert!(read(Cursor::new(&flipped)).is_err());
}

proptest! {
    #[test]
    fn any_bytes_are_an_archive_or_not(bytes: Vec<u8>, at in 0usize..150, with: u8) {
        let _ = read(Cursor::new(&bytes));
        let mut archive = files(&[("a.json", b"{\"a\":1}"), ("files/b", b"bbbbbbbbbbbbbbbbbbbbbbb")]);
        let at = at % archive.len();
        archive[at] = with;
        let _ = read(Cursor::new(&archive));
    }
}
