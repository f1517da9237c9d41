//! Commands as Bash and its relatives read them: what separates them, and the variables that they set.
//!
//! - `word`: words and what quotes them; `variable`: what stands for something else within one
//! - `redirection`: files and here-documents that are read

mod redirection;
mod variable;
mod word;

use super::{Command, Input, Lines, Script, pipe};
use redirection::Here;
use std::{collections::HashMap, mem};
use variable::name_length;

/// Most variables that are remembered.
const VARIABLES: usize = 1000;

/// All commands of a text.
pub(in crate::formats::curl) fn commands(text: &str) -> Script {
    let mut reader = Reader::new(text.as_bytes());
    if let Err(reason) = reader.read() {
        reader.command.refused = Some(reason);
        reader.end(false);
    }
    for at in 1..reader.script.commands.len() {
        if reader.script.commands[at].input == Input::Pipe {
            reader.script.commands[at].input = pipe::printed(&reader.script.commands[at - 1]);
        }
    }
    reader.script
}

struct Reader<'a> {
    text: &'a [u8],
    at: usize,
    lines: Lines<'a>,
    script: Script,
    /// The one under way.
    command: Command,
    begun: bool,
    parentheses: usize,
    here: Vec<Here>,
    /// What the text itself has set.
    variables: HashMap<Vec<u8>, Vec<u8>>,
    expanded: usize,
    substitutions: usize,
}

impl<'a> Reader<'a> {
    fn new(text: &'a [u8]) -> Self {
        Self {
            text,
            at: 0,
            lines: Lines::new(text),
            script: Script::default(),
            command: Command::default(),
            begun: false,
            parentheses: 0,
            here: Vec::new(),
            variables: HashMap::new(),
            expanded: 0,
            substitutions: 0,
        }
    }

    fn read(&mut self) -> Result<(), String> {
        while let Some(byte) = self.peek() {
            match byte {
                b' ' | b'\t' | b'\r' => self.at += 1,
                b'\\' if self.continues() > 0 => self.at += self.continues(),
                b'`' if self.goes_on() > 0 => self.at += self.goes_on(),
                b'\n' => {
                    self.at += 1;
                    self.end(false);
                    self.here_documents()?;
                }
                b'#' => self.at = self.line_end(),
                b';' => self.operator(1),
                b'&' => self.ampersand()?,
                b'|' => self.pipe(),
                b'(' => {
                    self.parentheses += 1;
                    self.operator(1);
                }
                b')' if self.parentheses > 0 => {
                    self.parentheses -= 1;
                    self.operator(1);
                }
                // A prompt, copied with what was typed behind it.
                b'>' if !self.begun && self.after(1) == Some(b' ') => self.at += 2,
                b'<' | b'>' => self.redirection()?,
                _ => self.argument()?,
            }
        }
        self.end(false);
        self.here_documents()
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn after(&self, n: usize) -> Option<u8> {
        self.text.get(self.at + n).copied()
    }

    fn line_end(&self) -> usize {
        memchr::memchr(b'\n', &self.text[self.at..]).map_or(self.text.len(), |n| self.at + n)
    }

    /// How long a backslash with the line end behind it is; 0 if it is another. Blanks between them are a slip of many.
    fn continues(&self) -> usize {
        let rest = &self.text[self.at + 1..];
        let blanks = rest.iter().take_while(|b| matches!(b, b' ' | b'\t' | b'\r')).count();
        match rest.get(blanks) {
            Some(b'\n') => blanks + 2,
            None => blanks + 1,
            Some(_) => 0,
        }
    }

    /// How long a backquote with the line end behind it is, by which PowerShell goes on in the next line; 0 if it is another.
    fn goes_on(&self) -> usize {
        match (self.after(1), self.after(2)) {
            (None, _) => 1,
            (Some(b'\n'), _) => 2,
            (Some(b'\r'), Some(b'\n')) => 3,
            _ => 0,
        }
    }

    fn begin(&mut self) {
        if !self.begun {
            (self.begun, self.command.line) = (true, self.lines.of(self.at));
        }
    }

    fn end(&mut self, pipes: bool) {
        let ended = mem::take(&mut self.command);
        self.begun = false;
        if pipes {
            self.command.input = Input::Pipe;
        }
        if self.remember(&ended) {
            return;
        }
        if !ended.words.is_empty() || ended.refused.is_some() {
            self.script.commands.push(ended);
        }
    }

    /// Whether a command does nothing but set variables, which are then known.
    fn remember(&mut self, command: &Command) -> bool {
        let words = match &command.words[..] {
            [first, rest @ ..] if matches!(&first[..], b"export" | b"local" | b"declare" | b"set") => rest,
            words => words,
        };
        if words.is_empty() || command.refused.is_some() || !words.iter().all(|word| assignment(word).is_some()) {
            return false;
        }
        for (name, value) in words.iter().filter_map(|word| assignment(word)) {
            if self.variables.len() < VARIABLES {
                self.variables.insert(name.to_vec(), value.to_vec());
            }
        }
        true
    }

    fn operator(&mut self, length: usize) {
        self.at += length;
        self.end(false);
    }

    fn pipe(&mut self) {
        match self.after(1) {
            Some(b'|') => self.operator(2),
            next => {
                self.at += if next == Some(b'&') { 2 } else { 1 };
                self.end(true);
            }
        }
    }

    fn ampersand(&mut self) -> Result<(), String> {
        match self.after(1) {
            Some(b'&') => self.operator(2),
            Some(b'>') => {
                self.at += 1;
                return self.redirection();
            }
            next => {
                let before = self.at.checked_sub(1).and_then(|at| self.text.get(at));
                let glued = |byte: Option<u8>| byte.is_some_and(|b| !b.is_ascii_whitespace());
                if glued(before.copied()) && glued(next) {
                    self.script.note(
                        "An & without quotes ends the command, as it does in a shell: what follows it was left out. \
                         Put the URL in quotes to have all of it."
                            .to_owned(),
                    );
                }
                self.operator(1);
            }
        }
        Ok(())
    }

    fn argument(&mut self) -> Result<(), String> {
        self.begin();
        let from = self.at;
        let word = self.word()?;
        // The number of what is redirected.
        let is_number = !word.is_empty() && self.text[from..self.at].iter().all(u8::is_ascii_digit);
        if is_number && matches!(self.peek(), Some(b'<' | b'>')) {
            return self.redirection();
        }
        self.command.words.push(word);
        Ok(())
    }
}

/// `NAME=value`.
fn assignment(word: &[u8]) -> Option<(&[u8], &[u8])> {
    let length = name_length(word);
    let named = length > 0 && !word[0].is_ascii_digit() && word.get(length) == Some(&b'=');
    named.then(|| (&word[..length], &word[length + 1..]))
}
