//! Names that carry secrets: of header fields, parameters of URLs and forms, members of JSON objects.

/// The whole of a name, in small letters without marks between the words, and the kind of secret.
const WHOLE: &[(&str, &str)] = &[
    ("auth", "authorization"),
    ("bearer", "token"),
    ("jwt", "token"),
    ("pass", "password"),
    ("pwd", "password"),
    ("pin", "password"),
    ("otp", "password"),
    ("cvv", "secret"),
    ("cvc", "secret"),
    ("session", "session"),
    ("sid", "session"),
    ("sig", "secret"),
    ("hmac", "secret"),
    ("cookie", "cookie"),
    ("setcookie", "cookie"),
    ("phpsessid", "session"),
    ("jsessionid", "session"),
    ("assertion", "token"),
    ("samlresponse", "token"),
    ("samlrequest", "token"),
];

/// Part of a name, likewise.
const PART: &[(&str, &str)] = &[
    ("authorization", "authorization"),
    ("password", "password"),
    ("passwd", "password"),
    ("passphrase", "password"),
    ("passcode", "password"),
    ("apikey", "key"),
    ("accesskey", "key"),
    ("privatekey", "key"),
    ("secretkey", "key"),
    ("signingkey", "key"),
    ("encryptionkey", "key"),
    ("subscriptionkey", "key"),
    ("secret", "secret"),
    ("credential", "secret"),
    ("signature", "secret"),
    ("token", "token"),
    ("csrf", "token"),
    ("xsrf", "token"),
    ("sessionid", "session"),
    ("sessionkey", "session"),
    ("sessid", "session"),
    ("clientassertion", "token"),
];

/// Names that say something about a secret and are none.
const NOT: &[&str] = &[
    "type",
    "types",
    "tokens",
    "count",
    "length",
    "limit",
    "endpoint",
    "endpoints",
    "url",
    "uri",
    "supported",
    "required",
    "enabled",
    "expiresin",
    "expiresat",
    "expires",
    "expiry",
    "expiration",
    "ttl",
    "usage",
    "usages",
    "algorithm",
    "alg",
    "method",
    "hint",
    "policy",
    "version",
    "name",
    "tokenizer",
    "at",
    "status",
];

/// Longer names are not looked at, bytes.
const LONGEST: usize = 128;

/// The kind of secret that stands under a name, if one does.
pub fn kind(name: &[u8]) -> Option<&'static str> {
    if name.len() > LONGEST {
        return None;
    }
    let mut buffer = [0u8; LONGEST];
    let letters = name.iter().filter(|b| b.is_ascii_alphanumeric());
    let mut length = 0;
    for (to, from) in buffer.iter_mut().zip(letters) {
        *to = from.to_ascii_lowercase();
        length += 1;
    }
    let word = std::str::from_utf8(&buffer[..length]).unwrap_or_default();
    if let Some((_, kind)) = WHOLE.iter().find(|(whole, _)| *whole == word) {
        return Some(kind);
    }
    let (_, kind) = PART.iter().find(|(part, _)| word.contains(part))?;
    (!NOT.iter().any(|end| word.ends_with(end))).then_some(kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_apart() {
        for name in [
            "access_token",
            "refreshToken",
            "id-token",
            "X-Api-Key",
            "api_key",
            "client_secret",
            "password",
            "passwd",
            "Authorization",
            "newPassword",
            "user[password]",
            "X-CSRF-Token",
            "session",
            "session_id",
            "SID",
            "X-Amz-Signature",
            "X-Amz-Credential",
            "aws_secret_access_key",
            "ocp-apim-subscription-key",
            "jwt",
            "X-Auth-Token",
            "_xsrf",
        ] {
            assert!(kind(name.as_bytes()).is_some(), "{name}");
        }
        for name in [
            "token_type",
            "token_endpoint",
            "max_tokens",
            "prompt_tokens",
            "expires_in",
            "token_expires_at",
            "author",
            "accept",
            "key",
            "passenger",
            "sidebar",
            "password_required",
            "sec-websocket-key",
            "etag",
            "",
            "signature_algorithm",
            "state",
        ] {
            assert_eq!(kind(name.as_bytes()), None, "{name}");
        }
        assert_eq!(kind(&[b'a'; 1000]), None);
    }
}
