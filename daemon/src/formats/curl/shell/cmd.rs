//! Commands as the command prompt of Windows reads them, and their words as programs there take them apart.
//!
//! First the prompt: `^` makes the next character one like any other, and at the end of a line the line end none. Then the
//! program: quotes, and backslashes before quotes. A browser that copies a request escapes each quote with `^`, and doubles every
//! backslash whether or not a quote follows.

use super::{Command, Input, Lines, Script};
use std::mem;

/// All commands of a text.
pub(in crate::formats::curl) fn commands(text: &str) -> Script {
    let bytes = text.as_bytes();
    let mut reader = Reader {
        text: bytes,
        at: 0,
        lines: Lines::new(bytes),
        script: Script::default(),
        line: Vec::new(),
        begun: None,
        pipes: false,
    };
    reader.read();
    reader.script
}

/// A byte as the prompt hands it on.
#[derive(Clone, Copy)]
struct Byte {
    byte: u8,
    /// It had `^` before it.
    escaped: bool,
}

struct Reader<'a> {
    text: &'a [u8],
    at: usize,
    lines: Lines<'a>,
    script: Script,
    /// The command under way as the program will get it.
    line: Vec<Byte>,
    begun: Option<usize>,
    pipes: bool,
}

impl Reader<'_> {
    fn read(&mut self) {
        let mut quoted = false;
        self.prompt();
        while let Some(&byte) = self.text.get(self.at) {
            let from = self.at;
            self.at += 1;
            match byte {
                b'^' if !quoted => self.caret(),
                b'\r' if self.text.get(self.at) == Some(&b'\n') => {}
                b'\n' => {
                    quoted = false;
                    self.end(false);
                    self.prompt();
                }
                b'&' if !quoted => self.end(false),
                b'|' if !quoted => {
                    let or = self.text.get(self.at) == Some(&b'|');
                    self.at += usize::from(or);
                    self.end(!or);
                }
                _ => {
                    quoted ^= byte == b'"';
                    self.push(from, byte, false);
                }
            }
        }
        self.end(false);
    }

    fn push(&mut self, at: usize, byte: u8, escaped: bool) {
        if self.begun.is_none() && !byte.is_ascii_whitespace() {
            self.begun = Some(self.lines.of(at));
        }
        self.line.push(Byte { byte, escaped });
    }

    /// What stands behind `^`. At the end of a line, the first character of the next one is like any other too.
    fn caret(&mut self) {
        let line_end = |text: &[u8]| match text {
            [b'\r', b'\n', ..] => 2,
            [b'\n', ..] => 1,
            _ => 0,
        };
        let skipped = line_end(&self.text[self.at..]);
        self.at += skipped;
        let second = line_end(&self.text[self.at..]);
        if skipped > 0 && second > 0 {
            self.push(self.at, b'\n', true);
            self.at += second;
        } else if let Some(&byte) = self.text.get(self.at) {
            let at = self.at;
            // A blank that begins the next line separates words as ever.
            self.push(at, byte, !(skipped > 0 && matches!(byte, b' ' | b'\t')));
            self.at += 1;
        }
    }

    /// A prompt at the beginning of a line, copied with what was typed behind it.
    fn prompt(&mut self) {
        let rest = &self.text[self.at..];
        let end = rest.iter().take(300).position(|b| matches!(b, b'>' | b'\n' | b'"'));
        if let (Some(end), [drive, b':', b'\\', ..]) = (end, rest)
            && drive.is_ascii_alphabetic()
            && rest[end] == b'>'
        {
            self.at += end + 1;
        }
    }

    fn end(&mut self, pipes: bool) {
        let line = mem::take(&mut self.line);
        let mut command = Command { line: self.begun.take().unwrap_or(1), ..Command::default() };
        if mem::replace(&mut self.pipes, pipes) {
            command.input = Input::Pipe;
        }
        let mut words = words(&line).into_iter();
        while let Some(word) = words.next() {
            match &word.text[..] {
                b">" | b">>" | b"2>" | b"1>" if word.bare => drop(words.next()),
                b"<" if word.bare => {
                    let file = words.next().map(|word| word.text).unwrap_or_default();
                    command.input = Input::File(String::from_utf8_lossy(&file).into_owned());
                }
                _ => command.words.push(word.text),
            }
        }
        if !command.words.is_empty() {
            self.script.commands.push(command);
        }
    }
}

/// A word as the program gets it.
struct Word {
    text: Vec<u8>,
    /// Without a quote or an escape in it.
    bare: bool,
}

fn words(line: &[Byte]) -> Vec<Word> {
    let mut words = Vec::new();
    let mut at = 0;
    loop {
        at += line[at..].iter().take_while(|b| separates(b.byte)).count();
        if at == line.len() {
            return words;
        }
        let (word, length) = word(&line[at..]);
        words.push(word);
        at += length;
    }
}

/// A line end that came through the prompt is a character like any other.
fn separates(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// The word that a line begins with, and how long it is there.
fn word(line: &[Byte]) -> (Word, usize) {
    let doubled = line[0].byte == b'"' && line[0].escaped && doubles(line);
    let (mut text, mut bare) = (Vec::new(), true);
    let (mut quoted, mut at) = (false, 0);
    while let Some(&Byte { byte, escaped }) = line.get(at) {
        bare &= byte != b'"' && !escaped;
        match byte {
            b'\\' => {
                let run = line[at..].iter().take_while(|b| b.byte == b'\\').count();
                let before_quote = line.get(at + run).is_some_and(|b| b.byte == b'"');
                let halved = before_quote || doubled;
                text.extend(std::iter::repeat_n(b'\\', if halved { run / 2 } else { run }));
                at += run;
                if before_quote && run % 2 == 1 {
                    text.push(b'"');
                    at += 1;
                }
                continue;
            }
            b'"' if quoted && line.get(at + 1).is_some_and(|b| b.byte == b'"') => {
                text.push(b'"');
                at += 1;
            }
            b'"' => quoted = !quoted,
            byte if separates(byte) && !quoted => break,
            byte => text.push(byte),
        }
        at += 1;
    }
    (Word { text, bare }, at)
}

/// Whether every backslash of the word that a line begins with is doubled but where it escapes a quote.
fn doubles(line: &[Byte]) -> bool {
    let (mut at, mut quoted) = (0, false);
    while let Some(byte) = line.get(at).map(|b| b.byte) {
        let run = line[at..].iter().take_while(|b| b.byte == b'\\').count();
        if run > 0 {
            let before_quote = line.get(at + run).is_some_and(|b| b.byte == b'"');
            if !before_quote && run % 2 == 1 {
                return false;
            }
            at += run + usize::from(before_quote && run % 2 == 1);
            continue;
        }
        quoted ^= byte == b'"';
        if separates(byte) && !quoted {
            break;
        }
        at += 1;
    }
    true
}
