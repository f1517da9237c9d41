//! What pages ask for by the Hoppscotch Agent's protocol.

use std::{io::Write, sync::Arc};
use waylay::{
    data_dir::create_nameless,
    hoppscotch::{
        call::Call,
        members::{BadJson, put_aside},
        order::order,
    },
};

/// Any bytes are a request or are refused with a reason. JSON loses nothing but its spaces when nothing is put aside, and all that
/// is JSON is taken for it.
pub fn check(input: &[u8]) {
    let scratch = std::env::temp_dir();
    let mut file = create_nameless(&scratch).expect("a file");
    file.write_all(input).expect("room");
    let kept = put_aside(input, 0, |_| false);
    if let Ok(value) = serde_json::from_slice::<serde_json::Value>(input) {
        match &kept {
            Ok(kept) => assert_eq!(serde_json::from_slice::<serde_json::Value>(kept).expect("JSON"), value),
            Err(BadJson::Malformed { what, .. }) => assert!(what.contains("one another"), "{what}"),
            Err(error) => panic!("{error}"),
        }
    }
    match Call::read(&file) {
        Ok(call) => {
            assert!(kept.is_ok());
            if let Ok(mapped) = order(call, &Arc::new(file), &scratch) {
                assert!(mapped.brought.literal && mapped.files.len() <= 1001);
            }
        }
        Err(error) => assert!(!error.0.is_empty() && error.0.len() < 3000),
    }
}
