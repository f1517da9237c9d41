//! `waylay start`: the daemon, in the foreground or detached by `waylay run`.
//!
//! - `plan`: what it runs with
//! - `told`: what is told once it runs

mod plan;
mod told;

pub(super) use told::places;

use super::{
    Context,
    output::notice,
    pages::VERSION,
    problem::{address_taken, port_taken},
    report::{Exit, Report},
    session::rules::RuleArgs,
    settings,
};
use crate::{
    api::{Api, Token},
    config::{Config, HostPattern, Value, key, value},
    data_dir::Instance,
    engine::{Engine, Settings, StartError, listen},
    logging, platform,
};
use clap::Args;
use plan::Plan;
use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};
use tokio::net::TcpListener;
use told::{Lan, announce};

/// How long exchanges may go on once the daemon is asked to end.
const GRACE: Duration = Duration::from_secs(5);

/// Arguments of `waylay start`.
#[derive(Debug, Default, Args)]
pub struct StartArgs {
    /// Port of the proxy, 0 for any [default: 5559].
    #[arg(long, value_name = "PORT")]
    pub port: Option<u16>,

    /// Port of the UI and the control API, 0 for any [default: 5560].
    #[arg(long, value_name = "PORT")]
    pub ui_port: Option<u16>,

    /// Let the proxy listen on this address, too: one of this machine's, 0.0.0.0 for all of IPv4, or :: for all; may be
    /// repeated. All but loopback addresses let other machines in. The UI and the control API are never reachable there.
    #[arg(long, value_name = "ADDR")]
    pub listen: Vec<IpAddr>,

    /// Ask other machines for the password in this file, its one line; any user name will do.
    #[arg(long, value_name = "FILE")]
    pub proxy_password_file: Option<PathBuf>,

    /// Relay without recording, until `waylay run` opens a session of its own.
    #[arg(long)]
    pub no_record: bool,

    /// What to record.
    #[command(flatten)]
    pub rules: RuleArgs,

    /// Open the UI in the browser.
    #[arg(long)]
    pub open: bool,

    /// Trust the certificates in this PEM file for origins, too; may be repeated.
    #[arg(long, value_name = "FILE")]
    pub upstream_ca: Vec<PathBuf>,

    /// Do not verify this origin's certificate; may be repeated.
    #[arg(long, value_name = "HOST", value_parser = value::host)]
    pub insecure_upstream: Vec<String>,

    /// Reach origins by this proxy: http, socks4, socks4a, socks5 or socks5h, as `SCHEME://[USER:PASSWORD@]HOST:PORT`, or @FILE or
    /// env:NAME with that in it. Beats what `waylay upstream` has set.
    #[arg(long, value_name = "URL")]
    pub upstream: Option<String>,

    /// Relay connections to this host unread: host, *.host for the names below it, or an IP address, each with or
    /// without :port; may be repeated.
    #[arg(long, value_name = "HOST", value_parser = value::host_pattern)]
    pub passthrough: Vec<HostPattern>,

    /// Never relay a host unread because a client keeps rejecting Waylay's certificate for it.
    #[arg(long)]
    pub no_auto_passthrough: bool,

    /// Serve web clients that know the Hoppscotch Agent, at port 9119 of this machine, from the start on. They have to be paired all
    /// the same: `waylay agent pair ORIGIN --hoppscotch`.
    #[arg(long)]
    pub hoppscotch: bool,

    /// Another port for them, 0 for any: for tests, as the clients know no other.
    #[arg(long, value_name = "PORT", hide = true, default_value_t = Settings::HOPPSCOTCH_PORT)]
    pub hoppscotch_port: u16,

    /// Leave the terminal first: how `waylay run` starts a daemon that stays.
    #[arg(long, hide = true)]
    pub detached: bool,
}

pub(super) fn start(context: &Context, args: StartArgs) -> Result<Exit, Report> {
    let mask = platform::restrict_new_files();
    if args.detached {
        platform::detach_from_terminal().map_err(|error| Report::io("cannot leave the terminal", error))?;
    }
    let detached = args.detached;
    context.data.check()?;
    let config = settings::load(context)?;
    let plan = Plan::new(&context.data, args, &config)?;
    context.data.create()?;
    let lock = context.data.lock()?;
    if detached {
        // It keeps no folder busy that is not its own. Relative paths have been read by now.
        std::env::set_current_dir(context.data.path())
            .map_err(|error| Report::io("cannot enter the data folder", error))?;
    }
    // What a killed daemon left behind is not to be taken for this one.
    Instance::forget(&context.data);
    log(context, &config, !detached)?;
    if let Err(error) = platform::raise_descriptor_limit() {
        tracing::warn!(%error, "the limit of open files stays as it is");
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Report::io("cannot start", error))?;
    let exit = runtime.block_on(serve(context, plan, mask));
    Instance::forget(&context.data);
    drop(lock);
    // What still blocks, such as a slow name server, is not waited for.
    runtime.shutdown_background();
    exit
}

fn log(context: &Context, config: &Config, console: bool) -> Result<(), Report> {
    let folder = context.data.log();
    context.data.create_folder(&folder)?;
    let level = context.global.log.clone().unwrap_or_else(|| config.value(&key::LOG_LEVEL).to_string());
    let filter = logging::Filter::parse(&level).map_err(|error| Report::new(Exit::USAGE, error))?;
    let format = match config.value(&key::LOG_FORMAT) {
        Value::Text(text) if text == "json" => logging::Format::Json,
        _ => logging::Format::Text,
    };
    Ok(logging::init(&folder, filter, format, console)?)
}

async fn serve(context: &Context, plan: Plan, mask: u32) -> Result<Exit, Report> {
    let failed = |what: &'static str| move |error| Report::io(what, error);
    let mut termination = platform::Termination::listen().map_err(failed("cannot handle signals"))?;
    let ui = ui_listeners(plan.ui_port)?;
    let ui_addresses: Vec<SocketAddr> = ui.iter().filter_map(|listener| listener.local_addr().ok()).collect();
    let engine = Engine::start(plan.engine).await?;
    let proxy = engine.proxy();
    let lan = Lan { addresses: proxy.lan, password: proxy.password };
    if engine.is_open_to_others() {
        notice(lan.warning());
    }
    let token = Token::create(context.data.path()).map_err(failed("cannot write the token"))?;
    let random = failed("the system gives no random numbers");
    let api = Api::new(Arc::clone(&engine), token, &ui_addresses).map_err(&random)?;
    let link = api.login_link().map_err(&random)?;
    let mut hoppscotch = Vec::new();
    if engine.settings().hoppscotch {
        hoppscotch = api.open_hoppscotch().await.map_err(|error| match error {
            StartError::AddressInUse { addr } => address_taken(addr).advise(
                "Its clients know no other port: stop that program, perhaps the Hoppscotch Agent itself, or start without --hoppscotch.",
            ),
            other => other.into(),
        })?;
    }
    let server = tokio::spawn(api.serve(ui));
    let instance = Instance {
        pid: std::process::id(),
        version: VERSION.into(),
        started_us: engine.started_us(),
        proxy: engine.proxy_addresses(),
        ui: ui_addresses,
    };
    let announced = instance.write(&context.data).map_err(Report::from);
    let (kept, data) = (instance.clone(), context.data.clone());
    engine.on_proxy_change(move |addresses| {
        let now = Instance { proxy: addresses.to_vec(), ..kept.clone() };
        if let Err(error) = now.write(&data) {
            tracing::warn!(%error, "other programs are not told where the proxy listens now");
        }
    });
    let announced = announced.and_then(|()| announce(context, &engine, &instance, (&link, &hoppscotch), &lan));
    tracing::info!(pid = instance.pid, version = VERSION, proxy = ?instance.proxy, ui = ?instance.ui, "listening");
    if plan.open && announced.is_ok() {
        open(link, mask);
    }
    if announced.is_ok() {
        tokio::select! {
            () = termination.next() => {}
            () = engine.stopping().cancelled() => {}
        }
    }
    engine.stopping().cancel();
    let orderly = async {
        engine.shutdown(GRACE).await;
        // The API ends with `stopping`; that it ended otherwise has been logged.
        let _ = server.await;
    };
    let exit = tokio::select! {
        () = orderly => Exit::OK,
        () = termination.next() => Exit::INTERRUPTED,
    };
    tracing::info!("stopped");
    announced.map(|()| exit)
}

/// Opens the browser without waiting for it.
fn open(link: String, mask: u32) {
    std::thread::spawn(move || {
        if platform::open_in_browser(&link, mask).is_err() {
            notice("no browser could be opened: open the link above in one");
        }
    });
}

fn ui_listeners(port: u16) -> Result<Vec<TcpListener>, Report> {
    listen::bind(port, &[], &[]).map_err(|error| match error {
        StartError::AddressInUse { addr } => port_taken(addr, "--ui-port"),
        other => other.into(),
    })
}
