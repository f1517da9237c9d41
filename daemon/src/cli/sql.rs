//! `waylay sql`: a query over the documented views, read from the store itself.

use super::{
    Context,
    escape::escaped,
    output::{Format, notice, stdout},
    report::{Exit, Report},
};
use crate::api::sql_value;
use clap::Args;
use serde_json::{Map, Value, json};
use std::{
    collections::HashSet,
    fmt::Write as _,
    io::{self, Read, Write},
    time::Duration,
};
use waylay_storage::{Reader, SqlError, SqlLimits, SqlRows, SqlValue};

/// Rows of a table whose widths are looked at before it is written.
const SIZED: usize = 1000;
/// Widest column of a table on a terminal, characters.
const WIDEST: usize = 80;

/// Arguments of `waylay sql`.
#[derive(Debug, Args)]
#[command(after_help = "Views: v_exchanges, v_headers, v_cookies, v_messages, v_sessions; \
`waylay sql 'PRAGMA table_info(v_headers)'` shows the columns of one. Times that end in _us are microseconds. \
Try: waylay sql \"SELECT host, count(*) AS n FROM v_exchanges GROUP BY host ORDER BY n DESC LIMIT 10\"")]
pub struct SqlArgs {
    /// One SELECT; - reads it from standard input.
    pub query: String,

    /// Print comma-separated values (RFC 4180).
    #[arg(long, conflicts_with_all = ["json", "jsonl"])]
    pub csv: bool,

    /// Print at most N rows.
    #[arg(short = 'n', long = "limit", value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub limit: Option<u64>,

    /// Seconds the query may take.
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub timeout: u64,
}

pub(super) fn sql(context: &Context, args: &SqlArgs) -> Result<Exit, Report> {
    let query = match args.query.as_str() {
        "-" => {
            let mut text = String::new();
            let read = io::stdin().lock().read_to_string(&mut text);
            read.map_err(|error| Report::io("cannot read the query", error))?;
            text
        }
        text => text.to_owned(),
    };
    context.data.check()?;
    let reader = Reader::open(context.data.path())?;
    let rows = args.limit.map_or(usize::MAX, |n| usize::try_from(n).unwrap_or(usize::MAX));
    let limits = SqlLimits { time: Duration::from_secs(args.timeout), rows, bytes: usize::MAX };
    let form = match (args.csv, context.output.format) {
        (true, _) => Form::Csv,
        (_, Format::Json) => Form::Json,
        (_, Format::Jsonl) => Form::Jsonl,
        (_, Format::Text) => Form::Table { widest: if context.output.terminal { WIDEST } else { usize::MAX } },
    };
    let mut sheet = Sheet { form, columns: Vec::new(), held: Vec::new(), widths: None, count: 0, failed: None };
    let more = reader.sql(&query, &limits, &mut sheet);
    if let Some(report) = sheet.failed {
        return Err(report);
    }
    let more = more.map_err(|error| explain(&query, error))?;
    sheet.end(more)?;
    if more {
        notice(format_args!("there are more than {rows} rows"));
    }
    Ok(Exit::OK)
}

/// Points at the place of an error.
fn explain(query: &str, error: SqlError) -> Report {
    match error {
        SqlError::Bad { message, offset } => {
            let place = offset.and_then(|offset| query.get(..offset)).map(|before| {
                let line = before.matches('\n').count() + 1;
                let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
                format!("line {line}, column {column}: ")
            });
            Report::new(Exit::USAGE, format!("the query is not understood: {}{message}", place.unwrap_or_default()))
                .advise("`waylay sql --help` names the views.")
        }
        SqlError::Deadline(_) => Report::new(Exit::USAGE, error).advise("Narrow it down, or add --timeout SECONDS."),
        SqlError::Store(error) => error.into(),
    }
}

#[derive(Clone, Copy)]
enum Form {
    Table { widest: usize },
    Csv,
    Json,
    Jsonl,
}

/// Writes rows as they come.
struct Sheet {
    form: Form,
    columns: Vec<String>,
    /// Rows of a table whose widths are not known yet; all rows of one JSON document.
    held: Vec<Vec<SqlValue>>,
    widths: Option<Vec<usize>>,
    count: usize,
    failed: Option<Report>,
}

impl SqlRows for Sheet {
    fn columns(&mut self, names: Vec<String>) {
        self.columns = names;
        if matches!(self.form, Form::Csv) {
            let names = self.columns.iter().map(|name| csv(name)).collect::<Vec<_>>().join(",");
            self.write(&format!("{names}\r\n"));
        }
    }

    fn row(&mut self, values: Vec<SqlValue>) -> bool {
        self.count += 1;
        match self.form {
            Form::Csv => {
                let cells = values.iter().map(|v| csv(&plain(v))).collect::<Vec<_>>().join(",");
                self.write(&format!("{cells}\r\n"));
            }
            Form::Jsonl => {
                let line = Value::Object(named(&self.columns, values));
                self.write(&format!("{line}\n"));
            }
            Form::Json => self.held.push(values),
            Form::Table { .. } if self.widths.is_none() => {
                self.held.push(values);
                if self.held.len() == SIZED {
                    self.begin_table();
                }
            }
            Form::Table { .. } => self.table_row(&values),
        }
        self.failed.is_none()
    }
}

impl Sheet {
    fn end(mut self, truncated: bool) -> Result<(), Report> {
        match self.form {
            Form::Table { .. } if self.widths.is_none() => self.begin_table(),
            Form::Json => {
                let rows: Vec<Vec<Value>> =
                    self.held.drain(..).map(|row| row.into_iter().map(sql_value).collect()).collect();
                let document = json!({ "columns": self.columns, "rows": rows, "truncated": truncated });
                self.write(&format!("{document}\n"));
            }
            _ => {}
        }
        self.failed.map_or(Ok(()), Err)
    }

    /// Writes the titles and what was held back.
    fn begin_table(&mut self) {
        let Form::Table { widest } = self.form else { return };
        let rows = std::mem::take(&mut self.held);
        let mut widths: Vec<usize> = self.columns.iter().map(|name| name.chars().count()).collect();
        for row in &rows {
            for (width, value) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell(value).chars().count()).min(widest);
            }
        }
        self.widths = Some(widths);
        let titles: Vec<SqlValue> = self.columns.iter().map(|name| SqlValue::Text(name.clone())).collect();
        self.table_row(&titles);
        for row in rows {
            self.table_row(&row);
        }
    }

    fn table_row(&mut self, values: &[SqlValue]) {
        let mut line = String::new();
        let widths = self.widths.as_deref().unwrap_or_default();
        for (at, (value, width)) in values.iter().zip(widths).enumerate() {
            let text = cell(value);
            let cut: String = match text.chars().count() > *width && matches!(self.form, Form::Table { widest: WIDEST })
            {
                true => text.chars().take(width.saturating_sub(1)).chain(['…']).collect(),
                false => text,
            };
            let gap = if at > 0 { "  " } else { "" };
            // Writing to a String cannot fail.
            let _ = match value {
                SqlValue::Integer(_) | SqlValue::Real(_) => write!(line, "{gap}{cut:>width$}"),
                _ => write!(line, "{gap}{cut:<width$}"),
            };
        }
        self.write(&format!("{}\n", line.trim_end()));
    }

    fn write(&mut self, text: &str) {
        if self.failed.is_none() {
            self.failed = stdout().write_all(text.as_bytes()).err().map(Report::output);
        }
    }
}

/// A value for a table: one line, with nothing in it that could steer the terminal.
fn cell(value: &SqlValue) -> String {
    match value {
        SqlValue::Text(text) => escaped(text).into_owned(),
        SqlValue::Blob(bytes) => format!("<{} bytes>", bytes.len()),
        other => plain(other),
    }
}

/// A value as text: nothing for NULL, bytes as SQL writes them.
fn plain(value: &SqlValue) -> String {
    match value {
        SqlValue::Null => String::new(),
        SqlValue::Integer(n) => n.to_string(),
        SqlValue::Real(n) => n.to_string(),
        SqlValue::Text(text) => text.clone(),
        SqlValue::Blob(bytes) => {
            let mut text = String::from("X'");
            for byte in bytes {
                let _ = write!(text, "{byte:02X}");
            }
            text + "'"
        }
    }
}

/// A field of RFC 4180.
fn csv(text: &str) -> String {
    match text.contains([',', '"', '\r', '\n']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text.to_owned(),
    }
}

/// A row as an object; a name that comes again gets a number.
fn named(columns: &[String], values: Vec<SqlValue>) -> Map<String, Value> {
    let mut seen = HashSet::new();
    let mut object = Map::new();
    for (name, value) in columns.iter().zip(values) {
        let mut unique = name.clone();
        for n in 2.. {
            if seen.insert(unique.clone()) {
                break;
            }
            unique = format!("{name}_{n}");
        }
        object.insert(unique, sql_value(value));
    }
    object
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_quoted_where_they_must_be() {
        let cells = ["a", "a,b", "say \"x\"", "two\nlines", ""];
        assert_eq!(cells.map(csv), ["a", "\"a,b\"", "\"say \"\"x\"\"\"", "\"two\nlines\"", ""]);
        assert_eq!(plain(&SqlValue::Blob(vec![0, 255])), "X'00FF'");
        assert_eq!(cell(&SqlValue::Text("a\x1b[31m\nb".into())), escaped("a\x1b[31m\nb"));
    }

    #[test]
    fn columns_of_one_name_are_all_kept() {
        let columns = ["a", "a", "a_2"].map(String::from);
        let row = named(&columns, (1..=3).map(SqlValue::Integer).collect());
        assert_eq!(serde_json::to_string(&row).unwrap(), r#"{"a":1,"a_2":2,"a_2_2":3}"#);
    }

    #[test]
    fn an_error_is_pointed_at() {
        let error = SqlError::Bad { message: "no such column: x".into(), offset: Some(10) };
        let mut line = Vec::new();
        explain("SELECT\n é x", error).write(false, &mut line).unwrap();
        assert!(String::from_utf8(line).unwrap().contains("line 2, column 3: no such column: x"));
    }
}
