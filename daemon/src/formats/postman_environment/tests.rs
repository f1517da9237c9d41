use super::*;
use proptest::prelude::*;
use std::{fs, path::Path};

fn variable(key: &str, value: &str) -> Variable {
    Variable { key: key.into(), value: value.into(), kind: VariableType::Default, disabled: false, description: None }
}

fn utf16(text: &str, mark: &[u8], bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    mark.iter().copied().chain(text.encode_utf16().flat_map(bytes)).collect()
}

#[test]
fn files_of_others_are_read_and_written_again() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/postman/environments");
    let mut known = [
        // File, name, variables, disabled, secret, a variable of it.
        ("Jerry-Lees__F5-BIG-IQ-REST-Postman-Environment.json", "BIG-IQ Rest Tools", 146, 0, 1, ("UserName", "admin")),
        ("Kong__postman-env_basic-input.json", "Production Env", 2, 1, 0, ("foo", "production")),
        (
            "adobe__CDP_Namespaces_and_Schemas_Utility_CDP_Environment.postman_environment.json",
            "CDP Environment Empty",
            11,
            0,
            0,
            ("API_KEY", ""),
        ),
        ("grafana__2_environment.json", "TestEnv", 3, 0, 0, ("first", "one")),
        ("hoppscotch__environments_malformed-envs.json", "secret-envs", 2, 0, 1, ("regularVar", "regular-variable")),
        (
            "postmanlabs__bom-and-encoding_bom-in-environment-file.postman_environment.json",
            "Variable names with slashes",
            2,
            0,
            0,
            ("b\\ar", "beta"),
        ),
        (
            "transferwise__activity-api_Activity_API_Sandbox.postman_environment.json",
            "Activity API Sandbox (empty)",
            8,
            0,
            0,
            ("host", "https://api.sandbox.transferwise.tech"),
        ),
        ("usebruno__fixtures_collection-env.json", "Test Collection Environment", 6, 0, 1, ("userId", "1")),
    ];
    known.sort();
    let mut files: Vec<_> = fs::read_dir(&folder).unwrap().map(|file| file.unwrap().file_name()).collect();
    files.sort();
    assert_eq!(files, known.map(|(file, ..)| file));
    for (file, name, variables, disabled, secret, (key, value)) in known {
        let read = super::read(&fs::read(folder.join(file)).unwrap()).unwrap_or_else(|e| panic!("{file}: {e}"));
        let having = |which: fn(&Variable) -> bool| read.variables.iter().filter(|variable| which(variable)).count();
        assert_eq!((read.name.as_str(), read.globals, read.variables.len()), (name, false, variables), "{file}");
        assert_eq!(having(|v| v.disabled), disabled, "{file}");
        assert_eq!(having(|v| v.kind == VariableType::Secret), secret, "{file}");
        assert!(read.variables.iter().any(|v| (v.key.as_str(), v.value.as_str()) == (key, value)), "{file}: {key}");

        let written = write(&read.name, read.globals, &read.variables, Timestamp::UNIX_EPOCH);
        let mut expected = read;
        expected.notes.clear();
        expected.variables.iter_mut().filter(|v| v.kind == VariableType::Secret).for_each(|v| v.value.clear());
        assert_eq!(super::read(written.as_bytes()).unwrap(), expected, "{file}");
    }
}

#[test]
fn every_encoding_is_read() {
    let text = r#"{"name":"ä日😀","values":[{"key":"k","value":"ü"}],"_postman_variable_scope":"globals"}"#;
    let expected =
        PostmanEnvironment {
            name: "ä日😀".into(), globals: true, variables: vec![variable("k", "ü")], notes: vec![]
        };
    for (what, bytes) in [
        ("UTF-8", text.as_bytes().to_vec()),
        ("UTF-8 with its mark", [b"\xef\xbb\xbf", text.as_bytes()].concat()),
        ("UTF-16LE with its mark", utf16(text, b"\xff\xfe", u16::to_le_bytes)),
        ("UTF-16BE with its mark", utf16(text, b"\xfe\xff", u16::to_be_bytes)),
        ("UTF-16LE", utf16(text, b"", u16::to_le_bytes)),
        ("UTF-16BE", utf16(text, b"", u16::to_be_bytes)),
    ] {
        assert_eq!(read(&bytes).as_ref(), Ok(&expected), "{what}");
    }
}

#[test]
fn old_and_handmade_forms_are_read() {
    let one = |members: &str| read(format!(r#"{{"values":[{{{members}}}]}}"#).as_bytes()).unwrap();
    let secret = Variable { kind: VariableType::Secret, ..variable("k", "v") };
    let off = Variable { disabled: true, ..variable("k", "v") };
    let described = Variable { description: Some("d".into()), ..variable("k", "") };
    for (members, expected) in [
        (r#""key":"k","value":"v""#, variable("k", "v")),
        (r#""key":"k","value":"v","type":"text","enabled":true"#, variable("k", "v")),
        (r#""key":"k","value":"v","type":"any""#, variable("k", "v")),
        (r#""key":"k","value":"v","type":"default""#, variable("k", "v")),
        (r#""key":"k","value":"v","type":"secret""#, secret.clone()),
        (r#""key":"k","value":"v","secret":true"#, secret),
        (r#""key":"k","value":"v","enabled":false"#, off.clone()),
        (r#""key":"k","value":"v","disabled":true"#, off),
        (r#""key":"k","value":null"#, variable("k", "")),
        (r#""key":"k""#, variable("k", "")),
        (r#""key":"k","value":12.50"#, variable("k", "12.5")),
        (r#""key":"k","value":true"#, variable("k", "true")),
        (r#""key":"k","description":"d""#, described.clone()),
        (r#""key":"k","description":{"content":"d","type":"text/plain"}"#, described),
    ] {
        let read = one(members);
        assert_eq!((&read.variables[..], read.notes.len()), (&[expected][..], 0), "{members}");
    }
    assert_eq!(one(r#""key":"k","value":{"a":[1]}"#).variables, [variable("k", r#"{"a":[1]}"#)]);
    assert_eq!(one(r#""key":"k","value":[]"#).notes, ["The value of \"k\" is no text and is kept as JSON."]);
    assert_eq!(one(r#""key":"","value":"v""#).notes, ["values[0] has no key and was left out."]);
    let wrapped = read(br#"{"environment":{"name":"n","values":[null,{"key":"k"}]}}"#).unwrap();
    assert_eq!((wrapped.name.as_str(), wrapped.variables.len()), ("n", 1));
    assert_eq!(wrapped.notes, ["values[0] is null and was left out."]);
}

#[test]
fn a_file_of_another_kind_says_so() {
    for (bytes, says) in [
        (&b""[..], "no JSON: EOF while parsing a value (line 1, column 0)"),
        (b"{\"values\":[\n  {\"key\" 1}]}", "no JSON: expected `:` (line 2, column 10)"),
        (b"{\"values\":\"\xff\"}", "no UTF-8: byte 11 does not fit"),
        (b"\xef\xbb\xbf\xff", "no UTF-8: byte 3 does not fit"),
        (b"\xff\xfe{\0\0", "no UTF-16: byte 4 does not fit"),
        (b"\xff\xfe{\0\0\xd8}\0", "no UTF-16: byte 4 does not fit"),
        (b"[]", "should be an object with the member \"values\""),
        (b"{}", "it has no member \"values\""),
        (b"{\"values\":{}}", "\"values\" should be an array"),
        (b"{\"values\":[{\"key\":\"k\"},1]}", "values[1] should be an object"),
        (b"{\"info\":{},\"item\":[]}", "it is a collection"),
        (b"{\"log\":{}}", "it is a HAR file"),
    ] {
        let error = read(bytes).unwrap_err().to_string();
        assert!(error.contains(says), "{error} should say {says}");
    }
    let deep = format!("{{\"values\":{}", "[".repeat(1_000_000));
    assert!(read(deep.as_bytes()).unwrap_err().to_string().contains("recursion limit"));
}

#[test]
fn secrets_are_written_empty() {
    let secret = Variable {
        kind: VariableType::Secret,
        disabled: true,
        description: Some("d".into()),
        ..variable("s", "hidden")
    };
    let written = write("n\"", true, &[secret, variable("k", "v")], "2026-03-29T12:00:00.1Z".parse().unwrap());
    let expected = json!({
        "name": "n\"",
        "values": [
            {"key": "s", "value": "", "type": "secret", "enabled": false, "description": "d"},
            {"key": "k", "value": "v", "type": "default", "enabled": true},
        ],
        "_postman_variable_scope": "globals",
        "_postman_exported_at": "2026-03-29T12:00:00.100Z",
        "_postman_exported_using": USER_AGENT,
    });
    assert_eq!(serde_json::from_str::<Value>(&written).unwrap(), expected);
}

proptest! {
    #[test]
    fn any_bytes_are_a_file_or_not(bytes: Vec<u8>) {
        let _ = read(&bytes);
        let _ = read(&[b"\xff\xfe", &bytes[..]].concat());
    }
}
