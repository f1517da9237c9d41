//! Row 5: nobody on the network reaches the proxy or the API unless the user says so, and then with a warning.

use std::{fs, net::IpAddr, path::Path};
use waylay_tests::daemon::{Daemon, Launch};

/// Local addresses the process listens on, TCP, from `/proc`.
fn listening(pid: u32) -> Vec<(IpAddr, u16)> {
    let inodes: Vec<String> = fs::read_dir(format!("/proc/{pid}/fd"))
        .expect("descriptors of our own child")
        .flatten()
        .filter_map(|fd| {
            fs::read_link(fd.path()).ok()?.to_str()?.strip_prefix("socket:[")?.strip_suffix(']').map(Into::into)
        })
        .collect();
    let mut found = Vec::new();
    for table in ["tcp", "tcp6"] {
        let text = fs::read_to_string(format!("/proc/{pid}/net/{table}")).unwrap_or_default();
        for line in text.lines().skip(1) {
            let fields: Vec<&str> = line.split_whitespace().collect();
            // local address, state (0A is LISTEN), inode
            if fields[3] == "0A" && inodes.iter().any(|i| i == fields[9]) {
                found.push(address(fields[1]));
            }
        }
    }
    found
}

/// `0100007F:15B7`: words of the address in host order, then the port.
fn address(text: &str) -> (IpAddr, u16) {
    let (address, port) = text.split_once(':').unwrap();
    let words = address.as_bytes().chunks(8).map(|w| std::str::from_utf8(w).unwrap());
    let bytes: Vec<u8> = words.flat_map(|w| u32::from_str_radix(w, 16).unwrap().to_ne_bytes()).collect();
    let ip = match <[u8; 4]>::try_from(&bytes[..]) {
        Ok(v4) => IpAddr::from(v4),
        Err(_) => IpAddr::from(<[u8; 16]>::try_from(&bytes[..]).unwrap()),
    };
    (ip, u16::from_str_radix(port, 16).unwrap())
}

#[tokio::test]
async fn security_05_proxy_and_api_listen_on_loopback_only() {
    if !Path::new("/proc/self/net/tcp").exists() {
        println!("skipped: without /proc there is no telling what a process listens on");
        return;
    }
    let daemon = Daemon::start().await;
    let sockets = listening(daemon.pid());
    for port in [daemon.proxy().port(), daemon.ui().port()] {
        assert!(sockets.iter().any(|(_, p)| *p == port), "{sockets:?}");
    }
    assert!(sockets.iter().all(|(ip, _)| ip.is_loopback()), "{sockets:?}");
    assert!(!daemon.stderr().to_lowercase().contains("warn"), "nothing to warn about: {}", daemon.stderr());
}

#[tokio::test]
async fn security_05_listening_elsewhere_is_warned_about_and_never_for_the_api() {
    if !Path::new("/proc/self/net/tcp").exists() {
        println!("skipped: without /proc there is no telling what a process listens on");
        return;
    }
    let daemon = Launch::new().args(&["--listen", "0.0.0.0"]).start().await;
    let sockets = listening(daemon.pid());
    let elsewhere: Vec<_> = sockets.iter().filter(|(ip, _)| !ip.is_loopback()).collect();
    assert!(!elsewhere.is_empty() && elsewhere.iter().all(|(_, p)| *p == daemon.proxy().port()), "{sockets:?}");
    assert!(daemon.stderr().to_lowercase().contains("warn"), "a warning on stderr: {}", daemon.stderr());
}
