//! `waylay ca`: the certificate that programs have to trust.

use super::{
    Context,
    output::{Format, notice, stdout},
    report::{Exit, Report},
};
use clap::{Args, Subcommand};
use jiff::Timestamp;
use serde_json::json;
use std::io::Write;
use waylay_ca::{Authority, Certificate};

/// What can be done with the certificate authority.
#[derive(Debug, Subcommand)]
pub enum CaCommand {
    /// Show its name, fingerprints and dates.
    Show,
    /// Write its certificate to standard output; the key stays where it is.
    Export(ExportArgs),
    /// Replace it by a new one, which then has to be trusted anew.
    Rotate,
}

/// Arguments of `waylay ca export`.
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// As PEM text (the default).
    #[arg(long, conflicts_with_all = ["der", "bundle"])]
    pub pem: bool,
    /// As DER bytes.
    #[arg(long, conflicts_with = "bundle")]
    pub der: bool,
    /// As PEM text together with the system's roots, for programs that take one file for all trust.
    #[arg(long)]
    pub bundle: bool,
}

pub(super) fn ca(context: &Context, command: &CaCommand) -> Result<Exit, Report> {
    context.data.check()?;
    match command {
        CaCommand::Show => show(context, &Certificate::load(&context.data.ca())?),
        CaCommand::Export(args) => export(context, args),
        CaCommand::Rotate => rotate(context),
    }
}

fn show(context: &Context, certificate: &Certificate) -> Result<Exit, Report> {
    let day = |seconds| Timestamp::from_second(seconds).map_or_else(|_| seconds.to_string(), |time| time.to_string());
    let (from, to) = (day(certificate.not_before()), day(certificate.not_after()));
    let output = &context.output;
    if output.format != Format::Text {
        output.document(&json!({
            "subject": certificate.subject(),
            "sha256": certificate.sha256(),
            "spki_sha256": certificate.spki_sha256_base64(),
            "not_before": from,
            "not_after": to,
        }))?;
        return Ok(Exit::OK);
    }
    for (name, value) in [
        ("subject", certificate.subject()),
        ("sha256", &certificate.sha256()),
        ("spki sha256", &certificate.spki_sha256_base64()),
        ("valid", &format!("{from} to {to}")),
        ("folder", &context.data.ca().display().to_string()),
    ] {
        output.text(format_args!("{}  {value}\n", output.paint.dim(format_args!("{name:<11}"))))?;
    }
    Ok(Exit::OK)
}

fn export(context: &Context, args: &ExportArgs) -> Result<Exit, Report> {
    let certificate = Certificate::load(&context.data.ca())?;
    if args.der && context.output.terminal {
        return Err(Report::new(Exit::USAGE, "DER is not text, and standard output is a terminal")
            .advise("Write it to a file: `waylay ca export --der > waylay-ca.cer`."));
    }
    let text = |text: String| text.into_bytes();
    let bytes = match (args.der, args.bundle) {
        (true, _) => certificate.der().to_vec(),
        (_, true) => text(certificate.bundle()),
        _ => text(certificate.pem()),
    };
    stdout().write_all(&bytes).map_err(Report::output)?;
    Ok(Exit::OK)
}

fn rotate(context: &Context) -> Result<Exit, Report> {
    context.data.create()?;
    // A running daemon would go on signing with the old key.
    let _lock = context.data.lock()?;
    let certificate = Authority::rotate(&context.data.ca())?;
    notice("a new authority was made; whatever trusted the old one has to trust this one now");
    show(context, &certificate)
}
