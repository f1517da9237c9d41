use super::*;
use proptest::prelude::*;

fn json(bytes: &[u8]) -> serde_json::Value {
    serde_json::to_value(decode(bytes).unwrap().nodes).unwrap()
}

fn line(bytes: &[u8]) -> String {
    decode(bytes).unwrap().to_string()
}

#[test]
fn the_examples_of_the_documentation_are_read() {
    assert_eq!(line(&[0x08, 0x96, 0x01]), "1: 150");
    assert_eq!(line(b"\x12\x07testing"), "2: \"testing\"");
    assert_eq!(line(&[0x1a, 0x03, 0x08, 0x96, 0x01]), "3: {1: 150}");
    assert_eq!(line(b"\x22\x05hello\x28\x01\x28\x02\x28\x03"), "4: \"hello\", 5: 1, 5: 2, 5: 3");
    assert_eq!(line(&[0x32, 0x06, 0x03, 0x8e, 0x02, 0x9e, 0xa7, 0x05]), "6: 0x038e029ea705", "packed");
    assert_eq!(line(b"\x43\x08\x01\x44"), "8: {1: 1}", "a group");
    assert_eq!(line(b""), "");
}

#[test]
fn values_have_all_their_readings() {
    let bytes = b"\x08\x03\x11\x00\x00\x00\x00\x00\x00\xf8\x3f\x1d\xcd\xcc\xcc\x3d\x22\x02\xff\xfe\x2a\x00";
    let expected = serde_json::json!([
        { "number": 1, "wire": "varint", "value": { "uint": "3", "sint": "-2" } },
        { "number": 2, "wire": "i64", "value": { "uint": "4609434218613702656", "float": 1.5 } },
        { "number": 3, "wire": "i32", "value": { "uint": "1036831949", "float": 0.1 } },
        { "number": 4, "wire": "len", "value": { "hex": "fffe", "length": 2 } },
        { "number": 5, "wire": "len", "value": { "text": "" } },
    ]);
    assert_eq!(json(bytes), expected);
    let most = json(b"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01");
    assert_eq!(most[0]["value"], serde_json::json!({ "uint": "18446744073709551615", "sint": "-9223372036854775808" }));
    let group = json(b"\x0b\x10\x01\x0c");
    assert_eq!((&group[0]["wire"], &group[0]["value"]["message"][0]["number"]), (&"group".into(), &2.into()));
    let not_a_number = json(&[0x0d, 0, 0, 0xc0, 0x7f]);
    assert_eq!(not_a_number[0]["value"]["float"], serde_json::Value::Null);
    let long = [&[0x0a, 0xe8, 0x07][..], &[0xff; 1000]].concat();
    let value = &json(&long)[0]["value"];
    assert_eq!((value["hex"].as_str().unwrap().len(), &value["length"]), (2 * 256, &1000.into()));
}

#[test]
fn text_and_messages_are_told_apart() {
    let inner = |bytes: &[u8]| line(&[&[0x0a, bytes.len() as u8][..], bytes].concat());
    for (bytes, shown) in [
        (&b"01"[..], r#"1: "01""#),
        (b"A12345678", r#"1: "A12345678""#),
        (b"{\"a\":\n\t1}", r#"1: "{\"a\":\n\t1}""#),
        ("caf\u{e9}".as_bytes(), "1: \"caf\u{e9}\""),
        (b"\n$123e4567-e89b-12d3-a456-426614174000", r#"1: {1: "123e4567-e89b-12d3-a456-426614174000"}"#),
        (b"\n\x04name", r#"1: {1: "name"}"#),
        (b"a\x1b[2J", "1: 0x611b5b324a"),
    ] {
        assert_eq!(inner(bytes), shown);
    }
}

#[test]
fn what_is_no_message_is_none() {
    for bytes in [
        &b"\x08"[..],                                        // no value
        b"\x08\x80\x80\x80\x80\x80\x80\x80\x80\x80\x02",     // 65 bits
        b"\x08\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01", // eleven bytes
        b"\x00\x01",                                         // field 0
        b"\x80\x80\x80\x80\x10\x01",                         // field 2^29
        b"\x0a\x05abc",                                      // too short
        b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",     // longer than memory
        b"\x0d\x01\x02\x03",
        b"\x0b\x08\x01",     // no end of the group
        b"\x0b\x08\x01\x14", // the end of another
        b"\x0c",             // an end without a beginning
        b"\x0e",             // there is no wire type 6
        b"<html></html>",
    ] {
        assert_eq!(decode(bytes), None, "{bytes:?}");
    }
}

#[test]
fn depth_and_number_of_fields_are_bounded() {
    let mut nested = vec![0x08, 0x01];
    for _ in 0..100 {
        nested = encode(&[Node { number: 1, value: Value::Bytes(&nested) }]);
    }
    let mut depth = 0;
    let tree = decode(&nested).unwrap();
    let mut nodes = &tree.nodes;
    while let [Node { value: Value::Message(inner), .. }] = &nodes[..] {
        (depth, nodes) = (depth + 1, inner);
    }
    assert_eq!((depth, matches!(nodes[0].value, Value::Bytes(_))), (DEPTH, true));
    assert_eq!(decode(&[[0x0b; 40], [0x0c; 40]].concat()), None, "groups too deep");

    let many = [0x08, 0x01].repeat(NODES + 1);
    let tree = decode(&many).unwrap();
    assert_eq!((tree.nodes.len(), tree.truncated), (NODES, true));
    assert!(!decode(&many[2..]).unwrap().truncated);
    assert_eq!(decode(&[0x0b, 0x08, 0x01].repeat(30)), None, "groups without an end");
    let wrong = [&[0x0a, 100][..], &[0x08, 0x01].repeat(49), &[0xff, 0xff]].concat().repeat(1900);
    let tree = decode(&wrong).unwrap();
    assert_eq!((tree.nodes.len(), tree.truncated), (1900, false), "what was guessed wrongly does not count");
}

#[test]
fn hostile_megabytes_do_not_take_long() {
    // Each level is a message but for its last byte: every guess fails as late as it can.
    let mut nested = [b"\x0a\xe8\x07".to_vec(), vec![b'l'; 1000]].concat().repeat(1000);
    for _ in 0..DEPTH {
        nested = [encode(&[Node { number: 1, value: Value::Bytes(&nested) }]), vec![0xff]].concat();
    }
    assert_eq!(decode(&nested), None);
    for repeated in [&b"\x08\x01"[..], b"\x0a\x00", b"\x0a\x02\x0a\x00", b"\x0b\x0c", b"\x0b", b"\x80", b"\x0a\x7f"] {
        let bytes = repeated.repeat((1 << 20) / repeated.len());
        decode(&bytes);
    }
}

/// The inverse of [`decode`].
fn encode(nodes: &[Node<'_>]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for Node { number, value } in nodes {
        let mut tag = |wire: u64, bytes: &mut Vec<u8>| put(u64::from(*number) << 3 | wire, bytes);
        match value {
            Value::Varint(n) => {
                tag(0, &mut bytes);
                put(*n, &mut bytes);
            }
            Value::I64(n) => {
                tag(1, &mut bytes);
                bytes.extend(n.to_le_bytes());
            }
            Value::I32(n) => {
                tag(5, &mut bytes);
                bytes.extend(n.to_le_bytes());
            }
            Value::Group(nodes) => {
                tag(3, &mut bytes);
                bytes.extend(encode(nodes));
                tag(4, &mut bytes);
            }
            Value::Text(text) => delimit(&mut tag, text.as_bytes(), &mut bytes),
            Value::Bytes(inner) => delimit(&mut tag, inner, &mut bytes),
            Value::Message(nodes) => delimit(&mut tag, &encode(nodes), &mut bytes),
        }
    }
    bytes
}

fn delimit(tag: &mut impl FnMut(u64, &mut Vec<u8>), inner: &[u8], bytes: &mut Vec<u8>) {
    tag(2, bytes);
    put(inner.len() as u64, bytes);
    bytes.extend_from_slice(inner);
}

fn put(mut n: u64, bytes: &mut Vec<u8>) {
    while n >= 0x80 {
        bytes.push(n as u8 | 0x80);
        n >>= 7;
    }
    bytes.push(n as u8);
}

/// Trees whose guesses have one answer: text and bytes begin as no message does, messages as no text does.
fn nodes() -> impl Strategy<Value = Vec<Node<'static>>> {
    let text = "[a-zé \n]{0,20}".prop_map(|text| Value::Text(format!("l{text}").leak()));
    let bytes = prop::collection::vec(any::<u8>(), 0..20).prop_map(|rest| {
        let bytes = [&[0xff; 11][..], &rest].concat();
        Value::Bytes(bytes.leak())
    });
    let leaf = prop_oneof![
        any::<u64>().prop_map(Value::Varint),
        any::<u64>().prop_map(Value::I64),
        any::<u32>().prop_map(Value::I32),
        text,
        bytes,
        Just(Value::Text("")),
    ];
    let value = leaf.prop_recursive(5, 60, 6, |inner| {
        let mark = Node { number: 1, value: Value::Varint(0) };
        let nodes = (prop::collection::vec(node(inner), 0..6), any::<bool>());
        nodes.prop_map(move |(nodes, group)| match group {
            true => Value::Group(nodes),
            false => Value::Message([vec![mark.clone()], nodes].concat()),
        })
    });
    prop::collection::vec(node(value), 0..8)
}

fn node(value: impl Strategy<Value = Value<'static>>) -> impl Strategy<Value = Node<'static>> {
    (prop_oneof![1..20u32, 1..=HIGHEST as u32], value).prop_map(|(number, value)| Node { number, value })
}

/// Bytes that often are, or nearly are, a message.
fn likely() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        nodes().prop_map(|nodes| encode(&nodes)),
        prop::sample::select(vec![0x08u8, 0x0a, 0x0b, 0x0c, 0x0d, 0x09, 0x12, 0x7f, 0x80, 0xff, 0x01])
            .prop_map(|b| vec![b]),
        prop::collection::vec(any::<u8>(), 0..8),
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn a_tree_comes_back(nodes in nodes()) {
        let bytes = encode(&nodes);
        let tree = decode(&bytes).unwrap();
        prop_assert!(!tree.truncated);
        prop_assert_eq!(tree.nodes, nodes);
    }

    #[test]
    fn any_bytes_are_a_message_or_not(bytes in likely()) {
        if let Some(tree) = decode(&bytes) {
            // Padded varints get shorter, everything else comes back.
            prop_assert!(tree.truncated || encode(&tree.nodes).len() <= bytes.len());
            let again = encode(&tree.nodes);
            prop_assert_eq!(decode(&again).map(|tree| encode(&tree.nodes)), Some(again));
            prop_assert!(serde_json::to_vec(&tree.nodes).is_ok());
            let _ = tree.to_string();
        }
    }
}
