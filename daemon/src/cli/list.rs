//! Lists, in the form that was asked for.

use super::{
    columns::columns,
    output::{Format, Output, notice},
    report::{Exit, Report},
};
use serde::Serialize;

#[derive(Serialize)]
struct Items<'a, T> {
    items: &'a [T],
}

impl Output {
    /// Shows items: as `{"items": […]}`, one a line, or as a table. Where there are none, people are told `none`.
    ///
    /// # Errors
    /// [`Report::output`].
    pub fn table<T: Serialize, const N: usize>(
        &self,
        items: &[T],
        none: &str,
        (titles, right): ([&str; N], &[usize]),
        cells: impl Fn(&T) -> [String; N],
    ) -> Result<Exit, Report> {
        let rows = |items: &[T]| items.iter().map(cells).collect::<Vec<_>>();
        self.list(items, none, |items| Ok(columns(titles, right, &rows(items), self.paint)))
    }

    /// The same where people read `text`.
    ///
    /// # Errors
    /// [`Report::output`], and those of `text`.
    pub fn list<T: Serialize>(
        &self,
        items: &[T],
        none: &str,
        text: impl FnOnce(&[T]) -> Result<String, Report>,
    ) -> Result<Exit, Report> {
        self.list_in(&Items { items }, items, none, text)
    }

    /// The same where the items stand in a `document` with more in it.
    ///
    /// # Errors
    /// As for [`Output::list`].
    pub fn list_in<T: Serialize>(
        &self,
        document: &impl Serialize,
        items: &[T],
        none: &str,
        text: impl FnOnce(&[T]) -> Result<String, Report>,
    ) -> Result<Exit, Report> {
        match self.format {
            Format::Json => self.document(document)?,
            Format::Jsonl => items.iter().try_for_each(|item| self.line(item))?,
            Format::Text if items.is_empty() => notice(none),
            Format::Text => self.text(text(items)?)?,
        }
        Ok(Exit::OK)
    }
}
