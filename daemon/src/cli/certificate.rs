//! `waylay certificate`: who Waylay is to servers that ask for a client certificate.

use super::{
    Context, block_on,
    control::{Control, understood},
    escape::escaped,
    output::{Format, notice},
    report::{Exit, Report},
    secret,
};
use crate::{
    config::{HostPattern, value},
    upstream::identity::{Identity, IdentityError, LARGEST},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use clap::{Args, Subcommand};
use http::Method;
use serde::Deserialize;
use serde_json::{Value, json};
use std::{
    fs::File,
    io::{IsTerminal, Read, stdin},
    path::{Path, PathBuf},
};

/// What can be done with client certificates.
#[derive(Debug, Subcommand)]
pub enum CertificateCommand {
    /// Present a certificate to a server from now on and over restarts. The last that was added for a host is used.
    Add(AddArgs),
    /// Show them: whom they are for, who issued them, and until when they hold. Keys are never shown.
    List,
    /// Remove one, and its key.
    #[command(visible_alias = "rm")]
    Remove {
        /// Its number.
        id: u64,
    },
}

/// A certificate and its key.
#[derive(Debug, Args)]
pub struct AddArgs {
    /// `host`, `*.host` for the names below it, or an IP address; each may be followed by `:port` [default: 443].
    #[arg(value_name = "HOST", value_parser = value::host_pattern)]
    pub pattern: HostPattern,

    /// A PEM or PKCS#12 file (.pfx, .p12) with the certificate and its key.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,

    /// The PEM file with the key, if it is another.
    #[arg(value_name = "KEY")]
    pub key: Option<PathBuf>,

    /// The passphrase of the key: @FILE, env:NAME, or itself; asked for where it is needed and not given.
    #[arg(long, value_name = "PASSPHRASE")]
    pub passphrase: Option<String>,
}

/// What the daemon answers; the JSON is passed on as it is.
#[derive(Debug, Deserialize)]
struct Item {
    id: u64,
    pattern: String,
    subject: String,
    issuer: String,
    not_after: String,
    trouble: Option<String>,
}

pub(super) fn certificate(context: &Context, command: &CertificateCommand) -> Result<Exit, Report> {
    match command {
        CertificateCommand::Add(args) => add(context, args),
        CertificateCommand::List => list(context),
        CertificateCommand::Remove { id } => {
            let control = Control::connect(&context.data)?;
            block_on(async { Ok(control.order(Method::DELETE, &format!("/certificates/{id}")).await?) })?;
            notice(format_args!("client certificate {id} and its key are removed"));
            Ok(Exit::OK)
        }
    }
}

fn add(context: &Context, args: &AddArgs) -> Result<Exit, Report> {
    let control = Control::connect(&context.data)?;
    let files = [Some(&args.file), args.key.as_ref()].into_iter().flatten().map(|path| contents(path));
    let files = files.collect::<Result<Vec<_>, _>>()?;
    let passphrase = match &args.passphrase {
        Some(given) => Some(secret::value(given)?),
        None if is_encrypted(&files) && stdin().is_terminal() => Some(secret::ask("passphrase of the key")?),
        None => None,
    };
    let files: Vec<String> = files.iter().map(|file| BASE64_STANDARD.encode(file)).collect();
    let body = json!({ "pattern": args.pattern, "files": files, "passphrase": passphrase });
    let answer: Value = block_on(async { Ok(control.post("/certificates", &body).await?) })?;
    match context.output.format {
        Format::Text => {
            let item: Item = understood(&answer)?;
            let (pattern, subject) = (escaped(&item.pattern), escaped(&item.subject));
            notice(format_args!("{pattern} gets the client certificate of {subject} from now on, when it asks"));
            if let Some(trouble) = &item.trouble {
                notice(format_args!("warning: this certificate {trouble}: {}", escaped(&item.not_after)));
            }
        }
        _ => context.output.document(&answer)?,
    }
    Ok(Exit::OK)
}

fn is_encrypted(files: &[Vec<u8>]) -> bool {
    let files: Vec<&[u8]> = files.iter().map(Vec::as_slice).collect();
    matches!(Identity::read(&files, None), Err(IdentityError::Encrypted))
}

fn contents(path: &Path) -> Result<Vec<u8>, Report> {
    let failed = |error| Report::io(format!("cannot read {}", path.display()), error);
    let mut bytes = Vec::new();
    // One byte more than can be: the daemon then says so.
    File::open(path).map_err(failed)?.take(LARGEST as u64 + 1).read_to_end(&mut bytes).map_err(failed)?;
    Ok(bytes)
}

fn list(context: &Context) -> Result<Exit, Report> {
    let control = Control::connect(&context.data)?;
    let answer: Value = block_on(async { Ok(control.get("/certificates").await?) })?;
    let items = answer["items"].as_array().map(Vec::as_slice).unwrap_or_default();
    let none = "there are no client certificates";
    context.output.list_in(&answer, items, none, |items| items.iter().map(line).collect())
}

fn line(certificate: &Value) -> Result<String, Report> {
    let item: Item = understood(certificate)?;
    let trouble = item.trouble.map(|trouble| format!(" ({trouble})")).unwrap_or_default();
    Ok(format!(
        "{:>3}  {:<32} {}, by {}, to {}{}\n",
        item.id,
        escaped(&item.pattern),
        escaped(&item.subject),
        escaped(&item.issuer),
        escaped(&item.not_after),
        escaped(&trouble)
    ))
}
