//! Where values come from, and what is refused with one line that says what to change. (L6)

use pagekeeper_runtime::chain::Chain;
use pagekeeper_runtime::config::{ConfigError, load};
use pagekeeper_runtime::secret::{ExposeSecret, SecretString, is_equal};
use serde::Deserialize;

const DEFAULTS: &str = r#"
[http]
port = 8080
origins = ["http://a"]
[graph]
app_id = ""
"#;

const LEGACY: &[(&str, &str)] =
    &[("FACEBOOK_APP_ID", "graph.app_id"), ("FB_APP_ID", "graph.app_id"), ("FACEBOOK_APP_SECRET", "graph.app_secret")];

#[derive(Debug, Deserialize)]
struct Config {
    http: Http,
    graph: Graph,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Http {
    port: u16,
    origins: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Graph {
    app_id: String,
    app_secret: Option<SecretString>,
}

fn read(env: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let env = env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    load(DEFAULTS, env, &["http.origins"], LEGACY)
}

/// The refusal as a person reads it: one line, whatever happened.
fn refusal(env: &[(&str, &str)]) -> String {
    let error = read(env).unwrap_err();
    let line = Chain(&error).to_string();
    assert!(!line.contains('\n'), "{line}");
    line
}

fn secret_of(config: &Config) -> &str {
    config.graph.app_secret.as_ref().unwrap().expose_secret()
}

#[test]
fn the_environment_wins_over_the_defaults() {
    let config = read(&[("PAGEKEEPER__HTTP__PORT", "9000"), ("HOME", "/root"), ("PAGEKEEPER_URL", "x")]).unwrap();
    assert_eq!((config.http.port, config.http.origins.as_slice()), (9000, &["http://a".to_owned()][..]));
}

#[test]
fn an_unknown_key_in_a_known_section_is_refused_and_an_unknown_section_is_not() {
    let line = refusal(&[("PAGEKEEPER__HTTP__PROT", "1")]);
    assert!(line.contains("prot") && line.contains("port"), "{line}");
    assert!(read(&[("PAGEKEEPER__SOMEBODY_ELSE__KEY", "1")]).is_ok());
}

#[test]
fn a_wrong_type_is_refused_with_the_name_of_its_variable() {
    let line = refusal(&[("PAGEKEEPER__HTTP__PORT", "many")]);
    assert!(line.contains("PAGEKEEPER__HTTP__PORT"), "{line}");
    assert!(read(&[("PAGEKEEPER__HTTP__PORT", "70000")]).is_err());
}

#[test]
fn a_name_with_one_underscore_is_refused() {
    let line = refusal(&[("PAGEKEEPER_HTTP__PORT", "1")]);
    assert!(line.starts_with("PAGEKEEPER_HTTP__PORT"), "{line}");
}

#[test]
fn a_secret_may_come_from_a_file_without_its_line_end() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "from-file\r\n").unwrap();
    let path = file.path().to_str().unwrap();
    let config = read(&[("PAGEKEEPER__GRAPH__APP_SECRET_FILE", path)]).unwrap();
    assert_eq!(secret_of(&config), "from-file");
}

#[test]
fn a_secret_given_directly_and_as_a_file_is_refused() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let path = file.path().to_str().unwrap();
    let env = [("PAGEKEEPER__GRAPH__APP_SECRET_FILE", path), ("PAGEKEEPER__GRAPH__APP_SECRET", "direct")];
    let line = refusal(&env);
    assert!(line.contains("both given") && !line.contains("direct"), "{line}");
}

#[test]
fn a_file_that_is_not_there_or_no_text_or_too_large_is_refused() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let path = file.path().to_str().unwrap().to_owned();
    for content in [vec![0xff, 0xfe], vec![b'a'; 70_000]] {
        std::fs::write(&path, content).unwrap();
        refusal(&[("PAGEKEEPER__GRAPH__APP_SECRET_FILE", &path)]);
    }
    refusal(&[("PAGEKEEPER__GRAPH__APP_SECRET_FILE", "/nowhere/at/all")]);
}

#[test]
fn a_list_is_split_at_commas_and_may_be_emptied() {
    let origins = |value| read(&[("PAGEKEEPER__HTTP__ORIGINS", value)]).unwrap().http.origins;
    assert_eq!(origins("http://a, http://b,"), ["http://a", "http://b"]);
    assert!(origins("").is_empty());
}

#[test]
fn an_empty_value_counts_as_absent() {
    assert_eq!(read(&[("PAGEKEEPER__HTTP__PORT", "")]).unwrap().http.port, 8080);
}

#[test]
fn a_secret_that_looks_like_a_number_stays_text() {
    for secret in ["0123", "1e3", "true", "  x", "-0"] {
        assert_eq!(secret_of(&read(&[("PAGEKEEPER__GRAPH__APP_SECRET", secret)]).unwrap()), secret);
        assert_eq!(secret_of(&read(&[("FACEBOOK_APP_SECRET", secret)]).unwrap()), secret);
    }
}

#[test]
fn the_names_of_older_systems_are_read_where_ours_is_absent() {
    assert_eq!(read(&[("FB_APP_ID", "1")]).unwrap().graph.app_id, "1");
    assert_eq!(read(&[("FB_APP_ID", "1"), ("FACEBOOK_APP_ID", "1")]).unwrap().graph.app_id, "1");
    assert_eq!(read(&[("FB_APP_ID", "1"), ("PAGEKEEPER__GRAPH__APP_ID", "2")]).unwrap().graph.app_id, "2");
    let line = refusal(&[("FB_APP_ID", "1"), ("FACEBOOK_APP_ID", "2")]);
    assert!(line.contains("FB_APP_ID") && line.contains("FACEBOOK_APP_ID"), "{line}");
}

#[test]
fn a_name_that_is_no_path_is_refused() {
    refusal(&[("PAGEKEEPER____PORT", "1")]);
}

#[test]
fn a_secret_does_not_print_with_its_configuration() {
    let config = read(&[("PAGEKEEPER__GRAPH__APP_SECRET", "canary-secret")]).unwrap();
    assert!(!format!("{config:?}").contains("canary"));
}

#[test]
fn secrets_are_compared_whole() {
    let secret = SecretString::from("cron-secret");
    assert!(is_equal(&secret, "cron-secret"));
    for other in ["", "cron-secre", "cron-secret ", "Cron-secret"] {
        assert!(!is_equal(&secret, other), "{other}");
    }
}
