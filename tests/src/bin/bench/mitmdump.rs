//! `mitmdump -w`, if it is there.

use crate::{options::Options, subject::Subject};
use std::{net::TcpListener, path::PathBuf, process::Stdio};
use waylay_tests::{daemon::Place, load::Way, program, wait};

/// It takes so much longer that it gets fewer requests to do.
const ONE_IN: usize = 40;

/// Starts it; `None` if there is none.
pub(crate) async fn start(options: &Options, place: &Place) -> Option<Subject> {
    let program: PathBuf = options.mitmdump.clone().or_else(|| program::find(&["mitmdump"]))?;
    let folder = place.home().join("mitmdump");
    let free = TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a port on loopback");
    let mut command = program::command(program, &place.home());
    command.arg("-q").arg("-w").arg(place.home().join("flows"));
    command.args(["--listen-host", "127.0.0.1", "--listen-port", &free.port().to_string()]);
    for setting in [
        format!("confdir={}", folder.display()),
        format!("ssl_verify_upstream_trusted_ca={}", place.root_pem().display()),
    ] {
        command.arg("--set").arg(setting);
    }
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::inherit()).spawn().expect("mitmdump starts");
    wait::until("mitmdump to listen", || {
        let ended = child.try_wait().expect("a child can be asked");
        async move {
            assert!(ended.is_none(), "mitmdump ended: {ended:?}");
            tokio::net::TcpStream::connect(free).await.ok()
        }
    })
    .await;
    let ca = std::fs::read_to_string(folder.join("mitmproxy-ca-cert.pem")).expect("its root");
    let mut subject = Subject::child("mitmdump -w", Way::through(free, &ca), child);
    subject.one_in = ONE_IN;
    Some(subject)
}
