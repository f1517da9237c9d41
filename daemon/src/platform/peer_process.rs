//! Which process holds the other end of a loopback connection, where the system lets us know (Linux: `/proc`).

use std::{collections::VecDeque, net::SocketAddr};
use waylay_storage::model::Process;

/// A loopback connection, as seen from here.
#[derive(Clone, Copy, Debug)]
pub struct Link {
    /// The other end.
    pub peer: SocketAddr,
    /// Our end, where it is known.
    pub local: Option<SocketAddr>,
}

/// Finds processes, and looks first at those it has found before.
#[derive(Debug, Default)]
pub struct Finder {
    recent: VecDeque<u32>,
}

impl Finder {
    /// The processes that hold the other ends of `links`, in their order; `None` for what is gone, or another user's.
    #[cfg(target_os = "linux")]
    pub fn find(&mut self, links: &[Link]) -> Vec<Option<Process>> {
        use super::proc_net::{inodes, processes, sockets};
        /// Processes remembered.
        const RECENT: usize = 16;
        let inodes = inodes(links);
        let mut found: Vec<Option<u32>> = vec![None; links.len()];
        let mut left = inodes.iter().flatten().count();
        let recent: Vec<u32> = self.recent.iter().copied().collect();
        // A client that has just come is a young process: the largest numbers first.
        let all = std::iter::once_with(processes).flatten().filter(|pid| !recent.contains(pid));
        for pid in recent.iter().copied().chain(all) {
            if left == 0 {
                break;
            }
            let mut its = false;
            for inode in sockets(pid) {
                for (place, wanted) in found.iter_mut().zip(&inodes) {
                    if place.is_none() && *wanted == Some(inode) {
                        (*place, its) = (Some(pid), true);
                        left -= 1;
                    }
                }
            }
            if its {
                self.recent.retain(|known| *known != pid);
                self.recent.push_front(pid);
                self.recent.truncate(RECENT);
            }
        }
        found.into_iter().map(|pid| pid.map(|pid| Process { pid, name: super::proc_net::name(pid) })).collect()
    }

    /// Not known on this system.
    #[cfg(not(target_os = "linux"))]
    pub fn find(&mut self, links: &[Link]) -> Vec<Option<Process>> {
        self.recent.clear();
        links.iter().map(|_| None).collect()
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use std::net::{TcpListener, TcpStream};

    #[test]
    fn the_other_ends_of_connections_are_found() {
        let here = Some(Process { pid: std::process::id(), name: super::super::proc_net::name(std::process::id()) });
        for address in ["127.0.0.1:0", "[::1]:0"] {
            let Ok(listener) = TcpListener::bind(address) else { continue };
            let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
            let (accepted, peer) = listener.accept().unwrap();
            let link = Link { peer, local: accepted.local_addr().ok() };
            let elsewhere = Link { peer, local: Some("127.0.0.1:1".parse().unwrap()) };
            let mut finder = Finder::default();
            assert_eq!(finder.find(&[link, elsewhere]), [here.clone(), None]);
            assert_eq!(finder.find(&[Link { local: None, ..link }])[0], here, "by what is remembered");
            drop(client);
            assert_eq!(finder.find(&[link]), [None], "what is gone is not found");
        }
    }
}
