//! Files of others.

use super::*;
use std::{fs, path::Path};

#[test]
fn files_of_others_are_read_or_refused_with_a_reason() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/postman/collections");
    let mut files: Vec<_> =
        fs::read_dir(&folder).unwrap().map(|f| f.unwrap().file_name().into_string().unwrap()).collect();
    files.sort();
    for file in files {
        let bytes = fs::read(folder.join(&file)).unwrap();
        match read(&bytes) {
            Ok(read) => {
                let c = &read.collections[0];
                println!(
                    "({file:?}, Ok(({:?}, {:?}, {}, {}))),",
                    c.name,
                    counted(&c.items),
                    c.variables.len(),
                    read.notes.len()
                );
                for n in &read.notes {
                    println!("   {n}");
                }
            }
            Err(e) => println!("({file:?}, Err({:?} {:?})),", e.json_path, e.message),
        }
    }
}
