//! Words of a shell: whatever is in them, it reaches curl as it is, and never the shell as code.

use super::Shell;

/// One word.
pub(in crate::formats::curl) fn word(bytes: &[u8], shell: Shell) -> String {
    let plain = |b: &u8| b.is_ascii_alphanumeric() || b"_-./:=@+,".contains(b);
    match shell {
        _ if !bytes.is_empty() && bytes.iter().all(plain) => String::from_utf8_lossy(bytes).into_owned(),
        Shell::Bash => bash(bytes),
        Shell::Cmd => cmd(&String::from_utf8_lossy(bytes)),
    }
}

/// A format of `printf` that prints the bytes.
pub(super) fn printf(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() + 2);
    out.push('\'');
    for byte in bytes {
        match byte {
            b'\\' | b'%' | b'\'' => out.push_str(&format!("\\{byte:03o}")),
            b' '..=b'~' | b'\n' => out.push(char::from(*byte)),
            _ => out.push_str(&format!("\\{byte:03o}")),
        }
    }
    out.push('\'');
    out
}

/// In single quotes; in `$'…'` where there are control characters, which a terminal would act upon, or no text.
fn bash(bytes: &[u8]) -> String {
    if let Ok(text) = std::str::from_utf8(bytes)
        && !text.contains(|c: char| c.is_control() && c != '\n')
    {
        return format!("'{}'", text.replace('\'', "'\\''"));
    }
    let mut out = String::from("$'");
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '\\' | '\'' => out.extend(['\\', c]),
                '\n' => out.push_str("\\n"),
                '\r' => out.push_str("\\r"),
                '\t' => out.push_str("\\t"),
                c if c.is_ascii_control() => out.push_str(&format!("\\x{:02x}", c as u32)),
                c if c.is_control() => out.push_str(&format!("\\u{:04x}", c as u32)),
                c => out.push(c),
            }
        }
        chunk.invalid().iter().for_each(|byte| out.push_str(&format!("\\x{byte:02x}")));
    }
    out.push('\'');
    out
}

/// As the programs of Windows take words apart, and then with `^` before everything the prompt would act upon.
fn cmd(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    // A word that begins with ^" and has all backslashes doubled is what browsers write: this one begins otherwise.
    if text.contains("\\\\") {
        let blanks = rest.len() - rest.trim_start_matches(' ').len();
        if blanks > 0 {
            out.push_str(&format!("\"{}\"", &rest[..blanks]));
            rest = &rest[blanks..];
        }
        let slashes = rest.len() - rest.trim_start_matches('\\').len();
        let next = rest[slashes..].chars().next();
        let unit = slashes + next.filter(|c| !matches!(c, ' ' | '\t')).map_or(0, char::len_utf8);
        escaped(&argument(&rest[..unit], false, unit < rest.len()), &mut out);
        rest = &rest[unit..];
        if rest.is_empty() {
            return out;
        }
    }
    escaped(&argument(rest, true, true), &mut out);
    out
}

/// Backslashes before quotes are doubled, and quotes have one more. `before_quote`: whether one follows.
fn argument(text: &str, quoted: bool, before_quote: bool) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    let mut slashes = 0;
    if quoted {
        out.push('"');
    }
    for c in text.chars() {
        if c == '"' {
            out.extend(std::iter::repeat_n('\\', slashes + 1));
        }
        slashes = if c == '\\' { slashes + 1 } else { 0 };
        out.push(c);
    }
    out.extend(std::iter::repeat_n('\\', if before_quote { slashes } else { 0 }));
    if quoted {
        out.push('"');
    }
    out
}

fn escaped(text: &str, out: &mut String) {
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' => continue,
            '\n' => {
                out.push_str("^\n\n");
                continue;
            }
            c if c.is_control() => out.push(' '),
            '"' | '&' | '|' | '<' | '>' | '^' | '(' | ')' | '!' | '%' => out.extend(['^', c]),
            c => out.push(c),
        }
        // A name between percent signs would be a variable's.
        if c == '%' && chars.peek().is_some_and(|next| next.is_ascii_alphanumeric() || *next == '_') {
            out.push('^');
        }
    }
}
