//! A part of a form, as curl's `-F` writes it.

use std::{path::PathBuf, str::FromStr};

/// One part.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FormPart {
    /// The field's name.
    pub name: String,
    /// What it holds.
    pub value: PartValue,
    /// Its media type; empty for the usual one.
    pub content_type: String,
    /// The name sent for a file; empty for its own.
    pub file_name: String,
}

/// What a part holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PartValue {
    /// This text.
    Text(String),
    /// The file, named.
    File(PathBuf),
    /// The text in the file.
    Content(PathBuf),
}

impl Default for PartValue {
    fn default() -> Self {
        Self::Text(String::new())
    }
}

impl FromStr for FormPart {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, rest) = text.split_once('=').ok_or("a part is written NAME=VALUE, NAME=@FILE or NAME=<FILE")?;
        let mut part = Self { name: name.to_owned(), ..Self::default() };
        let (kind, rest) = match rest.strip_prefix(['@', '<']) {
            Some(path) => (rest.chars().next(), path),
            None => (None, rest),
        };
        let (mut value, rest) = match quoted(rest) {
            Some((value, rest)) => (value, rest),
            None => rest.split_once(';').map_or((rest.to_owned(), ""), |(value, rest)| (value.to_owned(), rest)),
        };
        for piece in rest.split(';').filter(|_| !rest.is_empty()) {
            match piece.trim_start().split_once('=') {
                Some(("type", kind)) => part.content_type = kind.trim().to_owned(),
                Some(("filename", name)) => {
                    part.file_name = quoted(name.trim()).map_or_else(|| name.trim().to_owned(), |(name, _)| name);
                }
                // A semicolon of the value's own; parameters of the type.
                _ if part.content_type.is_empty() => value = format!("{value};{piece}"),
                _ => part.content_type = format!("{};{piece}", part.content_type),
            }
        }
        part.value = match kind {
            Some('@') => PartValue::File(value.into()),
            Some(_) => PartValue::Content(value.into()),
            None => PartValue::Text(value),
        };
        Ok(part)
    }
}

/// A text in double quotes, in which a backslash stands before a quote or another one, and what follows behind a
/// semicolon; `None` if it is not all in quotes up to there.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut rest = text.strip_prefix('"')?.chars();
    let mut value = String::new();
    loop {
        match rest.next()? {
            '"' => break,
            '\\' => match rest.clone().next()? {
                escaped @ ('"' | '\\') => {
                    value.push(escaped);
                    rest.next();
                }
                _ => value.push('\\'),
            },
            plain => value.push(plain),
        }
    }
    let rest = rest.as_str();
    match rest.strip_prefix(';') {
        Some(rest) => Some((value, rest)),
        None => rest.is_empty().then_some((value, rest)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_read_as_curl_reads_them() {
        let text = |text: &str| PartValue::Text(text.into());
        for (written, value, content_type, file_name) in [
            ("f=a", text("a"), "", ""),
            ("f=\"a;b\"", text("a;b"), "", ""),
            (r#"f="a\"b\\c\d";type=text/x"#, text(r#"a"b\c\d"#), "text/x", ""),
            ("f=a;b", text("a;b"), "", ""),
            ("f={\"a\":\"b\"};type=application/json", text("{\"a\":\"b\"}"), "application/json", ""),
            ("f=\"a\"b", text("\"a\"b"), "", ""),
            ("f=@x.png;type=image/png;filename=\"y z.png\"", PartValue::File("x.png".into()), "image/png", "y z.png"),
            (r#"f=@"/d/weird\\dir/s.png""#, PartValue::File(r"/d/weird\dir/s.png".into()), "", ""),
            ("f=<x;type=text/plain;charset=utf-8", PartValue::Content("x".into()), "text/plain;charset=utf-8", ""),
            ("f=", text(""), "", ""),
        ] {
            let (content_type, file_name) = (content_type.to_owned(), file_name.to_owned());
            let expected = FormPart { name: "f".into(), value, content_type, file_name };
            assert_eq!(written.parse(), Ok(expected), "{written}");
        }
        assert!("f".parse::<FormPart>().is_err());
    }
}
