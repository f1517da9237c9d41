use super::*;
use proptest::prelude::*;

fn seen(path: &str) -> Seen<'_> {
    Seen { host: "h", method: "GET", path, media: "application/json" }
}

fn templates_of(seen: &[Seen<'_>], said: &[Template]) -> Vec<String> {
    infer(seen, said, &mut |_| Some(1)).all.into_iter().map(|endpoint| endpoint.template).collect()
}

fn templates(paths: &[&str]) -> Vec<String> {
    templates_of(&paths.iter().map(|path| seen(path)).collect::<Vec<_>>(), &[])
}

#[test]
fn paths_become_templates() {
    let cases: &[(&[&str], &[&str])] = &[
        (&["/users/7", "/users/8", "/users"], &["/users", "/users/:id"]),
        (&["/users/7"], &["/users/:id"]),
        (&["/users/7/orders/9", "/users/7/orders"], &["/users/:id/orders", "/users/:id/orders/:orderId"]),
        (&["/users/me", "/users/search", "/users/7"], &["/users/:id", "/users/me", "/users/search"]),
        (&["/7/8/9"], &["/:id/:itemId/:itemId2"]),
        (&["/a/7/", "/a/7"], &["/a/:id", "/a/:id/"]),
        (&["/", "", "//"], &["/", "//"]),
        (&["/v1/x", "/v2/x", "/en/x", "/de/x"], &["/de/x", "/en/x", "/v1/x", "/v2/x"]),
        (&["/a/x%2Fy", "/a/x;v=1"], &["/a/x%2Fy", "/a/x;v=1"]),
        (&["/d/2024-05-31", "/d/7", "/d/a@b.example"], &["/d/:date", "/d/:email", "/d/:id"]),
        (&["/companies/7/boxes/8/categories/9"], &["/companies/:id/boxes/:boxId/categories/:categoryId"]),
        (&["/s/main.3f9a8c1b.js", "/s/app.js"], &["/s/:file", "/s/app.js"]),
        (
            &["/t/a", "/t/b", "/t/c", "/t/d", "/t/e", "/t/f", "/t/g"],
            &["/t/a", "/t/b", "/t/c", "/t/d", "/t/e", "/t/f", "/t/g"],
        ),
        (&["/t/a", "/t/b", "/t/c", "/t/d", "/t/e", "/t/f", "/t/g", "/t/h", "/t/me"], &["/t/:name", "/t/me"]),
        (
            &["/t/a/x", "/t/b/x", "/t/c/x", "/t/d/x", "/t/e/x", "/t/f/x", "/t/g/x", "/t/h/x", "/t/i/y"],
            &["/t/:name/x", "/t/i/y"],
        ),
        (&["/t/a", "/t/b", "/t/c", "/t/d", "/t/e", "/t/f", "/t/g", "/t/h", "/t/7"], &["/t/:id"]),
        (
            &["/a", "/b", "/c", "/d", "/e", "/f", "/g", "/h", "/i"],
            &["/a", "/b", "/c", "/d", "/e", "/f", "/g", "/h", "/i"],
        ),
    ];
    for (paths, expected) in cases {
        assert_eq!(templates(paths), *expected, "{paths:?}");
    }
}

#[test]
fn names_are_values_only_if_they_are_asked_and_answer_alike() {
    let names = ["a", "b", "c", "d", "e", "f", "g", "h"].map(|name| format!("/t/{name}"));
    let mut all: Vec<Seen<'_>> = names.iter().map(|path| seen(path)).collect();
    assert_eq!(templates_of(&all, &[]), ["/t/:name"]);
    let differing = infer(&all, &[], &mut |at| Some(at as u64 % 2));
    assert_eq!(differing.all.len(), 8, "four are made alike each");
    all[0].method = "POST";
    assert_eq!(templates_of(&all, &[]).len(), 8);
    all[0] = Seen { media: "text/html", ..seen("/t/a") };
    assert_eq!(templates_of(&all, &[]).len(), 8);
}

#[test]
fn hosts_are_apart() {
    let all = [seen("/a/7"), Seen { host: "other", ..seen("/a/8") }];
    let found = infer(&all, &[], &mut |_| None);
    assert_eq!(found.all.iter().map(|e| e.host.as_str()).collect::<Vec<_>>(), ["h", "other"]);
    assert_eq!(found.of, [0, 1]);
}

#[test]
fn what_the_user_says_wins() {
    let template = |host: &str, template: &str, exceptions: &[&str]| Template {
        host: host.into(),
        template: template.into(),
        exceptions: exceptions.iter().map(|&e| e.into()).collect(),
    };
    let all = [seen("/p/alice"), seen("/p/bob"), seen("/p/admin"), seen("/p/7/x"), seen("/p/")];
    let said = [template("", "/p/:person", &["admin"])];
    assert_eq!(templates_of(&all, &said), ["/p/", "/p/:id/x", "/p/:person", "/p/admin"]);
    let found = infer(&all, &said, &mut |_| None);
    let by_user: Vec<_> = found.all.iter().filter(|e| !e.inferred).map(|e| e.template.as_str()).collect();
    assert_eq!(by_user, ["/p/:person"]);
    assert_eq!(templates_of(&all, &[template("other", "/p/:person", &[])]).len(), 5);
    let both = [template("", "/p/:person", &[]), template("", "/p/bob", &[])];
    assert_eq!(templates_of(&all[..2], &both), ["/p/:person", "/p/bob"], "fewer variables first");
}

#[test]
fn long_paths_are_bounded() {
    let long = format!("/{}", "a/".repeat(5000));
    let found = templates(&[&long]);
    assert!(found[0].len() <= PATH, "{}", found[0].len());
    let wide = format!("/{}", "é".repeat(5000));
    assert!(templates(&[&wide])[0].len() <= PATH);
}

fn path() -> impl Strategy<Value = String> {
    let segment = prop_oneof![
        "[a-d]{1}",
        "[0-9]{1,3}",
        Just("users".to_owned()),
        Just("me".to_owned()),
        Just(String::new()),
        "[a-f0-9]{8}",
        Just("2024-01-02".to_owned()),
    ];
    prop::collection::vec(segment, 0..4).prop_map(|segments| format!("/{}", segments.join("/")))
}

proptest! {
    #[test]
    fn the_order_does_not_matter(paths in prop::collection::vec((path(), 0..3_usize), 0..60), seed in any::<u64>()) {
        let methods = ["GET", "POST", "PUT"];
        let of = |(path, method): &(String, usize)| (path.clone(), methods[*method]);
        let all: Vec<(String, &str)> = paths.iter().map(of).collect();
        let mut shuffled = all.clone();
        // Enough of a shuffle: by a hash of each with the seed.
        shuffled.sort_by_key(|(path, method)| {
            use std::hash::{DefaultHasher, Hash, Hasher};
            let mut hasher = DefaultHasher::new();
            (seed, path, method).hash(&mut hasher);
            hasher.finish()
        });
        let grouped = |all: &[(String, &'static str)]| {
            let seen: Vec<Seen<'_>> = all.iter().map(|(path, method)| Seen { method, ..seen(path) }).collect();
            let shapes: Vec<u64> = all.iter().map(|(path, _)| path.len() as u64 % 2).collect();
            let found = infer(&seen, &[], &mut |at| Some(shapes[at]));
            let mut pairs: Vec<_> = seen.iter().zip(&found.of)
                .map(|(seen, at)| (seen.path.to_owned(), seen.method.to_owned(), found.all[*at].clone())).collect();
            pairs.sort();
            pairs
        };
        let (one, other) = (grouped(&all), grouped(&shuffled));
        prop_assert_eq!(&one, &other);
        // Every request fits the template it is given.
        for (path, _, endpoint) in one {
            let said = Template { host: String::new(), template: endpoint.template, exceptions: Vec::new() };
            prop_assert!(Compiled::all(std::slice::from_ref(&said))[0].fits("h", &path), "{} {}", path, said.template);
        }
    }
}
