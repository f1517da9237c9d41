//! URLs as they are typed.

use waylay::request::{Draft, url::target};

/// Any text leads somewhere, by a path that can stand in a request line and a URL that leads to the same place again; or
/// it says why not. An even first byte has it encoded, an odd one sends it as typed.
pub fn check(input: &[u8]) {
    let (option, text) = super::option(input);
    let Ok(url) = String::from_utf8(text.to_vec()) else { return };
    match target(&Draft { url, ..Draft::default() }, option % 2 == 0) {
        Ok(found) => {
            let url = found.url();
            assert!(found.path.starts_with('/') && !found.host.is_empty(), "{url:?}");
            assert!(!found.path.contains(|c: char| c.is_ascii_control() || matches!(c, ' ' | '#')), "{url:?}");
            if !url.ends_with(char::is_whitespace) {
                let again = target(&Draft { url: url.clone(), ..Draft::default() }, false).map(|again| again.url());
                assert_eq!(again.as_ref(), Ok(&url));
            }
        }
        Err(problem) => {
            assert!(problem.stage == "url" && !problem.message.is_empty() && !problem.hint.is_empty(), "{problem:?}");
        }
    }
}
