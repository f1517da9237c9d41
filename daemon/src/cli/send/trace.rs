//! What `-v` tells: every hop as it went out and came back, and over what, on standard error.

use crate::{
    cli::{control::Control, escape::escaped, report::Report, units::duration},
    view::{Connection, Detail, Field},
};
use serde_json::Value;
use std::{
    fmt::Write as _,
    io::{self, Write as _},
};

/// Tells of all hops of an answer.
pub(super) async fn trace(control: &Control, answer: &Value) -> Result<(), Report> {
    let mut text = String::new();
    for hop in answer["hops"].as_array().into_iter().flatten() {
        let Some(id) = hop["id"].as_str() else { continue };
        let detail: Detail = control.get(&format!("/exchanges/{id}")).await?;
        hop_text(&mut text, &detail);
    }
    // What cannot be told of is nothing to stop for.
    let _ = io::stderr().lock().write_all(text.as_bytes());
    Ok(())
}

fn hop_text(text: &mut String, detail: &Detail) {
    if let Some(connection) = &detail.upstream_connection {
        connection_text(text, connection);
    }
    head_text(text, '>', &detail.request.line, &detail.request.headers);
    if let Some(response) = &detail.response {
        head_text(text, '<', &response.line, &response.headers);
    }
    if let Some(failure) = &detail.summary.failure {
        let _ = writeln!(text, "* {} ({}, {})", escaped(&failure.message), failure.side, failure.stage);
    }
    let took = detail.summary.timings.end_us.map(|us| format!(" in {}", duration(us))).unwrap_or_default();
    let _ = writeln!(text, "* exchange {}{took}", detail.summary.id);
}

fn connection_text(text: &mut String, connection: &Connection) {
    let local = connection.local.map(|local| format!(" from {local}")).unwrap_or_default();
    let _ = writeln!(text, "* connected to {} ({}){local}", escaped(&connection.authority), connection.peer);
    let Some(tls) = &connection.tls else { return };
    let alpn = tls.alpn.as_deref().map(|alpn| format!(", ALPN {}", escaped(alpn))).unwrap_or_default();
    let _ = writeln!(text, "* {} {}{alpn}", tls.version, tls.cipher);
    if let Some(leaf) = tls.chain.first() {
        let until = leaf.not_after.as_deref().map(|at| format!(", until {at}")).unwrap_or_default();
        let _ = writeln!(text, "* certificate {} by {}{until}", escaped(&leaf.subject), escaped(&leaf.issuer));
    }
    match (&tls.doubt, tls.verified) {
        (Some(doubt), _) => drop(writeln!(text, "* certificate not verified: {}", escaped(doubt))),
        (None, Some(false)) => text.push_str("* certificate not verified\n"),
        (None, _) => text.push_str("* certificate verified\n"),
    }
}

fn head_text(text: &mut String, arrow: char, line: &str, headers: &[Field]) {
    let _ = writeln!(text, "{arrow} {}", escaped(line));
    for field in headers {
        let _ = writeln!(text, "{arrow} {}: {}", escaped(&field.name), escaped(&field.value));
    }
    let _ = writeln!(text, "{arrow}");
}
