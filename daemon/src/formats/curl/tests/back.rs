//! Requests as commands, which make the same requests.

use crate::{
    formats::curl::{
        read,
        shell::{bash, cmd},
        write::{Shell, quote::word as quoted, write},
    },
    request::{
        Auth, Body, Draft, Field, Settings,
        draft::{Language, Part},
        settings::HttpVersion,
    },
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::Bytes;
use proptest::prelude::*;

fn command(draft: &Draft, shell: Shell) -> String {
    write(draft, |_| None, shell).command
}

fn once(draft: Draft) -> Draft {
    Draft { settings: Settings { follow_redirects: Some(false), ..draft.settings }, ..draft }
}

#[test]
fn requests_are_written_as_people_would() {
    let fields = |pairs: &[(&str, &str)]| pairs.iter().map(|(k, v)| Field::new(*k, *v)).collect::<Vec<_>>();
    let base = once(Draft {
        method: "GET".into(),
        url: "http://h/a?b=c d".into(),
        without: vec!["accept-encoding".into()],
        ..Draft::default()
    });
    let with = |body, headers: &[(&str, &str)]| Draft {
        method: "POST".into(),
        url: "http://h/".into(),
        headers: fields(headers),
        body,
        ..base.clone()
    };
    let raw = |raw: &str, language| Body::Raw { raw: raw.into(), language };
    for (draft, bash, cmd) in [
        (base.clone(), "curl 'http://h/a?b=c%20d'", "curl ^\"http://h/a?b=c^%^20d^\""),
        (
            with(raw("{\"a\":\"it's\"}", Language::Json), &[("X", ""), ("Y", "a&b")]),
            "curl http://h/ -H 'X;' -H 'Y: a&b' -H 'Content-Type: application/json' --data-raw '{\"a\":\"it'\\''s\"}'",
            "curl http://h/ -H ^\"X;^\" -H ^\"Y: a^&b^\" -H ^\"Content-Type: application/json^\" --data-raw ^\"{\\^\"a\\^\":\\^\"it's\\^\"}^\"",
        ),
        (
            with(Body::Urlencoded { urlencoded: fields(&[("a", "1 2")]) }, &[]),
            "curl http://h/ --data-raw a=1+2",
            "curl http://h/ --data-raw a=1+2",
        ),
        (
            with(
                Body::Formdata {
                    formdata: vec![
                        Part {
                            key: "f".into(),
                            src: Some(vec!["a b.png".into()]),
                            content_type: "image/png".into(),
                            ..Part::default()
                        },
                        Part { key: "t".into(), value: "v".into(), ..Part::default() },
                    ],
                },
                &[],
            ),
            "curl http://h/ -F 'f=@\"a b.png\";type=image/png' --form-string t=v",
            "curl http://h/ -F ^\"f=@\\^\"a b.png\\^\";type=image/png^\" --form-string t=v",
        ),
        (
            with(Body::None, &[]),
            "curl http://h/ -X POST -H 'Content-Length: 0'",
            "curl http://h/ -X POST -H ^\"Content-Length: 0^\"",
        ),
        (
            with(Body::Bytes { base64: BASE64_STANDARD.encode(b"\xff\0'") }, &[]),
            "printf '\\377\\000\\047' | curl http://h/ -H Content-Type: --data-binary @-",
            "curl http://h/ -H Content-Type: --data-binary @body.bin",
        ),
        (
            with(Body::Captured { exchange: "7.42".into(), size: 9 }, &[]),
            "waylay body 7.42 --request --raw | curl http://h/ -H Content-Type: --data-binary @-",
            "waylay body 7.42 --request --raw | curl http://h/ -H Content-Type: --data-binary @-",
        ),
        (
            Draft { auth: Auth::Basic { username: "u".into(), password: "p q".into() }, ..base.clone() },
            "curl 'http://h/a?b=c%20d' -u 'u:p q'",
            "curl ^\"http://h/a?b=c^%^20d^\" -u ^\"u:p q^\"",
        ),
        (
            Draft {
                url: "http://h/a/../[x]".into(),
                method: "HEAD".into(),
                without: vec![],
                settings: Settings {
                    http_version: Some(HttpVersion::Http11),
                    verify_chain: Some(false),
                    ..Settings::default()
                },
                ..base.clone()
            },
            "curl 'http://h/a/../[x]' --globoff --path-as-is --head --compressed --insecure --location --http1.1",
            "curl ^\"http://h/a/../[x]^\" --globoff --path-as-is --head --compressed --insecure --location --http1.1",
        ),
    ] {
        assert_eq!(command(&draft, Shell::Bash).replace(" \\\n  ", " "), bash);
        assert_eq!(command(&draft, Shell::Cmd).replace(" ^\n  ", " "), cmd);
    }
    let variable = Draft { url: "http://{{host}}/{{a b}}".into(), ..base.clone() };
    let written = write(&variable, |_| None, Shell::Bash);
    assert!(written.command.contains("'http://{{host}}/{{a b}}'"), "{written:?}");
    assert!(written.notes.iter().any(|note| note.contains("{{name}}")), "{written:?}");
    let captured = write(
        &with(Body::Captured { exchange: "7.42".into(), size: 3 }, &[]),
        |_| Some(Bytes::from_static(b"abc")),
        Shell::Bash,
    );
    assert!(captured.command.ends_with("--data-raw abc"), "{captured:?}");
}

/// Any bytes a shell can hold in a word.
fn bash_word() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        prop::collection::vec(1u8.., 0..40),
        "[ -~\n\r\t\u{85}äß😀'\"\\\\$`!]{0,40}".prop_map(String::into_bytes),
    ]
}

proptest! {
    #[test]
    fn every_word_comes_back_from_bash(words in prop::collection::vec(bash_word(), 1..5)) {
        let text: Vec<_> = words.iter().map(|word| quoted(word, Shell::Bash)).collect();
        let acts = |c: char| c.is_control() && c != '\n';
        prop_assert!(!text.concat().contains(acts), "a terminal would act upon it");
        let script = bash::commands(&format!("curl {}", text.join(" ")));
        prop_assert_eq!(&script.commands[0].words[1..], &words[..]);
    }

    #[test]
    fn every_word_comes_back_from_the_command_prompt(words in prop::collection::vec("[a-z \"\\\\^%&|<>()!'{}\näß]{0,30}", 1..5)) {
        let text: Vec<_> = words.iter().map(|word| quoted(word.as_bytes(), Shell::Cmd)).collect();
        let script = cmd::commands(&format!("curl {}", text.join(" ")));
        let found: Vec<_> = script.commands[0].words[1..].iter().map(|w| String::from_utf8_lossy(w).into_owned()).collect();
        prop_assert_eq!(found, words);
    }

    #[test]
    fn every_request_comes_back(
        value in "[!-~]([ -~ä]{0,30}[!-~])?",
        body in "[ -~\nä😀]{1,80}",
        path in "[a-z0-9/]{0,20}",
        shell in prop_oneof![Just(Shell::Bash), Just(Shell::Cmd)],
    ) {
        prop_assume!(!body.contains("{{") && !value.contains("{{"));
        let draft = once(Draft {
            method: "PUT".into(),
            url: format!("https://h.test/{path}"),
            headers: vec![Field::new("X-Value", value), Field::new("Content-Type", "text/plain")],
            without: vec!["accept-encoding".into(), "connection".into()],
            body: Body::Raw { raw: body, language: Language::Text },
            settings: Settings { no_cache: Some(false), ..Settings::default() },
            ..Draft::default()
        });
        let text = command(&draft, shell);
        let read = read(&text).map_err(|e| TestCaseError::fail(format!("{e}: {text}")))?;
        prop_assert_eq!(&read.requests[0].draft, &draft, "{}", text);
    }
}
