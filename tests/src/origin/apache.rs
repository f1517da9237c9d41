//! Apache httpd, with a folder that asks for Digest: user `ann`, password `s3cret`.

use crate::wait;
use std::{
    fs,
    net::{SocketAddr, TcpListener, TcpStream},
    os::unix::fs::PermissionsExt,
    process::{Child, Command, Stdio},
};
use tempfile::TempDir;

/// Where Debian has its modules.
const MODULES: &str = "/usr/lib/apache2/modules";
/// MD5 of `ann:private:s3cret`, as `htdigest` writes it.
const USERS: &str = "ann:private:596b32e30987c70987f99609baadbf0a\n";

/// A running httpd, gone when dropped.
pub struct Apache {
    address: SocketAddr,
    child: Child,
    _root: TempDir,
}

impl Apache {
    /// Starts it. `/digest/file` asks who one is, `/open` does not.
    pub async fn start() -> Self {
        let root = tempfile::Builder::new().prefix("waylay-apache-").tempdir().expect("a temporary folder");
        // httpd's workers are another user's.
        fs::set_permissions(root.path(), fs::Permissions::from_mode(0o755)).expect("permissions");
        let documents = root.path().join("documents");
        fs::create_dir_all(documents.join("digest")).expect("a folder");
        fs::write(documents.join("digest/file"), "for ann alone\n").expect("a file");
        fs::write(documents.join("open"), "for everybody\n").expect("a file");
        fs::write(root.path().join("users"), USERS).expect("a file");
        // It cannot be told to take any free port: one that was free a moment ago is tried, and another if it is not.
        for _ in 0..10 {
            let address = TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a port");
            fs::write(root.path().join("httpd.conf"), configuration(&root, address)).expect("a file");
            let mut child = Command::new("/usr/sbin/apache2")
                .args(["-D", "FOREGROUND", "-f"])
                .arg(root.path().join("httpd.conf"))
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .expect("apache2 is installed by tests/run");
            let up = wait::until("httpd to listen, or to end", || {
                let ended = child.try_wait().expect("a child").is_some();
                let listens = TcpStream::connect(address).is_ok();
                async move { (ended || listens).then_some(listens) }
            })
            .await;
            if up {
                return Self { address, child, _root: root };
            }
        }
        panic!("httpd does not start: {:?}", fs::read_to_string(root.path().join("errors")));
    }

    /// The URL of `path` (which begins with a slash).
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

impl Drop for Apache {
    fn drop(&mut self) {
        // Its workers end with it only if it is asked to end.
        let pid = rustix::process::Pid::from_child(&self.child);
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        let _ = self.child.wait();
    }
}

fn configuration(root: &TempDir, address: SocketAddr) -> String {
    let root = root.path().display();
    let modules = ["mpm_event", "authn_core", "authn_file", "authz_core", "authz_user", "auth_digest"];
    let modules: String = modules.map(|name| format!("LoadModule {name}_module {MODULES}/mod_{name}.so\n")).concat();
    format!(
        "{modules}ServerRoot {root}\nPidFile {root}/pid\nErrorLog {root}/errors\nDefaultRuntimeDir {root}\n\
         Listen {address}\nServerName localhost\nUser www-data\nGroup www-data\nDocumentRoot {root}/documents\n\
         StartServers 1\nThreadsPerChild 4\nMaxRequestWorkers 4\n\
         <Location /digest>\nAuthType Digest\nAuthName private\nAuthDigestProvider file\nAuthUserFile {root}/users\n\
         Require valid-user\n</Location>\n"
    )
}
