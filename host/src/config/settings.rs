//! The settings of the component, put together from who gives them. What they mean is for the
//! component to say.

use serde_json::{Map, Value};

use super::{Config, layer, setting};

impl Config {
    /// One JSON object, for the component.
    pub fn settings(&self) -> String {
        Value::Object(self.settings.clone()).to_string()
    }

    /// With those of a connector: they go before the file and the environment, and behind the
    /// command line.
    pub fn settings_with(&self, connector: &str) -> String {
        let own = serde_json::from_str(connector).unwrap_or_default();
        let mut settings = Map::new();
        let mut own = Some(own);
        for (name, layer) in &self.settings_given {
            if name == layer::COMMAND_LINE {
                merge(&mut settings, own.take().unwrap_or_default());
            }
            merge(&mut settings, layer.clone());
        }
        Value::Object(settings).to_string()
    }

    /// The settings that the command line gives, as one JSON object.
    pub fn own_settings(&self) -> Map<String, Value> {
        let own = |(name, settings): &(String, _)| {
            (name == layer::COMMAND_LINE).then(|| Map::clone(settings))
        };
        self.settings_given.iter().find_map(own).unwrap_or_default()
    }

    /// The same over those that are given here.
    pub fn own_settings_over(&self, kept: &str) -> String {
        let mut settings = serde_json::from_str(kept).unwrap_or_default();
        merge(&mut settings, self.own_settings());
        Value::Object(settings).to_string()
    }

    /// The settings of the component in the same way, by their path.
    pub fn settings_in_force(&self) -> Vec<(String, String, String)> {
        let row = |setting: &setting::Setting| {
            let path = format!("/{}", setting.path.replace('.', "/"));
            let given = self
                .settings_given
                .iter()
                .rev()
                .find_map(|(name, settings)| {
                    let settings = Value::Object(settings.clone());
                    Some((settings.pointer(&path)?.to_string(), name.clone()))
                });
            let default = || (setting.default.to_owned(), "default".to_owned());
            let (value, who) = given.unwrap_or_else(default);
            (format!("settings.{}", setting.path), value, who)
        };
        setting::SETTINGS.iter().map(row).collect()
    }
}

/// The stronger layer goes key by key before the weaker one, in tables too.
pub(super) fn merge(weaker: &mut Map<String, Value>, stronger: Map<String, Value>) {
    for (key, value) in stronger {
        match (weaker.get_mut(&key), value) {
            (Some(Value::Object(below)), Value::Object(above)) => merge(below, above),
            (_, value) => drop(weaker.insert(key, value)),
        }
    }
}
