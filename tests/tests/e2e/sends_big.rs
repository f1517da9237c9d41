//! Bodies of any size go up and down by `waylay send` in little memory.

use std::io::Write;
use waylay_tests::{
    daemon::Daemon,
    origin::{Origin, routes},
    program,
};

/// Bytes each way.
const SIZE: usize = 200 << 20;
/// What the daemon may need at its peak; without streaming it would be the size of a body at least, KiB.
const MEMORY: u64 = 120 << 10;

/// The most memory a process has had, KiB.
fn peak(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

#[tokio::test]
async fn big_bodies_go_up_and_down_in_little_memory() {
    let daemon = Daemon::start().await;
    let origin = Origin::tls(&["http/1.1"]).await;
    let (up, down) = (daemon.place().home().join("up"), daemon.place().home().join("down"));
    let bytes = routes::pattern(SIZE);
    std::fs::File::create(&up).unwrap().write_all(&bytes).unwrap();
    let hash = routes::sha256(&bytes);

    daemon.waylay(&["send", "-T", up.to_str().unwrap(), &origin.url("/echo")]).await.expect(0);
    let seen = origin.notes().requests().pop().unwrap();
    assert_eq!((seen.size, &seen.sha256), (SIZE as u64, &hash));
    assert_eq!(seen.values("content-length"), [SIZE.to_string()]);

    let url = origin.url(&format!("/bytes/{SIZE}"));
    daemon.waylay(&["send", "-o", down.to_str().unwrap(), &url]).await.expect(0);
    assert_eq!(routes::sha256(&std::fs::read(&down).unwrap()), hash);
    let needed = peak(daemon.pid());
    assert!(needed < MEMORY, "the daemon needed {needed} KiB for two bodies of {} KiB", SIZE >> 10);

    // Standard output is a pipe: nothing is held back until the end, and a reader that leaves ends it.
    let mut command = program::command("sh", &daemon.place().home());
    let waylay = program::waylay();
    let line = format!("{} --data-dir {} send {url} | head -c 1000 | wc -c", waylay.display(), daemon.data().display());
    let output = program::run(command.args(["-c", &line])).await.expect(0);
    assert_eq!(output.stdout.trim(), "1000");
}
