use super::*;
use waylay_storage::model::Field;

fn fields(text: &str) -> Vec<Field> {
    let field = |line: &str| {
        let (name, value) = line.split_once(':').unwrap();
        Field { name: name.to_owned().into(), value: value.trim().to_owned().into() }
    };
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(field).collect()
}

/// Compares two answers of which head and body are written, as `path a b`, and how many do not count.
#[track_caller]
fn compared(a: (&str, &str), b: (&str, &str), ignore: &[&str]) -> (Vec<String>, u64) {
    let comparison = whole(a, b, ignore);
    let word = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".to_owned());
    let shown = comparison.differences.iter().map(|d| format!("{} {} {}", d.path, word(&d.a), word(&d.b)));
    (shown.collect(), comparison.ignored)
}

fn whole(a: (&str, &str), b: (&str, &str), ignore: &[&str]) -> Comparison {
    let rules = Rules::new(NOISE, ignore).unwrap();
    let (fields_a, fields_b) = (fields(a.0), fields(b.0));
    let (body_a, body_b) = (Content::whole(a.1), Content::whole(b.1));
    let answer = |fields, body| Answer { status: Some(200), fields, trailers: &[], body };
    compare(&answer(&fields_a, &body_a), &answer(&fields_b, &body_b), &rules)
}

const JSON: &str = "content-type: application/json";

#[test]
fn json_differs_by_path() {
    for (a, b, expected) in [
        (
            r#"{"items":[{"price":1},{"price":2}]}"#,
            r#"{"items":[{"price":1},{"price":3}]}"#,
            vec!["$.items[1].price 2 3"],
        ),
        (r#"{"a":1,"b":2}"#, r#"{ "b" : 2.0, "a" : 1 }"#, vec![]),
        (r#"{"a":null}"#, r#"{}"#, vec!["$.a null -"]),
        (r#"{}"#, r#"{"a b":"x"}"#, vec![r#"$['a b'] - "x""#]),
        (r#"{"a":[1,2]}"#, r#"{"a":{"0":1}}"#, vec![r#"$.a [1,2] {"0":1}"#]),
        ("[1,2,3]", "[0,1,2,3]", vec!["$[0] - 0"]),
        ("[1,2,3]", "[1,3]", vec!["$[1] 2 -"]),
        (r#"[{"a":1,"b":1},2]"#, r#"[{"a":2,"b":1},2,3]"#, vec!["$[0].a 1 2", "$[2] - 3"]),
        ("1", "2", vec!["$ 1 2"]),
        (
            r#"{"n":12345678901234567890123}"#,
            r#"{"n":12345678901234567890124}"#,
            vec!["$.n 12345678901234567890123 12345678901234567890124"],
        ),
        (r#""\ud83d\ude00""#, "\"😀\"", vec![]),
    ] {
        let expected = expected.into_iter().map(str::to_owned).collect();
        assert_eq!(compared((JSON, a), (JSON, b), &[]), (expected, 0), "{a} {b}");
    }
}

#[test]
fn rules_take_out_what_they_name() {
    let a = r#"{"at":1,"items":[{"id":1,"price":1},{"id":2,"price":2}],"token":"a"}"#;
    let b = r#"{"at":2,"items":[{"id":7,"price":1},{"id":8,"price":2}],"more":{"token":"x"}}"#;
    for (ignore, expected, ignored) in [
        (&["$.at", "$.items[*].id", "$..token"][..], vec!["$.more - {}"], 5),
        (&["$..id", "$.at", "$.token", "$.more"], vec![], 5),
        (&["$"], vec![], 1),
        (&["body"], vec![], 1),
        (&["$.items[0]", "$.at", "$.token", "$.more"], vec!["$.items[1].id 2 8"], 4),
    ] {
        let (found, count) = compared((JSON, a), (JSON, b), ignore);
        assert_eq!((found, count), (expected.into_iter().map(str::to_owned).collect(), ignored), "{ignore:?}");
    }
    // One that is taken out of a longer array is no difference of its own.
    assert_eq!(compared((JSON, "[1]"), (JSON, "[1,2]"), &["$[1]"]).0, Vec::<String>::new());
}

#[test]
fn fields_differ_by_name_and_noise_does_not_count() {
    let a = "Date: 1\nETag: x\nX-Amz-Cf-Pop: FRA\nVary: a\nVary: b\nServer: one\nOld: 1";
    let b = "date: 2\netag: y\nx-amz-cf-pop: AMS\nvary: b\nvary: a\nServer: one\nNew: 1";
    let (found, ignored) = compared((a, ""), (b, ""), &[]);
    assert_eq!(found, ["new - 1", "old 1 -", "vary a\nb b\na"]);
    assert_eq!(ignored, 3);
    let (found, ignored) = compared((a, ""), (b, ""), &["header:VARY", "header:*e*w*", "header:old"]);
    assert_eq!((found, ignored), (vec![], 6));
    let none = Rules::default();
    let (a, b, body) = (fields(a), fields(b), Content::default());
    let answer = |fields| Answer { status: None, fields, trailers: &[], body: &body };
    assert_eq!(compare(&answer(&a), &answer(&b), &none).total, 6, "without noise, all counts");
}

#[test]
fn cookies_differ_by_name_and_attributes() {
    let a = "set-cookie: sid=abc; Path=/; HttpOnly; Max-Age=10\nset-cookie: gone=1";
    for (b, expected, ignored) in [
        ("set-cookie: gone=2; expires=Thu\nset-cookie: sid=xyz; httponly; path=/", vec![], 2),
        (
            "set-cookie: gone=1\nset-cookie: sid=abc; Path=/; Max-Age=10",
            vec!["set-cookie sid sid=…; httponly; path=/ sid=…; path=/"],
            0,
        ),
        ("set-cookie: sid=abc; Path=/; HttpOnly; Max-Age=10", vec!["set-cookie gone gone=… -"], 0),
    ] {
        assert_eq!(
            compared((a, ""), (b, ""), &[]),
            (expected.into_iter().map(str::to_owned).collect(), ignored),
            "{b}"
        );
        assert!(compared((a, ""), (b, ""), &["header:set-cookie"]).0.is_empty());
    }
}

#[test]
fn bodies_that_are_no_json_differ_by_line_or_as_a_whole() {
    let text = "content-type: text/plain";
    assert_eq!(compared((text, "a\nb\nc"), (text, "a\nx\nc\nd"), &[]).0, ["line 2 b x", "line 4 - d"]);
    assert_eq!(compared((text, "a"), (text, "a\n"), &[]).0, ["line 2 - "]);
    let (found, _) = compared((JSON, "{\"a\":1"), (JSON, "{\"a\":2"), &[]);
    assert_eq!(found, ["line 1 {\"a\":1 {\"a\":2"], "broken JSON is text");
    let (found, _) = compared(("", "\0\u{1}"), ("", "\0\u{2}"), &[]);
    assert!(found[0].starts_with(" 2 bytes, SHA-256 ") && found.len() == 1, "{found:?}");
    let (found, _) = compared((text, "a"), (text, ""), &[]);
    assert_eq!(found, ["line 1 a "]);
}

#[test]
fn long_bodies_are_compared_as_a_whole() {
    let body = |last: u8| {
        let mut bytes = vec![b'a'; LONGEST + 10];
        bytes.push(last);
        Content::read(&bytes[..]).unwrap()
    };
    let compared = |a: &Content, b: &Content| {
        let answer = |body| Answer { status: Some(200), fields: &[], trailers: &[], body };
        compare(&answer(a), &answer(b), &Rules::default())
    };
    assert!(compared(&body(1), &body(1)).same);
    let found = compared(&body(1), &body(2));
    assert!(!found.same && found.truncated && found.total == 1 && found.differences[0].part == Part::Body);
    assert_eq!(body(1).length, LONGEST as u64 + 11);
    let missing = compared(&Content::missing("it was not kept"), &body(1));
    assert!(missing.same && missing.notes[0].contains("it was not kept"), "{missing:?}");
}

#[test]
fn only_so_many_are_listed_and_all_are_counted() {
    let list = |n: usize| serde_json::to_string(&vec![n; 1_000]).unwrap();
    let found = whole((JSON, &list(1)), (JSON, &list(2)), &[]);
    assert_eq!((found.differences.len(), found.total, found.truncated), (200, 1_000, true));
    let long = |c: char| format!("\"{}\"", c.to_string().repeat(10_000));
    let found = whole((JSON, &long('ä')), (JSON, &long('ö')), &[]);
    assert_eq!(found.differences[0].a.as_ref().unwrap().chars().count(), 501);
}

#[test]
fn what_is_said_in_few_words() {
    let body = Content::default();
    let answer = |status| Answer { status, fields: &[], trailers: &[], body: &body };
    let found = compare(&answer(Some(200)), &answer(Some(500)), &Rules::default());
    assert_eq!(found.differences[0].summary(), "status 200 → 500");
    assert!(compare(&answer(Some(200)), &answer(Some(500)), &Rules::new(NOISE, ["status"]).unwrap()).same);
    let found = whole((JSON, "[1]"), (JSON, "[1,2]"), &[]);
    assert_eq!(found.differences[0].summary(), "$[1] added");
}

#[test]
fn rules_that_mean_nothing_are_refused() {
    for bad in ["", "header:", "header:a b", "cookie:x", "items[*]", "$[", "bodies", "header:x\ny"] {
        let error = Rules::new(NOISE, [bad]).unwrap_err();
        assert!(error.to_string().contains("is no rule"), "{error}");
    }
    assert!(Rules::new(["a b"], [""; 0]).is_err());
    assert!(Rules::new(NOISE, ["$.".to_owned() + &"a".repeat(600)]).is_err());
}

proptest::proptest! {
    #[test]
    fn what_is_equal_is_the_same_and_nothing_panics(a: Vec<u8>, b: Vec<u8>, kind in 0..3usize) {
        let fields = fields(["content-type: application/json", "content-type: text/html", "x: y"][kind]);
        let (one, other) = (Content::whole(a.clone()), Content::whole(b.clone()));
        let answer = |body| Answer { status: Some(200), fields: &fields, trailers: &[], body };
        let rules = Rules::new(NOISE, ["$..a"]).unwrap();
        proptest::prop_assert!(compare(&answer(&one), &answer(&one), &rules).same);
        let _ = compare(&answer(&one), &answer(&other), &rules);
    }
}
