//! Standard output: JSON or text, with or without colours, as wide as the terminal.

use super::{Global, report::Report};
use crate::platform;
use clap::{
    ValueEnum,
    builder::styling::{AnsiColor, Style},
};
use serde::Serialize;
use std::{
    ffi::OsString,
    fmt,
    io::{self, IsTerminal, StdoutLock, Write},
};

/// When to use colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ColorChoice {
    /// On a terminal, unless `NO_COLOR` is set or `CLICOLOR_FORCE` says always.
    #[default]
    Auto,
    /// Also in a pipe or a file.
    Always,
    /// Never.
    Never,
}

/// What form data has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Text,
    /// One JSON document.
    Json,
    /// One JSON document per line.
    Jsonl,
}

/// What is known about standard output.
#[derive(Clone, Debug)]
pub struct Output {
    /// The form of data.
    pub format: Format,
    /// Whether it is a terminal.
    pub terminal: bool,
    /// Columns, on a terminal only.
    pub width: Option<usize>,
    /// Colours, or none.
    pub paint: Paint,
}

impl Output {
    /// Looks at the flags, the environment and the terminal.
    pub fn new(global: &Global, environment: impl Fn(&str) -> Option<OsString>) -> Self {
        let format = match (global.json, global.jsonl) {
            (_, true) => Format::Jsonl,
            (true, _) => Format::Json,
            _ => Format::Text,
        };
        let terminal = io::stdout().is_terminal();
        let paint = Paint(colors(global.color, terminal, environment));
        Self { format, terminal, width: platform::terminal_width().filter(|_| terminal), paint }
    }

    /// Writes one JSON document: indented on a terminal, on one line elsewhere.
    ///
    /// # Errors
    /// [`Report::output`].
    pub fn document(&self, value: &impl Serialize) -> Result<(), Report> {
        let mut out = stdout();
        let written = if self.terminal && self.format == Format::Json {
            serde_json::to_writer_pretty(&mut out, value)
        } else {
            serde_json::to_writer(&mut out, value)
        };
        written.map_err(io::Error::from).and_then(|()| out.write_all(b"\n")).map_err(Report::output)
    }

    /// Writes one line of a JSON stream.
    ///
    /// # Errors
    /// [`Report::output`].
    pub fn line(&self, value: &impl Serialize) -> Result<(), Report> {
        let mut line = serde_json::to_vec(value).map_err(io::Error::from).map_err(Report::output)?;
        line.push(b'\n');
        stdout().write_all(&line).map_err(Report::output)
    }

    /// Writes text.
    ///
    /// # Errors
    /// [`Report::output`].
    pub fn text(&self, text: impl fmt::Display) -> Result<(), Report> {
        write!(stdout(), "{text}").map_err(Report::output)
    }
}

/// Standard output.
pub fn stdout() -> StdoutLock<'static> {
    io::stdout().lock()
}

/// Says something to the user that is not data. A standard error that cannot be written to is nothing to stop for.
pub fn notice(text: impl fmt::Display) {
    let _ = writeln!(io::stderr().lock(), "waylay: {text}");
}

fn colors(choice: ColorChoice, terminal: bool, environment: impl Fn(&str) -> Option<OsString>) -> bool {
    let set = |name| environment(name).filter(|value| !value.is_empty());
    match choice {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto if set("NO_COLOR").is_some() => false,
        ColorChoice::Auto if set("CLICOLOR_FORCE").is_some_and(|value| value != "0") => true,
        ColorChoice::Auto => terminal && set("TERM").is_some_and(|value| value != "dumb"),
    }
}

/// Colours, where they are wanted.
#[derive(Clone, Copy, Debug)]
pub struct Paint(pub bool);

impl Paint {
    /// What stands above or beside data.
    pub fn heading(self, text: impl fmt::Display) -> String {
        self.with(Style::new().bold(), text)
    }

    /// What matters less.
    pub fn dim(self, text: impl fmt::Display) -> String {
        self.with(Style::new().dimmed(), text)
    }

    /// What went wrong.
    pub fn failure(self, text: impl fmt::Display) -> String {
        self.with(AnsiColor::Red.on_default(), text)
    }

    /// A status, by its class.
    pub fn status(self, status: u16, text: impl fmt::Display) -> String {
        let color = match status {
            100..=199 => AnsiColor::Blue,
            200..=299 => AnsiColor::Green,
            300..=399 => AnsiColor::Cyan,
            400..=499 => AnsiColor::Yellow,
            _ => AnsiColor::Red,
        };
        self.with(color.on_default(), text)
    }

    fn with(self, style: Style, text: impl fmt::Display) -> String {
        if self.0 { format!("{style}{text}{style:#}") } else { text.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colors_follow_the_flag_then_the_environment_then_the_terminal() {
        let auto = |terminal, variables: &[(&str, &str)]| {
            let get = |name: &str| variables.iter().find(|(n, _)| *n == name).map(|(_, v)| OsString::from(v));
            colors(ColorChoice::Auto, terminal, get)
        };
        assert!(auto(true, &[("TERM", "xterm")]));
        assert!(!auto(false, &[("TERM", "xterm")]));
        assert!(!auto(true, &[("TERM", "dumb")]));
        assert!(!auto(true, &[("TERM", "xterm"), ("NO_COLOR", "1")]));
        assert!(auto(true, &[("TERM", "xterm"), ("NO_COLOR", "")]), "empty means unset");
        assert!(auto(false, &[("CLICOLOR_FORCE", "1")]));
        assert!(!auto(false, &[("CLICOLOR_FORCE", "0")]));
        assert!(colors(ColorChoice::Always, false, |_| Some("1".into())));
        assert!(!colors(ColorChoice::Never, true, |_| Some("1".into())));
    }

    #[test]
    fn without_colors_text_is_left_alone() {
        assert_eq!(Paint(false).status(500, "x"), "x");
        assert_eq!(Paint(true).failure("x"), "\x1b[31mx\x1b[0m");
    }
}
