//! Commands of curl: whatever the text, no panic, within bounds, and what is read is written and read again.

use waylay::{
    formats::curl::{
        read,
        write::{Shell, write},
    },
    request::Draft,
};

/// An option for the shell it is written for, then a text. Only requests that are written whole come back.
pub fn check(input: &[u8]) {
    let (option, text) = super::option(input);
    let text = String::from_utf8_lossy(text);
    let Ok(found) = read(&text) else { return };
    assert!(found.requests.len() + found.refused.len() <= 1000);
    assert!(found.notes.len() <= 201);
    let shell = if option % 2 == 0 { Shell::Bash } else { Shell::Cmd };
    for request in found.requests.iter().take(20) {
        let draft = &request.draft;
        let written = write(draft, |_| None, shell);
        assert!(written.command.contains("curl "), "{written:?}");
        if !is_plain(draft) {
            continue;
        }
        let again = read(&written.command).unwrap_or_else(|e| panic!("{e}: {}", written.command));
        let again = &again.requests[0].draft;
        assert_eq!((&again.method, &again.url), (&draft.method, &draft.url), "{}", written.command);
        assert_eq!(again.headers, draft.headers, "{}", written.command);
        assert_eq!(again.body, draft.body, "{}", written.command);
    }
}

/// Nothing in it is written in another way than it was read.
fn is_plain(draft: &Draft) -> bool {
    let printable = |text: &str| text.bytes().all(|b| b.is_ascii_graphic());
    let word = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric());
    let host = draft.url.strip_prefix("http://h.test/");
    draft.body.is_none()
        && draft.auth.is_inherited()
        && word(&draft.method)
        && !matches!(&draft.method[..], "HEAD" | "POST" | "PUT" | "PATCH")
        && host.is_some_and(|path| path.bytes().all(|b| b.is_ascii_alphanumeric()))
        && draft.without == ["accept-encoding", "connection"]
        && draft.headers.iter().all(|field| word(&field.key) && printable(&field.value) && field.bytes.is_none())
}
