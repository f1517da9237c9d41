//! Values of variables on the command line, and values that need not stand there: others can read the command lines of
//! running programs.

use crate::cli::report::{Exit, Report};
use std::{ffi::OsString, fs, path::Path};

/// Longest value, bytes.
const LONGEST: u64 = 1 << 20;

/// What is said of values in the help.
pub const HELP: &str = "A secret need not stand in the command line, where other programs can read it: KEY=env:NAME \
takes the value of the environment variable NAME, KEY=@FILE the contents of a file without the line end behind them, \
KEY=@- what comes from standard input.";

/// Reads `KEY=VALUE`; `literal` takes the value as it is written.
///
/// # Errors
/// What is wrong with it, and what to write instead.
pub fn assignment(
    word: &str,
    literal: bool,
    environment: impl Fn(&str) -> Option<OsString>,
) -> Result<(String, String), Report> {
    let Some((key, value)) = word.split_once('=').filter(|(key, _)| !key.is_empty()) else {
        return Err(Report::new(Exit::USAGE, format!("'{word}' sets no variable")).advise("Write KEY=VALUE."));
    };
    let value = match (value.strip_prefix("env:"), value.strip_prefix('@')) {
        (Some(name), _) if !literal => from_environment(name, environment(name))?,
        (_, Some(path)) if !literal => from_file(path)?,
        _ => value.to_owned(),
    };
    Ok((key.to_owned(), value))
}

fn from_environment(name: &str, value: Option<OsString>) -> Result<String, Report> {
    let value = value.ok_or_else(|| {
        Report::new(Exit::NOT_FOUND, format!("the environment variable {name} is not set"))
            .advise("To set a variable to this very text, add --literal.")
    })?;
    value.into_string().map_err(|_| Report::new(Exit::USAGE, format!("the environment variable {name} is no text")))
}

fn from_file(path: &str) -> Result<String, Report> {
    let read = match path {
        "-" => std::io::read_to_string(std::io::stdin().lock()),
        path => {
            let found = fs::metadata(path).map_err(|error| unreadable(path, error))?;
            if !found.is_file() || found.len() > LONGEST {
                let message = format!("{} is no file with a value of at most 1 MiB", Path::new(path).display());
                return Err(Report::new(Exit::USAGE, message));
            }
            fs::read_to_string(path)
        }
    };
    let text = read.map_err(|error| unreadable(path, error))?;
    let text = text.strip_suffix('\n').map_or(text.as_str(), |text| text.strip_suffix('\r').unwrap_or(text));
    Ok(text.to_owned())
}

fn unreadable(path: &str, error: std::io::Error) -> Report {
    Report::io(format!("cannot read {path}"), error).advise("To set a variable to this very text, add --literal.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_from_where_they_are_said_to_be() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("v");
        fs::write(&file, "from file\r\n").unwrap();
        let set = |name: &str| (name == "TOKEN").then(|| OsString::from("s3cret"));
        let at = format!("k=@{}", file.display());
        for (word, literal, value) in [
            ("k=v", false, "v"),
            ("k=", false, ""),
            ("k=a=b", false, "a=b"),
            ("k=env:TOKEN", false, "s3cret"),
            ("k=env:TOKEN", true, "env:TOKEN"),
            (&at, false, "from file"),
            ("k=@x", true, "@x"),
        ] {
            let read = assignment(word, literal, set).unwrap();
            assert_eq!(read, ("k".into(), value.into()), "{word}");
        }
        for (word, exit) in [
            ("k", Exit::USAGE),
            ("=v", Exit::USAGE),
            ("k=env:NONE", Exit::NOT_FOUND),
            ("k=@/nowhere/at/all", Exit::IO),
            (&format!("k=@{}", dir.path().display()), Exit::USAGE),
        ] {
            assert_eq!(assignment(word, false, set).unwrap_err().exit(), exit, "{word}");
        }
    }
}
