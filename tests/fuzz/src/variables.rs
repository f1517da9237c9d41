//! Variables in texts.

use waylay::request::variables::{Dynamic, Random, Resolver, Scope, Scopes, has_reference};

/// Any text with any values comes to an end, within bounds: what still looks like a variable then is told of, and a text
/// without any is left alone. The input is the text, then names and values in turns, each behind a zero.
pub fn check(input: &[u8]) {
    let Ok(input) = std::str::from_utf8(input) else { return };
    let mut parts = input.split('\0');
    let text = parts.next().unwrap_or_default();
    let mut scopes = Scopes::default();
    while let (Some(name), Some(value)) = (parts.next(), parts.next()) {
        scopes.set(Scope::Local, name, value, false);
    }
    let now = "2026-03-29T12:00:00+02:00[+02:00]".parse().expect("a moment");
    let mut dynamic = Dynamic::new(now, Steps(0));
    let mut resolver = Resolver::new(&scopes, &mut dynamic);
    let resolved = resolver.resolve(text, "body").into_owned();
    let (used, unresolved) = resolver.finish();
    assert_eq!(has_reference(&resolved), !unresolved.is_empty(), "{text:?} became {resolved:?}");
    if has_reference(text) {
        assert!(!used.is_empty() || resolved == text, "{text:?} became {resolved:?} by nothing");
    } else {
        assert!(used.is_empty() && resolved == text, "{text:?} became {resolved:?}");
    }
}

struct Steps(u64);

impl Random for Steps {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.0
    }
}
