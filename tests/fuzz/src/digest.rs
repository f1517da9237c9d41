//! Digest challenges.

use waylay::request::auth::digest::{Asking, MAX_CHALLENGE, challenge, next_nonce};

/// Any fields, one in each line, are a challenge or none. An answer fits in a field and names the nonce it answers.
pub fn check(input: &[u8]) {
    let _ = next_nonce(input);
    let Some(asked) = challenge(input.split(|b| *b == b'\n')) else { return };
    let answer = asked.answer(&Asking {
        username: "M\u{fc}fasa \"\\",
        password: "Circle of Life",
        method: "GET",
        uri: "/dir/index.html",
        body: None,
        cnonce: "f2wE4q74E6zIJEtW",
        count: 1,
    });
    assert!(!answer.contains(|c: char| c.is_control()), "{answer:?} cannot be sent");
    if answer.len() <= MAX_CHALLENGE {
        let again = challenge([answer.as_bytes()]).expect("an answer is written like a challenge");
        let nonce: String = asked.nonce.chars().filter(|c| !c.is_control()).collect();
        assert_eq!((again.nonce, again.algorithm), (nonce, asked.algorithm), "{answer:?}");
    }
}
