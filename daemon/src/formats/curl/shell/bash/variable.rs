//! What stands for something else: variables, and what other commands print.

use super::{super::EXPANDED, Reader};

impl Reader<'_> {
    /// `$NAME`, `${NAME…}`, `$(…)`, or a dollar that is one.
    pub(super) fn dollar(&mut self, out: &mut Vec<u8>) -> Result<(), String> {
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

    pub(super) fn backquoted(&mut self, out: &mut Vec<u8>) -> Result<(), String> {
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

/// How long the name of a variable is that a text begins with.
pub(super) fn name_length(text: &[u8]) -> usize {
    text.iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count()
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
