//! The connections this process holds, found by their addresses, to end those that nobody else here can reach.

use std::{
    io,
    net::{Shutdown, SocketAddr, TcpStream},
};

/// A connection of this process.
#[derive(Clone, Copy, Debug)]
pub struct OwnSocket {
    /// The other end.
    pub peer: SocketAddr,
    /// Its descriptor, which may be another connection's by now.
    number: i32,
}

impl OwnSocket {
    /// Whether bytes have arrived that nobody has read yet.
    pub fn has_unread(&self) -> bool {
        // Non-blocking is what it is already: the flag belongs to the connection, not to the descriptor.
        self.open().is_ok_and(|io| io.set_nonblocking(true).is_ok() && matches!(io.peek(&mut [0]), Ok(1)))
    }

    /// Ends the connection both ways, if it is still there; whoever reads from it sees the end.
    pub fn end(&self) -> bool {
        self.open().is_ok_and(|io| io.shutdown(Shutdown::Both).is_ok())
    }

    /// Another descriptor for the same connection.
    fn open(&self) -> io::Result<TcpStream> {
        let io = duplicate(self.number)?;
        if io.peer_addr()? == self.peer { Ok(io) } else { Err(io::ErrorKind::NotConnected.into()) }
    }
}

/// The connections of this process that `wanted` accepts by their own address and their peer's.
///
/// # Errors
/// If the system does not let us look. It needs up to three free descriptors.
#[cfg(target_os = "linux")]
pub fn own_sockets(wanted: impl Fn(SocketAddr, SocketAddr) -> bool) -> io::Result<Vec<OwnSocket>> {
    let numbers = std::fs::read_dir("/proc/self/fd")?.flatten();
    let numbers: Vec<i32> = numbers.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect();
    let mut found = Vec::new();
    for number in numbers {
        let io = match duplicate(number) {
            Ok(io) => io,
            // Closed since the list was made.
            Err(e) if e.raw_os_error() == Some(rustix::io::Errno::BADF.raw_os_error()) => continue,
            Err(e) => return Err(e),
        };
        // What is no connection has no peer.
        if let (Ok(local), Ok(peer)) = (io.local_addr(), io.peer_addr())
            && wanted(local, peer)
        {
            found.push(OwnSocket { peer, number });
        }
    }
    Ok(found)
}

/// Unlike `dup`, this may be asked for a descriptor that is not ours to lend.
#[cfg(target_os = "linux")]
fn duplicate(number: i32) -> io::Result<TcpStream> {
    use rustix::process::{PidfdFlags, PidfdGetfdFlags, getpid, pidfd_getfd, pidfd_open};
    let this = pidfd_open(getpid(), PidfdFlags::empty())?;
    Ok(pidfd_getfd(&this, number, PidfdGetfdFlags::empty())?.into())
}

#[cfg(not(target_os = "linux"))]
fn duplicate(_number: i32) -> io::Result<TcpStream> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Not possible on this system.
#[cfg(not(target_os = "linux"))]
pub fn own_sockets(_wanted: impl Fn(SocketAddr, SocketAddr) -> bool) -> io::Result<Vec<OwnSocket>> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Whether there is no descriptor left to open anything with.
pub fn descriptors_used_up() -> bool {
    cfg!(unix) && std::fs::File::open("/dev/null").is_err_and(|e| is_out_of_descriptors(&e))
}

/// Whether something failed for want of a descriptor.
pub fn is_out_of_descriptors(e: &io::Error) -> bool {
    #[cfg(unix)]
    {
        use rustix::io::Errno;
        let code = e.raw_os_error();
        code.is_some_and(|code| [Errno::MFILE, Errno::NFILE].iter().any(|e| e.raw_os_error() == code))
    }
    #[cfg(not(unix))]
    {
        let _ = e;
        false
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use std::{
        io::{Read, Write},
        net::TcpListener,
    };

    #[test]
    fn a_connection_is_found_and_ended_by_its_addresses() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (mut accepted, peer) = listener.accept().unwrap();
        let here = listener.local_addr().unwrap();
        let find = || own_sockets(|local, p| local == here && p == peer).unwrap();
        assert!(!find()[0].has_unread());
        client.write_all(b"x").unwrap();
        while !find()[0].has_unread() {
            std::thread::yield_now();
        }
        let ended = find()[0];
        assert!(ended.end());
        accepted.set_nonblocking(false).unwrap();
        let mut read = Vec::new();
        accepted.read_to_end(&mut read).unwrap();
        assert_eq!(client.read(&mut [0]).unwrap_or(0), 0, "the other side sees the end too");
        drop(accepted);
        assert!(!ended.end(), "what is gone is left alone");
        assert!(own_sockets(|_, p| p.port() == 0).unwrap().is_empty());
    }
}
