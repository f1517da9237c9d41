use crate::{
    Deleted, Store, StoreError,
    fixtures::store,
    model::{ItemKind, NewItem},
};

fn item(kind: ItemKind, name: &str, items: Vec<NewItem>) -> NewItem {
    NewItem {
        kind,
        name: name.into(),
        method: "GET".into(),
        url: format!("http://h/{name}"),
        status: None,
        scripts: name.contains("script"),
        content: format!("{{\"name\":\"{name}\"}}"),
        items,
    }
}

fn folder(name: &str, items: Vec<NewItem>) -> NewItem {
    item(ItemKind::Folder, name, items)
}

fn request(name: &str) -> NewItem {
    item(ItemKind::Request, name, vec![item(ItemKind::Example, &format!("{name}!"), Vec::new())])
}

/// The tree in one line: `F(a(a!) b(b!)) c(c!)`.
fn tree(store: &Store, collection: i64) -> String {
    fn below(rows: &[crate::model::ItemRow], parent: Option<i64>) -> String {
        let inner = rows.iter().filter(|row| row.parent == parent).map(|row| {
            let inner = below(rows, Some(row.id));
            if inner.is_empty() { row.name.clone() } else { format!("{}({inner})", row.name) }
        });
        inner.collect::<Vec<_>>().join(" ")
    }
    below(&store.reader().unwrap().outline(collection).unwrap(), None)
}

fn named(store: &Store, name: &str) -> i64 {
    store.reader().unwrap().search_items(name, 100_000).unwrap().into_iter().find(|row| row.name == name).unwrap().id
}

#[test]
fn what_is_added_stands_where_it_was_put_and_moves() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    let many: Vec<_> = (0..1203).map(|n| item(ItemKind::Request, &format!("r{n}"), Vec::new())).collect();
    let big = store.add_collection("big", "{}", vec![folder("F", many)]).unwrap();
    let expected = (0..1203).map(|n| format!("r{n}")).collect::<Vec<_>>().join(" ");
    assert_eq!(tree(&store, big), format!("F({expected})"), "over several transactions");

    let id =
        store.add_collection("C", "{}", vec![folder("F", vec![request("a"), request("b")]), request("c")]).unwrap();
    assert_eq!(tree(&store, id), "F(a(a!) b(b!)) c(c!)");
    let f = store.reader().unwrap().outline(id).unwrap()[0].id;
    store.add_items(id, None, Some(1), vec![folder("G", vec![]), request("d")]).unwrap();
    store.add_items(id, Some(f), None, vec![request("e")]).unwrap();
    assert_eq!(tree(&store, id), "F(a(a!) b(b!) e(e!)) G d(d!) c(c!)");
    let [a, b, c, g] = ["a", "b", "c", "G"].map(|name| named(&store, name));
    store.move_items(&[c, a], id, Some(f), Some(1)).unwrap();
    assert_eq!(tree(&store, id), "F(b(b!) c(c!) a(a!) e(e!)) G d(d!)");
    store.move_items(&[f], id, Some(g), None).unwrap();
    assert_eq!(tree(&store, id), "G(F(b(b!) c(c!) a(a!) e(e!))) d(d!)");
    let into = |ids: &[i64], parent| store.move_items(ids, id, parent, None).unwrap_err();
    assert!(matches!(into(&[g], Some(f)), StoreError::BadPlace(_)), "into itself");
    assert!(matches!(into(&[f], Some(f)), StoreError::BadPlace(_)));
    assert!(matches!(into(&[a], Some(b)), StoreError::BadPlace(_)), "a request into a request");
    assert!(matches!(into(&[a, 9999], None), StoreError::NoItem(9999)));
    store.move_items(&[f], big, None, Some(0)).unwrap();
    assert_eq!(tree(&store, id), "G d(d!)");
    assert!(tree(&store, big).starts_with("F(b(b!) c(c!) a(a!) e(e!)) F(r0 r1"));
    let reader = store.reader().unwrap();
    let path: Vec<_> = reader.path(named(&store, "e!")).unwrap().into_iter().map(|(row, _)| row.name).collect();
    assert_eq!(path, ["F", "e", "e!"]);
    assert_eq!(reader.contents(big, Some(f)).unwrap().len(), 9);
    let counts = reader.collections().unwrap();
    assert_eq!(
        counts.iter().map(|c| (c.requests, c.folders, c.examples)).collect::<Vec<_>>(),
        [(1207, 2, 4), (1, 1, 1)]
    );
}

#[test]
fn no_tree_is_too_deep() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    let nested = |depth: usize| (0..depth).fold(request("r"), |inner, _| folder("f", vec![inner]));
    let id = store.add_collection("C", "{}", vec![]).unwrap();
    assert!(matches!(store.add_items(id, None, None, vec![nested(33)]), Err(StoreError::BadPlace(_))));
    let top = store.add_items(id, None, None, vec![nested(32)]).unwrap()[0];
    let around = store.add_items(id, None, None, vec![folder("o", vec![])]).unwrap()[0];
    assert!(matches!(store.move_items(&[top], id, Some(around), None), Err(StoreError::BadPlace(_))));
    assert!(matches!(store.add_items(id + 1, None, None, vec![]), Err(StoreError::NoCollection(_))));
    assert!(matches!(store.add_items(id, Some(9999), None, vec![request("x")]), Err(StoreError::NoItem(9999))));
}

#[test]
fn what_is_changed_is_found_by_its_new_name() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    let id = store.add_collection("C", "{}", vec![request("a"), folder("script", vec![])]).unwrap();
    let a = named(&store, "a");
    store.change_item(a, NewItem { name: "Ü-new".into(), content: "{\"x\":1}".into(), ..request("a") }).unwrap();
    assert_eq!(tree(&store, id), "Ü-new(a!) script");
    let reader = store.reader().unwrap();
    let (row, content) = reader.item(a).unwrap().unwrap();
    assert_eq!((row.name.as_str(), content.as_str()), ("Ü-new", "{\"x\":1}"));
    for (text, found) in [("-NEW", 1), ("get http://h/a", 2), ("%", 0), ("'", 0), ("", 3)] {
        assert_eq!(reader.search_items(text, 10).unwrap().len(), found, "{text}");
    }
    assert_eq!(reader.search_items("", 2).unwrap().len(), 2);
    assert!(matches!(store.change_item(a, folder("x", vec![])), Err(StoreError::NoItem(_))), "another kind");
    store.change_collection(id, "D", "{\"name\":\"D\"}").unwrap();
    store.set_live(id, Some("{}".into())).unwrap();
    store.set_grouping(id, "[]".into()).unwrap();
    let row = reader.collection(id).unwrap().unwrap();
    assert_eq!((row.name.as_str(), row.live.as_deref(), row.grouping.as_deref()), ("D", Some("{}"), Some("[]")));
    assert_eq!(reader.collections().unwrap()[0].scripts, 1);
    assert!(matches!(store.change_collection(id + 1, "D", "{}"), Err(StoreError::NoCollection(_))));
}

#[test]
fn what_is_deleted_comes_back_whole_or_is_gone_for_good() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    let id =
        store.add_collection("C", "{}", vec![folder("F", vec![request("a"), request("b")]), request("c")]).unwrap();
    let [f, b, c] = ["F", "b", "c"].map(|name| named(&store, name));
    let first = store.delete(Deleted::Items(vec![b])).unwrap();
    assert_eq!((first.items, tree(&store, id).as_str()), (2, "F(a(a!)) c(c!)"));
    let second = store.delete(Deleted::Items(vec![f, c])).unwrap();
    assert_eq!((second.items, tree(&store, id).as_str()), (5, ""));
    assert_eq!(store.reader().unwrap().search_items("", 10).unwrap().len(), 0);
    store.undelete(second.id).unwrap();
    assert_eq!(tree(&store, id), "F(a(a!)) c(c!)", "what was deleted before stays so");
    store.undelete(first.id).unwrap();
    assert_eq!(tree(&store, id), "F(a(a!) b(b!)) c(c!)");

    let all = store.delete(Deleted::Collection(id)).unwrap();
    assert_eq!((all.collections, tree(&store, id).as_str()), (1, ""));
    assert!(store.reader().unwrap().item(f).unwrap().is_none());
    assert!(matches!(store.delete(Deleted::Collection(id)), Err(StoreError::NoCollection(_))));
    store.undelete(all.id).unwrap();
    assert_eq!(tree(&store, id), "F(a(a!) b(b!)) c(c!)");

    store.delete(Deleted::Items(vec![f])).unwrap();
    store.gc().unwrap();
    let rows = |store: &Store| {
        store.reader().unwrap().db.query_row("SELECT count(*) FROM item", [], |r| r.get::<_, i64>(0)).unwrap()
    };
    assert_eq!((rows(&store), tree(&store, id).as_str()), (2, "c(c!)"));
    store.delete(Deleted::Collection(id)).unwrap();
    store.gc().unwrap();
    assert_eq!(rows(&store), 0);
    assert!(store.add_collection("D", "{}", vec![]).unwrap() > id, "numbers do not come back");
}

#[test]
fn what_was_being_made_when_the_daemon_ended_is_not_there() {
    let dir = tempfile::tempdir().unwrap();
    let first = store(dir.path());
    let id = first.add_collection("C", "{}", vec![request("a")]).unwrap();
    let mark = first.mark().unwrap();
    first.insert(id, None, vec![request("half")], mark).unwrap();
    assert_eq!(tree(&first, id), "a(a!)");
    first.gc().unwrap();
    let half = |store: &Store| {
        let sql = "SELECT count(*) FROM item WHERE deletion < 0";
        store.reader().unwrap().db.query_row(sql, [], |r| r.get::<_, i64>(0)).unwrap()
    };
    assert_eq!(half(&first), 2, "a purge leaves what is being made alone");
    drop(first);
    let again = store(dir.path());
    assert_eq!((half(&again), tree(&again, id).as_str()), (0, "a(a!)"));
}
