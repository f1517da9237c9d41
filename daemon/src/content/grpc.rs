//! What a gRPC call ended with (gRPC: "Status codes and their use", "gRPC over HTTP/2").

/// The name of a status code, `None` for one that is not defined.
pub fn status_name(code: u32) -> Option<&'static str> {
    const NAMES: [&str; 17] = [
        "OK",
        "CANCELLED",
        "UNKNOWN",
        "INVALID_ARGUMENT",
        "DEADLINE_EXCEEDED",
        "NOT_FOUND",
        "ALREADY_EXISTS",
        "PERMISSION_DENIED",
        "RESOURCE_EXHAUSTED",
        "FAILED_PRECONDITION",
        "ABORTED",
        "OUT_OF_RANGE",
        "UNIMPLEMENTED",
        "INTERNAL",
        "UNAVAILABLE",
        "DATA_LOSS",
        "UNAUTHENTICATED",
    ];
    NAMES.get(usize::try_from(code).ok()?).copied()
}

/// The text of a `grpc-message` field, which is percent-encoded UTF-8. What is wrongly encoded stays as it is.
pub fn message(value: &[u8]) -> String {
    let mut decoded = Vec::with_capacity(value.len());
    let mut rest = value;
    while let Some((first, behind)) = rest.split_first() {
        let byte = match behind.split_first_chunk::<2>() {
            Some((digits, _)) if *first == b'%' => encoded(*digits),
            _ => None,
        };
        decoded.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &behind[2..] } else { behind };
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

fn encoded(digits: [u8; 2]) -> Option<u8> {
    let [high, low] = digits.map(|digit| char::from(digit).to_digit(16));
    u8::try_from(high? * 16 + low?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_names() {
        let names = [(0, "OK"), (5, "NOT_FOUND"), (14, "UNAVAILABLE"), (16, "UNAUTHENTICATED")];
        assert_eq!(names.map(|(code, _)| status_name(code)), names.map(|(_, name)| Some(name)));
        assert_eq!([17, u32::MAX].map(status_name), [None, None]);
    }

    #[test]
    fn messages_are_decoded() {
        for (value, text) in [
            (&b"no such user"[..], "no such user"),
            (b"caf%C3%A9%20%e2%82%ac", "caf\u{e9} \u{20ac}"),
            (b"100%", "100%"),
            (b"%4", "%4"),
            (b"%zz%+1%41", "%zz%+1A"),
            (b"%ff", "\u{fffd}"),
        ] {
            assert_eq!(message(value), text);
        }
    }
}
