//! Domains whose cookies are taken over from what passes through the proxy.

use super::{SyncCommand, which::jar};
use crate::cli::{
    Context,
    control::{Control, understood},
    escape::escaped,
    output::{Format, notice},
    report::{Exit, Report},
    units::{count, full_time},
};
use http::Method;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde_json::{Value, json};
use std::fmt::Write;

#[derive(Deserialize)]
struct State {
    on: bool,
    jar: i64,
    domains: Vec<Domain>,
    dropped: u64,
}

#[derive(Deserialize)]
struct Domain {
    id: i64,
    domain: String,
    last_us: Option<i64>,
    cookies: i64,
}

pub(super) async fn sync(context: &Context, control: &Control, command: &SyncCommand) -> Result<Exit, Report> {
    match command {
        SyncCommand::Add { domain, take_over } => {
            let body = json!({ "domain": domain, "take_over": take_over });
            let answer: Value = control.post("/cookie-sync/domains", &body).await?;
            if context.output.format != Format::Text {
                context.output.document(&answer)?;
                return Ok(Exit::OK);
            }
            let Domain { domain, cookies, .. } = understood(&answer)?;
            let came = if *take_over { format!("; {} came", count(cookies, "cookie")) } else { String::new() };
            notice(format_args!("cookies of {} are taken over from now on{came}", escaped(&domain)));
            let state: State = control.get("/cookie-sync").await?;
            if !state.on {
                notice("but sync is stopped: `waylay cookies sync start` begins it");
            }
            Ok(Exit::OK)
        }
        SyncCommand::Rm { domain } => {
            let state: State = control.get("/cookie-sync").await?;
            let found = state.domains.iter().find(|known| known.domain == *domain || known.id.to_string() == *domain);
            let Some(found) = found else {
                let what = format!("there is no domain '{domain}' whose cookies are taken over");
                return Err(Report::new(Exit::NOT_FOUND, what).advise("`waylay cookies sync list` shows them."));
            };
            control.order(Method::DELETE, &format!("/cookie-sync/domains/{}", found.id)).await?;
            notice(format_args!("cookies of {} are left alone from now on", escaped(&found.domain)));
            Ok(Exit::OK)
        }
        SyncCommand::List => list(context, control.get("/cookie-sync").await?),
        SyncCommand::Start(within) => {
            let id = match &within.jar {
                Some(name) => Some(jar(control, Some(name)).await?),
                None => None,
            };
            let state = control.send(Method::PUT, "/cookie-sync", Some(&json!({ "on": true, "jar": id }))).await?;
            list(context, state)
        }
        SyncCommand::Stop => {
            let state = control.send(Method::PUT, "/cookie-sync", Some(&json!({ "on": false }))).await?;
            list(context, state)
        }
    }
}

fn list(context: &Context, answer: Value) -> Result<Exit, Report> {
    let output = &context.output;
    if output.format != Format::Text {
        output.document(&answer)?;
        return Ok(Exit::OK);
    }
    let State { on, jar, domains, dropped } = understood(&answer)?;
    let mut text = String::new();
    for domain in &domains {
        let last = domain.last_us.map_or_else(|| "-".to_owned(), |at| full_time(at, &TimeZone::system()));
        let came = count(domain.cookies, "cookie");
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{:>3}  {:<40} {last}  {came}", domain.id, escaped(&domain.domain));
    }
    output.text(text)?;
    match (on, domains.is_empty()) {
        (true, true) => notice("no cookies are taken over: `waylay cookies sync add DOMAIN` names whose"),
        (true, false) => notice(format_args!("cookies go into jar {jar}")),
        (false, _) => notice("sync is stopped: `waylay cookies sync start` begins it"),
    }
    if dropped > 0 {
        notice(format_args!("{} came too fast and were not looked at", count(dropped, "answer")));
    }
    Ok(Exit::OK)
}
