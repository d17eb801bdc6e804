//! Every key of the configuration, defined once.
//!
//! The help of the command line, the environment, the file, its example and what `config check`
//! shows are all read off this table, so they cannot disagree.

/// One thing that can be configured.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// As in the file: `db`, `http.idle_timeout_secs`.
    pub path: &'static str,
    pub kind: Kind,
    pub default: Default,
    /// Sentences, for the help and for the example.
    pub about: &'static str,
    /// What the example shows, in the notation of the file.
    pub example: &'static str,
}

/// What a value looks like.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    Text,
    /// In the file, relative to the folder of the file.
    Path,
    Number {
        least: u64,
        most: u64,
    },
}

/// What holds when nothing is given.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Default {
    /// Has to be given for what needs it.
    None,
    Text(&'static str),
    Number(u64),
}

impl Key {
    pub fn of(path: &str) -> Option<&'static Self> {
        KEYS.iter().find(|key| key.path == path)
    }

    /// The variable that gives it.
    pub fn variable(&self) -> String {
        format!("QONDUIT_{}", self.path.replace('.', "_").to_uppercase())
    }

    /// The argument that gives it; the rest goes through `--set`.
    pub fn argument(&self) -> String {
        if self.path.contains('.') {
            format!("--set {}", self.path)
        } else {
            format!("--{}", self.path.replace('_', "-"))
        }
    }

    /// For the help of its argument.
    pub fn help(path: &str) -> String {
        let key = Self::of(path).expect("every argument has its key");
        let mut help = key.about.trim_end_matches('.').to_owned();
        match key.default {
            Default::None => {}
            Default::Text(text) => help += &format!(" [default: {text}]"),
            Default::Number(number) => help += &format!(" [default: {number}]"),
        }
        help + &format!(" [env: {}]", key.variable())
    }
}

pub const KEYS: &[Key] = &[
    Key {
        path: "platform",
        kind: Kind::Text,
        default: Default::None,
        about: "Platform of the Qualys account: US1, US2, US3, US4, GOV1, EU1, EU2, EU3, IN1, CA1, \
                AE1, UK1, AU1 or KSA1. When neither it nor `api_url` is given, it is told from the \
                username",
        example: "\"US2\"",
    },
    Key {
        path: "api_url",
        kind: Kind::Text,
        default: Default::None,
        about: "Address of the Qualys API, in place of a platform: `https://host` or \
                `https://host:port`. In Qualys, Help > About shows it",
        example: "\"https://qualysapi.qg2.apps.qualys.com\"",
    },
    Key {
        path: "username",
        kind: Kind::Text,
        default: Default::None,
        about: "Login name of a Qualys account with API access",
        example: "\"acme2ab12\"",
    },
    Key {
        path: "password_file",
        kind: Kind::Path,
        default: Default::None,
        about: "File that holds the password and nothing else, or `-` for standard input. Without \
                it, the variable QONDUIT_PASSWORD is used, then the terminal asks",
        example: "\"/run/secrets/qualys\"",
    },
    Key {
        path: "gateway_url",
        kind: Kind::Text,
        default: Default::None,
        about: "Address of the Qualys gateway, which serves the newer APIs. Without it, it is told \
                from the platform or from `api_url`",
        example: "\"https://gateway.qg2.apps.qualys.com\"",
    },
    Key {
        path: "client_id",
        kind: Kind::Text,
        default: Default::None,
        about: "API client that asks the gateway for tokens, in place of username and password. Not \
                every module accepts the tokens of API clients",
        example: "\"a1b2c3d4\"",
    },
    Key {
        path: "client_secret_file",
        kind: Kind::Path,
        default: Default::None,
        about: "File that holds the secret of the API client and nothing else. Without it, the \
                variable QONDUIT_CLIENT_SECRET is used",
        example: "\"/run/secrets/qualys-client\"",
    },
    Key {
        path: "client_level",
        kind: Kind::Text,
        default: Default::Text("user"),
        about: "Whom the API client speaks for: `user` or `subscription`",
        example: "\"user\"",
    },
    Key {
        path: "ca_file",
        kind: Kind::Path,
        default: Default::None,
        about: "PEM file of certificate authorities to trust besides those of the system, for a \
                proxy that decrypts",
        example: "\"/etc/ssl/company-ca.pem\"",
    },
    Key {
        path: "db",
        kind: Kind::Path,
        default: Default::Text("qonduit.db"),
        about: "Database file of the inventory; the first sync creates it",
        example: "\"qonduit.db\"",
    },
    Key {
        path: "http.connect_timeout_secs",
        kind: Kind::Number {
            least: 1,
            most: 600,
        },
        default: Default::Number(30),
        about: "How long to wait for a connection.",
        example: "30",
    },
    Key {
        path: "http.idle_timeout_secs",
        kind: Kind::Number {
            least: 1,
            most: 7_200,
        },
        default: Default::Number(300),
        about: "How long an answer may pause. Qualys itself pauses for minutes.",
        example: "300",
    },
    Key {
        path: "http.min_bytes_per_sec",
        kind: Kind::Number {
            least: 0,
            most: 1_000_000_000,
        },
        default: Default::Number(100),
        about: "An answer that is slower over `idle_timeout_secs` is given up; 0 accepts any speed.",
        example: "100",
    },
    Key {
        path: "http.max_call_secs",
        kind: Kind::Number {
            least: 10,
            most: 86_400,
        },
        default: Default::Number(3_600),
        about: "How long one call may take in all.",
        example: "3600",
    },
    Key {
        path: "http.max_answer_bytes",
        kind: Kind::Number {
            least: 1_048_576,
            most: i64::MAX as u64,
        },
        default: Default::Number(16 << 30),
        about: "How large one answer may become, after decompression.",
        example: "17179869184",
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{config::HttpOptions, platform};

    #[test]
    fn the_help_names_default_and_variable() {
        assert_eq!(
            Key::help("db"),
            "Database file of the inventory; the first sync creates it [default: qonduit.db] \
             [env: QONDUIT_DB]"
        );
    }

    #[test]
    fn the_platforms_are_all_named() {
        let about = Key::of("platform").expect("is a key").about;
        for name in platform::names() {
            assert!(about.contains(name), "{name}");
        }
    }

    #[test]
    fn the_defaults_are_those_of_the_options() {
        let number = |path| match Key::of(path).expect("is a key").default {
            Default::Number(number) => number,
            other => panic!("{path} is {other:?}"),
        };
        let options = HttpOptions::default();
        assert_eq!(
            number("http.connect_timeout_secs"),
            options.connect_timeout.as_secs()
        );
        assert_eq!(
            number("http.idle_timeout_secs"),
            options.idle_timeout.as_secs()
        );
        assert_eq!(number("http.min_bytes_per_sec"), options.min_bytes_per_sec);
        assert_eq!(number("http.max_call_secs"), options.max_call.as_secs());
        assert_eq!(number("http.max_answer_bytes"), options.max_answer_bytes);
    }
}
