//! Text of a shell as the commands in it. Nothing is run, nothing is read but the text: what only a shell could know
//! becomes a variable of ours, `{{name}}`, and is told of.
//!
//! - [`bash`]: what Bash, zsh and other shells of that family understand; `ansi`: `$'…'`; `pipe`: what is piped in
//! - [`cmd`]: what the command prompt of Windows understands

mod ansi;
pub(super) mod bash;
pub(super) mod cmd;
mod pipe;

/// The most that variables of the shell may add to a text, bytes.
const EXPANDED: usize = 16 << 20;

/// A simple command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Command {
    /// Its words, quotes taken off.
    pub(super) words: Vec<Vec<u8>>,
    /// What it would read from standard input.
    pub(super) input: Input,
    /// The line it begins in, from 1.
    pub(super) line: usize,
    /// Why it cannot be understood.
    pub(super) refused: Option<String>,
}

/// Standard input of a command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Input {
    /// The terminal's.
    #[default]
    None,
    /// These bytes: a here-document, or what was echoed.
    Text(Vec<u8>),
    /// A file.
    File(String),
    /// What the command before it prints.
    Pipe,
}

/// All commands of a text, and what should be known about how they were read.
#[derive(Debug, Default)]
pub(super) struct Script {
    pub(super) commands: Vec<Command>,
    pub(super) notes: Vec<String>,
}

impl Script {
    /// Tells once.
    fn note(&mut self, note: String) {
        if self.notes.len() < super::MOST_NOTES && !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }
}

/// Which line of a text a byte stands in; asked for growing places only.
struct Lines<'a> {
    text: &'a [u8],
    at: usize,
    line: usize,
}

impl<'a> Lines<'a> {
    fn new(text: &'a [u8]) -> Self {
        Self { text, at: 0, line: 1 }
    }

    fn of(&mut self, at: usize) -> usize {
        let at = at.min(self.text.len());
        if at > self.at {
            self.line += memchr::memchr_iter(b'\n', &self.text[self.at..at]).count();
            self.at = at;
        }
        self.line
    }
}

/// Whether a text is one for the command prompt of Windows: it escapes quotes or line ends with `^`, or doubles quotes.
pub(super) fn is_cmd(text: &[u8]) -> bool {
    let (mut single, mut double, mut at) = (false, false, 0);
    let mut doubled = false;
    while let Some(&byte) = text.get(at) {
        let next = text.get(at + 1).copied();
        match byte {
            b'\\' if !single => at += 1,
            b'\'' if !double => {
                single = !single;
                doubled = false;
            }
            b'"' if !single => {
                let before = at.checked_sub(1).and_then(|before| text.get(before));
                let inside = before.is_some_and(|b| !b.is_ascii_whitespace() && *b != b'=');
                let after = text.get(at + 2).is_some_and(|b| !b.is_ascii_whitespace());
                doubled |= double && next == Some(b'"') && inside && after;
                double = !double;
            }
            b'^' if !single && !double && matches!(next, Some(b'"' | b'\n' | b'\r')) => return true,
            _ => {}
        }
        at += 1;
    }
    doubled && memchr::memchr(b'\'', text).is_none()
}
