//! `waylay collection list` and `search`.

use super::{SearchArgs, reader};
use crate::{
    cli::{
        Context,
        columns::columns,
        escape::escaped,
        report::{Exit, Report},
        units::full_time,
    },
    view::collection::Listed,
};
use jiff::tz::TimeZone;
use serde_json::json;
use waylay_storage::model::ItemRow;

pub(super) fn list(context: &Context) -> Result<Exit, Report> {
    let items: Vec<Listed> = reader(context)?.collections()?.into_iter().map(Listed::from).collect();
    let none = "there are no collections; `waylay collection save FILTER --to NAME` makes one of what was captured";
    let titles = ["ID", "REQUESTS", "FOLDERS", "EXAMPLES", "LIVE", "CHANGED", "NAME"];
    context.output.table(&items, none, (titles, &[1, 2, 3]), cells)
}

fn cells(item: &Listed) -> [String; 7] {
    [
        item.id.to_string(),
        item.requests.to_string(),
        item.folders.to_string(),
        item.examples.to_string(),
        item.live.map(|session| format!("session {session}")).unwrap_or_default(),
        full_time(item.changed_us, &TimeZone::system()),
        escaped(&item.name).into_owned(),
    ]
}

pub(super) fn search(context: &Context, args: &SearchArgs) -> Result<Exit, Report> {
    let reader = reader(context)?;
    let found = reader.search_items(&args.text, args.limit)?;
    let items: Vec<_> = found.iter().map(document).collect();
    context.output.list(&items, "nothing is found", |_| {
        let names = reader.collections()?;
        let name = |id| names.iter().find(|c| c.id == id).map_or_else(String::new, |c| escaped(&c.name).into_owned());
        let row = |item: &ItemRow| {
            let what = escaped(&item.name).into_owned();
            [item.id.to_string(), item.kind.to_string(), name(item.collection), what, escaped(&item.url).into_owned()]
        };
        let rows: Vec<_> = found.iter().map(row).collect();
        Ok(columns(["ID", "KIND", "COLLECTION", "NAME", "URL"], &[0], &rows, context.output.paint))
    })?;
    Ok(if found.is_empty() { Exit::NOT_FOUND } else { Exit::OK })
}

fn document(item: &ItemRow) -> serde_json::Value {
    let ItemRow { id, collection, parent, kind, name, method, url, status, .. } = item;
    json!({ "id": id, "collection": collection, "parent": parent, "kind": kind, "name": name, "method": method, "url": url, "status": status })
}
