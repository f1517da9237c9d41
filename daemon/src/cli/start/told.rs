//! What is told once it runs: where to go, and who else can come.

use crate::{
    cli::{
        Context,
        output::Format,
        report::{Exit, Report},
    },
    data_dir::Instance,
    engine::Engine,
};
use serde_json::json;
use std::net::SocketAddr;

/// Tells where to go. A reader that has left is no reason to end.
pub(super) fn announce(
    context: &Context,
    engine: &Engine,
    instance: &Instance,
    (link, hoppscotch): (&str, &[SocketAddr]),
    lan: &Lan,
) -> Result<(), Report> {
    let output = &context.output;
    let said = match output.format {
        Format::Text => {
            let text = format!(
                "proxy listening on {}\n{}UI listening on {}\n{}open {link}\n{ONBOARDING}\n{}\n",
                places(&instance.proxy),
                lan.lines(),
                places(&instance.ui),
                match hoppscotch {
                    [] => String::new(),
                    some => format!("clients of the Hoppscotch Agent are served on {}\n", places(some)),
                },
                match engine.current_session() {
                    Some(session) => format!("recording into session {session}; Ctrl-C ends"),
                    None => "not recording; Ctrl-C ends".into(),
                },
            );
            output.text(text)
        }
        _ => output.line(&json!({
            "pid": instance.pid,
            "version": instance.version,
            "data_dir": context.data.path(),
            "proxy": { "addresses": instance.proxy, "lan": lan.addresses, "password": lan.password },
            "ui": { "addresses": instance.ui, "link": link },
            "hoppscotch": { "addresses": hoppscotch },
            "session": engine.current_session(),
        })),
    };
    said.or_else(|report| if report.exit() == Exit::OK { Ok(()) } else { Err(report) })
}

/// Where a device gets what it needs.
const ONBOARDING: &str = "certificate and steps for a device or browser: http://waylay.internal/ through the proxy";

/// How other machines reach the proxy.
pub(super) struct Lan {
    pub(super) addresses: Vec<SocketAddr>,
    pub(super) password: bool,
}

impl Lan {
    /// Who can use it, and what that means.
    pub(super) fn warning(&self) -> String {
        let who = if self.password {
            "every machine that can reach these addresses and knows the password"
        } else {
            "every machine that can reach these addresses, without a password (--proxy-password-file sets one),"
        };
        format!(
            "warning: other machines are let in: {who} can send requests through the proxy, also to what only this \
             machine reaches, and what they send is recorded here. On the way to the proxy nothing is encrypted. The UI \
             and the control API stay on loopback."
        )
    }

    /// One for each address.
    fn lines(&self) -> String {
        self.addresses.iter().map(|address| format!("from other machines: http://{address}\n")).collect()
    }
}

/// `http://127.0.0.1:5559 (and [::1]:5559)`
pub(in crate::cli) fn places(addresses: &[SocketAddr]) -> String {
    match addresses {
        [] => "no address".into(),
        [only] => format!("http://{only}"),
        [first, rest @ ..] => {
            let rest: Vec<String> = rest.iter().map(SocketAddr::to_string).collect();
            format!("http://{first} (and {})", rest.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_in_one_line() {
        let all = ["127.0.0.1:5559".parse().unwrap(), "[::1]:5559".parse().unwrap()];
        assert_eq!(places(&all), "http://127.0.0.1:5559 (and [::1]:5559)");
        assert_eq!(places(&all[..1]), "http://127.0.0.1:5559");
    }
}
