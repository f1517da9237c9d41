//! The command line.

use std::path::PathBuf;

pub(crate) const USAGE: &str = "\
usage: tests/bench [--quick] [--rounds N] [--only TEXT] [--mitmdump PATH] [--instructions FOLDER]
  --quick                few requests: shows that everything works, measures nothing
  --rounds N             how often each work is done by each proxy (5)
  --only TEXT            only works whose name contains TEXT
  --mitmdump PATH        the mitmdump to compare with, if it is not on the path
  --instructions FOLDER  count instructions by valgrind's callgrind instead, whose files go to FOLDER";

/// How much is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scale {
    /// Enough to measure.
    Full,
    /// Enough to see that everything works.
    Quick,
}

#[derive(Debug)]
pub(crate) struct Options {
    pub(crate) scale: Scale,
    pub(crate) rounds: usize,
    pub(crate) only: String,
    pub(crate) mitmdump: Option<PathBuf>,
    pub(crate) instructions: Option<PathBuf>,
}

impl Options {
    /// The error says which word is not understood; it is empty where help is asked for.
    pub(crate) fn parse(args: &[String]) -> Result<Self, String> {
        let mut options =
            Self { scale: Scale::Full, rounds: 5, only: String::new(), mitmdump: None, instructions: None };
        let mut args = args.iter();
        while let Some(flag) = args.next() {
            let mut value = || args.next().ok_or(format!("{flag} needs a value"));
            match flag.as_str() {
                "--quick" => (options.scale, options.rounds) = (Scale::Quick, 1),
                "--rounds" => {
                    let rounds = value()?.parse().ok().filter(|n| (1..=100).contains(n));
                    options.rounds = rounds.ok_or("--rounds takes a number from 1 to 100")?;
                }
                "--only" => options.only.clone_from(value()?),
                "--mitmdump" => options.mitmdump = Some(value()?.into()),
                "--instructions" => options.instructions = Some(value()?.into()),
                "--help" => return Err(String::new()),
                _ => return Err(format!("{flag} is no option")),
            }
        }
        Ok(options)
    }

    /// Whether a work is wanted.
    pub(crate) fn wants(&self, name: &str) -> bool {
        name.contains(&self.only)
    }

    /// A count: `full`, or `quick` for a trial.
    pub(crate) fn scaled<T>(&self, full: T, quick: T) -> T {
        if self.scale == Scale::Full { full } else { quick }
    }
}
