//! Scripts and style sheets without what only readers of the source need.

/// A script without indentation, without the comments that have lines of their own, and without types that are said
/// within a line. Its lines keep their numbers.
pub(super) fn without_comments(script: &[u8]) -> Vec<u8> {
    let mut kept = Vec::with_capacity(script.len());
    let mut inside = false;
    for line in script.split_inclusive(|b| *b == b'\n') {
        let text = line.trim_ascii();
        let begins = !inside && text.starts_with(b"/*");
        // Code stands behind a comment that ends within the line.
        let ends = text.ends_with(b"*/") && text.windows(2).filter(|pair| pair == b"*/").count() == 1;
        let comment =
            inside || text.starts_with(b"//") || (begins && (ends || !text.windows(2).any(|pair| pair == b"*/")));
        if !comment {
            without_types(text, &mut kept);
        }
        if line.ends_with(b"\n") {
            kept.push(b'\n');
        }
        inside = (inside || (begins && comment)) && !ends;
    }
    kept
}

/// A style sheet without indentation, empty lines, and the comments that have lines of their own.
pub(super) fn without_indentation(sheet: &[u8]) -> Vec<u8> {
    let comment = |line: &[u8]| line.starts_with(b"/*") && line.ends_with(b"*/");
    let kept = sheet.split(|b| *b == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty() && !comment(line));
    kept.flat_map(|line| [line, b"\n"].concat()).collect()
}

/// Adds a line without what begins with `/** @`, and the space behind that.
fn without_types(mut line: &[u8], kept: &mut Vec<u8>) {
    while let Some(from) = memchr::memmem::find(line, b"/** @") {
        let Some(length) = memchr::memmem::find(&line[from..], b"*/") else { break };
        let rest = &line[from + length + 2..];
        kept.extend_from_slice(&line[..from]);
        line = rest.strip_prefix(b" ").unwrap_or(rest);
    }
    kept.extend_from_slice(line);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn style_sheets_lose_their_indentation_and_comments_on_lines_of_their_own() {
        let sheet =
            b"/* One. */\n.a { b: c; } /* two */\n\n@media (x) {\n  /* three */\n  .a > b { c: \"/* d */\"; }\n}";
        let sent = b".a { b: c; } /* two */\n@media (x) {\n.a > b { c: \"/* d */\"; }\n}\n";
        assert_eq!(without_indentation(sheet), sent);
    }

    #[test]
    fn comments_on_lines_of_their_own_are_left_out_and_lines_keep_their_numbers() {
        for (script, sent) in [
            ("// one\nlet a; // two\n", "\nlet a; // two\n"),
            ("/** one */\nlet a;\n  /**\n   * two\n   */\nlet b;\n", "\nlet a;\n\n\n\nlet b;\n"),
            ("/** @type {A} */ (a).b();\nlet c;", "(a).b();\nlet c;"),
            ("/** @type {A} */ (a).b(/** @type {B} */ (b));\n", "(a).b((b));\n"),
            ("a(/** @type {B}", "a(/** @type {B}"),
            ("/** a */ b(); /** c */\nd();\n", "/** a */ b(); /** c */\nd();\n"),
            ("const a = b *\n  c;\n// the end", "const a = b *\nc;\n"),
            ("", ""),
        ] {
            assert_eq!(String::from_utf8(without_comments(script.as_bytes())).unwrap(), sent, "{script:?}");
        }
    }
}
