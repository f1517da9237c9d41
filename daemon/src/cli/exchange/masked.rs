//! Secrets in header fields, shown only when asked for.

/// What stands in a secret's place.
const MASK: &str = "•••";

/// A field's value without the secret in it: the scheme of credentials, the names of cookies and the attributes of a
/// set cookie stay.
pub(in crate::cli) fn masked(name: &str, value: &str) -> String {
    match name.to_ascii_lowercase().as_str() {
        "authorization" | "proxy-authorization" => match value.split_once(' ') {
            Some((scheme, _)) => format!("{scheme} {MASK}"),
            None => MASK.into(),
        },
        "cookie" => value.split(';').map(|pair| cookie(pair.trim())).collect::<Vec<_>>().join("; "),
        "set-cookie" => match value.split_once(';') {
            Some((pair, attributes)) => format!("{};{attributes}", cookie(pair)),
            None => cookie(value),
        },
        _ => value.to_owned(),
    }
}

/// A cookie without a name is all value (RFC 6265bis, 5.6).
fn cookie(pair: &str) -> String {
    match pair.split_once('=') {
        Some((name, _)) => format!("{name}={MASK}"),
        None => MASK.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_masked_and_the_rest_is_not() {
        for (name, value, wanted) in [
            ("Authorization", "Bearer abc def", "Bearer •••"),
            ("proxy-authorization", "abc", "•••"),
            ("Cookie", "a=1; b=x=y;c", "a=•••; b=•••; •••"),
            ("SET-COOKIE", "sid=abc; Path=/; HttpOnly", "sid=•••; Path=/; HttpOnly"),
            ("set-cookie", "sid=abc", "sid=•••"),
            ("Accept", "text/html; q=1", "text/html; q=1"),
        ] {
            assert_eq!(masked(name, value), wanted, "{name}");
        }
    }
}
