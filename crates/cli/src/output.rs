//! What people read: tables that fit a terminal, and one line for what went wrong.

use std::fmt::Write as _;
use std::io::{self, Write as _};

use serde::Serialize;

/// A table's lines are no longer.
const WIDTH: usize = 100;
const GAP: usize = 2;

/// Writes to the standard output.
pub(crate) fn say(text: &str) -> io::Result<()> {
    let mut output = io::stdout().lock();
    output.write_all(text.as_bytes())?;
    output.write_all(b"\n")?;
    output.flush()
}

pub(crate) fn say_json(value: &impl Serialize) -> io::Result<()> {
    say(&serde_json::to_string_pretty(value)?)
}

/// Writes to the standard error output, where nobody can be told that it fails.
pub(crate) fn complain(text: &str) {
    let _ = writeln!(io::stderr(), "pagekeeper: {}", printable(text));
}

/// Without the characters with which a text from outside could command a terminal.
pub(crate) fn printable(text: &str) -> String {
    text.chars().map(|character| if character.is_control() { '\u{fffd}' } else { character }).collect()
}

/// Columns as wide as their widest cell; the last takes what is left of the line.
pub(crate) fn table<const N: usize>(head: [&str; N], rows: &[[String; N]]) -> String {
    let length = |text: &str| text.chars().count();
    let mut widths = head.map(length);
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(length(cell));
        }
    }
    let before_last: usize = widths.iter().take(N.saturating_sub(1)).map(|width| width + GAP).sum();
    if let Some(last) = widths.last_mut() {
        *last = (*last).min(WIDTH.saturating_sub(before_last).max(8));
    }
    let mut text = String::new();
    let head = head.map(str::to_owned);
    for row in std::iter::once(&head).chain(rows) {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(widths) {
            let _ = write!(line, "{:width$}{:GAP$}", cut(&printable(cell), width), "");
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text.trim_end().to_owned()
}

/// At most so many characters.
pub(crate) fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let kept: String = text.chars().take(most.saturating_sub(1)).collect();
    format!("{kept}…")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_fits_the_line_and_commands_no_terminal() {
        let rows = [["1".to_owned(), "x".repeat(200)], ["22".to_owned(), "\u{1b}[2Jgone".to_owned()]];
        let text = table(["ID", "REASON"], &rows);
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH), "{text}");
        assert!(!text.contains('\u{1b}'));
        assert_eq!(text.lines().next(), Some("ID  REASON"));
        assert!(text.lines().nth(1).is_some_and(|line| line.ends_with('…')));
    }
}
