//! The tree of the paths of one host.

use super::{
    Seen,
    segment::{Class, class, is_name},
    segments,
};
use std::collections::{BTreeMap, BTreeSet};

/// So many names that are alike are values.
const ALIKE: usize = 8;
/// With so many, what they were answered with is not looked at any more.
const MANY: usize = 64;

/// Paths by their segments; the first node is the host itself.
pub(super) struct Tree<'a> {
    nodes: Vec<Node<'a>>,
}

#[derive(Default)]
struct Node<'a> {
    children: BTreeMap<&'a str, usize>,
    /// Requests whose path ends here.
    ends: Vec<usize>,
}

/// What leads to some nodes.
#[derive(Clone, Default)]
struct Way {
    template: String,
    /// The last segment that is a name.
    name: String,
    variables: Vec<String>,
    depth: usize,
}

/// Told of each template with its requests.
type Found<'f> = dyn FnMut(String, Vec<usize>) + 'f;
type Shape<'s> = dyn FnMut(usize) -> Option<u64> + 's;

impl Default for Tree<'_> {
    fn default() -> Self {
        Self { nodes: vec![Node::default()] }
    }
}

impl<'a> Tree<'a> {
    pub(super) fn add(&mut self, at: usize, path: &'a str) {
        let mut node = 0;
        for segment in segments(path) {
            let next = self.nodes.len();
            let child = *self.nodes[node].children.entry(segment).or_insert(next);
            if child == next {
                self.nodes.push(Node::default());
            }
            node = child;
        }
        self.nodes[node].ends.push(at);
    }

    pub(super) fn endpoints(&self, seen: &[Seen<'_>], shape: &mut Shape<'_>, found: &mut Found<'_>) {
        self.below(vec![0], &Way::default(), seen, shape, found);
    }

    /// Nodes that are one: what ends there, and what is below them.
    fn below(&self, nodes: Vec<usize>, way: &Way, seen: &[Seen<'_>], shape: &mut Shape<'_>, found: &mut Found<'_>) {
        let mut children: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        let mut ends = Vec::new();
        for node in nodes {
            ends.extend_from_slice(&self.nodes[node].ends);
            for (segment, child) in &self.nodes[node].children {
                children.entry(segment).or_default().push(*child);
            }
        }
        if !ends.is_empty() {
            found(way.template.clone(), ends);
        }
        let mut values: BTreeMap<Option<Class>, Vec<usize>> = BTreeMap::new();
        let mut plain: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (segment, nodes) in children {
            match class(segment) {
                Some(class) => values.entry(Some(class)).or_default().extend(nodes),
                None => drop(plain.insert(segment, nodes)),
            }
        }
        if way.depth > 0 {
            let known = values.get(&Some(Class::Id)).map(|nodes| self.alike(nodes, seen));
            for (like, segments) in self.groups(&plain, seen, shape) {
                let nodes = segments.iter().filter_map(|segment| plain.remove(segment)).flatten();
                let class = Some(Class::Id).filter(|_| known.as_ref() == Some(&like));
                values.entry(class).or_default().extend(nodes.collect::<Vec<_>>());
            }
        }
        for (class, nodes) in values {
            self.below(nodes, &way.variable(class), seen, shape, found);
        }
        for (segment, nodes) in plain {
            self.below(nodes, &way.constant(segment), seen, shape, found);
        }
    }

    /// The names among these that are values: what they have in common, and which.
    fn groups<'p>(
        &self,
        plain: &BTreeMap<&'p str, Vec<usize>>,
        seen: &[Seen<'_>],
        shape: &mut Shape<'_>,
    ) -> Vec<(BTreeSet<String>, Vec<&'p str>)> {
        let mut alike: BTreeMap<BTreeSet<String>, Vec<&str>> = BTreeMap::new();
        for (segment, nodes) in plain.iter().filter(|(segment, _)| !is_name(segment)) {
            alike.entry(self.alike(nodes, seen)).or_default().push(segment);
        }
        alike.retain(|_, segments| segments.len() >= ALIKE);
        let mut groups = Vec::new();
        for (like, segments) in alike {
            if segments.len() >= MANY {
                groups.push((like, segments));
                continue;
            }
            let mut shapes: BTreeMap<Option<u64>, Vec<&str>> = BTreeMap::new();
            for segment in segments {
                let ends = plain[segment].iter().flat_map(|node| &self.nodes[*node].ends);
                // The least of all of them: it is the same whatever came first.
                let own = ends.filter_map(|end| shape(*end)).min();
                shapes.entry(own).or_default().push(segment);
            }
            let enough = shapes.into_values().filter(|segments| segments.len() >= ALIKE);
            groups.extend(enough.map(|segments| (like.clone(), segments)));
        }
        groups
    }

    /// What nodes are asked and answer; the names below them where they are not asked themselves.
    fn alike(&self, nodes: &[usize], seen: &[Seen<'_>]) -> BTreeSet<String> {
        let ends = nodes.iter().flat_map(|node| &self.nodes[*node].ends);
        let asked: BTreeSet<String> = ends.map(|end| format!("{} {}", seen[*end].method, seen[*end].media)).collect();
        if !asked.is_empty() {
            return asked;
        }
        let below = nodes.iter().flat_map(|node| self.nodes[*node].children.keys());
        below.map(|segment| if class(segment).is_some() { ":".to_owned() } else { format!("/{segment}") }).collect()
    }
}

impl Way {
    fn constant(&self, segment: &str) -> Self {
        Self {
            template: format!("{}/{segment}", self.template),
            name: segment.to_owned(),
            variables: self.variables.clone(),
            depth: self.depth + 1,
        }
    }

    fn variable(&self, class: Option<Class>) -> Self {
        let name = match class {
            Some(Class::Id) if !self.variables.iter().any(|known| known == "id") => "id".to_owned(),
            Some(Class::Id) => format!("{}Id", singular(&self.name)),
            Some(Class::Date) => "date".to_owned(),
            Some(Class::Email) => "email".to_owned(),
            Some(Class::File) => "file".to_owned(),
            None => "name".to_owned(),
        };
        let mut unique = name.clone();
        for number in 2.. {
            if !self.variables.contains(&unique) {
                break;
            }
            unique = format!("{name}{number}");
        }
        let mut variables = self.variables.clone();
        variables.push(unique.clone());
        Self {
            template: format!("{}/:{unique}", self.template),
            name: self.name.clone(),
            variables,
            depth: self.depth + 1,
        }
    }
}

/// A name for one of them, of letters and digits: `orders` are of an `order`.
fn singular(name: &str) -> String {
    let name: String = name.chars().filter(char::is_ascii_alphanumeric).take(40).collect();
    let lower = name.to_ascii_lowercase();
    let stem = |cut: usize| lower[..lower.len() - cut].to_owned();
    match lower.as_str() {
        "" => "item".to_owned(),
        _ if lower.ends_with("ies") && lower.len() > 4 => stem(3) + "y",
        _ if ["sses", "shes", "ches", "xes"].iter().any(|end| lower.ends_with(end)) => stem(2),
        _ if lower.ends_with('s') && !["ss", "us", "is"].iter().any(|end| lower.ends_with(end)) => stem(1),
        _ => lower,
    }
}
