//! The body of a request: as an argument, from a file, printed by another command, or from the store.

use super::{
    Command, Shell, own,
    quote::{self, word},
};
use crate::request::{
    Body, Draft,
    body::{Piece, plan},
    draft::Part,
};
use bytes::Bytes;

/// Longest data that stands in the command, bytes: systems bound what one argument may hold.
const ARGUMENT: usize = 100 << 10;

/// Longest data that the command prints by itself, bytes; longer data comes from the store.
const PRINTED: usize = 1 << 20;

/// What is known about the body besides its bytes.
#[derive(Default)]
pub(super) struct Content {
    /// Its media type, where it has one by itself.
    pub(super) media_type: Option<String>,
    /// curl says what it is.
    pub(super) form: bool,
}

pub(super) fn body(draft: &Draft, data: &mut Command, captured: impl Fn(&str) -> Option<Bytes>) -> Content {
    let own_type = own(draft).any(|field| field.key.eq_ignore_ascii_case("content-type"));
    match &draft.body {
        Body::None => return Content::default(),
        Body::File { src } => {
            data.option("--data-binary", Some(format!("@{src}").as_bytes()));
            return Content::default();
        }
        Body::Formdata { formdata } if !own_type || has_files(formdata) => {
            formdata.iter().filter(|part| !part.disabled).for_each(|part| form(part, data));
            return Content { form: true, media_type: None };
        }
        Body::Captured { exchange, .. } => {
            match captured(exchange) {
                Some(bytes) => raw(&bytes, Some(exchange), data),
                None => of_exchange(exchange, data),
            }
            return Content::default();
        }
        _ => {}
    }
    match plan(draft, "waylay") {
        Ok(plan) => {
            let bytes = plan.pieces.iter().filter_map(|piece| match piece {
                Piece::Bytes(bytes) => Some(&bytes[..]),
                _ => None,
            });
            let bytes = bytes.collect::<Vec<_>>().concat();
            if !bytes.is_empty() {
                raw(&bytes, None, data);
            }
            Content { media_type: plan.content_type, form: false }
        }
        Err(problem) => {
            data.notes.push(format!("The body was left out: {}", problem.message));
            Content::default()
        }
    }
}

fn has_files(parts: &[Part]) -> bool {
    parts.iter().any(|part| !part.disabled && part.src.is_some())
}

fn form(part: &Part, data: &mut Command) {
    let quoted = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
    let mut more = String::new();
    if !part.content_type.is_empty() {
        more.push_str(&format!(";type={}", part.content_type));
    }
    if !part.file_name.is_empty() {
        more.push_str(&format!(";filename={}", quoted(&part.file_name)));
    }
    match &part.src {
        None if more.is_empty() => {
            data.option("--form-string", Some(format!("{}={}", part.key, part.value).as_bytes()))
        }
        None => data.option("-F", Some(format!("{}={}{more}", part.key, quoted(&part.value)).as_bytes())),
        Some(files) => {
            for file in files {
                data.option("-F", Some(format!("{}=@{}{more}", part.key, quoted(file)).as_bytes()));
            }
        }
    }
}

/// Bytes as they are.
fn raw(bytes: &[u8], exchange: Option<&str>, data: &mut Command) {
    let is_argument = !bytes.contains(&0) && bytes.len() <= ARGUMENT;
    let shown = std::str::from_utf8(bytes).is_ok_and(|text| !text.contains(|c: char| c.is_control() && c != '\n'));
    match (data.shell, exchange) {
        (Shell::Bash, _) if is_argument => data.option("--data-raw", Some(bytes)),
        (Shell::Cmd, _) if is_argument && shown => data.option("--data-raw", Some(bytes)),
        (Shell::Bash, Some(exchange)) if bytes.len() > PRINTED => of_exchange(exchange, data),
        (Shell::Bash, _) => {
            data.before = Some(format!("printf {}", quote::printf(bytes)));
            data.option("--data-binary", Some(b"@-"));
        }
        (Shell::Cmd, exchange) => {
            let exchange = exchange.unwrap_or("ID");
            data.notes.push(format!(
                "The body cannot stand in a command of this shell. Save it first: \
                 waylay body {exchange} --request --raw > body.bin"
            ));
            data.option("--data-binary", Some(b"@body.bin"));
        }
    }
}

/// The body of the request of an exchange, from the store.
fn of_exchange(exchange: &str, data: &mut Command) {
    data.before = Some(format!("waylay body {} --request --raw", word(exchange.as_bytes(), data.shell)));
    data.option("--data-binary", Some(b"@-"));
    data.notes.push("The body comes from the store: `waylay` must be found, with the same data folder.".to_owned());
}
