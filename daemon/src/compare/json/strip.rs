//! Takes out of a document what does not count.

use super::{
    Node,
    path::{Pattern, Step, push},
};
use std::collections::HashMap;

/// What was taken out, and where it stood.
pub(super) type Taken = HashMap<String, Node>;

/// How many values that were taken out differ.
pub(super) fn differing(a: Taken, b: Taken) -> u64 {
    let only_b = b.keys().filter(|path| !a.contains_key(*path)).count();
    (a.iter().filter(|(path, node)| b.get(*path) != Some(node)).count() + only_b) as u64
}

/// Takes out what the patterns match. Members of objects are gone then; items of arrays leave their place.
pub(super) fn strip(root: &mut Node, patterns: &[Pattern]) -> Taken {
    let mut taken = Taken::new();
    if patterns.iter().any(Pattern::is_root) {
        taken.insert("$".to_owned(), std::mem::replace(root, Node::Ignored));
        return taken;
    }
    let places: Vec<_> = (0..patterns.len()).map(|pattern| (pattern, 0)).collect();
    Stripping { patterns, path: "$".to_owned(), taken: &mut taken }.walk(root, &places);
    taken
}

struct Stripping<'a> {
    patterns: &'a [Pattern],
    path: String,
    taken: &'a mut Taken,
}

impl Stripping<'_> {
    fn walk(&mut self, node: &mut Node, places: &[(usize, usize)]) {
        if places.is_empty() {
            return;
        }
        match node {
            Node::Array(items) => {
                for (index, item) in items.iter_mut().enumerate() {
                    if self.child(Step::Index(index), item, places) {
                        *item = Node::Ignored;
                    }
                }
            }
            Node::Object(entries) => entries.retain_mut(|(key, value)| !self.child(Step::Name(key), value, places)),
            _ => {}
        }
    }

    /// Goes one step down. `true` if the child is taken out.
    fn child(&mut self, step: Step<'_>, child: &mut Node, places: &[(usize, usize)]) -> bool {
        let (mut next, mut places_of_one, mut met) = (Vec::new(), Vec::new(), false);
        for (pattern, place) in places {
            met |= self.patterns[*pattern].step(*place, step, &mut places_of_one);
            next.extend(places_of_one.drain(..).map(|place| (*pattern, place)));
        }
        // Two `..` come to one place by many ways.
        next.sort_unstable();
        next.dedup();
        let length = self.path.len();
        push(&mut self.path, step);
        if met {
            self.taken.insert(self.path.clone(), std::mem::replace(child, Node::Ignored));
        } else {
            self.walk(child, &next);
        }
        self.path.truncate(length);
        met
    }
}
