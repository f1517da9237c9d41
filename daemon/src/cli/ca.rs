//! `waylay ca`: the certificate that programs have to trust.

use super::{
    Context,
    output::{Format, notice, stdout},
    report::{Exit, Report},
};
use crate::onboarding::files::Form;
use clap::{Args, Subcommand};
use jiff::Timestamp;
use serde_json::json;
use std::{io::Write, path::PathBuf};
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
    /// The form that whoever is to trust it takes.
    #[arg(long, value_enum, value_name = "FORM", default_value_t = Form::Pem)]
    pub format: Form,
    /// As PEM text together with the system's roots, for programs that take one file for all trust.
    #[arg(long, conflicts_with = "format")]
    pub bundle: bool,
    /// Write it to this file instead.
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
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
    if let Some(file) = &args.output {
        let failed = |error| Report::io(format!("cannot write {}", file.display()), error);
        std::fs::write(file, args.bytes(&certificate)).map_err(failed)?;
        return Ok(Exit::OK);
    }
    if args.format == Form::Cer && !args.bundle && context.output.terminal {
        return Err(Report::new(Exit::USAGE, "DER is not text, and standard output is a terminal")
            .advise("Write it to a file: `waylay ca export --format cer -o waylay-ca.cer`."));
    }
    stdout().write_all(&args.bytes(&certificate)).map_err(Report::output)?;
    Ok(Exit::OK)
}

impl ExportArgs {
    fn bytes(&self, certificate: &Certificate) -> Vec<u8> {
        if self.bundle { certificate.bundle().into_bytes() } else { self.format.bytes(certificate) }
    }
}

fn rotate(context: &Context) -> Result<Exit, Report> {
    context.data.create()?;
    // A running daemon would go on signing with the old key.
    let _lock = context.data.lock()?;
    let certificate = Authority::rotate(&context.data.ca())?;
    notice("a new authority was made; whatever trusted the old one has to trust this one now");
    show(context, &certificate)
}
