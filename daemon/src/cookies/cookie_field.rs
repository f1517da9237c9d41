//! The field `Cookie`, as a server reads it.

use super::Cookie;

/// Names and values in order. A part without `=` is a value without a name, as browsers send it.
pub fn pairs(field: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    field.split(|byte| *byte == b';').map(<[u8]>::trim_ascii).filter(|pair| !pair.is_empty()).map(|pair| {
        match pair.iter().position(|byte| *byte == b'=') {
            Some(at) => (pair[..at].trim_ascii_end(), pair[at + 1..].trim_ascii_start()),
            None => (&[][..], pair),
        }
    })
}

/// The field of some cookies, byte for byte; `None` without any.
pub(super) fn written<'a>(cookies: impl Iterator<Item = &'a Cookie>) -> Option<Vec<u8>> {
    let mut field = Vec::new();
    for cookie in cookies {
        if !field.is_empty() {
            field.extend_from_slice(b"; ");
        }
        cookie.write(&mut field);
    }
    (!field.is_empty()).then_some(field)
}

/// A field made of what a jar gives and of fields that are written by hand, with the names that both have: those cannot be
/// overridden, as Postman has it; the jar's come first, then what is written besides.
pub fn merged<'a>(jar: &[u8], written: impl IntoIterator<Item = &'a [u8]>) -> (Vec<u8>, Vec<Vec<u8>>) {
    let known: Vec<_> = pairs(jar).map(|(name, _)| name).collect();
    let (mut field, mut both) = (jar.to_vec(), Vec::new());
    for (name, value) in written.into_iter().flat_map(pairs) {
        if known.contains(&name) {
            both.push(name.to_vec());
            continue;
        }
        if !field.is_empty() {
            field.extend_from_slice(b"; ");
        }
        if !name.is_empty() {
            field.extend_from_slice(name);
            field.push(b'=');
        }
        field.extend_from_slice(value);
    }
    (field, both)
}
