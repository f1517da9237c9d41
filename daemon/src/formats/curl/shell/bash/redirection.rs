//! What a command reads instead of the terminal. What it writes goes nowhere.

use super::{super::Input, Reader};
use std::mem;

/// A here-document whose lines are still to come.
pub(super) struct Here {
    /// Which command reads it.
    command: usize,
    delimiter: Vec<u8>,
    /// Whether variables count in it.
    expands: bool,
    /// Whether tabs before its lines do not count.
    strips: bool,
}

impl Reader<'_> {
    /// `>`, `<`, `<<` and their kin, and what stands behind them.
    pub(super) fn redirection(&mut self) -> Result<(), String> {
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
    pub(super) fn here_documents(&mut self) -> Result<(), String> {
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
            variables: mem::take(&mut self.variables),
            expanded: self.expanded,
            substitutions: self.substitutions,
            ..Reader::new(text)
        };
        let mut out = Vec::with_capacity(text.len());
        let read = inner.double_quoted(&mut out, None);
        self.variables = mem::take(&mut inner.variables);
        (self.expanded, self.substitutions) = (inner.expanded, inner.substitutions);
        inner.script.notes.into_iter().for_each(|note| self.script.note(note));
        read.map(|()| out)
    }
}
