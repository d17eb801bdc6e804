//! Tables that fit the terminal: a header line, columns, and nothing else.
//!
//! Cells are one safe line each. Columns that may shrink give way, the widest first, and what does
//! not fit is cut with `…`.

use console::{Style, measure_text_width, truncate_str};

use super::text;

/// How a column is set.
#[derive(Clone, Copy, Debug)]
pub(super) struct Column {
    title: &'static str,
    is_number: bool,
    /// It never becomes narrower than this; none keeps its full width.
    least: Option<usize>,
}

#[derive(Clone, Debug)]
pub(super) struct Cell {
    text: String,
    style: Option<Style>,
}

#[derive(Clone, Debug)]
pub(super) struct Table {
    columns: Vec<Column>,
    rows: Vec<Vec<Cell>>,
}

impl Column {
    /// Keeps its width, and stands on the left.
    pub(super) const fn text(title: &'static str) -> Self {
        Self {
            title,
            is_number: false,
            least: None,
        }
    }

    /// Keeps its width, and stands on the right.
    pub(super) const fn number(title: &'static str) -> Self {
        Self {
            title,
            is_number: true,
            least: None,
        }
    }

    /// Gives way, but not below `least`.
    pub(super) const fn flexible(title: &'static str, least: usize) -> Self {
        Self {
            title,
            is_number: false,
            least: Some(least),
        }
    }
}

impl<T: AsRef<str>> From<T> for Cell {
    fn from(cell: T) -> Self {
        Self {
            text: text::line(cell.as_ref()).into_owned(),
            style: None,
        }
    }
}

impl Cell {
    pub(super) fn styled(mut self, style: Option<Style>) -> Self {
        self.style = style;
        self
    }
}

impl Table {
    pub(super) fn new(columns: impl Into<Vec<Column>>) -> Self {
        Self {
            columns: columns.into(),
            rows: Vec::new(),
        }
    }

    pub(super) fn row(&mut self, cells: impl Into<Vec<Cell>>) {
        let cells = cells.into();
        debug_assert_eq!(cells.len(), self.columns.len());
        self.rows.push(cells);
    }

    /// In lines of at most `width`, as far as the columns that keep theirs allow. Columns without
    /// any value are left out.
    pub(super) fn render(mut self, width: usize) -> String {
        self.drop_empty();
        let widths = self.widths(width);
        let header = self
            .columns
            .iter()
            .map(|column| Cell::from(column.title))
            .collect();
        let rows = std::iter::once(&header).chain(&self.rows);
        rows.map(|row| self.line(row, &widths)).collect()
    }

    fn drop_empty(&mut self) {
        if self.rows.is_empty() {
            return;
        }
        let is_kept: Vec<_> = (0..self.columns.len())
            .map(|at| self.rows.iter().any(|row| !row[at].text.is_empty()))
            .collect();
        let keep = |at: &mut usize| {
            *at += 1;
            is_kept[*at - 1]
        };
        let mut at = 0;
        self.columns.retain(|_| keep(&mut at));
        for row in &mut self.rows {
            let mut at = 0;
            row.retain(|_| keep(&mut at));
        }
    }

    fn widths(&self, width: usize) -> Vec<usize> {
        let natural = |(at, column): (usize, &Column)| {
            let cells = self
                .rows
                .iter()
                .map(|row| measure_text_width(&row[at].text));
            cells
                .max()
                .unwrap_or(0)
                .max(measure_text_width(column.title))
        };
        let mut widths: Vec<_> = self.columns.iter().enumerate().map(natural).collect();
        let gaps = GAP.len() * self.columns.len().saturating_sub(1);
        let mut excess = (widths.iter().sum::<usize>() + gaps).saturating_sub(width);
        while excess > 0 {
            let can_shrink = |at: &usize| {
                self.columns[*at]
                    .least
                    .is_some_and(|least| widths[*at] > least)
            };
            let widest = (0..widths.len())
                .filter(can_shrink)
                .max_by_key(|at| widths[*at]);
            let Some(widest) = widest else { break };
            widths[widest] -= 1;
            excess -= 1;
        }
        widths
    }

    fn line(&self, row: &[Cell], widths: &[usize]) -> String {
        let mut line = String::new();
        for ((cell, column), width) in row.iter().zip(&self.columns).zip(widths) {
            let cut = truncate_str(&cell.text, *width, "…");
            let padding = " ".repeat(width.saturating_sub(measure_text_width(&cut)));
            let shown = match &cell.style {
                Some(style) => style.apply_to(cut).to_string(),
                None => cut.into_owned(),
            };
            if !line.is_empty() {
                line += GAP;
            }
            line += &if column.is_number {
                padding + &shown
            } else {
                shown + &padding
            };
        }
        line.truncate(line.trim_end().len());
        line + "\n"
    }
}

const GAP: &str = "  ";

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table = Table::new([
            Column::flexible("NAME", 8),
            Column::flexible("OS", 6),
            Column::number("OPEN"),
        ]);
        table.row([
            "web01.example.net".into(),
            "Ubuntu 24.04".into(),
            "7".into(),
        ]);
        table.row(["db\u{1b}[2J".into(), "東京 Linux".into(), "1204".into()]);
        table
    }

    #[test]
    fn a_table_with_room_is_as_wide_as_its_cells() {
        assert_eq!(
            table().render(80),
            "NAME               OS            OPEN\n\
             web01.example.net  Ubuntu 24.04     7\n\
             db\u{fffd}[2J             東京 Linux    1204\n"
        );
    }

    #[test]
    fn a_table_without_room_cuts_the_widest_column_first() {
        assert_eq!(
            table().render(28),
            "NAME        OS          OPEN\n\
             web01.exa…  Ubuntu 24…     7\n\
             db\u{fffd}[2J      東京 Linux  1204\n"
        );
    }

    #[test]
    fn no_column_becomes_narrower_than_it_may() {
        let rendered = table().render(5);
        assert!(
            rendered.starts_with("NAME      OS      OPEN\n"),
            "{rendered}"
        );
    }

    #[test]
    fn a_column_without_values_is_left_out() {
        let mut table = Table::new([Column::text("A"), Column::number("QDS"), Column::text("B")]);
        table.row(["1".into(), "".into(), "2".into()]);
        assert_eq!(table.render(80), "A  B\n1  2\n");
    }

    #[test]
    fn colour_does_not_count_as_width() {
        let mut table = Table::new([Column::text("SEVERITY"), Column::text("B")]);
        let red = Style::new().red().force_styling(true);
        table.row([Cell::from("high").styled(Some(red)), "x".into()]);
        assert_eq!(
            table.render(80),
            "SEVERITY  B\n\u{1b}[31mhigh\u{1b}[0m      x\n"
        );
    }
}
