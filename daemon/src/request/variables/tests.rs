use super::*;
use crate::request::{
    draft::{Auth, Body, Draft, Field, KeyPlace, Part},
    settings::Settings,
};
use proptest::prelude::*;

fn scopes(variables: &[(Scope, &str, &str)]) -> Scopes {
    let mut scopes = Scopes::default();
    for (scope, name, value) in variables {
        scopes.set(*scope, *name, *value, name.contains("secret"));
    }
    scopes
}

/// The text, and what is unresolved as `name: reason`.
fn resolved(text: &str, scopes: &Scopes) -> (String, Vec<String>) {
    let mut dynamic = counted();
    let mut resolver = Resolver::new(scopes, &mut dynamic);
    let text = resolver.resolve(text, "url").into_owned();
    let unresolved = resolver.finish().1;
    (text, unresolved.into_iter().map(|found| format!("{}: {:?}", found.name, found.reason)).collect())
}

#[test]
fn the_narrowest_scope_decides() {
    let order = [Scope::Local, Scope::Data, Scope::Environment, Scope::Collection, Scope::Global];
    // Every set of scopes that have a value: that of the first counts.
    for set in 0..32 {
        let having =
            order.into_iter().enumerate().filter(|(number, _)| set & (1 << number) != 0).map(|(_, scope)| scope);
        let names: Vec<_> = having.map(|scope| (scope, format!("{scope:?}"))).collect();
        let mut scopes = Scopes::default();
        // The order in which they are set does not matter.
        names.iter().rev().for_each(|(scope, value)| scopes.set(*scope, "x", value.as_str(), false));
        let found = scopes.find("x").map(|(scope, variable)| (scope, variable.value.clone()));
        assert_eq!(found.as_ref(), names.first(), "{names:?}");
        let expected = names.first().map_or("{{x}}", |(_, name)| name);
        assert_eq!(resolved("{{x}}", &scopes).0, expected, "{names:?}");
    }
}

#[test]
fn texts_are_resolved() {
    let known = scopes(&[
        (Scope::Global, "a", "1"),
        (Scope::Global, "b", "2{{a}}"),
        (Scope::Global, "c", "a"),
        (Scope::Global, "empty", ""),
        (Scope::Global, " spaced ", "s"),
        (Scope::Global, "ä.b-c:d", "u"),
        (Scope::Environment, "x1", "nested"),
        (Scope::Global, "$randomInt", "own"),
        (Scope::Local, "loop", "{{pool}}"),
        (Scope::Local, "pool", "{{loop}}"),
        (Scope::Local, "self", "s{{self}}"),
    ]);
    for (text, expected, unresolved) in [
        ("", "", &[][..]),
        ("{{a}}", "1", &[]),
        ("x{{a}}y{{b}}z", "x1y21z", &[]),
        ("{{ a }}{{a }}", "11", &[]),
        ("{{ spaced }}", "s", &[]),
        ("{{empty}}", "", &[]),
        ("{{ä.b-c:d}}", "u", &[]),
        ("{{x{{a}}}}", "nested", &[]),
        ("{{{{c}}}}", "1", &[]),
        ("{\"k\":{{{a}}}}", "{\"k\":{1}}", &[]),
        ("{{a}", "{{a}", &[]),
        ("{{}}{{  }}", "{{}}{{  }}", &[]),
        ("{ {a} }", "{ {a} }", &[]),
        ("{{a\n}}", "{{a\n}}", &[]),
        ("{{$randomInt}}", "own", &[]),
        ("{{$timestamp}}", "1774785600", &[]),
        ("{{none}}{{a}}", "{{none}}1", &["none: Unknown"]),
        ("{{A}}", "{{A}}", &["A: Unknown"]),
        ("{{ none }}{{none}}", "{{ none }}{{none}}", &["none: Unknown"]),
        ("{{$nothing}}", "{{$nothing}}", &["$nothing: Unknown"]),
        ("{{x{{none}}}}", "{{x{{none}}}}", &["none: Unknown"]),
        ("{{loop}}", "{{loop}}", &["loop: TooDeep"]),
        ("{{self}}", "ssssssssss{{self}}", &["self: TooDeep"]),
    ] {
        let unresolved = unresolved.iter().map(|text| (*text).to_owned()).collect();
        assert_eq!(resolved(text, &known), (expected.to_owned(), unresolved), "{text}");
    }
    let long = format!("{{{{{}}}}}", "n".repeat(MAX_NAME + 1));
    assert_eq!(resolved(&long, &known), (long, vec![]));
}

#[test]
fn values_nest_to_a_depth_and_grow_to_a_length() {
    let mut chain = Scopes::default();
    (1..=10)
        .for_each(|number| chain.set(Scope::Global, format!("v{number}"), format!("{{{{v{}}}}}", number + 1), false));
    chain.set(Scope::Global, "v11", "end", false);
    assert_eq!(resolved("{{v2}}", &chain), ("end".into(), vec![]));
    assert_eq!(resolved("{{v1}}", &chain), ("{{v11}}".into(), vec!["v11: TooDeep".into()]));

    let mut bomb = Scopes::default();
    (0..9).for_each(|number| {
        bomb.set(Scope::Global, format!("v{number}"), format!("{{{{v{}}}}}", number + 1).repeat(99), false)
    });
    bomb.set(Scope::Global, "v9", "x".repeat(99), false);
    let (text, unresolved) = resolved("{{v0}}", &bomb);
    assert!(text.len() <= 2 * MAX_GROWTH, "{} bytes", text.len());
    assert!(unresolved.iter().any(|found| found.ends_with("TooLong")), "{unresolved:?}");
}

#[test]
fn all_texts_of_a_request_are_resolved_and_places_named() {
    let everywhere = |v: &'static str| {
        let field = move |name: &str| vec![Field::new(format!("{name}{v}"), v)];
        let settings = Settings {
            server_name: Some(v.into()),
            resolve: Some(vec![v.into()]),
            key_log: Some(v.into()),
            ..Settings::default()
        };
        let part =
            Part { key: v.into(), value: v.into(), content_type: v.into(), file_name: v.into(), ..Part::default() };
        let file = Part { key: "f".into(), src: Some(vec![v.into()]), ..Part::default() };
        let bodies = [
            Body::Raw { raw: v.into(), language: Default::default() },
            Body::Urlencoded { urlencoded: field("u") },
            Body::Formdata { formdata: vec![part, file] },
            Body::File { src: v.into() },
            Body::Graphql { query: v.into(), variables: v.into(), operation_name: v.into() },
        ];
        let auths = [
            Auth::Basic { username: v.into(), password: v.into() },
            Auth::Bearer { token: v.into() },
            Auth::Apikey { key: v.into(), value: v.into(), place: KeyPlace::Query },
            Auth::Digest { username: v.into(), password: v.into() },
            Auth::None,
        ];
        bodies.into_iter().zip(auths).map(move |(body, auth)| Draft {
            method: v.into(),
            url: v.into(),
            query: Some(field("q")),
            path_variables: field("p"),
            headers: field("h"),
            body,
            auth,
            settings: settings.clone(),
            ..Draft::default()
        })
    };
    for (draft, expected) in everywhere("{{v}}").zip(everywhere("1")) {
        let scopes = scopes(&[(Scope::Data, "v", "1")]);
        let found = resolve_draft(&draft, &scopes, &mut counted());
        assert_eq!(found.draft, expected);
        assert_eq!(found.used, [Used { name: "v".into(), value: "1".into(), scope: Scope::Data, secret: false }]);
        assert!(found.unresolved.is_empty());

        let none = resolve_draft(&draft, &Scopes::default(), &mut counted());
        let places: Vec<_> = none.unresolved.iter().map(|found| found.place.as_str()).collect();
        let first = ["method", "url", "query \"q{{v}}\"", "path variable \"p{{v}}\"", "header \"h{{v}}\""];
        assert_eq!(places[..5], first);
        let body = match &draft.body {
            Body::Urlencoded { .. } => &["form field \"u{{v}}\""][..],
            Body::Formdata { .. } => &["form field \"{{v}}\"", "form field \"f\""],
            _ => &["body"],
        };
        let auth = if draft.auth == Auth::None { &[][..] } else { &["auth"] };
        assert_eq!(places[5..], [body, auth, &["settings"]].concat());
    }
}

#[test]
fn what_is_not_sent_or_no_text_stays() {
    let off = Field { disabled: true, ..Field::new("{{v}}", "{{v}}") };
    let bytes = Field { bytes: Some("e3t2fX0=".into()), ..Field::new("X", "{{v}}") };
    let draft = Draft { headers: vec![off, bytes], ..Draft::default() };
    let scopes = scopes(&[(Scope::Local, "v", "1")]);
    let found = resolve_draft(&draft, &scopes, &mut counted());
    assert_eq!((&found.draft, found.used.len(), found.unresolved.len()), (&draft, 0, 0));
}

#[test]
fn secrets_are_marked_and_dynamic_values_are_all_told() {
    let scopes = scopes(&[(Scope::Environment, "secret", "s"), (Scope::Global, "a", "{{secret}}")]);
    let mut dynamic = counted();
    let mut resolver = Resolver::new(&scopes, &mut dynamic);
    let text = resolver.resolve("{{a}}{{a}}{{$guid}}{{$guid}}", "body").into_owned();
    let used = resolver.finish().0;
    let told: Vec<_> = used.iter().map(|used| (used.name.as_str(), used.scope, used.secret)).collect();
    assert_eq!(
        told,
        [
            ("a", Scope::Global, false),
            ("$guid", Scope::Dynamic, false),
            ("$guid", Scope::Dynamic, false),
            ("secret", Scope::Environment, true),
        ]
    );
    assert_eq!(text, format!("ss{}{}", used[1].value, used[2].value));
    assert_ne!(used[1].value, used[2].value);
}

#[test]
fn a_problem_names_variables_and_places() {
    let unresolved = |name: &str, reason| Unresolved { name: name.into(), place: "url".into(), reason };
    assert_eq!(problem(&[]), None);
    let two = problem(&[unresolved("a", Reason::Unknown), unresolved("b", Reason::Unknown)]).unwrap();
    assert_eq!((two.stage, two.message.as_str()), ("variables", "No value for {{a}} (url), {{b}} (url)."));
    let many: Vec<_> = (0..7).map(|_| unresolved("a", Reason::Unknown)).collect();
    assert!(problem(&many).unwrap().message.ends_with("and 2 more."));
    assert!(problem(&[unresolved("a", Reason::TooDeep)]).unwrap().message.contains("leads back to itself"));
    assert!(problem(&[unresolved("a", Reason::TooLong)]).unwrap().message.contains("16 MiB"));
}

proptest! {
    #[test]
    fn any_text_comes_to_an_end(text in "(\\{\\{|\\}\\}|a|b|[{}]|\\PC){0,24}", a in "(\\{\\{|\\}\\}|[ab]){0,8}", b in "(\\{\\{|\\}\\}|[ab]){0,8}") {
        let known = scopes(&[(Scope::Local, "a", &a), (Scope::Data, "b", &b)]);
        let (resolved, unresolved) = resolved(&text, &known);
        prop_assert_eq!(has_reference(&resolved), !unresolved.is_empty());
        if !has_reference(&text) {
            prop_assert_eq!(resolved, text);
        }
    }
}
