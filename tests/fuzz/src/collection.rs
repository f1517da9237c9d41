//! Collections of Postman, and archives of them.

use std::io::Cursor;
use waylay::formats::{
    archive,
    postman::{self, Version},
};

/// Any bytes are files of Postman's or are refused with a reason and a place; what is read is written, and read again it is the
/// same. The same holds for what is in an archive.
pub fn check(input: &[u8]) {
    let _ = postman::sniff(input);
    if archive::is_zip(input) {
        if let Ok(entries) = archive::read(Cursor::new(input)) {
            let _ = postman::read_archive(entries.into_iter().map(|entry| (entry.name, entry.bytes)));
        }
        return;
    }
    let read = match postman::read(input) {
        Ok(read) => read,
        Err(refused) => {
            assert!(refused.json_path.starts_with('$') && !refused.message.is_empty() && !refused.hint.is_empty());
            return;
        }
    };
    for collection in read.collections {
        for version in [Version::V21, Version::V20] {
            let file = postman::write(&collection, version, None).file.to_string();
            let again = postman::read(file.as_bytes()).expect("what was written is read");
            assert_eq!(again.collections.first(), Some(&collection), "{file}");
        }
    }
}
