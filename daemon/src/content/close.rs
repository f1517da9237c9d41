//! The payload of a WebSocket's close frame (RFC 6455, 5.5.1 and 7.4).

/// What a close frame says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Close {
    /// The status code; `None` if there is none.
    pub code: Option<u16>,
    /// The reason; what is no UTF-8 is replaced.
    pub reason: String,
    /// What is wrong with it.
    pub problem: Option<&'static str>,
}

impl Close {
    /// Reads a payload. Nothing is too wrong to be read.
    pub fn parse(payload: &[u8]) -> Self {
        let Some((code, reason)) = payload.split_first_chunk::<2>() else {
            let problem = (!payload.is_empty()).then_some("a status code has two bytes, and there is one");
            return Self { problem, ..Self::default() };
        };
        let code = u16::from_be_bytes(*code);
        let problem = match std::str::from_utf8(reason) {
            _ if !may_be_sent(code) => Some("this status code is not to be sent"),
            Err(_) => Some("the reason is not UTF-8"),
            Ok(_) => None,
        };
        Self { code: Some(code), reason: String::from_utf8_lossy(reason).into_owned(), problem }
    }

    /// What the code means, as far as it is registered.
    pub fn meaning(&self) -> Option<&'static str> {
        Some(match self.code? {
            1000 => "normal closure",
            1001 => "going away",
            1002 => "protocol error",
            1003 => "unsupported data",
            1005 => "no status received",
            1006 => "abnormal closure",
            1007 => "invalid payload data",
            1008 => "policy violation",
            1009 => "message too big",
            1010 => "extension required",
            1011 => "internal error",
            1012 => "service restart",
            1013 => "try again later",
            1014 => "bad gateway",
            1015 => "TLS handshake",
            3000 => "unauthorized",
            3003 => "forbidden",
            3008 => "timeout",
            _ => return None,
        })
    }
}

/// RFC 6455, 7.4.2, and IANA's registry: some codes are for programs to tell themselves, others are not given out.
fn may_be_sent(code: u16) -> bool {
    matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999)
}

#[cfg(test)]
mod tests {
    use super::*;

    type Row<'a> = (&'a [u8], Option<u16>, &'a str, Option<&'a str>, Option<&'a str>);

    #[test]
    fn codes_and_reasons_are_read() {
        let one = "a status code has two bytes, and there is one";
        let unsent = "this status code is not to be sent";
        let table: [Row<'_>; 9] = [
            (b"", None, "", None, None),
            (b"\x03", None, "", None, Some(one)),
            (b"\x03\xe8", Some(1000), "", Some("normal closure"), None),
            (b"\x03\xe9bye \xc3\xa9", Some(1001), "bye \u{e9}", Some("going away"), None),
            (b"\x03\xf0\xff", Some(1008), "\u{fffd}", Some("policy violation"), Some("the reason is not UTF-8")),
            (b"\x03\xed", Some(1005), "", Some("no status received"), Some(unsent)),
            (b"\x00\x00x", Some(0), "x", None, Some(unsent)),
            (b"\x0f\xa0app", Some(4000), "app", None, None),
            (b"\xff\xff", Some(65535), "", None, Some(unsent)),
        ];
        for (payload, code, reason, meaning, problem) in table {
            let close = Close::parse(payload);
            assert_eq!((close.code, &close.reason[..], close.problem), (code, reason, problem), "{payload:?}");
            assert_eq!(close.meaning(), meaning, "{payload:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_payload_is_read(payload: Vec<u8>) {
            let close = Close::parse(&payload);
            proptest::prop_assert_eq!(close.code.is_some(), payload.len() >= 2);
        }
    }
}
