//! Cookies, domains and jars; one cookie's values; a jar as it was.

use super::{AtArgs, HistoryArgs, InJar, Items, ListArgs, query, which::jar};
use crate::{
    cli::{
        Context,
        control::{Control, understood},
        escape::escaped,
        report::{Exit, Report},
        units::{count, full_time},
    },
    view::jar::{Attributes, JarCookie, PastCookie},
};
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde_json::Value;
use waylay_storage::model::JarRow;

/// What stands for a value that is not shown.
const DOTS: &str = "••••";

#[derive(Deserialize)]
struct Page {
    items: Vec<Value>,
    next: Option<Value>,
}

pub(super) async fn list(context: &Context, control: &Control, args: &ListArgs) -> Result<Exit, Report> {
    let id = jar(control, args.within.jar.as_deref()).await?;
    let mut pairs = vec![("limit", "1000")];
    pairs.extend(args.domain.as_deref().map(|domain| ("domain", domain)));
    pairs.extend(args.find.as_deref().map(|text| ("q", text)));
    pairs.extend(args.reach.then_some(("reach", "true")));
    pairs.extend(args.reveal.then_some(("reveal", "true")));
    let (mut all, mut cursor) = (Vec::new(), None::<String>);
    loop {
        let next = cursor.as_deref().map(|cursor| ("cursor", cursor));
        let path = format!("/jars/{id}/cookies?{}", query(pairs.iter().copied().chain(next)));
        let page: Page = control.get(&path).await?;
        all.extend(page.items);
        let Some(Value::String(next)) = page.next else { break };
        cursor = Some(next);
    }
    show(context, &all, |value| {
        let row: JarCookie = understood(value)?;
        let from = row.exchange.map_or_else(|| row.source.to_string(), |id| format!("{} {id}", row.source));
        Ok(format!("{:>5}  {}  {}", row.id, cookie(&row.cookie), escaped(&from)))
    })
}

/// The lines, each made of one of `items`; or JSON.
fn show(context: &Context, items: &[Value], line: impl Fn(&Value) -> Result<String, Report>) -> Result<Exit, Report> {
    context.output.list(items, "there is nothing to show", |items| {
        items.iter().map(|item| line(item).map(|line| line + "\n")).collect()
    })
}

/// A cookie on one line: name and value, then where it belongs, then what else it says.
pub(super) fn cookie(cookie: &Attributes) -> String {
    let value = cookie.value.as_deref().map_or_else(
        || format!("{DOTS} ({})", count(cookie.value_length as u64, "byte")),
        |value| escaped(value).into_owned(),
    );
    let dot = if cookie.host_only { "" } else { "." };
    let mut text =
        format!("{}={value}  {dot}{}{}", escaped(&cookie.name), escaped(&cookie.domain), escaped(&cookie.path));
    let same_site = cookie.same_site.as_ref().map(|word| format!("SameSite={}", escaped(word)));
    let partition = cookie.partition.as_ref().map(|site| format!("Partitioned by {}", escaped(site)));
    let end = cookie.expires_us.map(|at| format!("to {}", full_time(at, &TimeZone::system())));
    let flags = [(cookie.secure, "Secure"), (cookie.http_only, "HttpOnly"), (cookie.guessed, "guessed")];
    let flags = flags.into_iter().filter(|(set, _)| *set).map(|(_, word)| word.to_owned());
    for word in flags.chain(same_site).chain(partition).chain(end) {
        text = format!("{text}; {word}");
    }
    text
}

pub(super) async fn domains(context: &Context, control: &Control, within: &InJar) -> Result<Exit, Report> {
    #[derive(Deserialize)]
    struct Domain {
        domain: String,
        cookies: i64,
        synced: bool,
    }
    let id = jar(control, within.jar.as_deref()).await?;
    let found: Items = control.get(&format!("/jars/{id}/domains")).await?;
    show(context, &found.items, |value| {
        let Domain { domain, cookies, synced } = understood(value)?;
        let synced = if synced { "  in sync" } else { "" };
        Ok(format!("{:<40} {}{synced}", escaped(&domain), count(cookies, "cookie")))
    })
}

pub(super) async fn jars(context: &Context, control: &Control) -> Result<Exit, Report> {
    let found: Items = control.get("/jars").await?;
    show(context, &found.items, |value| {
        let JarRow { id, name, default, cookies, domains } = understood(value)?;
        let default = if default { "  default" } else { "" };
        let domains = count(domains, "domain");
        Ok(format!("{id:>3}  {:<24} {} of {domains}{default}", escaped(&name), count(cookies, "cookie")))
    })
}

pub(super) async fn history(context: &Context, control: &Control, args: &HistoryArgs) -> Result<Exit, Report> {
    let id = jar(control, args.within.jar.as_deref()).await?;
    let limit = args.limit.clamp(1, 500).to_string();
    let path = format!("/jars/{id}/cookies/{}/history?limit={limit}&reveal={}", args.cookie, args.reveal);
    let found: Page = control.get(&path).await?;
    show(context, &found.items, past)
}

fn past(value: &Value) -> Result<String, Report> {
    let past: PastCookie = understood(value)?;
    let at = full_time(past.at_us, &TimeZone::system());
    let by = past.exchange.map(|id| format!("  by {}", escaped(&id))).unwrap_or_default();
    let cookie = if past.what.takes_away() { escaped(&past.cookie.name).into_owned() } else { cookie(&past.cookie) };
    Ok(format!("{:>5}  {at}  {:<9} {cookie}{by}", past.id, past.what))
}

pub(super) async fn at(context: &Context, control: &Control, args: &AtArgs) -> Result<Exit, Report> {
    let id = jar(control, args.within.jar.as_deref()).await?;
    let reveal = args.reveal.to_string();
    let pairs = query([("exchange", args.exchange.as_str()), ("reveal", reveal.as_str())]);
    let found: Items = control.get(&format!("/jars/{id}/at?{pairs}")).await?;
    show(context, &found.items, past)
}
