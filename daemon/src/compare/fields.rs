//! Header fields and trailers. Their order does not count but among those of one name (RFC 9110, 5.3).

use super::{Part, Rules, cookies, difference::Found, rules::name};
use std::collections::BTreeMap;
use waylay_storage::model::Field;

/// The values of each name, in order; what is no text is escaped.
type Values = BTreeMap<String, Vec<String>>;

pub(super) fn compare(part: Part, a: &[Field], b: &[Field], rules: &Rules, found: &mut Found) {
    let (mut a, mut b) = (values(a), values(b));
    let trailer = part == Part::Trailer;
    if !trailer && rules.is_noise("set-cookie") && !rules.ignores_header("set-cookie") {
        let (a, b) = (a.remove("set-cookie"), b.remove("set-cookie"));
        cookies::compare(&a.unwrap_or_default(), &b.unwrap_or_default(), found);
    }
    let mut names: Vec<&String> = a.keys().chain(b.keys().filter(|name| !a.contains_key(*name))).collect();
    names.sort_unstable();
    for name in names {
        let joined = |values: Option<&Vec<String>>| values.map(|values| values.join("\n"));
        let ignored = match trailer {
            true => rules.ignores_trailer(name),
            false => rules.is_noise(name) || rules.ignores_header(name),
        };
        found.pair(part, name, joined(a.get(name)), joined(b.get(name)), ignored);
    }
}

fn values(fields: &[Field]) -> Values {
    let mut values = Values::new();
    for field in fields {
        values.entry(name(field)).or_default().push(text(&field.value));
    }
    values
}

/// Bytes beyond UTF-8 as `\xff`, so that none is taken for another.
fn text(value: &[u8]) -> String {
    let mut text = String::with_capacity(value.len());
    for chunk in value.utf8_chunks() {
        text.push_str(chunk.valid());
        chunk.invalid().iter().for_each(|byte| text.push_str(&format!("\\x{byte:02x}")));
    }
    text
}
