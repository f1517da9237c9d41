//! `waylay ls`: captured exchanges, newest last.

use super::{NEWEST, filter, reader};
use crate::cli::{
    Context,
    output::{Format, notice, stdout},
    report::{Exit, Report},
    table::{Layout, Row},
};
use clap::Args;
use jiff::Zoned;
use std::io::{self, Write};
use waylay_storage::{Filter, ListQuery, Reader, SortKey, SortedQuery, model::Summary};

/// Rows that are read at once.
const PAGE: usize = 1000;

/// Arguments of `waylay ls`.
#[derive(Debug, Args)]
#[command(
    after_help = "A filter is a list of terms that must all match: words of the URL, and session:7 method:GET,POST \
status:404 status:5xx host:example.com path:/api type:json scheme:https port:8080 size>10k dur>500 (milliseconds) \
header:x-id=1 cookie:sid body:word body:\"two words\" text:word is:failed is:pending is:ws is:sse is:grpc since:10m \
before:2026-01-31 source:run process:curl reason:dns. \
Also OR, parentheses, /a regular expression/i (path~/re/ for a path), and mitmproxy's ~u ~m ~c ~d ~b ~h ~t. \
A leading - negates: -host:example.com, -(a OR b). \
Put a filter in single quotes if it has quotes, spaces, parentheses, < or > in it: waylay ls 'size>1M (is:ws OR \"a b\")'."
)]
pub struct LsArgs {
    /// What the exchanges must match.
    pub filter: Vec<String>,

    /// The newest N [default: 50].
    #[arg(short = 'n', long = "limit", value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub limit: Option<u64>,

    /// All of them.
    #[arg(long, conflicts_with = "limit")]
    pub all: bool,

    /// By a column, in its order: time, method, status, host, path, type, size or duration. With - before it the largest
    /// come first: --sort=-size.
    #[arg(long, value_name = "COLUMN", value_parser = sort_key)]
    pub sort: Option<(SortKey, bool)>,
}

fn sort_key(text: &str) -> Result<(SortKey, bool), String> {
    let names: Vec<_> = SortKey::ALL.iter().map(|(name, _)| *name).collect();
    SortKey::parse(text).ok_or_else(|| format!("there are {}", names.join(", ")))
}

/// Lists exchanges.
pub(in crate::cli) fn ls(context: &Context, args: &LsArgs) -> Result<Exit, Report> {
    let filter = filter(&args.filter)?;
    let reader = reader(context)?;
    let mut sheet = Sheet::begin(context)?;
    if let Some(order) = args.sort {
        sorted(&reader, &filter, order, args, &mut sheet)?;
    } else if args.all {
        let mut after = 0;
        while let Some(page) = page_after(&reader, &filter, after)? {
            after = page.last().map_or(after, |last| last.seq);
            sheet.add(&page)?;
        }
    } else {
        let limit = args.limit.map_or(NEWEST, |n| usize::try_from(n).unwrap_or(usize::MAX));
        sheet.add(&newest(&reader, &filter, limit, None)?)?;
    }
    if sheet.items == 0 {
        notice(if filter.is_empty() { "nothing has been captured yet" } else { "nothing matches the filter" });
    }
    sheet.end()?;
    Ok(Exit::OK)
}

fn sorted(
    reader: &Reader,
    filter: &Filter,
    (key, descending): (SortKey, bool),
    args: &LsArgs,
    sheet: &mut Sheet<'_>,
) -> Result<(), Report> {
    let mut left = match args.all {
        true => usize::MAX,
        false => args.limit.map_or(NEWEST, |n| usize::try_from(n).unwrap_or(usize::MAX)),
    };
    let mut cursor = None;
    while left > 0 {
        let query = SortedQuery { filter: filter.clone(), key, descending, cursor, limit: left.min(PAGE) };
        let page = reader.sorted(&query)?;
        left -= page.items.len().min(left);
        sheet.add(&page.items)?;
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    Ok(())
}

fn page_after(reader: &Reader, filter: &Filter, after: i64) -> Result<Option<Vec<Summary>>, Report> {
    let query = ListQuery { filter: filter.clone(), before: None, after: Some(after), limit: PAGE };
    Ok(Some(reader.list(&query)?.items).filter(|items| !items.is_empty()))
}

/// The newest `limit` exchanges before the number `before`, the oldest of them first.
pub(super) fn newest(
    reader: &Reader,
    filter: &Filter,
    limit: usize,
    mut before: Option<i64>,
) -> Result<Vec<Summary>, Report> {
    let (mut pages, mut left) = (Vec::new(), limit);
    while left > 0 {
        let query = ListQuery { filter: filter.clone(), before, after: None, limit: left.min(PAGE) };
        let page = reader.list(&query)?;
        left -= page.items.len().min(left);
        before = page.before;
        pages.push(page.items);
        if before.is_none() {
            break;
        }
    }
    Ok(pages.into_iter().rev().flatten().collect())
}

/// A list on its way to standard output, in any of its forms.
pub(super) struct Sheet<'a> {
    context: &'a Context,
    now: Zoned,
    layout: Option<Layout>,
    items: usize,
}

impl<'a> Sheet<'a> {
    pub(super) fn begin(context: &'a Context) -> Result<Self, Report> {
        if context.output.format == Format::Json {
            context.output.text("{\"items\":[")?;
        }
        Ok(Self { context, now: Zoned::now(), layout: None, items: 0 })
    }

    pub(super) fn add(&mut self, items: &[Summary]) -> Result<(), Report> {
        let mut out = Vec::new();
        match self.context.output.format {
            Format::Text => self.lines(items, &mut out),
            Format::Json => items.iter().enumerate().try_for_each(|(number, item)| {
                out.extend_from_slice(if self.items + number > 0 { b",\n" } else { b"\n" });
                serde_json::to_writer(&mut out, item).map_err(io::Error::from)
            }),
            Format::Jsonl => items.iter().try_for_each(|item| {
                serde_json::to_writer(&mut out, item)?;
                out.push(b'\n');
                Ok(())
            }),
        }
        .and_then(|()| stdout().write_all(&out))
        .map_err(Report::output)?;
        self.items += items.len();
        Ok(())
    }

    pub(super) fn end(self) -> Result<(), Report> {
        match self.context.output.format {
            Format::Json => self.context.output.text("\n]}\n"),
            _ => Ok(()),
        }
    }

    /// Text is laid out by the first rows; later ones keep to their columns.
    fn lines(&mut self, items: &[Summary], out: &mut Vec<u8>) -> io::Result<()> {
        let output = &self.context.output;
        let row = if output.terminal { Row::short } else { Row::full };
        let rows: Vec<Row> = items.iter().map(|item| row(item, &self.now)).collect();
        let layout = match &mut self.layout {
            Some(layout) => layout,
            None if rows.is_empty() => return Ok(()),
            None => {
                let layout = self.layout.insert(Layout::fit(&rows, output.width));
                writeln!(out, "{}", layout.heading(output.paint))?;
                layout
            }
        };
        rows.iter().try_for_each(|row| writeln!(out, "{}", layout.row(row, output.paint)))
    }
}
