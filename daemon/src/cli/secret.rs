//! Values that need not stand on the command line, where every user of the machine could read them.

use crate::cli::report::{Exit, Report};
use std::{
    fs, io,
    io::{BufRead, Write},
};

/// The value a flag means: `env:NAME`, `@FILE` without its last line end, or itself.
pub(super) fn value(text: &str) -> Result<String, Report> {
    if let Some(name) = text.strip_prefix("env:") {
        return std::env::var(name).map_err(|_| {
            Report::new(Exit::NOT_FOUND, format!("the environment variable {name} is not set, or is no text"))
        });
    }
    let Some(path) = text.strip_prefix('@') else { return Ok(text.to_owned()) };
    let read = if path == "-" { io::read_to_string(io::stdin()) } else { fs::read_to_string(path) };
    let read = read.map_err(|error| Report::io(format!("cannot read {path}"), error))?;
    Ok(read.strip_suffix('\n').map_or(read.as_str(), |text| text.strip_suffix('\r').unwrap_or(text)).to_owned())
}

/// User name and password; asks for a password that is not given.
pub(super) fn user(text: &str) -> Result<(String, String), Report> {
    let text = value(text)?;
    match text.split_once(':') {
        Some((user, password)) => Ok((user.to_owned(), password.to_owned())),
        None => Ok((text.clone(), ask(&format!("password of {text}"))?)),
    }
}

/// Asks at the terminal, without showing what is typed.
pub(super) fn ask(what: &str) -> Result<String, Report> {
    let failed = |error: io::Error| {
        Report::io("cannot ask for the password", error).advise("Give it as USER:PASSWORD, @FILE or env:NAME.")
    };
    let _quiet = crate::platform::without_echo().map_err(failed)?;
    let mut err = io::stderr().lock();
    let asked = write!(err, "{}: ", super::escape::escaped(what)).and_then(|()| err.flush());
    asked.map_err(failed)?;
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line).map_err(failed)?;
    // Nobody saw the line end that was typed.
    let _ = writeln!(err);
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
