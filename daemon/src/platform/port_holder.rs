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
    use super::proc_net::{name, processes, sockets, tables};
    let tables = tables();
    let lines = tables.iter().flat_map(|table| table.lines());
    let inodes: Vec<u64> = lines.filter_map(|line| linux::listener(line, address)).collect();
    if inodes.is_empty() {
        return None;
    }
    let holds = |pid: &u32| sockets(*pid).any(|inode| inodes.contains(&inode));
    processes().into_iter().rev().find(holds).map(|pid| PortHolder { pid, name: name(pid) })
}

/// Not known on this system.
#[cfg(not(target_os = "linux"))]
pub fn port_holder(_address: SocketAddr) -> Option<PortHolder> {
    None
}

#[cfg(target_os = "linux")]
mod linux {
    use crate::platform::proc_net::Line;
    use std::net::{IpAddr, SocketAddr};

    /// The state `TCP_LISTEN`.
    const LISTEN: &str = "0A";

    /// The socket's inode, if this line of `/proc/net/tcp` is a listener that collides with `address`.
    pub(super) fn listener(line: &str, address: SocketAddr) -> Option<u64> {
        let line = Line::parse(line)?;
        let same_port = line.local.port() == address.port();
        (line.state == LISTEN && same_port && collides(line.local.ip(), address.ip())).then_some(line.inode)
    }

    fn collides(held: IpAddr, wanted: IpAddr) -> bool {
        let (held, wanted) = (held.to_canonical(), wanted.to_canonical());
        held == wanted || held.is_unspecified() || wanted.is_unspecified()
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn only_listeners_on_a_colliding_address_count() {
            let line =
                "   0: 0100007F:15B7 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4711 1 0";
            assert_eq!(listener(line, "127.0.0.1:5559".parse().unwrap()), Some(4711));
            assert_eq!(listener(line, "0.0.0.0:5559".parse().unwrap()), Some(4711));
            assert_eq!(listener(line, "127.0.0.1:5560".parse().unwrap()), None, "another port");
            assert_eq!(listener(line, "[::1]:5559".parse().unwrap()), None, "another address");
            assert_eq!(listener(&line.replace(" 0A ", " 01 "), "127.0.0.1:5559".parse().unwrap()), None, "connected");
            let any6 = line.replace("0100007F", "00000000000000000000000000000000");
            assert_eq!(listener(&any6, "127.0.0.1:5559".parse().unwrap()), Some(4711));
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
