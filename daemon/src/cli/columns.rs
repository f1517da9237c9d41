//! Rows of texts under titles, each column as wide as it has to be.

use super::output::Paint;
use std::fmt::Write;

/// The titles and the rows as lines. Columns named in `right` hold numbers; the last one is not filled up.
pub fn columns<const N: usize>(titles: [&str; N], right: &[usize], rows: &[[String; N]], paint: Paint) -> String {
    let mut widths = titles.map(|title| title.chars().count());
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let line = |cells: [&str; N]| {
        let cells = cells.into_iter().zip(widths).enumerate().map(|(column, (cell, width))| match column {
            _ if right.contains(&column) => format!("{cell:>width$}"),
            _ if column + 1 == N => cell.to_owned(),
            _ => format!("{cell:<width$}"),
        });
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    let mut text = format!("{}\n", paint.heading(line(titles)));
    for row in rows {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{}", line(row.each_ref().map(String::as_str)));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_they_have_to_be() {
        let rows = [["1".into(), "long one".into(), "x y".into()], ["100".into(), String::new(), String::new()]];
        let text = columns(["N", "NAME", "REST"], &[0], &rows, Paint(false));
        assert_eq!(text, "  N  NAME      REST\n  1  long one  x y\n100\n");
    }
}
