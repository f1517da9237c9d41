//! `waylay history rm`, `clear`, `add` and `settings`.

use super::{AddArgs, ClearArgs, RmArgs, SettingsArgs, number, reader};
use crate::{
    cli::{
        Context, block_on,
        control::Control,
        exchange::told,
        output::{Format, notice},
        own::{Hand, ask, confirm},
        report::{Exit, Report},
    },
    engine::history::SAVE_RESPONSES,
    view::history::Entire,
};
use http::Method;
use serde_json::{Value, json};
use waylay_storage::{Deleted, Deletion};

pub(super) fn rm(context: &Context, args: &RmArgs) -> Result<Exit, Report> {
    let reader = reader(context)?;
    let ids = args.ids.iter().map(|id| number(&reader, id)).collect::<Result<Vec<_>, _>>()?;
    // All are there, or none is deleted.
    for id in &ids {
        reader.send(*id)?.ok_or_else(|| super::no_entry(&id.to_string()))?;
    }
    let hand = Hand::take(context)?;
    let deletion: Deletion = match &hand {
        Hand::Daemon(control) => ask(control, "/deletions", &json!({ "sends": ids }))?,
        Hand::Own(store, _) => store.delete(Deleted::Sends(ids))?,
    };
    hand.give_back()?;
    told(context, &deletion)?;
    Ok(Exit::OK)
}

pub(super) fn clear(context: &Context, args: &ClearArgs) -> Result<Exit, Report> {
    confirm("Everything that was sent or added would be deleted.", args.yes)?;
    let hand = Hand::take(context)?;
    let deletion: Deletion = match &hand {
        Hand::Daemon(control) => block_on(async { Ok(control.send(Method::DELETE, "/history", None).await?) })?,
        Hand::Own(store, _) => store.delete(Deleted::AllSends)?,
    };
    hand.give_back()?;
    told(context, &deletion)?;
    Ok(Exit::OK)
}

pub(super) fn add(context: &Context, args: &AddArgs) -> Result<Exit, Report> {
    let control = Control::connect(&context.data)?;
    let body = json!({ "exchange": args.exchange });
    let added: Entire = block_on(async { Ok(control.post("/history", &body).await?) })?;
    match context.output.format {
        Format::Text => notice(format_args!("{} is entry {} of the history", args.exchange, added.entry.id)),
        _ => context.output.document(&added)?,
    }
    Ok(Exit::OK)
}

pub(super) fn settings(context: &Context, args: &SettingsArgs) -> Result<Exit, Report> {
    let saved = match args.save_responses {
        None => reader(context)?.setting(SAVE_RESPONSES)?,
        Some(save) => {
            let hand = Hand::take(context)?;
            match &hand {
                Hand::Daemon(control) => {
                    let body = json!({ "save_responses": save });
                    let _: Value =
                        block_on(async { Ok(control.send(Method::PUT, "/history/settings", Some(&body)).await?) })?;
                }
                Hand::Own(store, _) => store.set_setting(SAVE_RESPONSES, &save.into())?,
            }
            hand.give_back()?;
            Some(save.into())
        }
    };
    let saved = saved.as_ref().and_then(Value::as_bool).unwrap_or(true);
    match context.output.format {
        Format::Text => context.output.text(format_args!("save_responses {saved}\n"))?,
        _ => context.output.document(&json!({ "save_responses": saved }))?,
    }
    Ok(Exit::OK)
}
