//! Commands as Bash and its relatives read them: quotes, variables, redirections, here-documents, pipes.

use super::{Command, EXPANDED, Input, Lines, Script, ansi, pipe};
use std::{collections::HashMap, mem};

/// Most variables that are remembered.
const VARIABLES: usize = 1000;

/// All commands of a text.
pub(in crate::formats::curl) fn commands(text: &str) -> Script {
    let text = text.as_bytes();
    let mut reader = Reader { text, at: 0, lines: Lines::new(text), ..Reader::default() };
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

/// A here-document whose lines are still to come.
struct Here {
    /// Which command reads it.
    command: usize,
    delimiter: Vec<u8>,
    /// Whether variables count in it.
    expands: bool,
    /// Whether tabs before its lines do not count.
    strips: bool,
}

impl Default for Reader<'_> {
    fn default() -> Self {
        Self {
            text: b"",
            at: 0,
            lines: Lines::new(b""),
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
}

impl Reader<'_> {
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

    /// `>`, `<`, `<<` and their kin, and what stands behind them.
    fn redirection(&mut self) -> Result<(), String> {
        self.begin();
        let rest = &self.text[self.at..];
        let of = |text: &str| rest.starts_with(text.as_bytes());
        if of("<(") || of(">(") {
            return Err("it reads what another command prints, by <(…) or >(…), which only a shell can run".to_owned());
        }
        if of("<<<") {
            self.at += 3;
            let mut text = self.operand()?;
            text.push(b'\n');
            self.command.input = Input::Text(text);
        } else if of("<<") {
            let strips = of("<<-");
            self.at += if strips { 3 } else { 2 };
            self.blanks();
            let from = self.at;
            let delimiter = self.word()?;
            let expands = !self.text[from..self.at].iter().any(|b| matches!(b, b'\'' | b'"' | b'\\'));
            self.here.push(Here { command: self.script.commands.len(), delimiter, expands, strips });
        } else if of("<") && !of("<&") && !of("<>") {
            self.at += 1;
            let file = self.operand()?;
            self.command.input = Input::File(String::from_utf8_lossy(&file).into_owned());
        } else {
            self.at += rest.iter().take_while(|b| matches!(b, b'<' | b'>' | b'&' | b'|')).count();
            self.operand()?;
        }
        Ok(())
    }

    fn operand(&mut self) -> Result<Vec<u8>, String> {
        self.blanks();
        self.word()
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t')) {
            self.at += 1;
        }
    }

    /// The lines of the here-documents of the line that has just ended.
    fn here_documents(&mut self) -> Result<(), String> {
        for here in mem::take(&mut self.here) {
            let mut body = Vec::new();
            let mut ended = false;
            while self.at < self.text.len() {
                let end = self.line_end();
                let whole = &self.text[self.at..end];
                let line = whole.strip_suffix(b"\r").unwrap_or(whole);
                let tabs = if here.strips { line.iter().take_while(|b| **b == b'\t').count() } else { 0 };
                self.at = (end + 1).min(self.text.len());
                if line[tabs..] == here.delimiter[..] {
                    ended = true;
                    break;
                }
                body.extend_from_slice(&line[tabs..]);
                body.push(b'\n');
            }
            let delimiter = String::from_utf8_lossy(&here.delimiter).into_owned();
            if !ended {
                self.script.note(format!("The here-document has no last line {delimiter:?}: it goes on to the end."));
            }
            if here.expands {
                body = self.expand(&body)?;
            }
            if let Some(command) = self.script.commands.get_mut(here.command) {
                command.input = Input::Text(body);
            }
        }
        Ok(())
    }

    /// The text of a here-document with the values of variables.
    fn expand(&mut self, text: &[u8]) -> Result<Vec<u8>, String> {
        let mut inner = Reader {
            text,
            lines: Lines::new(text),
            variables: mem::take(&mut self.variables),
            expanded: self.expanded,
            substitutions: self.substitutions,
            ..Reader::default()
        };
        let mut out = Vec::with_capacity(text.len());
        let read = inner.double_quoted(&mut out, None);
        self.variables = mem::take(&mut inner.variables);
        (self.expanded, self.substitutions) = (inner.expanded, inner.substitutions);
        inner.script.notes.into_iter().for_each(|note| self.script.note(note));
        read.map(|()| out)
    }

    /// A word, up to what separates words where it is not quoted.
    fn word(&mut self) -> Result<Vec<u8>, String> {
        let mut out = Vec::new();
        while let Some(byte) = self.peek() {
            match byte {
                b' ' | b'\t' | b'\n' | b'\r' | b';' | b'&' | b'|' | b'<' | b'>' => break,
                b')' if self.parentheses > 0 => break,
                b'\\' => match self.continues() {
                    0 => {
                        out.extend(self.after(1));
                        self.at += 2;
                    }
                    length => self.at += length,
                },
                b'\'' => {
                    let from = self.at + 1;
                    let end = memchr::memchr(b'\'', &self.text[from..]).ok_or_else(|| open('\''))?;
                    out.extend_from_slice(&self.text[from..from + end]);
                    self.at = from + end + 1;
                }
                b'"' => {
                    self.at += 1;
                    self.double_quoted(&mut out, Some(b'"'))?;
                }
                b'$' if self.after(1) == Some(b'\'') => {
                    let (bytes, length) = ansi::quoted(&self.text[self.at + 2..]).ok_or_else(|| open('\''))?;
                    out.extend(bytes);
                    self.at += 2 + length;
                }
                b'$' if self.after(1) == Some(b'"') => self.at += 1,
                b'$' => self.dollar(&mut out)?,
                b'`' if self.goes_on() > 0 => self.at += self.goes_on(),
                b'`' => self.backquoted(&mut out)?,
                _ => {
                    out.push(byte);
                    self.at += 1;
                }
            }
        }
        Ok(out)
    }

    /// What stands between double quotes, up to `end` and with it; without an end, all there is.
    fn double_quoted(&mut self, out: &mut Vec<u8>, end: Option<u8>) -> Result<(), String> {
        loop {
            match self.peek() {
                None if end.is_none() => return Ok(()),
                None => return Err(open('"')),
                found if found == end => {
                    self.at += 1;
                    return Ok(());
                }
                Some(b'\\') => match self.after(1) {
                    Some(b'\n') => self.at += 2,
                    Some(b'\r') if self.after(2) == Some(b'\n') => self.at += 3,
                    Some(byte @ (b'$' | b'`' | b'\\')) => {
                        out.push(byte);
                        self.at += 2;
                    }
                    Some(b'"') if end.is_some() => {
                        out.push(b'"');
                        self.at += 2;
                    }
                    _ => {
                        out.push(b'\\');
                        self.at += 1;
                    }
                },
                Some(b'$') => self.dollar(out)?,
                Some(b'`') => self.backquoted(out)?,
                Some(byte) => {
                    out.push(byte);
                    self.at += 1;
                }
            }
        }
    }

    /// `$NAME`, `${NAME…}`, `$(…)`, or a dollar that is one.
    fn dollar(&mut self, out: &mut Vec<u8>) -> Result<(), String> {
        let rest = &self.text[self.at + 1..];
        match rest.first() {
            Some(b'(') => {
                let length = balanced(rest).ok_or_else(|| "a command in it, $(…), has no end".to_owned())?;
                self.at += 1 + length;
                self.substitution(out);
            }
            Some(b'{') => {
                let end = memchr::memchr(b'}', rest).ok_or_else(|| "a variable in it, ${…}, has no end".to_owned())?;
                let inside = &rest[1..end];
                let (name, operation) = inside.split_at(name_length(inside));
                self.at += 2 + end;
                let default = operation.strip_prefix(b":-").or_else(|| operation.strip_prefix(b"-"));
                self.variable(name, default, out)?;
            }
            Some(byte) if byte.is_ascii_alphabetic() || *byte == b'_' => {
                let name = &rest[..name_length(rest)];
                self.at += 1 + name.len();
                self.variable(name, None, out)?;
            }
            Some(byte @ (b'0'..=b'9' | b'@' | b'*')) => {
                let name = if byte.is_ascii_digit() {
                    format!("argument_{}", char::from(*byte))
                } else {
                    "arguments".to_owned()
                };
                self.at += 2;
                self.hole(&name, &format!("The argument ${} of the shell", char::from(*byte)), out);
            }
            _ => {
                out.push(b'$');
                self.at += 1;
            }
        }
        Ok(())
    }

    fn variable(&mut self, name: &[u8], default: Option<&[u8]>, out: &mut Vec<u8>) -> Result<(), String> {
        let known = self.variables.get(name).map(Vec::as_slice).or(default);
        if let Some(value) = known {
            self.expanded += value.len();
            if self.expanded > EXPANDED {
                return Err(format!("its variables hold more than {} MiB", EXPANDED >> 20));
            }
            out.extend_from_slice(value);
            return Ok(());
        }
        let name = String::from_utf8_lossy(name).into_owned();
        let name = if name.is_empty() { "variable".to_owned() } else { name };
        self.hole(&name, &format!("The variable ${name} of the shell"), out);
        Ok(())
    }

    fn backquoted(&mut self, out: &mut Vec<u8>) -> Result<(), String> {
        let rest = &self.text[self.at + 1..];
        let mut end = 0;
        loop {
            match rest.get(end) {
                None => return Err("a command in it, `…`, has no end".to_owned()),
                Some(b'`') => break,
                Some(b'\\') => end += 2,
                Some(_) => end += 1,
            }
        }
        self.at += end + 2;
        self.substitution(out);
        Ok(())
    }

    fn substitution(&mut self, out: &mut Vec<u8>) {
        self.substitutions += 1;
        let name = format!("command_{}", self.substitutions);
        self.hole(&name, "What a command in the text prints", out);
    }

    /// Something that only the shell knows: a variable of ours.
    fn hole(&mut self, name: &str, what: &str, out: &mut Vec<u8>) {
        out.extend_from_slice(format!("{{{{{name}}}}}").as_bytes());
        self.script.note(format!("{what} is not known here. It stands as {{{{{name}}}}}: give that a value."));
    }
}

fn open(quote: char) -> String {
    format!("a {quote} is opened and not closed")
}

/// How long the name of a variable is that a text begins with.
fn name_length(text: &[u8]) -> usize {
    text.iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count()
}

/// `NAME=value`.
fn assignment(word: &[u8]) -> Option<(&[u8], &[u8])> {
    let length = name_length(word);
    let named = length > 0 && !word[0].is_ascii_digit() && word.get(length) == Some(&b'=');
    named.then(|| (&word[..length], &word[length + 1..]))
}

/// How long what begins with a parenthesis is, up to the one that closes it.
fn balanced(text: &[u8]) -> Option<usize> {
    let (mut depth, mut at, mut quote) = (0usize, 0, None);
    while let Some(&byte) = text.get(at) {
        match (byte, quote) {
            (b'\\', None | Some(b'"')) => at += 1,
            (b'\'' | b'"', None) => quote = Some(byte),
            (_, Some(open)) if byte == open => quote = None,
            (b'(', None) => depth += 1,
            (b')', None) => {
                depth -= 1;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
        at += 1;
    }
    None
}
