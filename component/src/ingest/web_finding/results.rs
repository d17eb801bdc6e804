//! What a scan of a web application saw, as one short text.

/// Its parts, as they come.
#[derive(Debug, Default)]
pub(super) struct Results {
    pub(super) function: Option<String>,
    pub(super) content: Option<String>,
    pub(super) method: Option<String>,
    pub(super) link: Option<String>,
    pub(super) payload: Option<String>,
    payloads: String,
    n_left_out: u64,
}

impl Results {
    /// Called at the end of the request, too, when nothing is complete yet but its two parts.
    pub(super) fn end_of_payload(&mut self) {
        let Some(payload) = self.payload.take() else {
            return;
        };
        let request = [self.method.take(), self.link.take()];
        let request: Vec<String> = request.into_iter().flatten().collect();
        let room = LONGEST.saturating_sub(self.payloads.len());
        let line = format!("{}\n  {payload}\n", request.join(" "));
        if line.len() > room {
            self.n_left_out += 1;
        } else {
            self.payloads.push_str(line.trim_start_matches('\n'));
        }
    }

    pub(super) fn text(mut self) -> Option<String> {
        self.end_of_payload();
        let named = |name: &str, text: Option<String>| text.map(|text| format!("{name}: {text}\n"));
        let mut text = String::new();
        text.extend(named("function", self.function));
        text.extend(named("content", self.content));
        text.push_str(&self.payloads);
        cut(&mut text);
        if self.n_left_out > 0 {
            text.push_str(&format!("{} more payloads\n", self.n_left_out));
        }
        let text = text.trim_end();
        (!text.is_empty()).then(|| text.to_owned())
    }
}

fn cut(text: &mut String) {
    if text.len() > LONGEST {
        let end = (0..=LONGEST).rev().find(|at| text.is_char_boundary(*at));
        text.truncate(end.unwrap_or_default());
        text.push_str("\n(cut)\n");
    }
}

/// In bytes.
const LONGEST: usize = 8 * 1024 - 64;
