//! Files of cookies.

use waylay::{
    cookies::{Jar, Limits},
    formats::cookies::{cookie_editor, netscape, read, storage_state},
};

/// When they come, microseconds since 1970.
const NOW: i64 = 1_700_000_000_000_000;

/// Any bytes are a file or are refused with a reason; what is read can be put into a jar, and what is written can be read.
pub fn check(input: &[u8]) {
    let cookies = match read(input, NOW) {
        Ok(found) => {
            assert!(found.bad.len() <= found.bad_count);
            found.cookies
        }
        Err(error) => return assert!(!error.to_string().is_empty()),
    };
    let mut jar = Jar::with_limits(Limits::LARGE);
    for cookie in &cookies {
        jar.put(cookie.clone(), NOW);
    }
    assert!(jar.len() <= cookies.len());
    for written in [netscape::write(&cookies), storage_state::write(&cookies), cookie_editor::write(&cookies)] {
        let again = read(&written.bytes, NOW).expect("what was written");
        assert_eq!((again.cookies.len() + written.left_out.len(), again.bad_count), (cookies.len(), 0));
    }
}
