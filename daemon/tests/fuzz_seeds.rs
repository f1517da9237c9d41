//! What fuzzing starts from, and what it has found, goes through the same checks with every run of the tests.

#[expect(unreachable_pub, reason = "a crate of its own when it is fuzzed")]
#[path = "../../tests/fuzz/src/lib.rs"]
mod checks;

use std::{fs, panic, path::Path};

#[test]
fn every_seed_passes_its_check() {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fuzz/seeds");
    for (target, check) in checks::CHECKS {
        let mut files = 0;
        for file in fs::read_dir(seeds.join(target)).expect("a target has seeds") {
            let path = file.expect("a folder that can be read").path();
            let input = fs::read(&path).expect("a file that can be read");
            assert!(panic::catch_unwind(|| check(&input)).is_ok(), "{} fails", path.display());
            files += 1;
        }
        assert!(files > 0, "no seeds for {target}");
    }
}
