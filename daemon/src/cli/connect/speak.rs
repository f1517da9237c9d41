//! What is sent: what the flags say, or what standard input says line by line.

use super::{Code, ConnectArgs, Kind, Standing};
use crate::cli::{
    control::{Control, ControlError},
    output::notice,
    report::{Exit, Report},
};
use http::Method;
use serde_json::{Value, json};
use std::{convert::Infallible, io::BufRead};
use tokio::sync::{mpsc, watch};

/// Longest line, bytes.
const LINE: usize = 16 << 20;
/// Lines read ahead.
const AHEAD: usize = 16;

/// Sends, and closes the connection when that is due; then waits for the end, which comes otherwise.
pub(super) async fn speak(
    args: &ConnectArgs,
    kind: Kind,
    control: &Control,
    path: &str,
    mut seen: watch::Receiver<Standing>,
) -> Result<Infallible, Report> {
    let mut counted = seen.clone();
    let talking = async {
        if kind == Kind::Sse {
            return Ok(false);
        }
        if !args.messages.is_empty() {
            for message in &args.messages {
                say(args, control, path, &mut seen, message).await?;
            }
            return Ok(false);
        }
        let mut lines = lines();
        while let Some(line) = lines.recv().await {
            say(args, control, path, &mut seen, &line?).await?;
        }
        // Over before it was open: the end is told by other means.
        let opened = seen.wait_for(|seen| seen.open).await.is_ok();
        // Where messages are counted, the last of them are waited for.
        Ok::<_, Report>(opened && args.count.is_none())
    };
    let enough = async {
        match args.count {
            Some(count) => drop(counted.wait_for(|seen| seen.received >= count).await),
            None => std::future::pending().await,
        }
    };
    let talked = async {
        match talking.await {
            Ok(false) => std::future::pending().await,
            other => other.map(drop),
        }
    };
    tokio::select! {
        talked = talked => talked?,
        () = enough => {}
    }
    control.carry_out(Method::POST, &format!("{path}/close"), Some(&json!({ "code": 1000 }))).await?;
    std::future::pending().await
}

async fn say(
    args: &ConnectArgs,
    control: &Control,
    path: &str,
    seen: &mut watch::Receiver<Standing>,
    text: &str,
) -> Result<(), Report> {
    let message: Value = match args.binary {
        None => json!({ "text": text }),
        Some(Code::Base64) => json!({ "base64": text }),
        Some(Code::Hex) => json!({ "hex": text }),
    };
    // Over before it was open: the end is told by other means.
    if seen.wait_for(|seen| seen.open).await.is_err() {
        return std::future::pending().await;
    }
    match control.carry_out(Method::POST, &format!("{path}/messages"), Some(&message)).await {
        Ok(()) => Ok(()),
        // A line that is no message ends nothing, nor does one that came too late.
        Err(ControlError::Refused { status: 400 | 409 | 413, message, hint }) => {
            let hint = hint.map(|hint| format!(": {hint}")).unwrap_or_default();
            notice(format_args!("not sent: {}{hint}", message.trim_end_matches('.')));
            Ok(())
        }
        Err(error) => Err(error.into()),
    }
}

/// Lines of standard input, read by a thread of their own, which the end of the program does not wait for.
fn lines() -> mpsc::Receiver<Result<String, Report>> {
    let (lines, received) = mpsc::channel(AHEAD);
    std::thread::spawn(move || {
        let mut input = std::io::stdin().lock();
        loop {
            let mut line = Vec::new();
            let read = std::io::Read::take(&mut input, LINE as u64 + 1).read_until(b'\n', &mut line);
            let line = match read {
                Ok(0) => return,
                Ok(n) if n > LINE => Err(Report::new(Exit::USAGE, "a line of standard input is longer than 16 MiB")),
                Ok(_) => {
                    String::from_utf8(line).map(|line| line.trim_end_matches(['\r', '\n']).to_owned()).map_err(|_| {
                        let report = Report::new(Exit::USAGE, "a line of standard input is no UTF-8");
                        report.advise("Send bytes by --binary base64 or --binary hex.")
                    })
                }
                Err(error) => Err(Report::io("cannot read standard input", error)),
            };
            let failed = line.is_err();
            if lines.blocking_send(line).is_err() || failed {
                return;
            }
        }
    });
    received
}
