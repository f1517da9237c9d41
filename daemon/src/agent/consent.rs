//! Whoever wrote a request decides nothing on the user's behalf: what a web page wrote was sent within the page's rights, and is
//! not sent with the user's until they say so.

use super::SendError;
use crate::request::{
    Draft,
    draft::{Body, Part},
    variables::{self, Dynamic, Scopes, dynamic::SystemRandom},
};
use jiff::Zoned;

/// Most names that are told of each kind.
const TOLD: usize = 10;
/// Longest name that is told, characters.
const LONGEST: usize = 80;

/// Why a request is not sent as the user's own, and what of theirs it would take; `None` if they wrote it.
pub fn refusal(draft: &Draft) -> Option<SendError> {
    let author = draft.written_by.as_deref()?;
    let mut takes = Vec::new();
    takes.extend(list("your values of", variables(draft), |name| format!("{{{{{name}}}}}")));
    takes.extend(list("your files", files(draft), str::to_owned));
    let key_log = draft.settings.key_log.iter().filter(|name| !name.is_empty()).cloned().collect();
    takes.extend(list("the keys of its TLS sessions, written into", key_log, str::to_owned));
    takes.push("your cookies and client certificates".to_owned());
    takes.push("every address that you reach, private ones too".to_owned());
    let message = format!(
        "this request was written by {} and is not sent as your own: it would have {}",
        shown(author),
        takes.join("; ")
    );
    let hint = "look at it first; then \"as_mine\": true, or --as-mine, sends it as yours";
    Some(SendError::new("policy", "written by a page", message, hint))
}

/// The names of the variables in it, each once. Those that have a value by themselves, such as `{{$guid}}`, are nobody's.
fn variables(draft: &Draft) -> Vec<String> {
    let mut dynamic = Dynamic::new(Zoned::now(), SystemRandom::default());
    let found = variables::resolve_draft(draft, &Scopes::default(), &mut dynamic);
    let mut names: Vec<String> = found.unresolved.into_iter().map(|unresolved| unresolved.name).collect();
    let mut seen = std::collections::HashSet::new();
    names.retain(|name| seen.insert(name.clone()));
    names
}

fn files(draft: &Draft) -> Vec<String> {
    match &draft.body {
        Body::File { src } if !src.is_empty() => vec![src.clone()],
        Body::Formdata { formdata } => {
            let sent = formdata.iter().filter(|part| !part.disabled);
            sent.filter_map(|Part { src, .. }| src.as_ref()).flatten().cloned().collect()
        }
        _ => Vec::new(),
    }
}

fn list(what: &str, names: Vec<String>, form: impl Fn(&str) -> String) -> Option<String> {
    let more = names.len().saturating_sub(TOLD);
    let told: Vec<_> = names.iter().take(TOLD).map(|name| form(&shown(name))).collect();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    (!told.is_empty()).then(|| format!("{what} {}{more}", told.join(", ")))
}

/// A page's text, printable and not too much of it.
fn shown(text: &str) -> String {
    text.chars().take(LONGEST).flat_map(char::escape_debug).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::{Field, Settings};

    #[test]
    fn what_a_page_wrote_says_whose_it_is_and_what_it_would_take() {
        let part = |src: &str, disabled| Part { src: Some(vec![src.into()]), disabled, ..Part::default() };
        let draft = Draft {
            url: "http://h/{{api_key}}?{{$guid}}".into(),
            headers: vec![Field::new("X", "{{token}} {{api_key}}")],
            body: Body::Formdata { formdata: vec![part("a.txt", false), part("b.txt", true)] },
            settings: Settings { key_log: Some("keys.log".into()), ..Settings::default() },
            ..Draft::default()
        };
        assert_eq!(refusal(&draft), None, "the user wrote it");
        let told = refusal(&Draft { written_by: Some("https://client.example".into()), ..draft }).unwrap();
        for part in ["https://client.example", "{{api_key}}, {{token}};", "files a.txt;", "keys.log", "certificates"] {
            assert!(told.message.contains(part), "{part}: {told:?}");
        }
        assert!(!told.message.contains("guid") && !told.message.contains("b.txt"), "{told:?}");
        assert!(told.hint.contains("as_mine"), "{told:?}");
    }

    #[test]
    fn what_is_told_of_a_page_is_bounded_and_can_be_shown() {
        let many: String = (0..200).map(|n| format!("{{{{v{n}{}}}}}", "x".repeat(200))).collect();
        let draft = Draft { url: many, written_by: Some("https://\u{1b}[2J".into()), ..Draft::default() };
        let told = refusal(&draft).unwrap().message;
        assert!(told.len() < 2000 && told.contains("and 190 more") && !told.contains('\u{1b}'), "{told}");
    }
}
