//! A plan for people to look at.

use super::plan::{Branch, Plan, Planned};
use serde::Serialize;
use std::collections::BTreeMap;
use waylay_storage::model::ItemKind;

/// Most folders and requests that are shown.
const SHOWN: usize = 5_000;

/// What would be made.
#[derive(Debug, Serialize)]
pub struct Preview {
    /// Folders and requests.
    pub tree: Vec<Shown>,
    /// There are more of them.
    pub truncated: bool,
    /// How many folders there would be.
    pub folders: usize,
    /// How many requests there would be.
    pub requests: usize,
    /// How many examples.
    pub examples: usize,
    /// What would not be kept.
    pub left_out: LeftOut,
    /// The endpoints: those that hold most requests first.
    pub templates: Vec<Template>,
    /// Variables that would be added; values are not told.
    pub variables: Vec<Variable>,
}

/// A folder or a request.
#[derive(Debug, Serialize)]
pub struct Shown {
    kind: ItemKind,
    name: String,
    method: String,
    /// Exchanges it is made of; of a folder, all that is in it.
    count: usize,
    examples: usize,
    children: Vec<Shown>,
}

/// How many exchanges would not be kept as requests of their own.
#[derive(Debug, Serialize)]
pub struct LeftOut {
    /// Preflights of CORS.
    pub preflights: usize,
    /// Requests that were answered with media.
    pub media: usize,
    /// They became part of another request.
    pub merged: usize,
    /// What is no request that can be sent.
    pub other: usize,
}

/// A path with variables.
#[derive(Debug, Serialize)]
pub struct Template {
    host: String,
    template: String,
    /// Exchanges of it.
    count: usize,
    inferred: bool,
}

/// A variable.
#[derive(Debug, Serialize)]
pub struct Variable {
    key: String,
    #[serde(rename = "where")]
    used: String,
}

/// Shows a plan.
pub fn preview(plan: &Plan) -> Preview {
    let mut left = SHOWN;
    let mut folders = 0;
    let tree = plan.tree.iter().filter_map(|branch| shown(plan, branch, &mut left, &mut folders)).collect();
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    plan.requests.iter().for_each(|request| *counts.entry(request.endpoint).or_default() += request.calls.len());
    let mut templates: Vec<Template> = counts
        .into_iter()
        .map(|(at, count)| {
            let endpoint = &plan.endpoints[at];
            let (host, template) = (endpoint.host.clone(), endpoint.template.clone());
            Template { host, template, count, inferred: endpoint.inferred }
        })
        .collect();
    templates.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| (&a.host, &a.template).cmp(&(&b.host, &b.template))));
    templates.truncate(SHOWN);
    Preview {
        tree,
        truncated: left == 0 && plan.requests.len() + folders > SHOWN,
        folders,
        requests: plan.requests.len(),
        examples: plan.requests.iter().map(|request| request.examples.len()).sum(),
        left_out: LeftOut {
            preflights: plan.calls.preflights,
            media: plan.calls.media,
            merged: plan.merged,
            other: plan.calls.other,
        },
        templates,
        variables: plan
            .names
            .uses
            .iter()
            .map(|(key, used)| Variable { key: key.clone(), used: used.clone() })
            .collect(),
    }
}

fn shown(plan: &Plan, branch: &Branch, left: &mut usize, folders: &mut usize) -> Option<Shown> {
    if let Branch::Folder(..) = branch {
        *folders += 1;
    }
    *left = left.checked_sub(1).or_else(|| {
        // The folders that are not shown are counted all the same.
        if let Branch::Folder(_, inside) = branch {
            *folders += inside.iter().filter(|inner| matches!(inner, Branch::Folder(..))).count();
        }
        None
    })?;
    match branch {
        Branch::Request(at) => {
            let Planned { name, calls, examples, .. } = &plan.requests[*at];
            let method = plan.calls.all[calls[0]].method.clone();
            let (count, examples) = (calls.len(), examples.len());
            Some(Shown { kind: ItemKind::Request, name: name.clone(), method, count, examples, children: Vec::new() })
        }
        Branch::Folder(name, inside) => {
            let (count, examples) = sums(plan, inside);
            let children = inside.iter().filter_map(|inner| shown(plan, inner, left, folders)).collect();
            Some(Shown { kind: ItemKind::Folder, name: name.clone(), method: String::new(), count, examples, children })
        }
    }
}

fn sums(plan: &Plan, inside: &[Branch]) -> (usize, usize) {
    inside.iter().fold((0, 0), |(count, examples), branch| {
        let (more, others) = match branch {
            Branch::Request(at) => (plan.requests[*at].calls.len(), plan.requests[*at].examples.len()),
            Branch::Folder(_, inside) => sums(plan, inside),
        };
        (count + more, examples + others)
    })
}
