//! One record as lines of label and value, and long texts below. Values are made safe here.

use super::text;

/// The text about one record.
#[derive(Debug)]
pub(super) struct Block {
    width: usize,
    text: String,
}

impl Block {
    pub(super) fn new(title: &str, width: usize) -> Self {
        Self {
            width: width.max(MIN_WIDTH),
            text: format!("{}\n", text::line(title)),
        }
    }

    pub(super) fn untitled(width: usize) -> Self {
        Self {
            width: width.max(MIN_WIDTH),
            text: String::new(),
        }
    }

    /// Nothing is shown of what is not known.
    pub(super) fn field(&mut self, label: &str, value: impl AsRef<str>) {
        let value = text::line(value.as_ref());
        if value.is_empty() {
            return;
        }
        for (at, line) in wrapped(&value, self.width - INDENT).iter().enumerate() {
            let label = if at == 0 { label } else { "" };
            // A name of Qualys' may be longer than the column.
            let gap = if label.len() < LABEL { "" } else { " " };
            self.text += &format!("  {label:<LABEL$}{gap}{line}\n");
        }
    }

    pub(super) fn maybe(&mut self, label: &str, value: Option<impl ToString>) {
        self.field(
            label,
            value.map(|value| value.to_string()).unwrap_or_default(),
        );
    }

    /// One of several, wrapped under itself.
    pub(super) fn item(&mut self, item: &str) {
        for (at, line) in wrapped(&text::line(item), self.width - 4)
            .iter()
            .enumerate()
        {
            let indent = if at == 0 { "  " } else { "    " };
            self.text += &format!("{indent}{line}\n");
        }
    }

    /// Lines as they are: wrapping would break their columns.
    pub(super) fn plain(&mut self, heading: &str, plain: Option<&str>) {
        if let Some(plain) = plain.filter(|plain| !plain.trim().is_empty()) {
            self.section(heading, &text::lines(plain.trim_end()));
        }
    }

    /// HTML of the knowledge base.
    pub(super) fn html(&mut self, heading: &str, html: Option<&str>) {
        if let Some(html) = html.filter(|html| !html.trim().is_empty()) {
            self.section(heading, &text::of_html(html, self.width - 4));
        }
    }

    pub(super) fn finish(self) -> String {
        self.text
    }

    fn section(&mut self, heading: &str, lines: &str) {
        self.text += &format!("\n  {heading}\n");
        for line in lines.lines() {
            self.text += format!("    {line}").trim_end();
            self.text += "\n";
        }
    }
}

fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let line = lines.last_mut().expect("there is always a line");
        let used = console::measure_text_width(line);
        if line.is_empty() {
            *line = word.to_owned();
        } else if used + 1 + console::measure_text_width(word) <= width {
            *line += " ";
            *line += word;
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

const LABEL: usize = 16;
const INDENT: usize = LABEL + 2;
const MIN_WIDTH: usize = 40;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_aligned_wrapped_and_safe() {
        let mut block = Block::new("web01\u{1b}[2J", 40);
        block.field("os", "Ubuntu Linux 24.04 LTS server");
        block.maybe("qds", None::<u8>);
        block.plain("results", Some("a\tb\n\u{7}\n"));
        assert_eq!(
            block.finish(),
            "web01\u{fffd}[2J\n  \
             os              Ubuntu Linux 24.04 LTS\n                  server\n\n  \
             results\n    a       b\n    \u{fffd}\n"
        );
    }
}
