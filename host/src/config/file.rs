//! Reads `qonduit.toml` and names every mistake in it with its line.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use serde_json::{Map, Value};
use toml::de::{DeTable, DeValue};

use super::{
    FileChoice, Given, Layer, Mistake, Source,
    key::{KEYS, Key, Kind},
};

/// The file that was read, and what it gives.
pub(super) fn read(choice: &FileChoice) -> (Option<PathBuf>, Layer) {
    let (file, must_exist) = match choice {
        FileChoice::Usual => (Path::new(USUAL), false),
        FileChoice::Named(file) => (file.as_path(), true),
        FileChoice::Without => return (None, Layer::default()),
    };
    let mut layer = Layer {
        name: file.display().to_string(),
        ..Layer::default()
    };
    match fs::read_to_string(file) {
        Ok(text) => layer.read(&text, file.parent().unwrap_or(Path::new(""))),
        Err(error) if error.kind() == io::ErrorKind::NotFound && !must_exist => {
            return (None, layer);
        }
        Err(error) => {
            let place = layer.name.clone();
            layer
                .mistakes
                .push(Mistake::new(&place, unreadable(&error)));
        }
    }
    (Some(file.to_owned()), layer)
}

/// A value as TOML has it; text that is none is taken as text.
pub(super) fn value(text: &str) -> Value {
    DeValue::parse(text)
        .ok()
        .and_then(|value| json(value.get_ref()))
        .unwrap_or_else(|| Value::String(text.to_owned()))
}

pub(super) fn known_keys() -> impl Iterator<Item = String> {
    KEYS.iter().map(|key| key.path.to_owned())
}

impl Layer {
    /// Relative paths count from `folder`, wherever the command is started.
    fn read(&mut self, text: &str, folder: &Path) {
        let line = |offset: usize| 1 + text[..offset].matches('\n').count();
        let (table, errors) = DeTable::parse_recoverable(text);
        let file = self.name.clone();
        let place = |offset| format!("{file}:{}", line(offset));
        for error in errors {
            let at = error.span().map_or(0, |span| span.start.min(text.len()));
            let message = error.message().replace('\n', ", ");
            self.mistakes.push(Mistake::new(&place(at), message));
        }
        for (name, value) in table.get_ref() {
            let at = name.span().start;
            match (name.get_ref().as_ref(), value.get_ref()) {
                ("settings", DeValue::Table(settings)) => self.settings = object(settings),
                ("http", DeValue::Table(http)) => {
                    for (name, value) in http {
                        let at = name.span().start;
                        let path = format!("http.{}", name.get_ref());
                        self.take(&path, value.get_ref(), folder, line(at), &place(at));
                    }
                }
                ("connector", DeValue::Array(tables)) => {
                    for table in tables {
                        let at = line(table.span().start);
                        self.connector(table.get_ref(), folder, at, &line);
                    }
                }
                ("connector", _) => {
                    let message = "`connector` is a list of tables; write `[[connector]]` above \
                                   the keys of each";
                    self.mistakes.push(Mistake::new(&place(at), message));
                }
                (name @ ("settings" | "http"), _) => {
                    let message = format!("`{name}` is a table; write `[{name}]` above its keys");
                    self.mistakes.push(Mistake::new(&place(at), message));
                }
                (path, value) => self.take(path, value, folder, line(at), &place(at)),
            }
        }
    }

    pub(super) fn take(
        &mut self,
        path: &str,
        value: &DeValue<'_>,
        folder: &Path,
        line: usize,
        place: &str,
    ) {
        let Some(key) = Key::of(path) else {
            let tables = ["connector", "http", "settings"].map(str::to_owned);
            let known = known_keys().chain(tables);
            return self.mistakes.push(Mistake::unknown_key(place, path, known));
        };
        let text = match (key.kind, value) {
            (Kind::Text, DeValue::String(text)) => text.as_ref().into(),
            (Kind::Path, DeValue::String(text)) if text == "-" => "-".into(),
            (Kind::Path, DeValue::String(text)) => folder.join(text.as_ref()).into_os_string(),
            (Kind::Number { .. }, DeValue::Integer(_)) => match json(value) {
                Some(number) => number.to_string().into(),
                None => value_text(value).into(),
            },
            (Kind::Text | Kind::Path, _) => {
                let message = format!("`{path}` must be text in quotes");
                return self.mistakes.push(Mistake::new(place, message));
            }
            (Kind::Number { least, most }, _) => {
                let message = format!("`{path}` must be a whole number from {least} to {most}");
                return self.mistakes.push(Mistake::new(place, message));
            }
        };
        self.given.insert(
            key.path,
            Given {
                value: text,
                source: Source::File(line),
            },
        );
    }
}

pub(super) fn object(table: &DeTable<'_>) -> Map<String, Value> {
    let entries = table.iter().map(|(name, value)| {
        let value = json(value.get_ref()).unwrap_or_else(|| value_text(value.get_ref()).into());
        (name.get_ref().to_string(), value)
    });
    entries.collect()
}

/// `None` for a number that JSON cannot hold.
fn json(value: &DeValue<'_>) -> Option<Value> {
    Some(match value {
        DeValue::String(text) => Value::String(text.to_string()),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .ok()?
            .into(),
        DeValue::Float(number) => {
            serde_json::Number::from_f64(number.as_str().parse().ok()?)?.into()
        }
        DeValue::Boolean(yes) => Value::Bool(*yes),
        DeValue::Datetime(time) => Value::String(time.to_string()),
        DeValue::Array(items) => {
            let items = items.iter().map(|item| json(item.get_ref()));
            Value::Array(items.collect::<Option<_>>()?)
        }
        DeValue::Table(table) => Value::Object(object(table)),
    })
}

fn value_text(value: &DeValue<'_>) -> String {
    match value {
        DeValue::Integer(number) => number.to_string(),
        DeValue::Float(number) => number.to_string(),
        _ => String::new(),
    }
}

fn unreadable(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => {
            "there is no such file; `qonduit config example > qonduit.toml` makes one".to_owned()
        }
        io::ErrorKind::InvalidData => "is not UTF-8 text; save it as UTF-8".to_owned(),
        io::ErrorKind::IsADirectory => "is a folder; name the file in it".to_owned(),
        _ => format!("cannot be read: {error}"),
    }
}

const USUAL: &str = "qonduit.toml";
