//! What kind of file somebody wants to import.

use super::{
    har::import::long::At,
    postman_environment::{self, PostmanEnvironment, PostmanError},
};
use std::{
    fs::File,
    io::{self, Read},
};

/// Largest file of variables, bytes.
pub const LARGEST: u64 = 8 << 20;

/// How much of a file is looked at first, bytes.
const BEGINNING: u64 = 256;

/// Reads a file that is an environment or globals of Postman; `None` for any other.
///
/// # Errors
/// If it cannot be read; inside, why a file that says that it is one is none.
pub fn environment(file: &File) -> io::Result<Option<Result<PostmanEnvironment, PostmanError>>> {
    if file.metadata()?.len() > LARGEST {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    At { file, position: 0 }.take(BEGINNING).read_to_end(&mut bytes)?;
    if contains(&bytes, b"\"log\"") {
        return Ok(None); // a HAR, which may be large
    }
    At { file, position: bytes.len() as u64 }.take(LARGEST).read_to_end(&mut bytes)?;
    let read = postman_environment::read(&bytes);
    Ok(Some(read).filter(|read| read.is_ok() || contains(&bytes, b"_postman_variable_scope")))
}

fn contains(bytes: &[u8], text: &[u8]) -> bool {
    memchr::memmem::find(bytes, text).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn files_are_known_by_what_is_in_them() {
        let found = |bytes: &[u8]| {
            let mut file = tempfile::tempfile().unwrap();
            file.write_all(bytes).unwrap();
            environment(&file).unwrap().map(|read| read.map(|found| found.variables.len()))
        };
        assert_eq!(found(br#"{"name":"e","values":[{"key":"k","value":"v"}]}"#), Some(Ok(1)));
        let utf16: Vec<u8> = r#"{"values":[]}"#.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(found(&utf16), Some(Ok(0)));
        let long = format!("{}{{\"values\":[]}}", " ".repeat(1000));
        assert_eq!(found(long.as_bytes()), Some(Ok(0)), "the whole of it is read");
        assert!(found(br#"{"values":[1],"_postman_variable_scope":"environment"}"#).is_some_and(|read| read.is_err()));
        for other in [&b""[..], b"{}", br#"{"log":{"entries":[]}}"#, b"PK", br#"{"info":{},"item":[]}"#] {
            assert_eq!(found(other), None, "{}", String::from_utf8_lossy(other));
        }
    }
}
