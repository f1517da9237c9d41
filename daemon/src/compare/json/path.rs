//! Paths into JSON: those of differences, and patterns of them. A pattern is a JSONPath (RFC 9535) of names, indices, `*` and `..`.

use std::fmt::Write as _;

/// Which values are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct Pattern(Vec<Segment>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Segment {
    /// Digits are an index as well: `$.a.0` is what some write.
    Name(String),
    Index(usize),
    /// Any child.
    Any,
    /// Any number of steps down.
    Deep,
}

/// A step down.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step<'a> {
    Name(&'a str),
    Index(usize),
}

impl Pattern {
    /// # Errors
    /// Why it is no pattern, as a clause.
    pub(in super::super) fn parse(text: &str) -> Result<Self, String> {
        let mut rest = text.strip_prefix('$').ok_or("a JSON path begins with $")?;
        let mut segments = Vec::new();
        while !rest.is_empty() {
            if let Some(after) = rest.strip_prefix("..") {
                segments.push(Segment::Deep);
                rest = after;
                if rest.is_empty() {
                    return Err("after .. a name or [ is expected".to_owned());
                }
                if !rest.starts_with('[') {
                    rest = name(rest, &mut segments)?;
                }
            } else if let Some(after) = rest.strip_prefix('.') {
                rest = name(after, &mut segments)?;
            } else if let Some(after) = rest.strip_prefix('[') {
                rest = bracket(after, &mut segments)?;
            } else {
                return Err(format!("at '{}', a . or [ is expected", rest.chars().take(20).collect::<String>()));
            }
        }
        Ok(Self(segments))
    }

    /// Whether everything is meant.
    pub(super) fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// From a place in the pattern one step down: the places it can then be in. `true` if the value there is meant.
    pub(super) fn step(&self, place: usize, step: Step<'_>, next: &mut Vec<usize>) -> bool {
        let Some(segment) = self.0.get(place) else { return false };
        let matches = match (segment, step) {
            (Segment::Deep, _) => {
                // It may take this step as well, or be over.
                next.push(place);
                return self.step(place + 1, step, next);
            }
            (Segment::Any, _) => true,
            (Segment::Name(name), Step::Name(key)) => name == key,
            (Segment::Name(name), Step::Index(index)) => name.parse() == Ok(index),
            (Segment::Index(wanted), Step::Index(index)) => *wanted == index,
            (Segment::Index(_), Step::Name(_)) => false,
        };
        if matches {
            next.push(place + 1);
        }
        matches && place + 1 == self.0.len()
    }
}

fn name<'a>(rest: &'a str, segments: &mut Vec<Segment>) -> Result<&'a str, String> {
    let end = rest.find(['.', '[']).unwrap_or(rest.len());
    match &rest[..end] {
        "" => return Err("a name is missing".to_owned()),
        "*" => segments.push(Segment::Any),
        name => segments.push(Segment::Name(name.to_owned())),
    }
    Ok(&rest[end..])
}

fn bracket<'a>(rest: &'a str, segments: &mut Vec<Segment>) -> Result<&'a str, String> {
    if let Some(quote) = rest.chars().next().filter(|c| matches!(c, '\'' | '"')) {
        let (mut name, mut chars) = (String::new(), rest.char_indices().skip(1));
        while let Some((at, c)) = chars.next() {
            match c {
                '\\' => name.push(chars.next().ok_or("a quoted name does not end")?.1),
                _ if c == quote => {
                    segments.push(Segment::Name(name));
                    return rest[at + 1..]
                        .strip_prefix(']')
                        .ok_or_else(|| "after a quoted name ] is expected".to_owned());
                }
                _ => name.push(c),
            }
        }
        return Err("a quoted name does not end".to_owned());
    }
    let (inside, after) = rest.split_once(']').ok_or("a ] is missing")?;
    match inside.trim() {
        "*" => segments.push(Segment::Any),
        index => segments.push(Segment::Index(index.parse().map_err(|_| {
            let shown: String = index.chars().take(20).collect();
            format!("[{shown}] is neither an index nor [*] nor ['name']")
        })?)),
    }
    Ok(after)
}

/// Adds a step to a path.
pub(super) fn push(path: &mut String, step: Step<'_>) {
    // Writing to a string cannot fail.
    let _ = match step {
        Step::Index(index) => write!(path, "[{index}]"),
        Step::Name(name) if is_plain(name) => write!(path, ".{name}"),
        Step::Name(name) => write!(path, "['{}']", name.replace('\\', "\\\\").replace('\'', "\\'")),
    };
}

/// Whether a name can stand behind a dot.
fn is_plain(name: &str) -> bool {
    let letter = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    !name.is_empty() && name.chars().all(letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, steps: &[Step<'_>]) -> bool {
        let pattern = Pattern::parse(pattern).unwrap();
        let (mut places, mut met) = (vec![0], pattern.is_root());
        for step in steps {
            let mut next = Vec::new();
            met = false;
            for place in &places {
                met |= pattern.step(*place, *step, &mut next);
            }
            places = next;
        }
        met
    }

    #[test]
    fn patterns_match_what_they_say() {
        use Step::{Index, Name};
        let price = [Name("items"), Index(3), Name("price")];
        for (pattern, expected) in [
            ("$.items[3].price", true),
            ("$.items[*].price", true),
            ("$.items.*.price", true),
            ("$['items'][3]['price']", true),
            ("$[\"items\"].3.price", true),
            ("$..price", true),
            ("$.items..price", true),
            ("$..[3].price", true),
            ("$..*", true),
            ("$.items[2].price", false),
            ("$.items[3]", false),
            ("$.price", false),
            ("$..items", false),
            ("$.*.price", false),
            ("$.items.price", false),
        ] {
            assert_eq!(matches(pattern, &price), expected, "{pattern}");
        }
        assert!(matches("$", &[]));
        assert!(matches("$..a..b", &[Name("a"), Name("x"), Name("a"), Name("b")]));
        for bad in ["", "items", "$items", "$.", "$..", "$[", "$[a]", "$['a", "$['a'", "$.a..", "$[-1]", "$.a[?(@.b)]"]
        {
            assert!(Pattern::parse(bad).is_err(), "{bad}");
        }
    }

    proptest::proptest! {
        #[test]
        fn the_path_of_a_difference_is_a_pattern_that_matches_it(names in proptest::collection::vec("\\PC{0,8}", 1..5), index: usize) {
            let mut path = "$".to_owned();
            let steps: Vec<_> = names.iter().map(|name| Step::Name(name)).chain([Step::Index(index)]).collect();
            steps.iter().for_each(|step| push(&mut path, *step));
            proptest::prop_assert!(matches(&path, &steps), "{}", path);
        }

        #[test]
        fn any_text_is_a_pattern_or_not(text in "\\$[.\\[\\]*'\"a0\\\\]{0,12}") {
            let _ = Pattern::parse(&text);
        }
    }
}
