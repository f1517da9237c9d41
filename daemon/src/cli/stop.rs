//! `waylay stop`: ends the daemon in order, and returns when it has ended.

use super::{
    Context, block_on,
    control::Control,
    output::Format,
    report::{Exit, Report},
};
use http::Method;
use serde_json::json;
use std::time::{Duration, Instant};

/// How long the daemon may take: its own grace for open exchanges, and some time to close the store.
const PATIENCE: Duration = Duration::from_secs(15);

pub(super) fn stop(context: &Context) -> Result<Exit, Report> {
    let control = Control::connect(&context.data)?;
    let pid = control.instance.pid;
    block_on(async {
        control.order(Method::POST, "/shutdown").await?;
        let deadline = Instant::now() + PATIENCE;
        while context.data.is_held()? {
            if Instant::now() > deadline {
                return Err(Report::new(
                    Exit::IO,
                    format!("the daemon (process {pid}) was asked to end but still runs"),
                )
                .advise(format!("Wait, or end it with `kill {pid}`.")));
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    })?;
    match context.output.format {
        Format::Text => context.output.text("stopped\n")?,
        _ => context.output.document(&json!({ "stopped": pid }))?,
    }
    Ok(Exit::OK)
}
