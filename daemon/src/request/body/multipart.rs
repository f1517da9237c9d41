//! `multipart/form-data` (RFC 7578), as browsers write it.

use super::{Piece, Pieces, Problem, bad};
use crate::request::{draft::Part, problem::shown};

/// The media type and the pieces of a form.
pub(super) fn plan(parts: &[Part], boundary: &str) -> Result<(Option<String>, Pieces), Problem> {
    let mut pieces = Pieces::default();
    let mut bytes = Vec::new();
    for part in parts.iter().filter(|part| !part.disabled) {
        match &part.src {
            None => {
                head(&mut bytes, boundary, part, &part.file_name, &part.content_type)?;
                bytes.extend_from_slice(part.value.as_bytes());
                bytes.extend_from_slice(b"\r\n");
            }
            Some(files) => {
                for file in files {
                    file_part(&mut pieces, &mut bytes, boundary, part, file)?;
                }
            }
        }
    }
    if pieces.0.is_empty() && bytes.is_empty() {
        return Ok((None, pieces));
    }
    bytes.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    pieces.push(&mut bytes);
    Ok((Some(format!("multipart/form-data; boundary={boundary}")), pieces))
}

fn file_part(pieces: &mut Pieces, bytes: &mut Vec<u8>, boundary: &str, part: &Part, file: &str) -> Result<(), Problem> {
    if file.is_empty() {
        let message = format!("No file has been chosen for the field {} of the form.", shown(&part.key));
        return Err(bad(message, "Choose a file, or switch the field off."));
    }
    let own = file.rsplit(['/', '\\']).next().unwrap_or(file);
    let name = if part.file_name.is_empty() { own } else { &part.file_name };
    let guessed;
    let content_type = if part.content_type.is_empty() {
        guessed = mime_guess::from_path(own).first_or_octet_stream();
        guessed.essence_str()
    } else {
        &part.content_type
    };
    head(bytes, boundary, part, name, content_type)?;
    pieces.push(bytes);
    pieces.0.push(Piece::File(file.into()));
    bytes.extend_from_slice(b"\r\n");
    Ok(())
}

fn head(bytes: &mut Vec<u8>, boundary: &str, part: &Part, file_name: &str, content_type: &str) -> Result<(), Problem> {
    let mut head = format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{}\"", escaped(&part.key));
    if !file_name.is_empty() {
        head.push_str(&format!("; filename=\"{}\"", escaped(file_name)));
    }
    if !content_type.is_empty() {
        if content_type.contains(|c: char| c.is_control()) {
            let message = format!(
                "The media type {} of the field {} holds a line break or another control character.",
                shown(content_type),
                shown(&part.key)
            );
            return Err(bad(message, "Write it like text/plain."));
        }
        head.push_str(&format!("\r\nContent-Type: {content_type}"));
    }
    head.push_str("\r\n\r\n");
    bytes.extend_from_slice(head.as_bytes());
    Ok(())
}

/// The parts of a form in which all is text, if it is written as [`plan`] writes it.
pub(crate) fn parse(text: &str, boundary: &str) -> Option<Vec<Part>> {
    let text = text.strip_suffix(&format!("--{boundary}--\r\n"))?.strip_prefix(&format!("--{boundary}\r\n"))?;
    let text = text.strip_suffix("\r\n")?;
    text.split(&format!("\r\n--{boundary}\r\n")).map(part).collect()
}

fn part(text: &str) -> Option<Part> {
    let (head, value) = text.split_once("\r\n\r\n")?;
    let head = head.strip_prefix("Content-Disposition: form-data; name=\"")?;
    let (disposition, content_type) = head.split_once("\r\nContent-Type: ").unwrap_or((head, ""));
    let names = disposition.strip_suffix('"')?;
    let (key, file_name) = names.split_once("\"; filename=\"").unwrap_or((names, ""));
    let read = |name: &str| name.replace("%22", "\"").replace("%0D", "\r").replace("%0A", "\n");
    Some(Part {
        key: read(key),
        value: value.to_owned(),
        content_type: content_type.to_owned(),
        file_name: read(file_name),
        ..Part::default()
    })
}

/// What would end a name is percent-encoded (WHATWG HTML, multipart/form-data encoding algorithm).
fn escaped(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}

/// The boundary that a `Content-Type` says, if it is one of a form and has one that RFC 2046 allows.
pub(crate) fn boundary(content_type: &str) -> Option<String> {
    let read: mime::Mime = content_type.parse().ok()?;
    let boundary = read.get_param(mime::BOUNDARY).filter(|_| read.essence_str() == "multipart/form-data")?.as_str();
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"'()+_,-./:=? ".contains(&b);
    let fits = (1..=70).contains(&boundary.len()) && boundary.bytes().all(allowed) && !boundary.ends_with(' ');
    fits.then(|| boundary.to_owned())
}
