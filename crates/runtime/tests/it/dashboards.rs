//! `deploy/grafana` and `deploy/prometheus`: each metric that they ask for is one that somebody writes. (I5)

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

const DASHBOARD: &str = include_str!("../../../../deploy/grafana/pagekeeper.json");
const RULES: &str = include_str!("../../../../deploy/prometheus/rules.yaml");

/// RabbitMQ's own plugin, `rabbitmq_prometheus`.
const OF_RABBITMQ: &str = "rabbitmq_";
/// What the exporter makes of a histogram.
const OF_HISTOGRAMS: [&str; 3] = ["_bucket", "_sum", "_count"];

/// Names that stand in the arguments of `counter!`, `gauge!` and `histogram!` anywhere in the sources.
fn written() -> BTreeSet<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut sources = Vec::new();
    for folder in ["crates", "services"] {
        for package in fs::read_dir(root.join(folder)).unwrap() {
            rust_files(&package.unwrap().path().join("src"), &mut sources);
        }
    }
    let mut names = BTreeSet::new();
    for source in sources {
        let text = fs::read_to_string(source).unwrap();
        for start in ["counter!(", "gauge!(", "histogram!("] {
            for argument in text.split(start).skip(1) {
                let name = argument.trim_start().strip_prefix('"').and_then(|rest| rest.split('"').next());
                names.extend(name.map(str::to_owned));
            }
        }
    }
    names
}

fn rust_files(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// Words of an expression that name a metric.
fn asked(expression: &str) -> Vec<&str> {
    let words = expression.split(|character: char| !(character.is_ascii_alphanumeric() || character == '_'));
    words.filter(|word| ["pagekeeper_", "process_", OF_RABBITMQ].iter().any(|start| word.starts_with(start))).collect()
}

fn assert_written(expression: &str, written: &BTreeSet<String>) {
    let asked = asked(expression);
    assert!(!asked.is_empty(), "no metric in {expression}");
    for name in asked.into_iter().filter(|name| !name.starts_with(OF_RABBITMQ)) {
        let base = OF_HISTOGRAMS.iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
        assert!(written.contains(base) || written.contains(name), "nobody writes {name}");
    }
}

#[test]
fn each_panel_is_a_question_about_metrics_that_are_written() {
    let written = written();
    let dashboard: Value = serde_json::from_str(DASHBOARD).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    let graphs: Vec<_> = panels.iter().filter(|panel| panel["type"] != "row").collect();
    assert!(graphs.len() > 20);
    for panel in graphs {
        let title = panel["title"].as_str().unwrap();
        assert!(title.ends_with('?'), "{title}");
        assert!(panel["description"].as_str().is_some_and(|text| !text.is_empty()), "{title}");
        for target in panel["targets"].as_array().unwrap() {
            assert_written(target["expr"].as_str().unwrap(), &written);
        }
    }
    let ids: BTreeSet<_> = panels.iter().map(|panel| panel["id"].as_u64().unwrap()).collect();
    assert_eq!(ids.len(), panels.len());
}

#[test]
fn each_alert_is_about_metrics_that_are_written_and_says_what_to_do() {
    let written = written();
    let alerts: Vec<&str> = RULES.split("- alert:").skip(1).collect();
    assert!(alerts.len() >= 5);
    for alert in alerts {
        let expression = alert.lines().find_map(|line| line.trim().strip_prefix("expr:"));
        assert_written(expression.unwrap_or_else(|| panic!("no expression in {alert}")), &written);
        for key in ["severity:", "summary:", "description:"] {
            assert!(alert.contains(key), "{key} {alert}");
        }
    }
}
