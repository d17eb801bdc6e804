//! A configuration file to start from, written from the definitions themselves.

use super::{key::KEYS, setting::SETTINGS};

/// Every key with what it means, all commented out: as it stands, the file changes nothing.
pub fn example() -> String {
    let keys = KEYS
        .iter()
        .map(|key| (key.path.to_owned(), key.about, key.example));
    let settings = SETTINGS.iter().map(|setting| {
        (
            format!("settings.{}", setting.path),
            setting.about,
            setting.default,
        )
    });
    let mut text = INTRODUCTION.to_owned();
    let mut table = String::new();
    for (path, about, value) in keys.chain(settings) {
        let (parent, name) = path.rsplit_once('.').unwrap_or(("", &path));
        if parent != table {
            text += &format!("\n[{parent}]\n");
            table = parent.to_owned();
        }
        text += "\n";
        for line in wrapped(about) {
            text += &format!("# {line}\n");
        }
        text += &format!("#{name} = {value}\n");
    }
    text + CONNECTOR
}

fn wrapped(text: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let line = lines.last_mut().expect("there is always a line");
        if line.is_empty() {
            *line = word.to_owned();
        } else if line.len() + 1 + word.len() <= WIDTH {
            *line += " ";
            *line += word;
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

const WIDTH: usize = 76;
const INTRODUCTION: &str = "\
# Configuration of qonduit, read from `qonduit.toml` in the working directory or
# from the file that `--config` names. The command line goes before the
# environment, and the environment before this file. Relative paths count from
# the folder of this file. `qonduit config check` tells what is in force.
#
# The password has no place here: see `password_file`. A proxy is taken from the
# variables HTTPS_PROXY and NO_PROXY.
";

/// Commented out as a whole: a table without its keys would be a mistake.
const CONNECTOR: &str = "
# Connectors: accounts with a name, settings of their own and a schedule, any
# number of them. Each takes the keys of an account as they stand at the top,
# and its settings go before those above. What is defined here is changed here,
# and not by `qonduit connector edit`. A password is in a file (`password_file`)
# or in a variable (`password_env`), as is the secret of an API client
# (`client_secret_file`, `client_secret_env`).

#[[connector]]
#name = \"lab\"
#description = \"the machines of the lab\"
#username = \"lab2ab12\"
#password_env = \"LAB_PASSWORD\"

#[connector.settings]
#information_gathered = false

# One of `every`, `cron` and `once`; also `start`, `time_zone`, `jitter` and
# `catch_up`, as `qonduit connector add --help` has them.
#[connector.schedule]
#every = \"6 hours\"
";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, FileChoice, Layer};

    fn load(text: &str) -> Config {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let file = folder.path().join("qonduit.toml");
        std::fs::write(&file, text).expect("a file can be written");
        Config::load(Layer::default(), &FileChoice::Named(file), [])
    }

    #[test]
    fn the_example_as_it_stands_changes_nothing() {
        let config = load(&example());
        config.sound().expect("has no mistake");
        let settings = qonduit_component::settings::parse(&config.settings());
        assert_eq!(settings, Ok(Default::default()));
        assert!(
            config
                .in_force()
                .iter()
                .all(|(_, _, who)| who == "default" || who.is_empty())
        );
    }

    #[test]
    fn each_line_of_the_example_may_be_put_in_force() {
        let text = example();
        let is_key = |line: &&str| line.starts_with('#') && line.contains(" = ");
        let lines: Vec<_> = text.lines().filter(is_key).collect();
        assert_eq!(lines.len(), KEYS.len() + SETTINGS.len() + 6);
        let is_put_in_force = |line: &str, key: &str| {
            (is_key(&line) && !key.starts_with("api_url")) || key.starts_with('[')
        };
        let all = text.lines().map(|line| match line.strip_prefix('#') {
            Some(key) if is_put_in_force(line, key) => key,
            _ => line,
        });
        let config = load(&all.collect::<Vec<_>>().join("\n"));
        config.sound().expect("has no mistake");
        let settings = config.settings();
        assert_eq!(
            qonduit_component::settings::parse(&settings),
            Ok(Default::default())
        );
        let [connector] = &config.connectors[..] else {
            panic!("{:?}", config.connectors);
        };
        assert_eq!(connector.name, "lab");
        assert!(connector.schedule.is_some());
    }

    #[test]
    fn no_line_is_wider_than_a_terminal() {
        for line in example().lines() {
            assert!(line.len() <= 80, "{line}");
        }
    }
}
