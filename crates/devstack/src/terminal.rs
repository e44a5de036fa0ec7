//! Talking to the person who started the stack: steps with a spinner on a terminal, plain lines elsewhere.

use std::io::IsTerminal as _;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// How the stack says what it is doing.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Terminal {
    lively: bool,
}

/// One step that takes a while.
pub(crate) struct Step {
    what: String,
    bar: Option<ProgressBar>,
    since: Instant,
}

impl Terminal {
    /// `headless` keeps to plain lines, as does a standard output that is no terminal or `NO_COLOR`.
    pub(crate) fn new(headless: bool) -> Self {
        let no_colour = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self { lively: !headless && !no_colour && std::io::stdout().is_terminal() }
    }

    pub(crate) fn is_lively(self) -> bool {
        self.lively
    }

    pub(crate) fn step(self, what: impl Into<String>) -> Step {
        let what = what.into();
        let bar = self.lively.then(|| {
            let style = ProgressStyle::with_template("  {spinner} {msg} ({elapsed})");
            let bar = ProgressBar::new_spinner()
                .with_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()))
                .with_message(what.clone());
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        });
        Step { what, bar, since: Instant::now() }
    }

    /// The same text, bold on a terminal.
    pub(crate) fn bold(self, text: &str) -> String {
        if self.lively { format!("\u{1b}[1m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}

impl Step {
    pub(crate) fn done(self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        println!("  ✓ {} ({:.1} s)", self.what, self.since.elapsed().as_secs_f64());
    }
}

impl Drop for Step {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// A line for the person who started it.
pub(crate) fn say(line: &str) {
    println!("{line}");
}
