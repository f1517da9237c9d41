//! Proxies of other makers, from Debian: squid, which knows `ann` by her password `s3cret`; Dante for SOCKS 4 and 5; microsocks
//! for SOCKS 5 with the same password.

use crate::wait;
use std::{
    fs,
    net::{SocketAddr, TcpListener, TcpStream},
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Child, Command, Stdio},
};
use tempfile::TempDir;

/// `ann:s3cret`, as `htpasswd -m` writes it.
const USERS: &str = "ann:$apr1$waylay00$5VmX5NL2XvkadED7Wnu9Y/\n";

/// A running proxy, gone when dropped.
pub struct OtherProxy {
    address: SocketAddr,
    child: Child,
    root: TempDir,
}

impl OtherProxy {
    /// HTTP, for `ann` alone; it lets nobody to `forbidden.test`.
    pub async fn squid() -> Self {
        let start = |root: &Path, address: SocketAddr| {
            let at = root.display();
            let configuration = format!(
                "http_port {address}\nauth_param basic program /usr/lib/squid/basic_ncsa_auth {at}/users\n\
                 auth_param basic children 2 startup=1 idle=1\nauth_param basic realm waylay\n\
                 acl known proxy_auth REQUIRED\nacl forbidden dstdomain forbidden.test\n\
                 http_access deny forbidden\nhttp_access allow known\nhttp_access deny all\n\
                 cache deny all\ncache_mem 8 MB\npid_filename {at}/pid\ncache_log {at}/log\ncoredump_dir {at}\n\
                 logformat short %rm %ru %un\naccess_log stdio:{at}/access short\nnetdb_filename none\n\
                 shutdown_lifetime 0 seconds\nvisible_hostname proxy.test\ncache_effective_user nobody\n"
            );
            fs::write(root.join("users"), USERS).expect("a file");
            fs::write(root.join("squid.conf"), configuration).expect("a file");
            let mut command = Command::new("/usr/sbin/squid");
            command.arg("-N").arg("-f").arg(root.join("squid.conf"));
            command
        };
        Self::start("squid", start).await
    }

    /// SOCKS 4 and 5, for everybody; it lets nobody to port 9.
    pub async fn dante() -> Self {
        let start = |root: &Path, address: SocketAddr| {
            let configuration = format!(
                "logoutput: {}/log\ninternal: {} port = {}\nexternal: 127.0.0.1\nclientmethod: none\nsocksmethod: none\n\
                 client pass {{ from: 0/0 to: 0/0 }}\nsocks block {{ from: 0/0 to: 0/0 port = 9 }}\n\
                 socks pass {{ from: 0/0 to: 0/0 protocol: tcp }}\n",
                root.display(),
                address.ip(),
                address.port()
            );
            fs::write(root.join("danted.conf"), configuration).expect("a file");
            let mut command = Command::new("/usr/sbin/danted");
            command.arg("-f").arg(root.join("danted.conf")).arg("-p").arg(root.join("pid"));
            command
        };
        Self::start("dante-server", start).await
    }

    /// SOCKS 5, for `ann` alone.
    pub async fn microsocks() -> Self {
        let start = |_: &Path, address: SocketAddr| {
            let mut command = Command::new("microsocks");
            command.args(["-i", &address.ip().to_string(), "-p", &address.port().to_string()]);
            command.args(["-u", "ann", "-P", "s3cret"]);
            command
        };
        Self::start("microsocks", start).await
    }

    /// None of them can be told to take any free port: one that was free a moment ago is tried, and another if it is not.
    async fn start(package: &str, command: impl Fn(&Path, SocketAddr) -> Command) -> Self {
        let root = tempfile::Builder::new().prefix("waylay-proxy-").tempdir().expect("a temporary folder");
        // Their workers are another user's.
        fs::set_permissions(root.path(), fs::Permissions::from_mode(0o777)).expect("permissions");
        for _ in 0..10 {
            let address = TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a port");
            let mut command = command(root.path(), address);
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
            let child = command.spawn();
            let mut child = child.unwrap_or_else(|e| panic!("{package} is installed by tests/run: {e}"));
            let up = wait::until("the proxy to listen, or to end", || {
                let ended = child.try_wait().expect("a child").is_some();
                let listens = TcpStream::connect(address).is_ok();
                async move { (ended || listens).then_some(listens) }
            })
            .await;
            if up {
                return Self { address, child, root };
            }
        }
        panic!("{package} does not start: {:?}", fs::read_to_string(root.path().join("log")));
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What squid has been asked, one request per line: method, target, user.
    pub fn log(&self) -> String {
        fs::read_to_string(self.root.path().join("access")).unwrap_or_default()
    }
}

impl Drop for OtherProxy {
    fn drop(&mut self) {
        // Their workers end with them only if they are asked to end.
        let pid = rustix::process::Pid::from_child(&self.child);
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        let _ = self.child.wait();
    }
}
