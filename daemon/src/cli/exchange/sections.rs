//! The text of `waylay show`: outcome, timings, connections, request and response, messages.

use super::masked::masked;
use crate::{
    cli::{
        escape::{escaped, escaped_bytes, escaped_lines},
        output::Paint,
        units::{duration, full_time, size},
    },
    content::grpc,
    view::{Body, Connection, Detail, Field, Tls},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use jiff::tz::TimeZone;
use std::borrow::Cow;
use waylay_storage::model::{BodyEnd, Timings};

/// Bodies and messages that are shown.
#[derive(Debug, Default)]
pub(super) struct Previews {
    pub(super) request: Option<String>,
    pub(super) response: Option<String>,
    /// Lines that are safe to print.
    pub(super) messages: Vec<String>,
}

/// All sections, a blank line between them.
pub(super) fn text(detail: &Detail, previews: &Previews, reveal: bool, paint: Paint) -> String {
    let mut page = Page { text: String::new(), paint, reveal };
    page.outcome(detail);
    page.timings(detail);
    page.connection("Connection to the origin", detail.upstream_connection.as_ref());
    page.connection("Connection of the client", detail.client_connection.as_ref());
    let id = detail.summary.id.to_string();
    let request = &detail.request;
    page.message("Request", &request.line, &request.headers);
    page.rest(&request.trailers, &request.body, previews.request.as_deref(), &format!("{id} --request"), false);
    if let Some(sent) = &detail.sent {
        page.message("Request as sent to the origin", &sent.line, &sent.headers);
    }
    if let Some(response) = &detail.response {
        page.message("Response", &response.line, &response.headers);
        page.rest(&response.trailers, &response.body, previews.response.as_deref(), &id, detail.summary.omitted.body());
    }
    if !previews.messages.is_empty() {
        page.heading("Messages");
        previews.messages.iter().for_each(|line| page.line(format!("  {line}").trim_end()));
    }
    page.text
}

struct Page {
    text: String,
    paint: Paint,
    reveal: bool,
}

impl Page {
    fn line(&mut self, line: impl AsRef<str>) {
        self.text.push_str(line.as_ref());
        self.text.push('\n');
    }

    fn heading(&mut self, title: &str) {
        let title = self.paint.heading(title);
        self.line(format!("\n{title}"));
    }

    fn fact(&mut self, name: &str, value: impl AsRef<str>) {
        let name = self.paint.dim(format_args!("{name:<9}"));
        self.line(format!("  {name} {}", value.as_ref()));
    }

    fn outcome(&mut self, detail: &Detail) {
        let summary = &detail.summary;
        let (id, method, url) = (self.paint.heading(summary.id), escaped(&summary.method), escaped(&summary.url));
        self.line(format!("{id}  {method} {url}"));
        let status = match (&detail.response, summary.status) {
            (Some(response), Some(status)) => self.paint.status(status, escaped(&response.line)),
            (None, Some(status)) => self.paint.status(status, status),
            (_, None) if summary.done => "no response".into(),
            (_, None) => "under way".into(),
        };
        let (sent, received) = (size(summary.request_size), size(summary.response_size));
        let time = summary.timings.end_us.map(|us| format!(" in {}", duration(us))).unwrap_or_default();
        self.line(format!("{status}  ({sent} sent, {received} received{time})"));
        if let Some(status) = summary.grpc_status {
            let words = grpc_outcome(status, detail);
            let words = if status == 0 { words } else { self.paint.failure(words) };
            self.line(words);
        }
        if let Some(original) = detail.replays {
            self.line(format!("replays {original}: `waylay diff {original} {}` compares them", summary.id));
        }
        let omitted = summary.omitted;
        if omitted.body() {
            let why = if omitted.media { "it is media" } else { "responses are not saved" };
            self.line(format!("not stored by the rules of the session: the body of the response, because {why}"));
        }
        if omitted.cookies {
            self.line("not looked at by the rules of the session: its cookies");
        }
        if let Some(why) = &summary.passthrough {
            let name = why.sni.as_ref().map(|name| format!("; the client asked for {name}")).unwrap_or_default();
            self.line(escaped(&format!(
                "relayed unread: {} is on the passthrough list ({}){name}",
                why.pattern, why.origin
            )));
        }
        if let Some(failure) = &summary.failure {
            let words = format!("failed ({}, {}): {}", failure.side, failure.stage, escaped(&failure.message));
            let words = self.paint.failure(words);
            self.line(words);
        }
    }

    fn timings(&mut self, detail: &Detail) {
        self.heading("Timing");
        self.fact("started", full_time(detail.summary.started_us, &TimeZone::system()));
        for (name, us) in phases(&detail.summary.timings) {
            self.fact(name, format!("{:>9}", duration(us)));
        }
    }

    fn connection(&mut self, title: &str, connection: Option<&Connection>) {
        let Some(connection) = connection else { return };
        self.heading(title);
        self.fact("remote", connection.peer.to_string());
        if let Some(process) = &connection.process {
            self.fact("process", format!("{} ({})", escaped(&process.name), process.pid));
        }
        if let Some(via) = &connection.via {
            let took = connection.via_us.map(|us| format!(" ({})", duration(us))).unwrap_or_default();
            self.fact("via", escaped(&format!("{via}{took}")));
        }
        if !connection.authority.is_empty() {
            self.fact("authority", escaped(&connection.authority));
        }
        match &connection.tls {
            Some(tls) => self.tls(tls),
            None => self.fact("tls", "none"),
        }
    }

    fn tls(&mut self, tls: &Tls) {
        self.fact("tls", escaped(&tls.version));
        self.fact("cipher", escaped(&tls.cipher));
        for (name, value) in [("group", &tls.group), ("alpn", &tls.alpn), ("sni", &tls.sni)] {
            if let Some(value) = value {
                self.fact(name, escaped(value));
            }
        }
        if let Some(subject) = &tls.client_certificate {
            self.fact("as", escaped(subject));
        }
        if tls.resumed {
            self.fact("resumed", "yes");
        }
        match tls.verified {
            Some(true) => self.fact("verified", "yes"),
            Some(false) => {
                let words = self.paint.failure("no: the user asked for no verification");
                self.fact("verified", words);
            }
            None => {}
        }
        for (number, certificate) in tls.chain.iter().enumerate() {
            let until = certificate.not_after.as_deref().map(|time| format!(", valid to {time}")).unwrap_or_default();
            let names = if certificate.names.is_empty() {
                String::new()
            } else {
                format!(", for {}", certificate.names.join(" "))
            };
            let words = format!("{}{names}{until}, {}", certificate.subject, certificate.key);
            self.fact(if number == 0 { "chain" } else { "" }, escaped(&words));
        }
    }

    fn message(&mut self, title: &str, line: &str, headers: &[Field]) {
        self.heading(title);
        self.line(format!("  {}", escaped(line)));
        headers.iter().for_each(|field| self.field(field));
    }

    fn field(&mut self, field: &Field) {
        let name = self.paint.dim(escaped(&field.name));
        let value = self.value(field);
        self.line(format!("  {name}: {value}"));
    }

    fn value<'a>(&self, field: &'a Field) -> Cow<'a, str> {
        let whole = match field.bytes.as_deref().and_then(|bytes| BASE64_STANDARD.decode(bytes).ok()) {
            Some(bytes) => Cow::Owned(escaped_bytes(&bytes)),
            None => escaped(&field.value),
        };
        if self.reveal { whole } else { Cow::Owned(masked(&field.name, &whole)) }
    }

    fn rest(&mut self, trailers: &[Field], body: &Body, preview: Option<&str>, arguments: &str, omitted: bool) {
        if !trailers.is_empty() {
            self.line("  trailers:");
            trailers.iter().for_each(|field| self.field(field));
        }
        let lost: u64 = if omitted { 0 } else { body.gaps.iter().map(|gap| gap.length).sum() };
        if let Some(preview) = preview {
            self.line("");
            for line in preview.lines() {
                self.line(format!("  {}", escaped_lines(line)));
            }
        } else if body.size > 0 && !omitted {
            let hint = self.paint.dim(format_args!("waylay body {arguments}"));
            self.line(format!("\n  {} of body: {hint}", size(body.size)));
        }
        if lost > 0 {
            let words = self.paint.failure(format_args!("{} of the body were not kept", size(lost)));
            self.line(format!("  {words}"));
        }
        let end = match body.end {
            BodyEnd::Complete | BodyEnd::Open => return,
            BodyEnd::Failed => "the sender broke off",
            BodyEnd::Dropped => "the receiver went away",
        };
        let words = self.paint.failure(format_args!("the body is incomplete: {end}"));
        self.line(format!("  {words}"));
    }
}

/// `grpc 5 NOT_FOUND: no such user`
fn grpc_outcome(status: u32, detail: &Detail) -> String {
    let name = grpc::status_name(status).map(|name| format!(" {name}")).unwrap_or_default();
    // Where there are no trailers, the head has the status and the message.
    let fields = detail.response.iter().flat_map(|response| response.trailers.iter().chain(&response.headers));
    let mut messages = fields.filter(|field| field.name.eq_ignore_ascii_case("grpc-message"));
    let message = messages.next().map(|field| grpc::message(field.value.as_bytes())).filter(|text| !text.is_empty());
    let message = message.map(|text| format!(": {}", escaped(&text))).unwrap_or_default();
    format!("grpc {status}{name}{message}")
}

/// The steps that were taken, and how long each took.
fn phases(timings: &Timings) -> Vec<(&'static str, i64)> {
    let span = |from: Option<i64>, to: Option<i64>| Some(to? - from?);
    let steps = [
        ("dns", timings.dns_us),
        ("connect", timings.connect_us),
        ("tls", timings.tls_us),
        ("wait", span(timings.ready_us, timings.head_us)),
        ("receive", span(timings.head_us, timings.end_us)),
        ("total", timings.end_us),
    ];
    // What never came to be has no duration.
    steps.into_iter().filter_map(|(name, us)| Some((name, us?))).collect()
}

#[cfg(test)]
mod tests {
    use super::{super::fixture::Fixture, *};
    use crate::view;

    #[test]
    fn a_call_of_grpc_says_what_it_ended_with() {
        let fixture = Fixture::new();
        fixture.done(1, 200);
        let id = fixture.reader.resolve("@last").unwrap().unwrap();
        let mut detail = view::detail(&fixture.reader, id).unwrap().unwrap();
        let field =
            |name: &str, value: &str| Field { name: name.into(), value: value.into(), bytes: None, name_bytes: None };
        let body = detail.request.body.clone();
        let trailers = vec![field("Grpc-Message", "no %22user%22%1B[2J")];
        let line = "HTTP/2 200".to_owned();
        detail.response = Some(view::Response { line, line_bytes: None, headers: vec![], trailers, body });
        let mut third_line = |status| {
            detail.summary.grpc_status = status;
            let text = text(&detail, &Previews::default(), false, Paint(false));
            text.lines().nth(2).unwrap_or_default().to_owned()
        };
        assert_eq!(third_line(Some(5)), "grpc 5 NOT_FOUND: no \"user\"\\u{1b}[2J");
        assert_eq!(third_line(Some(99)), "grpc 99: no \"user\"\\u{1b}[2J");
        assert_eq!(third_line(None), "");
        detail.response.as_mut().unwrap().trailers.clear();
        detail.summary.grpc_status = Some(0);
        assert!(text(&detail, &Previews::default(), false, Paint(false)).contains("\ngrpc 0 OK\n"));
    }
}
