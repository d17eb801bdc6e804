//! The table that the benchmark prints, and the median that all its figures are.

#[derive(Default)]
pub(crate) struct Report {
    title: &'static str,
    rows: Vec<[String; 3]>,
}

impl Report {
    /// Also tells at once, because the whole takes minutes.
    pub(crate) fn add(&mut self, what: &str, reach: &str, measured: String) {
        eprintln!("{what}: {measured}");
        self.rows
            .push([what.to_owned(), reach.to_owned(), measured]);
    }

    /// Prints what there is so far, and begins with another table.
    pub(crate) fn section(self, title: &'static str) -> Self {
        self.print();
        Self {
            title,
            rows: Vec::new(),
        }
    }

    pub(crate) fn print(&self) {
        if self.rows.is_empty() {
            return;
        }
        if !self.title.is_empty() {
            println!("\n{}\n", self.title);
        }
        println!("| what | reach | measured |\n|---|---|---|");
        for [what, reach, measured] in &self.rows {
            println!("| {what} | {reach} | {measured} |");
        }
    }
}

pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    percentile(&mut values, 50)
}

/// The smallest value that is not below this share of all.
pub(crate) fn percentile(values: &mut [f64], percent: usize) -> f64 {
    values.sort_by(f64::total_cmp);
    values[(values.len() * percent / 100).min(values.len() - 1)]
}
