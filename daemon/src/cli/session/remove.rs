//! `waylay session rm`.

use super::{IdArgs, find, reader};
use crate::cli::{
    Context,
    exchange::told,
    own::{Hand, ask},
    report::{Exit, Report},
};
use serde_json::json;
use waylay_storage::{Deleted, Deletion};

/// Deletes a session that is over, with its exchanges; for half a minute it can be brought back.
pub(super) fn remove(context: &Context, args: &IdArgs) -> Result<Exit, Report> {
    let session = find(&reader(context)?, &args.id)?.id;
    let hand = Hand::take(context)?;
    let deletion: Deletion = match &hand {
        Hand::Daemon(control) => ask(control, "/deletions", &json!({ "session": session }))?,
        Hand::Own(store, _) => store.delete(Deleted::Session(session))?,
    };
    hand.give_back()?;
    told(context, &deletion)?;
    Ok(Exit::OK)
}
