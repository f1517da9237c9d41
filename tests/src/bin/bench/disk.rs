//! Memory for what the kernel keeps of files.
//!
//! Some virtual machines hand memory that is free back to their host, and the first touch afterwards costs many times
//! the copying. A round that stores anything would then measure the host. So before each round as much is written to a
//! file and deleted again: the memory the round will need is at hand, as on a machine that has been in use for a while.

use std::{fs::File, io::Write, path::Path};
use waylay_tests::load::content;

/// More than this is not prepared.
const MOST: u64 = 4 << 30;

/// In one write: as much as Waylay's writer has in one at most, so that the kernel takes memory in pieces as large.
const PIECE: usize = 8 << 20;

/// Has the kernel touch memory for `bytes` of files in `folder`.
pub(crate) async fn prepare(folder: &Path, bytes: u64) {
    let (path, bytes) = (folder.join("prepared"), bytes.min(MOST));
    let write = move || {
        let piece = content(0, 1 << 16).repeat(PIECE >> 16);
        let mut file = File::create(&path).expect("a file");
        for _ in 0..bytes.div_ceil(PIECE as u64) {
            file.write_all(&piece).expect("room on the disk");
        }
        std::fs::remove_file(&path).expect("the file just written");
    };
    tokio::task::spawn_blocking(write).await.expect("a thread that does not fail");
}
