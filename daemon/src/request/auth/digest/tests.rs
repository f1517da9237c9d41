use super::*;
use proptest::prelude::*;

fn asked(field: &str) -> Option<Challenge> {
    challenge([field.as_bytes()])
}

fn parameter(answer: &str, name: &str) -> Option<String> {
    parameters(answer.strip_prefix("Digest ").unwrap()).get(name).map(Into::into)
}

/// RFC 7616, 3.9.1
const MUFASA: Asking<'static> = Asking {
    username: "Mufasa",
    password: "Circle of Life",
    method: "GET",
    uri: "/dir/index.html",
    body: None,
    cnonce: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
    count: 1,
};

fn with(rest: &str) -> String {
    format!(
        "Digest realm=\"http-auth@example.org\", nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", \
         opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"{rest}"
    )
}

#[test]
fn the_examples_of_the_rfc() {
    for (algorithm, response) in [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ] {
        let challenge = asked(&with(&format!(", qop=\"auth, auth-int\", algorithm={algorithm}"))).unwrap();
        let answer = challenge.answer(&MUFASA);
        for (name, value) in [
            ("username", "Mufasa"),
            ("realm", "http-auth@example.org"),
            ("uri", "/dir/index.html"),
            ("nonce", "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"),
            ("nc", "00000001"),
            ("cnonce", "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"),
            ("qop", "auth"),
            ("response", response),
            ("opaque", "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"),
        ] {
            assert_eq!(parameter(&answer, name).as_deref(), Some(value), "{name} of {answer}");
        }
    }
}

/// RFC 7616, 3.9.2 with erratum 4897: the RFC's own values are no SHA-512/256 of its inputs.
#[test]
fn the_example_with_a_hidden_name() {
    let field = "Digest realm=\"api@example.org\", qop=\"auth\", algorithm=SHA-512-256, \
                 nonce=\"5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK\", \
                 opaque=\"HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS\", charset=UTF-8, userhash=true";
    let answer = asked(field).unwrap().answer(&Asking {
        username: "J\u{e4}s\u{f8}n Doe",
        password: "Secret, or not?",
        uri: "/doe.json",
        cnonce: "NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v",
        ..MUFASA
    });
    for (name, value) in [
        ("username", "793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b"),
        ("response", "3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5"),
        ("algorithm", "SHA-512-256"),
        ("userhash", "true"),
    ] {
        assert_eq!(parameter(&answer, name).as_deref(), Some(value), "{name} of {answer}");
    }
}

/// Checked against the formulas of RFC 7616, 3.4.2 and 3.4.3, computed elsewhere.
#[test]
fn the_other_forms() {
    for (rest, body, response) in [
        ("", None, "a5bd0b50f7f25258a692c4f36270e05d"),
        (", qop=\"auth-int\"", None, "51770661eb8ff773c5361125ca1918ba"),
        (", qop=\"auth-int\"", Some("a body"), "66b41ebb272860c735da54d51f8f6c28"),
        (", algorithm=MD5-sess, qop=\"auth\"", None, "76ffb0fe57c88e63edab877b19ac128a"),
        (
            ", algorithm=SHA-256-SESS, qop=auth",
            None,
            "fd9192630a3362996da416652be386c34bb0b456acbe6b8bca7d2db89464002b",
        ),
    ] {
        let challenge = asked(&with(rest)).unwrap();
        let body = body.map(|body: &str| challenge.algorithm.digest(body.as_bytes()));
        let answer = challenge.answer(&Asking { body: body.as_deref(), method: "POST", count: 0x1f, ..MUFASA });
        assert_eq!(parameter(&answer, "response").as_deref(), Some(response), "{rest}");
        assert_eq!(parameter(&answer, "nc").is_some(), !rest.is_empty());
        assert_eq!(parameter(&answer, "cnonce").is_some(), !rest.is_empty());
    }
}

#[test]
fn the_strongest_that_is_known_is_answered() {
    let known = |fields: &[&str]| {
        challenge(fields.iter().map(|field| field.as_bytes())).map(|found| (found.algorithm, found.nonce))
    };
    let (md5, sha) = (with(""), with(", algorithm=SHA-256").replace("7ypf", "sha"));
    let both = format!("Basic realm=\"x\", {md5}, {sha}");
    let strong = Some((Algorithm::Sha256, "sha/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v".into()));
    assert_eq!(known(&[&both]), strong);
    assert_eq!(known(&[&sha, &md5]), strong);
    assert_eq!(known(&["Negotiate", &md5]).unwrap().0, Algorithm::Md5);
    assert_eq!(known(&["Digest nonce=1", "Digest nonce=2"]).unwrap().1, "1");
    for none in ["Basic realm=x", "Digest realm=x", "Digest nonce=x, algorithm=SHA-1", "Digest nonce=x, qop=auth-conf"]
    {
        assert_eq!(known(&[none]), None, "{none}");
    }
    assert_eq!(known(&[&format!("Digest nonce={}", "x".repeat(MAX_CHALLENGE))]), None);
    assert_eq!(asked("Digest nonce=x, qop=\"\"").unwrap().protection, Protection::Unsaid);
}

#[test]
fn old_nonces_and_next_ones() {
    assert!(asked("Digest nonce=x, stale=TRUE").unwrap().stale);
    assert!(!asked("Digest nonce=x, stale=\"false\"").unwrap().stale);
    assert_eq!(next_nonce(b"qop=auth, rspauth=\"x\", nextnonce=\"n, 1\"").as_deref(), Some("n, 1"));
    assert_eq!(next_nonce(b"rspauth=x"), None);
    assert_eq!(next_nonce(b"nextnonce=\"\""), None);
}

#[test]
fn names_are_quoted() {
    let answer = |field: &str, username: &str| asked(field).unwrap().answer(&Asking { username, ..MUFASA });
    assert!(answer("Digest nonce=x", "a\"\\").starts_with(r#"Digest username="a\"\\", realm="", nonce="x", "#));
    assert!(answer("Digest nonce=x", "ä").starts_with("Digest username=\"ä\", "));
    assert!(
        answer("Digest nonce=x, charset=utf-8", "ä 1*'%").starts_with("Digest username*=UTF-8''%C3%A4%201%2A%27%25, ")
    );
    assert!(answer("Digest nonce=x, charset=utf-8", "a b").starts_with("Digest username=\"a b\", "));
}

proptest! {
    #[test]
    fn hostile_challenges_are_answered_or_passed_over(
        parameters in prop::collection::vec(("(nonce|realm|opaque|qop|algorithm|userhash|charset|\\PC{0,4})", "\"?(auth|auth-int|MD5-sess|true|[\\x00-\\x7f]{0,9}|\\PC{0,9})\"?"), 0..9),
    ) {
        let field: Vec<_> = parameters.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if let Some(challenge) = asked(&format!("Digest {}", field.join(", "))) {
            let answer = challenge.answer(&MUFASA);
            prop_assert!(http::HeaderValue::from_bytes(answer.as_bytes()).is_ok(), "{answer:?}");
            prop_assert_eq!(parameter(&answer, "nonce").map(|nonce| nonce.len()), Some(challenge.nonce.chars().filter(|c| !c.is_control()).map(char::len_utf8).sum()));
        }
    }

    #[test]
    fn any_bytes_are_a_challenge_or_none(bytes: Vec<u8>) {
        let _ = challenge([&bytes[..]]);
        let _ = next_nonce(&bytes);
    }
}
