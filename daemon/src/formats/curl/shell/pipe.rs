//! What a command prints into a pipe, where that can be told without running it: `echo`, `printf`, `cat`.

use super::{Command, Input, ansi};

/// What the command behind the pipe reads.
pub(super) fn printed(by: &Command) -> Input {
    let [name, arguments @ ..] = &by.words[..] else { return Input::Pipe };
    match (&name[..], arguments) {
        (b"cat", []) => by.input.clone(),
        (b"cat", [file]) if file == b"-" => by.input.clone(),
        (b"cat", [file]) if !file.starts_with(b"-") => Input::File(String::from_utf8_lossy(file).into_owned()),
        (b"echo", words) => echo(words),
        (b"printf", [format, text]) if format == b"%s" => Input::Text(text.clone()),
        (b"printf", [format]) if !format.contains(&b'%') => Input::Text(ansi::unescaped(format)),
        _ => Input::Pipe,
    }
}

fn echo(mut words: &[Vec<u8>]) -> Input {
    let (mut line_end, mut escapes) = (true, false);
    while let [first, rest @ ..] = words {
        match &first[..] {
            b"-n" => line_end = false,
            b"-e" => escapes = true,
            b"-ne" | b"-en" => (line_end, escapes) = (false, true),
            _ => break,
        }
        words = rest;
    }
    let mut text = words.join(&b' ');
    if escapes {
        text = ansi::unescaped(&text);
    }
    if line_end {
        text.push(b'\n');
    }
    Input::Text(text)
}
