//! `waylay env`: shell commands that point a shell's programs to the running proxy, and back.

use super::{
    Context,
    control::Control,
    output::Format,
    report::{Exit, Report},
    run::{
        environment::{Environment, Proxy},
        trust::Files,
    },
};
use clap::{Args, ValueEnum};
use serde_json::{Map, Value};
use std::{
    ffi::{OsStr, OsString},
    fmt::Write,
    path::Path,
};

/// Arguments of `waylay env`.
#[derive(Debug, Args)]
pub struct EnvArgs {
    /// The shell's language; that of $SHELL if it is not given.
    #[arg(long, value_enum)]
    pub shell: Option<Shell>,

    /// Take the variables away again.
    #[arg(long)]
    pub unset: bool,
}

/// A shell's language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Shell {
    /// POSIX: sh, bash, zsh, dash, ksh.
    Sh,
    /// fish.
    Fish,
    /// PowerShell.
    Powershell,
}

pub(super) fn env(context: &Context, args: &EnvArgs) -> Result<Exit, Report> {
    let environment = |name: &str| std::env::var_os(name);
    // Leaving needs no daemon: it may have been stopped since.
    let changes = if args.unset { None } else { Some(changes(context, environment)?) };
    let variables = Environment::names().map(|name| (name, changes.as_ref().and_then(|changes| changes.value(name))));
    let output = &context.output;
    if output.format != Format::Text {
        let text = |value: &OsStr| Value::String(value.to_string_lossy().into_owned());
        let all: Map<String, Value> =
            variables.map(|(name, value)| (name.to_owned(), value.map_or(Value::Null, text))).collect();
        output.document(&all)?;
        return Ok(Exit::OK);
    }
    let shell = args.shell.unwrap_or_else(|| Shell::of(environment("SHELL")));
    output.text(shell.script(variables, args.unset))?;
    Ok(Exit::OK)
}

fn changes(context: &Context, environment: impl Fn(&str) -> Option<OsString> + Copy) -> Result<Environment, Report> {
    let control = Control::connect(&context.data)?;
    let address = control.instance.proxy.first().copied();
    let address =
        address.ok_or_else(|| Report::new(Exit::NO_DAEMON, "the proxy is off").advise("Type `waylay proxy on`."))?;
    let proxy = Proxy { address, keep_no_proxy: false };
    let files = Files::write(&context.data, &proxy, environment)?;
    Ok(Environment::new(&proxy, &files, environment))
}

impl Shell {
    fn of(program: Option<OsString>) -> Self {
        let name = program.as_deref().map(Path::new).and_then(Path::file_stem).and_then(OsStr::to_str);
        match name {
            Some("fish") => Self::Fish,
            Some("pwsh" | "powershell") => Self::Powershell,
            None if cfg!(windows) => Self::Powershell,
            _ => Self::Sh,
        }
    }

    fn script<'a>(self, variables: impl Iterator<Item = (&'static str, Option<&'a OsStr>)>, unset: bool) -> String {
        let mut script = String::new();
        for (name, value) in variables {
            let line = match (self, value.map(|value| self.quoted(&value.to_string_lossy()))) {
                (Self::Sh, Some(value)) => format!("export {name}={value}"),
                (Self::Sh, None) => format!("unset {name}"),
                (Self::Fish, Some(value)) => format!("set -gx {name} {value};"),
                (Self::Fish, None) => format!("set -e {name};"),
                (Self::Powershell, Some(value)) => format!("$env:{name} = {value}"),
                (Self::Powershell, None) => format!("Remove-Item Env:{name} -ErrorAction SilentlyContinue"),
            };
            // Writing to a String cannot fail.
            let _ = writeln!(script, "{line}");
        }
        let flag = if unset { " --unset" } else { "" };
        let usage = match self {
            Self::Sh => format!("eval \"$(waylay env{flag})\""),
            Self::Fish => format!("waylay env{flag} | source"),
            Self::Powershell => format!("waylay env{flag} | Out-String | Invoke-Expression"),
        };
        let _ = writeln!(script, "# {usage}");
        script
    }

    /// A value as one word that means exactly itself.
    fn quoted(self, value: &str) -> String {
        let inner = match self {
            Self::Sh => value.replace('\'', r"'\''"),
            Self::Fish => value.replace('\\', r"\\").replace('\'', r"\'"),
            // PowerShell takes the typographic quotes for quotes, too.
            Self::Powershell => value.chars().fold(String::new(), |mut all, c| {
                all.extend(std::iter::repeat_n(c, if matches!(c, '\'' | '‘' | '’' | '‚' | '‛') { 2 } else { 1 }));
                all
            }),
        };
        format!("'{inner}'")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shell_is_recognised() {
        for (program, shell) in
            [("/bin/bash", Shell::Sh), ("/usr/bin/fish", Shell::Fish), ("pwsh.exe", Shell::Powershell)]
        {
            assert_eq!(Shell::of(Some(program.into())), shell);
        }
    }

    #[test]
    fn each_shell_sets_and_removes() {
        let script =
            |shell: Shell| shell.script([("A", Some(OsStr::new("it's $x \\ `y`"))), ("B", None)].into_iter(), false);
        assert!(script(Shell::Sh).starts_with("export A='it'\\''s $x \\ `y`'\nunset B\n# eval"));
        assert!(script(Shell::Fish).starts_with("set -gx A 'it\\'s $x \\\\ `y`';\nset -e B;\n"));
        assert!(script(Shell::Powershell).starts_with("$env:A = 'it''s $x \\ `y`'\nRemove-Item Env:B"));
    }

    #[cfg(unix)]
    #[test]
    fn a_real_shell_reads_back_what_was_quoted() {
        for value in ["plain", "it's", "a b\t\"c\" $HOME `id` \\ !x", "line\nbreak", "–€"] {
            let script = Shell::Sh.script([("W", Some(OsStr::new(value)))].into_iter(), false);
            let output = std::process::Command::new("sh").arg("-c").arg(format!("{script}\nprintf %s \"$W\"")).output();
            assert_eq!(String::from_utf8(output.unwrap().stdout).unwrap(), value);
        }
    }
}
