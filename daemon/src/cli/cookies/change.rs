//! Cookies made, deleted and brought back; jars.

use super::{ClearArgs, JarCommand, RestoreArgs, RmArgs, SetArgs, list::cookie, which::jar as jar_id};
use crate::{
    cli::{
        Context,
        control::{Control, understood},
        escape::escaped,
        exchange::told,
        output::{Format, notice},
        report::{Exit, Report},
        secret,
    },
    view::jar::JarCookie,
};
use http::Method;
use serde_json::{Value, json};
use waylay_storage::{Deletion, model::JarRow};

pub(super) async fn set(context: &Context, control: &Control, args: &SetArgs) -> Result<Exit, Report> {
    let id = jar_id(control, args.within.jar.as_deref()).await?;
    let field = secret::value(&args.cookie)?;
    let place = if args.from.contains("://") { "url" } else { "domain" };
    let body = json!({ "set_cookie": field, place: args.from });
    let answer: Value = control.post(&format!("/jars/{id}/cookies"), &body).await?;
    one(context, answer, "is kept")
}

pub(super) async fn restore(context: &Context, control: &Control, args: &RestoreArgs) -> Result<Exit, Report> {
    let id = jar_id(control, args.within.jar.as_deref()).await?;
    let path = format!("/jars/{id}/cookies/{}/restore", args.cookie);
    let answer: Value = control.post(&path, &json!({ "history": args.history })).await?;
    one(context, answer, "is back")
}

fn one(context: &Context, answer: Value, what: &str) -> Result<Exit, Report> {
    if context.output.format != Format::Text {
        context.output.document(&answer)?;
        return Ok(Exit::OK);
    }
    let row: JarCookie = understood(&answer)?;
    notice(format_args!("cookie {} {what}: {}", row.id, cookie(&row.cookie)));
    Ok(Exit::OK)
}

pub(super) async fn rm(context: &Context, control: &Control, args: &RmArgs) -> Result<Exit, Report> {
    delete(context, control, json!({ "cookies": args.cookies })).await
}

pub(super) async fn clear(context: &Context, control: &Control, args: &ClearArgs) -> Result<Exit, Report> {
    let id = jar_id(control, args.within.jar.as_deref()).await?;
    let body = match &args.domain {
        Some(domain) => json!({ "jar": id, "domain": domain }),
        None => json!({ "jar": id, "all": true }),
    };
    delete(context, control, body).await
}

async fn delete(context: &Context, control: &Control, body: Value) -> Result<Exit, Report> {
    let deletion: Deletion = control.post("/deletions", &body).await?;
    told(context, &deletion)?;
    Ok(Exit::OK)
}

pub(super) async fn jar(context: &Context, control: &Control, command: &JarCommand) -> Result<Exit, Report> {
    let changed: Value = match command {
        JarCommand::New { name } => control.post("/jars", &json!({ "name": name })).await?,
        JarCommand::Rename { jar, name } => {
            let id = jar_id(control, Some(jar)).await?;
            control.send(Method::PATCH, &format!("/jars/{id}"), Some(&json!({ "name": name }))).await?
        }
        JarCommand::Use { jar } => {
            let id = jar_id(control, Some(jar)).await?;
            control.send(Method::PATCH, &format!("/jars/{id}"), Some(&json!({ "default": true }))).await?
        }
        JarCommand::Rm { jar } => {
            let id = jar_id(control, Some(jar)).await?;
            return delete(context, control, json!({ "jar": id })).await;
        }
    };
    if context.output.format != Format::Text {
        context.output.document(&changed)?;
        return Ok(Exit::OK);
    }
    let jar: JarRow = understood(&changed)?;
    let default = if jar.default { ", the default one" } else { "" };
    notice(format_args!("jar {} is '{}'{default}", jar.id, escaped(&jar.name)));
    Ok(Exit::OK)
}
