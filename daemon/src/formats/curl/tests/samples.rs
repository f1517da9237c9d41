//! Every sample: the requests that come of it, or why none does.

use super::line;
use crate::formats::curl::read;
use std::{collections::BTreeMap, fs, path::Path};

#[test]
fn every_sample_is_read_or_refused() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/curl/samples");
    let mut found = BTreeMap::new();
    for file in fs::read_dir(&folder).unwrap() {
        let path = file.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let lines = match read(&text) {
            Ok(read) => {
                let mut lines: Vec<_> = read.requests.iter().map(|request| line(&request.draft)).collect();
                lines
                    .extend(read.refused.iter().map(|refused| format!("refused {}: {}", refused.line, refused.reason)));
                lines.extend(read.notes.iter().map(|note| format!("note: {note}")));
                lines
            }
            Err(error) => vec![error.to_string()],
        };
        found.insert(path.file_name().unwrap().to_string_lossy().into_owned(), lines);
    }
    let expected = fs::read_to_string(folder.join("../expected.json")).unwrap();
    let expected: BTreeMap<String, Vec<String>> = serde_json::from_str(&expected).unwrap();
    assert_eq!(found.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
    for (name, lines) in found {
        assert_eq!(lines, expected[&name], "{name}");
    }
}
