//! How far long work is: on standard error, if that is a terminal.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::{self, IsTerminal};

/// A line that is gone when the work is done.
pub(in crate::cli) struct Progress(ProgressBar);

impl Progress {
    /// Of work whose end is not known.
    pub(in crate::cli) fn counting(what: &'static str) -> Self {
        Self::new(None, &format!("{{spinner}} {{human_pos}} {what}  {{elapsed}}"))
    }

    /// Of so many bytes.
    pub(in crate::cli) fn bytes(length: u64) -> Self {
        Self::new(Some(length), "{bar:30} {bytes} of {total_bytes}  {eta}")
    }

    /// Of so many things.
    pub(in crate::cli) fn of(count: u64, what: &'static str) -> Self {
        Self::new(Some(count), &format!("{{bar:30}} {{human_pos}} of {{human_len}} {what}  {{elapsed}}"))
    }

    /// So much is done.
    pub(in crate::cli) fn at(&self, done: u64) {
        self.0.set_position(done);
    }

    fn new(length: Option<u64>, template: &str) -> Self {
        let target =
            if io::stderr().is_terminal() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(length, target);
        // The templates are those above.
        let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        bar.set_style(style);
        Self(bar)
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
