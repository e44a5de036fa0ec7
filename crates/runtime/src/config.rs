//! Configuration: a service's embedded defaults, then the environment.
//!
//! `PAGEKEEPER__SECTION__KEY` sets `section.key`; `PAGEKEEPER__SECTION__KEY_FILE` names a file whose content is the
//! value (Kubernetes secrets). An empty variable counts as absent, except for a list, which it empties. Sections that
//! a service does not know belong to another service and are ignored; an unknown key in a known section is refused,
//! which needs `#[serde(deny_unknown_fields)]` on each section.

use std::collections::BTreeMap;
use std::io::Read;

use config::{Config, File, FileFormat, Value, ValueKind};
use serde::de::DeserializeOwned;

const PREFIX: &str = "PAGEKEEPER__";
const FILE_SUFFIX: &str = "_FILE";

/// Names with one underscore that are not configuration of a service: the command line's, and devstack's request to
/// announce the addresses.
const NOT_CONFIGURATION: [&str; 3] = ["PAGEKEEPER_URL", "PAGEKEEPER_TOKEN", "PAGEKEEPER_ANNOUNCE"];

/// A secret file larger than this is surely not one.
const LARGEST_FILE: u64 = 64 * 1024;

/// Why a service does not start. The texts say what to change.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("{name} is read by nobody: names of the configuration start with {PREFIX} (two underscores)")]
    SingleUnderscore { name: String },
    #[error("{name} and {name}{FILE_SUFFIX} are both given: keep one of them")]
    GivenTwice { name: String },
    #[error("{first} and {second} mean the same and differ: keep one of them")]
    LegacyNamesDiffer { first: String, second: String },
    #[error("{name} names a file that cannot be read as text of at most {LARGEST_FILE} bytes")]
    File {
        name: String,
        #[source]
        source: std::io::Error,
    },
    #[error("{name} is not a name of the configuration")]
    Name {
        name: String,
        #[source]
        source: Box<config::ConfigError>,
    },
    #[error("the configuration does not fit")]
    Shape(#[source] Box<config::ConfigError>),
    #[error("{key}: {problem}")]
    Value { key: &'static str, problem: String },
}

impl ConfigError {
    /// What a section's own `validate` answers: the key as `section.key`, and what is wrong with its value.
    pub fn value(key: &'static str, problem: impl Into<String>) -> Self {
        Self::Value { key, problem: problem.into() }
    }
}

/// Reads a configuration. `lists` are the keys whose values are split at commas; `legacy` pairs a name of an older
/// system with the key it means, read where the key's own name is absent.
pub fn load<T: DeserializeOwned>(
    defaults_toml: &str,
    env: impl IntoIterator<Item = (String, String)>,
    lists: &[&str],
    legacy: &[(&str, &str)],
) -> Result<T, ConfigError> {
    let env: BTreeMap<String, String> = env.into_iter().collect();
    refuse_single_underscores(&env)?;
    refuse_what_is_given_twice(&env)?;

    let mut builder = Config::builder().add_source(File::from_str(defaults_toml, FileFormat::Toml));
    for (key, setting) in settings(&env, lists, legacy)? {
        let value = Value::new(Some(&setting.name), setting.kind);
        builder = builder
            .set_override(&key, value)
            .map_err(|source| ConfigError::Name { name: setting.name.clone(), source: Box::new(source) })?;
    }
    builder.build().and_then(Config::try_deserialize).map_err(|error| ConfigError::Shape(Box::new(error)))
}

/// The process's environment, without what is not text.
pub fn environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

/// A value with the name of the variable that gave it, for the error that may follow.
struct Setting {
    name: String,
    kind: ValueKind,
}

fn refuse_single_underscores(env: &BTreeMap<String, String>) -> Result<(), ConfigError> {
    let stray = env.keys().find(|name| {
        name.starts_with("PAGEKEEPER_") && !name.starts_with(PREFIX) && !NOT_CONFIGURATION.contains(&name.as_str())
    });
    match stray {
        Some(name) => Err(ConfigError::SingleUnderscore { name: name.clone() }),
        None => Ok(()),
    }
}

fn refuse_what_is_given_twice(env: &BTreeMap<String, String>) -> Result<(), ConfigError> {
    let given = |name: &str| env.get(name).is_some_and(|value| !value.is_empty());
    let twice = env.keys().filter(|name| name.starts_with(PREFIX) && given(name)).find_map(|name| {
        let direct = name.strip_suffix(FILE_SUFFIX)?;
        given(direct).then_some(direct)
    });
    match twice {
        Some(name) => Err(ConfigError::GivenTwice { name: name.to_owned() }),
        None => Ok(()),
    }
}

fn settings(
    env: &BTreeMap<String, String>,
    lists: &[&str],
    legacy: &[(&str, &str)],
) -> Result<BTreeMap<String, Setting>, ConfigError> {
    let mut settings = BTreeMap::new();
    for (name, value) in env {
        let Some(rest) = name.strip_prefix(PREFIX) else { continue };
        let (base, value) = match rest.strip_suffix(FILE_SUFFIX) {
            Some(_) if value.is_empty() => continue,
            Some(base) => (base, read_file(name, value)?),
            None => (rest, value.clone()),
        };
        let key = base.to_lowercase().replace("__", ".");
        let kind = if lists.contains(&key.as_str()) {
            list(&value)
        } else if value.is_empty() {
            continue;
        } else {
            ValueKind::String(value)
        };
        settings.insert(key, Setting { name: name.clone(), kind });
    }
    add_legacy(env, lists, legacy, &mut settings)?;
    Ok(settings)
}

fn add_legacy(
    env: &BTreeMap<String, String>,
    lists: &[&str],
    legacy: &[(&str, &str)],
    settings: &mut BTreeMap<String, Setting>,
) -> Result<(), ConfigError> {
    let mut taken: BTreeMap<&str, (&str, &String)> = BTreeMap::new();
    for (name, key) in legacy {
        let Some(value) = env.get(*name).filter(|value| !value.is_empty()) else { continue };
        match taken.get(key) {
            Some((first, earlier)) if *earlier != value => {
                return Err(ConfigError::LegacyNamesDiffer { first: (*first).to_owned(), second: (*name).to_owned() });
            }
            Some(_) => {}
            None => {
                taken.insert(*key, (*name, value));
                let kind = if lists.contains(key) { list(value) } else { ValueKind::String(value.clone()) };
                settings.entry((*key).to_owned()).or_insert(Setting { name: (*name).to_owned(), kind });
            }
        }
    }
    Ok(())
}

fn list(value: &str) -> ValueKind {
    let entries = value.split(',').map(str::trim).filter(|entry| !entry.is_empty());
    ValueKind::Array(entries.map(|entry| Value::new(None, ValueKind::String(entry.to_owned()))).collect())
}

fn read_file(name: &str, path: &str) -> Result<String, ConfigError> {
    let read = || {
        let mut text = String::new();
        std::fs::File::open(path)?.take(LARGEST_FILE + 1).read_to_string(&mut text)?;
        if text.len() as u64 > LARGEST_FILE {
            return Err(std::io::Error::from(std::io::ErrorKind::FileTooLarge));
        }
        Ok(text.trim_end_matches(['\r', '\n']).to_owned())
    };
    read().map_err(|source| ConfigError::File { name: name.to_owned(), source })
}
