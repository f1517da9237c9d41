//! What is percent-encoded where, as Postman has it. `%` never is: what is encoded already stays as it is.

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use std::borrow::Cow;

/// In a path.
pub const PATH: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'<').add(b'>').add(b'?').add(b'`').add(b'{').add(b'}');

/// In a query that was typed: `&` and `=` are then what takes it apart.
pub const QUERY: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'\'').add(b'<').add(b'>');

/// In the value of a parameter.
pub const VALUE: &AsciiSet = &QUERY.add(b'&');

/// In the name of a parameter.
pub const KEY: &AsciiSet = &VALUE.add(b'=');

/// In a user name or password.
pub const USERINFO: &AsciiSet =
    &PATH.add(b'/').add(b':').add(b';').add(b'=').add(b'@').add(b'[').add(b'\\').add(b']').add(b'^').add(b'|');

/// `text` with what is in `set`, and all that is not ASCII, percent-encoded.
pub fn encoded<'a>(text: &'a str, set: &'static AsciiSet) -> Cow<'a, str> {
    utf8_percent_encode(text, set).into()
}
