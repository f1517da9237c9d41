//! Which process listens on a port, where the system lets us know (Linux: `/proc`).

use std::{fmt, net::SocketAddr};

/// A process that listens on a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortHolder {
    /// Its process id.
    pub pid: u32,
    /// Its name, as the kernel keeps it (at most 15 bytes on Linux).
    pub name: String,
}

impl fmt::Display for PortHolder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (process {})", self.name, self.pid)
    }
}

/// The process that keeps others from listening on `address`; `None` if it cannot be found, for example because it
/// is another user's.
#[cfg(target_os = "linux")]
pub fn port_holder(address: SocketAddr) -> Option<PortHolder> {
    let tables = ["/proc/net/tcp", "/proc/net/tcp6"].map(|table| std::fs::read_to_string(table).unwrap_or_default());
    let lines = tables.iter().flat_map(|table| table.lines());
    let inodes = lines.filter_map(|line| linux::listener(line, address));
    let inodes: Vec<String> = inodes.map(|inode| format!("socket:[{inode}]")).collect();
    if inodes.is_empty() {
        return None;
    }
    let processes = std::fs::read_dir("/proc").ok()?.flatten();
    let pids = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    pids.filter(|pid| linux::holds(*pid, &inodes)).map(linux::named).next()
}

/// Not known on this system.
#[cfg(not(target_os = "linux"))]
pub fn port_holder(_address: SocketAddr) -> Option<PortHolder> {
    None
}

#[cfg(target_os = "linux")]
mod linux {
    use super::PortHolder;
    use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

    /// The state `TCP_LISTEN` in the `st` column.
    const LISTEN: &str = "0A";

    /// The socket's inode, if this line of `/proc/net/tcp` is a listener that collides with `address`.
    pub(super) fn listener(line: &str, address: SocketAddr) -> Option<&str> {
        let columns: Vec<&str> = line.split_ascii_whitespace().collect();
        let (local, state, inode) = (columns.get(1)?, columns.get(3)?, columns.get(9)?);
        let (ip, port) = local.rsplit_once(':')?;
        let same_port = u16::from_str_radix(port, 16).ok()? == address.port();
        (*state == LISTEN && same_port && collides(parse_ip(ip)?, address.ip())).then_some(*inode)
    }

    fn collides(held: IpAddr, wanted: IpAddr) -> bool {
        let (held, wanted) = (held.to_canonical(), wanted.to_canonical());
        held == wanted || held.is_unspecified() || wanted.is_unspecified()
    }

    /// Addresses are written as 32-bit words in the machine's byte order.
    fn parse_ip(hex: &str) -> Option<IpAddr> {
        let words: Option<Vec<u32>> =
            hex.as_bytes().chunks(8).map(|word| u32::from_str_radix(str::from_utf8(word).ok()?, 16).ok()).collect();
        let bytes: Vec<u8> = words?.into_iter().flat_map(u32::to_ne_bytes).collect();
        match bytes.len() {
            4 => Some(Ipv4Addr::from(<[u8; 4]>::try_from(bytes).ok()?).into()),
            16 => Some(Ipv6Addr::from(<[u8; 16]>::try_from(bytes).ok()?).into()),
            _ => None,
        }
    }

    pub(super) fn holds(pid: u32, sockets: &[String]) -> bool {
        let Ok(descriptors) = std::fs::read_dir(format!("/proc/{pid}/fd")) else { return false };
        descriptors
            .flatten()
            .filter_map(|entry| std::fs::read_link(entry.path()).ok())
            .any(|target| sockets.iter().any(|socket| target.as_os_str() == socket.as_str()))
    }

    pub(super) fn named(pid: u32) -> PortHolder {
        let name = std::fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
        let name: String = name.trim().chars().filter(|c| !c.is_control()).collect();
        PortHolder { pid, name: if name.is_empty() { "a program".into() } else { name } }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn only_listeners_on_a_colliding_address_count() {
            let line =
                "   0: 0100007F:15B7 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4711 1 0";
            assert_eq!(listener(line, "127.0.0.1:5559".parse().unwrap()), Some("4711"));
            assert_eq!(listener(line, "0.0.0.0:5559".parse().unwrap()), Some("4711"));
            assert_eq!(listener(line, "127.0.0.1:5560".parse().unwrap()), None, "another port");
            assert_eq!(listener(line, "[::1]:5559".parse().unwrap()), None, "another address");
            assert_eq!(listener(&line.replace(" 0A ", " 01 "), "127.0.0.1:5559".parse().unwrap()), None, "connected");
            let any6 = line.replace("0100007F", "00000000000000000000000000000000");
            assert_eq!(listener(&any6, "127.0.0.1:5559".parse().unwrap()), Some("4711"));
            for bad in ["", "  sl  local_address rem_address   st", "0: zz:zz 0 0A 0 0 0 0 0 1"] {
                assert_eq!(listener(bad, "127.0.0.1:5559".parse().unwrap()), None);
            }
        }

        #[test]
        fn finds_this_very_process() {
            let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
            let holder = crate::platform::port_holder(socket.local_addr().unwrap()).unwrap();
            assert_eq!(holder.pid, std::process::id());
        }
    }
}
