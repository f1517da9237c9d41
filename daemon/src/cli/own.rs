//! Changing the store: by the daemon where one runs, else by opening the store oneself, under the daemon's own lock.

use super::{
    Context, block_on,
    control::Control,
    report::{Exit, Report},
};
use crate::{content::Searchable, data_dir::Lock};
use std::sync::Arc;
use waylay_storage::{Options, Reader, Store};

/// Who changes the store.
pub(super) enum Hand {
    /// The daemon.
    Daemon(Control),
    /// This process. Nobody else writes to the folder as long as it is held.
    Own(Store, Lock),
}

impl Hand {
    /// Finds the daemon, or opens the store.
    pub(super) fn take(context: &Context) -> Result<Self, Report> {
        if let Some(control) = Control::find(&context.data)? {
            return Ok(Self::Daemon(control));
        }
        // Says that nothing has been captured there rather than to begin a store.
        drop(Reader::open(context.data.path())?);
        Self::own(context)
    }

    /// Finds the daemon, or opens the store, which is begun where there is none.
    pub(super) fn begin(context: &Context) -> Result<Self, Report> {
        if let Some(control) = Control::find(&context.data)? {
            return Ok(Self::Daemon(control));
        }
        context.data.create()?;
        Self::own(context)
    }

    fn own(context: &Context) -> Result<Self, Report> {
        let lock = context.data.lock()?;
        let store = Store::open(Options::new(context.data.path()))?;
        store.keep_index(Arc::new(Searchable))?;
        Ok(Self::Own(store, lock))
    }

    /// Closes the store, if it is open here.
    pub(super) fn give_back(self) -> Result<(), Report> {
        match self {
            Self::Daemon(_) => Ok(()),
            Self::Own(store, _lock) => Ok(store.close()?),
        }
    }
}

/// Asks the user, if there is a terminal on both ends; without one, `--yes` has to say it.
pub(super) fn confirm(question: &str, yes: bool) -> Result<(), Report> {
    use std::io::{self, BufRead, IsTerminal, Write};
    if yes {
        return Ok(());
    }
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Err(Report::new(Exit::USAGE, format!("{question} There is no terminal to ask on"))
            .advise("Add --yes to go ahead."));
    }
    let mut answer = String::new();
    let asked = write!(io::stderr().lock(), "{question} [y/N] ");
    asked.and_then(|()| io::stdin().lock().read_line(&mut answer)).map_err(|e| Report::io("cannot ask", e))?;
    match answer.trim() {
        "y" | "Y" | "yes" => Ok(()),
        _ => Err(Report::new(Exit::USAGE, "nothing was done")),
    }
}

/// Asks the daemon and waits for its answer.
pub(super) fn ask<T: serde::de::DeserializeOwned>(
    control: &Control,
    path: &str,
    body: &serde_json::Value,
) -> Result<T, Report> {
    block_on(async { Ok(control.post(path, body).await?) })
}
