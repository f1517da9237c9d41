//! Errors for people: what happened, why, and what to type next, on one line; and the exit codes.

use super::escape::escaped;
use std::{
    error::Error,
    io::{self, Write},
};

/// How many characters of a text are shown before the part that is wrong.
const NEAR: usize = 40;

/// How a command ended, as its exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exit(pub u8);

impl Exit {
    /// Done.
    pub const OK: Self = Self(0);
    /// Done, and the answer is no.
    pub const NEGATIVE: Self = Self(1);
    /// The command line, or a value in it or in the settings, is wrong.
    pub const USAGE: Self = Self(2);
    /// No daemon can be reached.
    pub const NO_DAEMON: Self = Self(3);
    /// There is nothing of that name or number.
    pub const NOT_FOUND: Self = Self(4);
    /// A request that was sent did not succeed on the network.
    pub const NETWORK: Self = Self(5);
    /// Someone else's, or not allowed.
    pub const PERMISSION: Self = Self(6);
    /// The store, or a file, cannot be read or written.
    pub const IO: Self = Self(7);
    /// An address or a folder is in use.
    pub const IN_USE: Self = Self(8);
    /// `waylay run` could not do its part; the command's own codes are below.
    pub const RUN_FAILED: Self = Self(125);
    /// The command is there but cannot be executed.
    pub const NOT_EXECUTABLE: Self = Self(126);
    /// The command is not there.
    pub const NO_COMMAND: Self = Self(127);
    /// Ended by Ctrl-C.
    pub const INTERRUPTED: Self = Self(130);
}

/// An error on its way to the user.
#[derive(Debug)]
pub struct Report {
    exit: Exit,
    sentences: Vec<String>,
    /// What stands below the line.
    below: Vec<String>,
    cause: Option<Box<dyn Error + Send + Sync>>,
}

impl Report {
    /// What happened, and the exit code it ends with.
    pub fn new(exit: Exit, what: impl ToString) -> Self {
        Self { exit, sentences: vec![what.to_string()], below: Vec::new(), cause: None }
    }

    /// A file or folder that the system refused; the exit code follows from the reason.
    pub fn io(what: impl ToString, error: io::Error) -> Self {
        Self::new(exit_of(&error), what).because(&error).caused_by(error)
    }

    /// The end of output that nobody reads any more is no error; any other failure to write is.
    pub fn output(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Self { exit: Exit::OK, sentences: Vec::new(), below: Vec::new(), cause: None };
        }
        Self::io("cannot write the output", error)
    }

    /// Adds why it happened.
    pub fn because(mut self, why: impl ToString) -> Self {
        self.sentences.push(why.to_string());
        self
    }

    /// Adds what to do about it.
    pub fn advise(mut self, what_to_do: impl ToString) -> Self {
        self.sentences.push(what_to_do.to_string());
        self
    }

    /// Shows the text that is wrong below, and marks the part from `offset`, both in bytes. Of long text only what is near
    /// is shown.
    pub fn pointing(mut self, text: &str, offset: usize, length: usize) -> Self {
        let (from, to) = (text.floor_char_boundary(offset), text.floor_char_boundary(offset.saturating_add(length)));
        let near: usize = text[..from].char_indices().rev().take(NEAR).last().map_or(0, |(at, _)| at);
        let cells = |part: &str| escaped(part).chars().count();
        let shown: String = text[near..].chars().take(2 * NEAR).collect();
        let mark = cells(&text[near..from]);
        let marked = cells(&text[from..to]).min(cells(&shown).saturating_sub(mark)).max(1);
        self.below = vec![shown, format!("{}{}", " ".repeat(mark), "^".repeat(marked))];
        self
    }

    /// Keeps the error behind it, for `-v`.
    pub fn caused_by(mut self, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    /// The same report with another exit code.
    pub fn exiting(mut self, exit: Exit) -> Self {
        self.exit = exit;
        self
    }

    /// How the command ends.
    pub fn exit(&self) -> Exit {
        self.exit
    }

    /// Writes the line, and below it the causes if they are asked for.
    ///
    /// # Errors
    /// As the writer says.
    pub fn write(&self, causes: bool, mut to: impl Write) -> io::Result<()> {
        if self.sentences.is_empty() {
            return Ok(());
        }
        writeln!(to, "waylay: {}", escaped(&self.line()))?;
        for line in &self.below {
            writeln!(to, "  {}", escaped(line))?;
        }
        let mut cause = self.cause.as_deref().filter(|_| causes).map(|cause| cause as &dyn Error);
        while let Some(error) = cause {
            writeln!(to, "  caused by: {}", escaped(&error.to_string()))?;
            cause = error.source();
        }
        Ok(())
    }

    fn line(&self) -> String {
        let mut line = String::new();
        for sentence in &self.sentences {
            let sentence = sentence.trim();
            if !line.is_empty() {
                line.push(' ');
            }
            let mut letters = sentence.chars();
            match letters.next() {
                // Causes are written to stand in a sentence; here they begin one.
                Some(first)
                    if !line.is_empty() && !sentence.starts_with(['\'', '"', '/']) && is_plain_word(sentence) =>
                {
                    line.extend(first.to_uppercase());
                    line.push_str(letters.as_str());
                }
                _ => line.push_str(sentence),
            }
            if !sentence.ends_with(['.', '!', '?']) {
                line.push('.');
            }
        }
        line
    }
}

/// Whether a sentence begins with a word of English rather than with a name, a path or an address.
fn is_plain_word(sentence: &str) -> bool {
    let word = sentence.split_ascii_whitespace().next().unwrap_or_default();
    word.bytes().all(|byte| byte.is_ascii_lowercase())
}

/// The exit code for what the system said.
pub fn exit_of(error: &io::Error) -> Exit {
    match error.kind() {
        io::ErrorKind::PermissionDenied => Exit::PERMISSION,
        io::ErrorKind::AddrInUse => Exit::IN_USE,
        _ => Exit::IO,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(report: &Report, causes: bool) -> String {
        let mut out = Vec::new();
        report.write(causes, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn one_line_of_sentences() {
        let report = Report::new(Exit::IN_USE, "port 1 is taken").because("another program has it.").advise("Type `x`");
        assert_eq!(written(&report, true), "waylay: port 1 is taken. Another program has it. Type `x`.\n");
        let report = Report::new(Exit::IO, "cannot read it").because("/a/b: gone");
        assert_eq!(written(&report, false), "waylay: cannot read it. /a/b: gone.\n");
        assert!(!written(&Report::new(Exit::IO, "a\nb\x1b[31m"), false).contains('\x1b'));
    }

    #[test]
    fn what_is_wrong_in_a_text_is_marked_below() {
        let below = |text: &str, offset, length| {
            let text = written(&Report::new(Exit::USAGE, "no").pointing(text, offset, length), false);
            text.lines().skip(1).map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(below("é stauts:4", 3, 6), ["  é stauts:4", "    ^^^^^^"]);
        assert_eq!(below("a OR", 2, 2), ["  a OR", "    ^^"]);
        assert_eq!(below("", 0, 0), ["  ", "  ^"]);
        let lines = below(&("x".repeat(900) + "y" + &"z".repeat(900)), 900, 1);
        assert!(lines.iter().all(|line| line.chars().count() <= 2 + 2 * NEAR), "{lines:?}");
        assert_eq!(lines[0].find('y'), lines[1].find('^'));
        assert_eq!(below("z", 5, 9).len(), 2, "a place outside the text");
    }

    #[test]
    fn causes_are_shown_when_asked_for() {
        let inner = io::Error::from(io::ErrorKind::PermissionDenied);
        let report = Report::io("cannot read x", inner);
        assert_eq!(report.exit(), Exit::PERMISSION);
        assert_eq!(written(&report, false).lines().count(), 1);
        assert!(written(&report, true).lines().nth(1).unwrap().starts_with("  caused by: permission denied"));
    }

    #[test]
    fn a_reader_that_left_is_no_error() {
        let report = Report::output(io::ErrorKind::BrokenPipe.into());
        assert_eq!((report.exit(), written(&report, true)), (Exit::OK, String::new()));
        assert_eq!(Report::output(io::ErrorKind::StorageFull.into()).exit(), Exit::IO);
    }
}
