//! What differs between two documents, by path.

use super::{
    super::{Part, difference::Found},
    Node,
    path::{Step, push},
};
use std::collections::HashMap;

pub(super) fn compare(a: &Node, b: &Node, found: &mut Found) {
    Walk { path: "$".to_owned(), found }.pair(Some(a), Some(b));
}

struct Walk<'a> {
    path: String,
    found: &'a mut Found,
}

impl Walk<'_> {
    fn pair(&mut self, a: Option<&Node>, b: Option<&Node>) {
        match (a, b) {
            (Some(Node::Ignored), _) | (_, Some(Node::Ignored)) | (None, None) => {}
            (Some(Node::Object(a)), Some(Node::Object(b))) => self.objects(a, b),
            (Some(Node::Array(a)), Some(Node::Array(b))) => self.arrays(a, b),
            (Some(a), Some(b)) if a == b => {}
            _ => {
                let full = self.found.is_full();
                // What is not listed need not be written out.
                let shown = |node: Option<&Node>| node.map(|node| if full { String::new() } else { node.to_string() });
                self.found.add(Part::Json, || self.path.clone(), shown(a), shown(b));
            }
        }
    }

    fn objects(&mut self, a: &[(String, Node)], b: &[(String, Node)]) {
        let of_b: HashMap<&str, &Node> = b.iter().map(|(key, value)| (key.as_str(), value)).collect();
        let of_a: HashMap<&str, &Node> = a.iter().map(|(key, value)| (key.as_str(), value)).collect();
        for (key, value) in a {
            self.step(Step::Name(key), Some(value), of_b.get(key.as_str()).copied());
        }
        for (key, value) in b.iter().filter(|(key, _)| !of_a.contains_key(key.as_str())) {
            self.step(Step::Name(key), None, Some(value));
        }
    }

    /// Item by item. Where one is longer, what is the same at both ends is not compared with its neighbours.
    fn arrays(&mut self, a: &[Node], b: &[Node]) {
        let (mut before, mut after) = (0, 0);
        if a.len() != b.len() {
            before = a.iter().zip(b).take_while(|(a, b)| a == b).count();
            let ends = a[before..].iter().rev().zip(b[before..].iter().rev());
            after = ends.take_while(|(a, b)| a == b).count();
        }
        let (middle_a, middle_b) = (&a[before..a.len() - after], &b[before..b.len() - after]);
        for index in 0..middle_a.len().max(middle_b.len()) {
            self.step(Step::Index(before + index), middle_a.get(index), middle_b.get(index));
        }
    }

    fn step(&mut self, step: Step<'_>, a: Option<&Node>, b: Option<&Node>) {
        let length = self.path.len();
        push(&mut self.path, step);
        self.pair(a, b);
        self.path.truncate(length);
    }
}
