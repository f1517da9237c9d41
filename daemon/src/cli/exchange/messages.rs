//! The messages of an exchange: as a section of `waylay show`, all of them, or the payload of one.

use super::body::copy;
use crate::{
    cli::{
        Context,
        escape::{escaped, escaped_lines},
        output::{Format, Output, notice, stdout},
        report::{Exit, Report},
        units::{duration, size},
    },
    view::{Conversation, Message, MessageDetail, Sender},
};
use std::io::{self, Write};
use waylay_storage::{
    MessageQuery, Reader,
    model::{ExchangeId, MessageKind, MessageState},
};

/// Messages that `waylay show` lists unasked.
const SHOWN: usize = 20;
/// Messages that are read at once.
const PAGE: usize = 500;
/// On a terminal, a preview is not cut shorter than this, characters.
const PREVIEW_MIN: usize = 20;

/// The first messages and what else there is, a line each; nothing for an exchange without messages.
pub(super) fn section(reader: &Reader, id: ExchangeId, output: &Output) -> Result<Vec<String>, Report> {
    let (items, next) = page(reader, id, 0, SHOWN)?;
    if items.is_empty() {
        return Ok(Vec::new());
    }
    let mut lines: Vec<String> = items.iter().map(|message| line(message, output)).collect();
    lines.push(String::new());
    if next.is_some() {
        let hint = format_args!("these are the first {SHOWN}; all of them: waylay show {id} --messages");
        lines.push(output.paint.dim(hint));
    }
    lines.push(output.paint.dim(format_args!("the payload of one: waylay show {id} --message NUMBER")));
    Ok(lines)
}

/// Writes all messages, in any of the forms.
pub(super) fn all(context: &Context, reader: &Reader, id: ExchangeId) -> Result<Exit, Report> {
    let written = list(reader, id, &context.output, &mut stdout())?;
    if written == 0 && context.output.format != Format::Json {
        notice(format_args!("exchange {id} has no messages"));
    }
    Ok(Exit::OK)
}

/// Writes all messages, page by page, and says how many there are.
fn list(reader: &Reader, id: ExchangeId, output: &Output, out: &mut impl Write) -> Result<usize, Report> {
    let (mut after, mut written) = (Some(0), 0);
    let json = output.format == Format::Json;
    let mut put = |text: &str| out.write_all(text.as_bytes()).map_err(Report::output);
    put(if json { "{\"items\":[" } else { "" })?;
    while let Some(number) = after {
        let (items, next) = page(reader, id, number, PAGE)?;
        for message in &items {
            let text = match output.format {
                Format::Text => line(message, output),
                Format::Json | Format::Jsonl => {
                    serde_json::to_string(message).map_err(io::Error::from).map_err(Report::output)?
                }
            };
            match (json, written) {
                (false, _) => put(&format!("{text}\n"))?,
                (true, 0) => put(&format!("\n{text}"))?,
                (true, _) => put(&format!(",\n{text}"))?,
            }
            written += 1;
        }
        after = next;
    }
    put(if json { "\n]}\n" } else { "" })?;
    Ok(written)
}

/// Writes the payload of one message as it is stored; to a terminal only text, with nothing in it that could steer it.
/// As JSON, everything that is known of the message.
pub(super) fn one(context: &Context, reader: &Reader, id: ExchangeId, number: i64) -> Result<Exit, Report> {
    let none = || {
        Report::new(Exit::NOT_FOUND, format!("exchange {id} has no message {number}"))
            .advise(format!("`waylay show {id} --messages` lists them."))
    };
    let message = reader.message(id, number)?.ok_or_else(none)?;
    let detail = || Conversation::of(reader, id)?.detail(&message);
    if context.output.format != Format::Text {
        context.output.document(&detail()?)?;
        return Ok(Exit::OK);
    }
    let mut payload = reader.payload(&message)?;
    if payload.stored < payload.length {
        let lost = size(payload.length - payload.stored);
        notice(format_args!("warning: {lost} of this payload were not kept"));
    }
    if context.output.terminal {
        return on_terminal(&detail()?, id);
    }
    copy(&mut payload)?;
    Ok(Exit::OK)
}

fn on_terminal(detail: &MessageDetail, id: ExchangeId) -> Result<Exit, Report> {
    let number = detail.message.number;
    let Some(text) = &detail.text else {
        let report = Report::new(Exit::USAGE, "this message is not text, and standard output is a terminal");
        return Err(report.advise(format!(
            "Write it to a file: `waylay show {id} --message {number} > FILE`; or add --json to see what it says."
        )));
    };
    let line_end = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
    write!(stdout(), "{}{line_end}", escaped_lines(text)).map_err(Report::output)?;
    if detail.truncated {
        notice(format_args!("there is more; `waylay show {id} --message {number} > FILE` writes all of it"));
    }
    Ok(Exit::OK)
}

fn page(reader: &Reader, id: ExchangeId, after: i64, limit: usize) -> Result<(Vec<Message>, Option<i64>), Report> {
    let query = MessageQuery { after, limit, ..MessageQuery::default() };
    let gone = || Report::new(Exit::NOT_FOUND, format!("there is no exchange '{id}'"));
    let page = reader.messages(id, &query)?.ok_or_else(gone)?;
    let conversation = Conversation::of(reader, id)?;
    let items = page.items.iter().map(|message| conversation.summary(message)).collect::<Result<_, _>>()?;
    Ok((items, page.next))
}

/// Number, direction, time since the exchange began, kind, size, what is wrong with it, and how it begins.
fn line(message: &Message, output: &Output) -> String {
    let arrow = match message.sender {
        Sender::Client => '→',
        Sender::Origin => '←',
    };
    let kind = match message.kind {
        MessageKind::GrpcTrailers => "trailers",
        kind => kind.word(),
    };
    let facts =
        format!("{:>4} {arrow} {:>9}  {kind:<8} {:>6}", message.number, duration(message.at_us), size(message.length));
    let mut preview = escaped(message.preview.as_deref().unwrap_or_default()).into_owned();
    if let Some(event) = &message.event {
        preview = format!("{}: {preview}", escaped(event));
    }
    let troubles = troubles(message);
    if let Some(columns) = output.width {
        let taken = facts.chars().count() + troubles.chars().count() + 6;
        preview = shortened(&preview, columns.saturating_sub(taken).max(PREVIEW_MIN));
    }
    let gap = if troubles.is_empty() { "" } else { "  " };
    format!("{facts}{gap}{}  {preview}", output.paint.failure(troubles)).trim_end().to_owned()
}

/// Why the payload is not all that was sent.
fn troubles(message: &Message) -> String {
    let state = match message.state {
        MessageState::Complete => None,
        MessageState::Cut => Some("cut off".to_owned()),
        MessageState::Undecoded => Some("not decompressed".to_owned()),
    };
    let lost = (message.missing > 0).then(|| format!("{} not kept", size(message.missing)));
    state.into_iter().chain(lost).collect::<Vec<_>>().join(", ")
}

fn shortened(text: &str, width: usize) -> String {
    match text.char_indices().nth(width) {
        None => text.to_owned(),
        Some(_) => text.chars().take(width.saturating_sub(1)).chain(['…']).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::{super::fixture::Fixture, *};
    use crate::cli::output::Paint;
    use waylay_storage::model::{MessageKind, Part};

    fn output(format: Format, width: Option<usize>) -> Output {
        Output { format, terminal: width.is_some(), width, paint: Paint(false) }
    }

    fn listed(fixture: &Fixture, id: ExchangeId, output: &Output) -> String {
        let mut out = Vec::new();
        list(&fixture.reader, id, output, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    const SAID: [(Part, MessageKind, &[u8]); 5] = [
        (Part::Request, MessageKind::Text, b"{\n  \"a\": 1 }"),
        (Part::Response, MessageKind::Binary, b"\x00\xff"),
        (Part::Response, MessageKind::Event, b"event: a\x1bdd\ndata: b\xe2\x80\xae"),
        (Part::Response, MessageKind::GrpcTrailers, b"grpc-status:0"),
        (Part::Request, MessageKind::Close, b"\x03\xe8"),
    ];

    #[test]
    fn a_line_tells_who_said_what_and_steers_no_terminal() {
        let fixture = Fixture::new();
        let id = fixture.said(1, &SAID);
        let text = listed(&fixture, id, &output(Format::Text, None));
        let expected = "   1 →    1.0 ms  text       12 B  { \"a\": 1 }
   2 ←    2.0 ms  binary      2 B  00ff
   3 ←    3.0 ms  event      22 B  a\\u{1b}dd: b\\u{202e}
   4 ←    4.0 ms  trailers   13 B  grpc-status:0
   5 →    5.0 ms  close       2 B  1000 normal closure
";
        assert_eq!(text, expected);
        for line in listed(&fixture, id, &output(Format::Text, Some(48))).lines() {
            assert!(line.chars().count() <= 58, "{line}");
        }
    }

    #[test]
    fn forms_for_programs_are_those_of_the_api() {
        let fixture = Fixture::new();
        let (id, none) = (fixture.said(1, &SAID), fixture.said(2, &[]));
        let document: serde_json::Value =
            serde_json::from_str(&listed(&fixture, id, &output(Format::Json, None))).unwrap();
        let lines = listed(&fixture, id, &output(Format::Jsonl, None));
        let lines: Vec<serde_json::Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(document["items"].as_array(), Some(&lines));
        assert_eq!((lines.len(), &lines[4]["close_code"], &lines[0]["sender"]), (5, &1000.into(), &"client".into()));
        let document: serde_json::Value =
            serde_json::from_str(&listed(&fixture, none, &output(Format::Json, None))).unwrap();
        assert_eq!(document, serde_json::json!({ "items": [] }));
    }

    #[test]
    fn show_lists_the_first_and_says_how_to_see_the_rest() {
        let fixture = Fixture::new();
        let text = output(Format::Text, None);
        let section = |id| section(&fixture.reader, id, &text).unwrap();
        assert!(section(fixture.said(1, &[])).is_empty());
        let few = section(fixture.said(2, &SAID));
        assert_eq!(
            few[5..],
            ["".to_owned(), format!("the payload of one: waylay show {}.2 --message NUMBER", fixture.session.id)]
        );
        let many = SAID.repeat(101);
        let id = fixture.said(3, &many);
        let lines = section(id);
        assert_eq!(lines.len(), SHOWN + 3);
        assert!(lines[SHOWN + 1].ends_with(&format!("waylay show {id} --messages")), "{lines:?}");
        assert_eq!(listed(&fixture, id, &text).lines().count(), 505, "more than a page");
    }

    #[test]
    fn what_is_not_all_there_says_so() {
        let shown = |change: fn(&mut Message)| {
            let fixture = Fixture::new();
            let id = fixture.said(1, &SAID[..1]);
            let (mut items, _) = page(&fixture.reader, id, 0, 1).unwrap();
            change(&mut items[0]);
            line(&items[0], &output(Format::Text, None))
        };
        assert!(shown(|m| m.state = MessageState::Cut).contains("12 B  cut off  {"));
        assert!(
            shown(|m| (m.state, m.missing) = (MessageState::Undecoded, 5)).contains("not decompressed, 5 B not kept")
        );
    }
}
