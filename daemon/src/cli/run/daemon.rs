//! The daemon for `waylay run`: the one that is up, or a detached one of the same data folder.

use crate::{
    cli::{
        Context,
        control::Control,
        output::notice,
        report::{Exit, Report},
    },
    data_dir::create_private,
    platform,
};
use serde::de::IgnoredAny;
use std::{
    io,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// How long a daemon may take to be ready. A store of many gigabytes may have to be mended first.
const PATIENCE: Duration = Duration::from_secs(20);
/// How often it is looked for meanwhile.
const INTERVAL: Duration = Duration::from_millis(20);
/// Its last lines on standard error that are passed on.
const LAST_LINES: usize = 5;

/// A way to the daemon, which is started if none is up.
pub(in crate::cli) async fn find_or_start(context: &Context) -> Result<Control, Report> {
    if let Some(control) = ready(context).await? {
        return Ok(control);
    }
    context.data.create()?;
    let complaints = context.data.log().join("detached.log");
    let mut child = spawn(context, &complaints)?;
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(control) = ready(context).await? {
            if control.instance.pid == child.id() {
                notice("started the daemon; it stays until `waylay stop`");
            }
            return Ok(control);
        }
        let ended = child.try_wait().map_err(|error| Report::io("the daemon cannot be waited for", error))?;
        match ended {
            // Another run may have been first: its daemon is then the one to wait for.
            Some(status) if platform::exit_code(status) != Exit::IN_USE.0 || !context.data.is_held()? => {
                return Err(not_started(&complaints));
            }
            _ if Instant::now() > deadline => {
                return Err(Report::new(Exit::RUN_FAILED, "the daemon was started but is not ready")
                    .advise("See `waylay status` and the log in the data folder."));
            }
            _ => tokio::time::sleep(INTERVAL).await,
        }
    }
}

/// The daemon that answers now.
async fn ready(context: &Context) -> Result<Option<Control>, Report> {
    let Some(control) = Control::find(&context.data)? else { return Ok(None) };
    let answers = control.get::<IgnoredAny>("/status").await.is_ok();
    Ok(answers.then_some(control))
}

fn spawn(context: &Context, complaints: &Path) -> Result<Child, Report> {
    let failed = |error: io::Error| Report::io("the daemon cannot be started", error);
    context.data.create_folder(&context.data.log())?;
    let errors = create_private(complaints).map_err(failed)?;
    let mut command = Command::new(own_binary().map_err(failed)?);
    command.args(["start", "--detached", "--color", "never"]);
    if context.data.is_chosen() {
        command.arg("--data-dir").arg(context.data.path());
    }
    if let Some(level) = &context.global.log {
        command.arg("--log").arg(level);
    }
    // In a shell of `waylay env` these are our own files, and the daemon would take its own certificates for an origin's.
    for name in ["SSL_CERT_FILE", "SSL_CERT_DIR"] {
        if std::env::var_os(name).is_some_and(|path| Path::new(&path).starts_with(context.data.path())) {
            command.env_remove(name);
        }
    }
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(errors);
    platform::spawn_detached(&mut command).map_err(failed)
}

fn own_binary() -> io::Result<PathBuf> {
    std::env::current_exe()
}

/// What the daemon said before it ended.
fn not_started(complaints: &Path) -> Report {
    let said = std::fs::read_to_string(complaints).unwrap_or_default();
    let lines: Vec<&str> = said.lines().map(|line| line.strip_prefix("waylay: ").unwrap_or(line)).collect();
    let report = Report::new(Exit::RUN_FAILED, "the daemon could not be started");
    match &lines[lines.len().saturating_sub(LAST_LINES)..] {
        [] => report.advise("Type `waylay start` to see why."),
        last => report.because(last.join(" ")),
    }
}
