//! What becomes of captured requests, without anything being made.

use super::{
    AuthChoice, EXAMPLES, Folders, Options,
    call::{Call, Calls},
    names::Names,
};
use crate::collection::{
    Variable,
    endpoints::{Endpoint, Seen, infer},
};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Longest path in a name, characters.
pub(crate) const NAME: usize = 200;

/// What becomes of them.
#[derive(Debug)]
pub struct Plan {
    /// The calls it is made of.
    pub calls: Calls,
    /// Their endpoints.
    pub endpoints: Vec<Endpoint>,
    /// The requests, in the order in which the first of each was captured.
    pub requests: Vec<Planned>,
    /// What stands at the top.
    pub tree: Vec<Branch>,
    /// Variables for hosts and secrets.
    pub names: Names,
    /// Calls that became part of another request.
    pub merged: usize,
}

/// A request that will be.
#[derive(Debug)]
pub struct Planned {
    /// Its name.
    pub name: String,
    /// Its endpoint.
    pub endpoint: usize,
    /// Its calls, the first of which it is made from.
    pub calls: Vec<usize>,
    /// Those of them whose answers become examples.
    pub examples: Vec<usize>,
}

/// A folder or a request that will be.
#[derive(Debug)]
pub enum Branch {
    /// A folder: its name, and what is in it.
    Folder(String, Vec<Branch>),
    /// A request, by its place among all.
    Request(usize),
}

/// Makes the plan; `there` are the variables of the collection it is for, `shape` tells what a call was answered with.
pub fn plan(
    calls: Calls,
    options: &Options,
    there: Vec<Variable>,
    shape: &mut dyn FnMut(&Call) -> Option<u64>,
) -> Plan {
    let all = &calls.all;
    let seen: Vec<Seen<'_>> = all
        .iter()
        .map(|call| Seen { host: call.host(), method: &call.method, path: &call.path, media: &call.media })
        .collect();
    let endpoints = infer(&seen, &options.templates, &mut |at| shape(&all[at]));
    let mut requests: Vec<Planned> = Vec::new();
    let mut known: HashMap<(usize, &str, Option<&str>, u64), usize> = HashMap::new();
    for (at, call) in all.iter().enumerate() {
        let endpoint = endpoints.of[at];
        let next = requests.len();
        let place = match options.merge {
            true => *known.entry((endpoint, &call.method, call.operation.as_deref(), call.shape)).or_insert(next),
            false => next,
        };
        if place == next {
            let name = name(&call.method, &endpoints.all[endpoint].template, call.operation.as_deref());
            requests.push(Planned { name, endpoint, calls: Vec::new(), examples: Vec::new() });
        }
        requests[place].calls.push(at);
    }
    if options.examples {
        requests.iter_mut().for_each(|request| request.examples = examples(&request.calls, all));
    }
    let merged = all.len() - requests.len();
    let names = names(all, options, there);
    let tree = tree(&requests, &endpoints.all, all, options.folders);
    Plan { requests, tree, names, merged, endpoints: endpoints.all, calls }
}

/// `GET /users/:id`, `POST /graphql query Users`.
pub fn name(method: &str, template: &str, operation: Option<&str>) -> String {
    let short: String = template.chars().take(NAME).collect();
    let template = if template.is_empty() { "/".to_owned() } else { short };
    match operation {
        Some(operation) => format!("{method} {template} {operation}"),
        None => format!("{method} {template}"),
    }
}

/// Which answers become examples: the first of each kind, then those of other paths.
fn examples(calls: &[usize], all: &[Call]) -> Vec<usize> {
    let answered = || calls.iter().copied().filter(|at| all[*at].status.is_some());
    let mut kinds = BTreeSet::new();
    let mut chosen: Vec<usize> = answered().filter(|at| kinds.insert((all[*at].status, &all[*at].media))).collect();
    let mut paths: BTreeSet<_> = chosen.iter().map(|at| &all[*at].path).collect();
    chosen.truncate(EXAMPLES);
    let more = EXAMPLES - chosen.len();
    let others: Vec<usize> = answered().filter(|at| paths.insert(&all[*at].path)).take(more).collect();
    chosen.extend(others);
    chosen.sort_unstable();
    chosen
}

/// The most common host first.
fn names(all: &[Call], options: &Options, there: Vec<Variable>) -> Names {
    let mut names = Names::beside(there);
    if options.base_url {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        all.iter().for_each(|call| *counts.entry(&call.origin).or_default() += 1);
        let mut origins: Vec<_> = counts.into_iter().collect();
        origins.sort_by_key(|(origin, count)| (std::cmp::Reverse(*count), *origin));
        // A Unix socket is no host that others could stand for.
        let hosts = origins.into_iter().filter(|(origin, _)| !origin.contains("%2F") && !origin.contains("{{"));
        hosts.for_each(|(origin, _)| names.add("baseUrl", origin, false, origin));
    }
    if options.auth == AuthChoice::Variable {
        let secrets: BTreeSet<_> = all.iter().flat_map(|call| &call.secrets).collect();
        secrets.into_iter().for_each(|secret| names.add(secret.name, &secret.value, true, &secret.field));
    }
    names
}

/// Without folders in the order of capture; folders by name, and what is in them by path and method.
fn tree(requests: &[Planned], endpoints: &[Endpoint], all: &[Call], folders: Folders) -> Vec<Branch> {
    if folders == Folders::None {
        return (0..requests.len()).map(Branch::Request).collect();
    }
    let mut hosts: BTreeMap<&str, BTreeMap<&str, Vec<usize>>> = BTreeMap::new();
    for (at, request) in requests.iter().enumerate() {
        let Endpoint { host, template, .. } = &endpoints[request.endpoint];
        let host = if folders == Folders::Endpoint { "" } else { host };
        hosts.entry(host).or_default().entry(template).or_default().push(at);
    }
    let sorted = |mut of: Vec<usize>| {
        of.sort_by_key(|at| (rank(&all[requests[*at].calls[0]].method), requests[*at].name.clone(), *at));
        of.into_iter().map(Branch::Request)
    };
    let mut top = Vec::new();
    for (host, templates) in hosts {
        let inside: Vec<Branch> = match folders {
            Folders::Domain => templates.into_values().flat_map(sorted).collect(),
            _ => templates
                .into_iter()
                .map(|(template, of)| {
                    let name: String = template.chars().take(NAME).collect();
                    Branch::Folder(if name.is_empty() { "/".to_owned() } else { name }, sorted(of).collect())
                })
                .collect(),
        };
        match folders {
            Folders::Endpoint => top.extend(inside),
            _ => top.push(Branch::Folder(host.to_owned(), inside)),
        }
    }
    top
}

fn rank(method: &str) -> usize {
    const ORDER: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];
    ORDER.iter().position(|known| *known == method).unwrap_or(ORDER.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collection::gather::preview::preview;
    use waylay_storage::model::{ExchangeId, SessionId};

    fn calls(all: &[(&str, &str, &str, u16)]) -> Calls {
        let call = |(at, (origin, method, path, status)): (usize, &(&str, &str, &str, u16))| {
            let mut call = Call::new(origin, method, path, *status);
            call.id = ExchangeId { session: SessionId(1), number: at as i64 + 1 };
            call
        };
        Calls { all: all.iter().enumerate().map(call).collect(), ..Calls::default() }
    }

    fn lines(plan: &Plan) -> Vec<String> {
        fn below(plan: &Plan, branches: &[Branch], all: &mut Vec<String>) {
            for branch in branches {
                match branch {
                    Branch::Folder(name, inside) => {
                        all.push(format!("{name}/"));
                        below(plan, inside, all);
                    }
                    Branch::Request(at) => all.push(plan.requests[*at].name.clone()),
                }
            }
        }
        let mut all = Vec::new();
        below(plan, &plan.tree, &mut all);
        all
    }

    fn planned(all: &[(&str, &str, &str, u16)], options: &Options) -> Plan {
        plan(calls(all), options, Vec::new(), &mut |_| None)
    }

    const ALL: [(&str, &str, &str, u16); 5] = [
        ("https://b", "GET", "/x/2", 200),
        ("http://a:81", "POST", "/y", 200),
        ("https://b", "DELETE", "/x/1", 204),
        ("https://b", "GET", "/x/1", 200),
        ("https://b", "GET", "/x/3", 404),
    ];

    #[test]
    fn folders_are_as_chosen() {
        let of = |folders, merge| lines(&planned(&ALL, &Options { folders, merge, ..Options::default() }));
        let [get, post, delete] = ["GET /x/:id", "POST /y", "DELETE /x/:id"];
        assert_eq!(of(Folders::None, false), [get, post, delete, get, get]);
        assert_eq!(of(Folders::None, true), [get, post, delete]);
        assert_eq!(of(Folders::Domain, true), ["a:81/", post, "b/", get, delete]);
        assert_eq!(of(Folders::Endpoint, true), ["/x/:id/", get, delete, "/y/", post]);
        assert_eq!(of(Folders::DomainEndpoint, true), ["a:81/", "/y/", post, "b/", "/x/:id/", get, delete]);
    }

    #[test]
    fn examples_are_of_every_kind_and_bounded() {
        let merged = planned(&ALL, &Options { merge: true, base_url: true, ..Options::default() });
        assert_eq!(
            (merged.requests[0].calls.as_slice(), merged.requests[0].examples.as_slice()),
            (&[0, 3, 4][..], &[0, 3, 4][..])
        );
        assert_eq!(merged.merged, 2);
        let bases: Vec<_> = merged.names.variables.iter().map(|v| (v.key.as_str(), v.value.as_str())).collect();
        assert_eq!(bases, [("baseUrl", "https://b"), ("baseUrl2", "http://a:81")], "the most common first");
        let paths: Vec<String> = (0..40).map(|n| format!("/x/{n}")).collect();
        let mut many: Vec<_> = paths.iter().map(|path| ("https://b", "GET", path.as_str(), 200)).collect();
        many.push(("https://b", "GET", "/x/0", 500));
        let many = planned(&many, &Options { merge: true, ..Options::default() });
        assert_eq!(many.requests[0].examples, [0, 1, 2, 3, 4, 5, 6, 7, 8, 40]);
        let none = planned(&ALL, &Options { examples: false, ..Options::default() });
        assert!(none.requests.iter().all(|request| request.examples.is_empty()));
    }

    #[test]
    fn what_is_shown_is_bounded_and_what_is_told_is_not() {
        let paths: Vec<String> = (0..6000).map(|n| format!("/n{n}x")).collect();
        let all: Vec<_> = paths.iter().map(|path| ("https://b", "GET", path.as_str(), 200)).collect();
        for folders in [Folders::None, Folders::DomainEndpoint] {
            let shown = preview(&planned(&all, &Options { folders, ..Options::default() }));
            assert!(shown.truncated && shown.requests == 6000, "{folders:?}");
            assert_eq!(shown.folders, if folders == Folders::None { 0 } else { 6001 });
        }
        assert!(!preview(&planned(&ALL, &Options::default())).truncated);
    }
}
