//! What servers ask for: `WWW-Authenticate` (RFC 9110, 11.6.1), taken as widely as servers write it.

/// One challenge of a field: its scheme and its parameters, names in lower case. A token instead of parameters is left
/// out.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) scheme: String,
    parameters: Vec<(String, String)>,
}

impl Asked {
    /// The first parameter of that name.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// The challenges of a field's value, in order. What makes no sense is passed over.
pub(super) fn challenges(value: &str) -> Vec<Asked> {
    let mut challenges: Vec<Asked> = Vec::new();
    let mut rest = value;
    loop {
        rest = rest.trim_start_matches([',', ' ', '\t']);
        let (word, behind) = token(rest);
        if word.is_empty() {
            // Not even a token: on with what stands behind the next comma.
            match rest.find(',') {
                Some(comma) => rest = &rest[comma..],
                None => return challenges,
            }
            continue;
        }
        match behind.trim_start().strip_prefix('=') {
            Some(value) => {
                let (value, behind) = parameter(value.trim_start());
                if let Some(challenge) = challenges.last_mut() {
                    challenge.parameters.push((word.to_ascii_lowercase(), value));
                }
                rest = behind;
            }
            None => {
                challenges.push(Asked { scheme: word.to_ascii_lowercase(), parameters: Vec::new() });
                rest = behind;
            }
        }
    }
}

/// The parameters of a field that has no scheme, such as `Authentication-Info`.
pub(super) fn parameters(value: &str) -> Asked {
    challenges(&format!("Info {value}"))
        .into_iter()
        .next()
        .unwrap_or(Asked { scheme: String::new(), parameters: vec![] })
}

fn token(text: &str) -> (&str, &str) {
    let is_token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    text.split_at(text.bytes().position(|b| !is_token(b)).unwrap_or(text.len()))
}

/// A value, quoted or not, and what stands behind it.
fn parameter(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let (value, behind) = text.split_at(text.find([',', ' ', '\t']).unwrap_or(text.len()));
        return (value.to_owned(), behind);
    };
    let mut value = String::new();
    let mut chars = quoted.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return (value, &quoted[at + 1..]),
            '\\' => value.extend(chars.next().map(|(_, c)| c)),
            c => value.push(c),
        }
    }
    (value, "")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_field_holds_any_number_of_challenges() {
        for (value, expected) in [
            ("", ""),
            ("Basic", "basic"),
            ("Basic realm=\"a, b\", charset=\"UTF-8\"", "basic realm=a, b;charset=UTF-8;"),
            (
                "Newauth realm=\"apps\", type=1, title=\"Login to \\\"apps\\\"\", Basic realm=\"simple\"",
                "newauth realm=apps;type=1;title=Login to \"apps\";|basic realm=simple;",
            ),
            ("Negotiate, Digest realm=x , nonce = \"y\" ", "negotiate|digest realm=x;nonce=y;"),
            (",, Digest  REALM=x,,nonce=y,", "digest realm=x;nonce=y;"),
            ("Digest realm=x nonce=y", "digest realm=x;nonce=y;"),
            ("Digest realm=\"open", "digest realm=open;"),
            ("Digest nonce=a==, qop=auth", "digest nonce=a==;qop=auth;"),
            ("realm=lost, Basic realm=x", "basic realm=x;"),
            ("\"quoted\", Basic realm=x", "basic realm=x;"),
            ("Digest realm=\"ä\\", "digest realm=ä;"),
        ] {
            let found: Vec<_> = challenges(value)
                .into_iter()
                .map(|Asked { scheme, parameters }| {
                    let parameters: String = parameters.iter().map(|(key, value)| format!("{key}={value};")).collect();
                    format!("{scheme} {parameters}").trim_end().to_owned()
                })
                .collect();
            assert_eq!(found.join("|"), expected, "{value}");
        }
    }

    proptest! {
        #[test]
        fn any_field_can_be_read(value in "([A-Za-z]{1,4}[ =,\"\\\\/ä]{0,3}|\\PC){0,12}") {
            let found = challenges(&value);
            prop_assert!(found.len() <= value.len());
        }
    }
}
