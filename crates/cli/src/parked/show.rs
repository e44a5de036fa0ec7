//! One message, for people.

use std::fmt::Write as _;
use std::io;

use chrono::{DateTime, Utc};

use super::answers::ParkedWithContent;
use crate::output::printable;

/// Lines of names and values, and the content as JSON.
pub(super) fn text(shown: &ParkedWithContent) -> io::Result<String> {
    let parked = &shown.parked;
    let time = |at: Option<DateTime<Utc>>| at.map(|at| at.format("%Y-%m-%d %H:%M:%S UTC").to_string());
    let page = parked.page.as_ref().map(|page| {
        let parts = [page.name.clone(), page.page_id.clone(), page.connection_id.map(|id| format!("connection {id}"))];
        parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    });
    let lines = [
        ("id", Some(parked.id.clone())),
        ("queue", Some(parked.queue.clone())),
        ("type", Some(parked.kind.clone())),
        ("page", page),
        ("account", parked.account_id.map(|id| id.to_string())),
        ("run", parked.run_id.map(|id| id.to_string())),
        ("reason", Some(parked.reason.clone())),
        ("tries", Some(parked.attempts.to_string())),
        ("first failed", time(parked.first_failed_at)),
        ("parked", time(parked.parked_at)),
        ("size", Some(format!("{} bytes", parked.size))),
    ];
    let mut text = String::new();
    for (name, value) in lines.into_iter().filter_map(|(name, value)| Some((name, value?))) {
        let _ = writeln!(text, "{name:13} {}", printable(&value));
    }
    match &shown.content {
        Some(content) => {
            for line in serde_json::to_string_pretty(content)?.lines() {
                text.push_str(&printable(line));
                text.push('\n');
            }
        }
        None => text.push_str("The content cannot be read.\n"),
    }
    if shown.content_withheld {
        text.push_str("What customers wrote is shown to those who may read the inbox.\n");
    }
    Ok(text.trim_end().to_owned())
}
