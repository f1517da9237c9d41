//! Sockets and who holds them, from Linux's `/proc`.

use super::peer_process::Link;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// One line of `/proc/net/tcp` or `tcp6`.
#[derive(Debug)]
pub(super) struct Line<'a> {
    pub(super) local: SocketAddr,
    pub(super) remote: SocketAddr,
    /// Two hexadecimal digits, as in `include/net/tcp_states.h`.
    pub(super) state: &'a str,
    /// 0 for a connection that no process holds any more.
    pub(super) inode: u64,
}

impl<'a> Line<'a> {
    /// `None` if it is the heading, or something else.
    pub(super) fn parse(line: &'a str) -> Option<Self> {
        let mut columns = line.split_ascii_whitespace().skip(1);
        let (local, remote, state) = (columns.next()?, columns.next()?, columns.next()?);
        let inode = columns.nth(5)?.parse().ok()?;
        Some(Self { local: address(local)?, remote: address(remote)?, state, inode })
    }
}

/// Both tables, as far as they can be read.
pub(super) fn tables() -> [String; 2] {
    ["/proc/net/tcp", "/proc/net/tcp6"].map(|table| std::fs::read_to_string(table).unwrap_or_default())
}

/// The inodes of the sockets at the other ends of `links`, in their order.
pub(super) fn inodes(links: &[Link]) -> Vec<Option<u64>> {
    let mut found = vec![None; links.len()];
    for table in &tables() {
        for line in table.lines().filter_map(Line::parse).filter(|line| line.inode != 0) {
            let is =
                |a: SocketAddr, b: SocketAddr| a.port() == b.port() && a.ip().to_canonical() == b.ip().to_canonical();
            // Seen from the other end, it is the local address, and ours the remote one.
            let matches = |link: &Link| is(link.peer, line.local) && link.local.is_none_or(|own| is(own, line.remote));
            for (inode, _) in found.iter_mut().zip(links).filter(|(_, link)| matches(link)) {
                *inode = Some(line.inode);
            }
        }
    }
    found
}

/// All processes, the largest numbers first.
pub(super) fn processes() -> Vec<u32> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let mut all: Vec<u32> = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect();
    all.sort_unstable_by_key(|pid| std::cmp::Reverse(*pid));
    all
}

/// The inodes of the sockets that a process holds; none if it is gone, or another user's.
pub(super) fn sockets(pid: u32) -> impl Iterator<Item = u64> {
    let descriptors = std::fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten().flatten();
    descriptors.filter_map(|entry| {
        let target = std::fs::read_link(entry.path()).ok()?;
        target.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok()
    })
}

/// The name of a process, as the kernel keeps it.
pub(super) fn name(pid: u32) -> String {
    let name = std::fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
    let name: String = name.trim().chars().filter(|c| !c.is_control()).collect();
    if name.is_empty() { "a program".to_owned() } else { name }
}

fn address(text: &str) -> Option<SocketAddr> {
    let (ip, port) = text.rsplit_once(':')?;
    Some(SocketAddr::new(parse_ip(ip)?, u16::from_str_radix(port, 16).ok()?))
}

/// Addresses are written as 32-bit words in the machine's byte order.
fn parse_ip(hex: &str) -> Option<IpAddr> {
    let mut bytes = [0; 16];
    let words = hex.as_bytes().chunks(8).zip(bytes.chunks_mut(4));
    for (word, place) in words {
        place.copy_from_slice(&u32::from_str_radix(str::from_utf8(word).ok()?, 16).ok()?.to_ne_bytes());
    }
    match hex.len() {
        8 => Some(Ipv4Addr::new(bytes[0], bytes[1], bytes[2], bytes[3]).into()),
        32 => Some(Ipv6Addr::from(bytes).into()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read() {
        let line =
            "   0: 0100007F:15B7 0100007F:A2C4 01 00000000:00000000 00:00000000 00000000  1000        0 4711 1 0";
        let read = Line::parse(line).unwrap();
        assert_eq!((read.local, read.remote), ("127.0.0.1:5559".parse().unwrap(), "127.0.0.1:41668".parse().unwrap()));
        assert_eq!((read.state, read.inode), ("01", 4711));
        let mapped = line.replace("0100007F", "0000000000000000FFFF00000100007F");
        assert_eq!(Line::parse(&mapped).unwrap().local.ip().to_canonical(), IpAddr::V4(Ipv4Addr::LOCALHOST));
        for bad in ["", "  sl  local_address rem_address   st", "0: zz:zz 0 0A 0 0 0 0 0 1"] {
            assert!(Line::parse(bad).is_none(), "{bad}");
        }
    }
}
