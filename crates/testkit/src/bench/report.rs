use std::fmt::Display;
use std::process::ExitCode;

/// One figure in each round, sorted.
#[derive(Debug, Clone)]
pub struct Rounds(Vec<f64>);

impl Rounds {
    pub fn new(values: impl IntoIterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.into_iter().collect();
        values.sort_by(f64::total_cmp);
        Self(values)
    }

    pub fn median(&self) -> f64 {
        self.0.get(self.0.len() / 2).copied().unwrap_or(f64::NAN)
    }

    fn row(&self, name: &str, unit: &str, digits: usize) -> String {
        let [least, most] = [self.0.first(), self.0.last()].map(|value| value.copied().unwrap_or(f64::NAN));
        let median = self.median();
        format!("{name:<58} {least:>10.digits$} {median:>10.digits$} {most:>10.digits$} {unit}")
    }
}

/// Measurements as a table, and whether the goals are reached.
#[derive(Debug, Default)]
pub struct Report {
    rows: Vec<String>,
    missed: bool,
}

impl Report {
    pub fn figure(&mut self, name: &str, unit: &str, digits: usize, rounds: &Rounds) {
        self.rows.push(rounds.row(name, unit, digits));
    }

    /// A ratio whose median must be at least `goal`.
    pub fn at_least(&mut self, name: &str, rounds: &Rounds, goal: f64) {
        self.judge(name, rounds, format!(">= {goal}"), rounds.median() >= goal);
    }

    /// A ratio whose median must be at most `goal`.
    pub fn at_most(&mut self, name: &str, rounds: &Rounds, goal: f64) {
        self.judge(name, rounds, format!("<= {goal}"), rounds.median() <= goal);
    }

    fn judge(&mut self, name: &str, rounds: &Rounds, goal: impl Display, is_reached: bool) {
        let verdict = if is_reached { "reached" } else { "MISSED" };
        self.rows.push(rounds.row(name, &format!("goal {goal}: {verdict}"), 2));
        self.missed |= !is_reached;
    }

    /// Prints all; a failure if a goal is missed.
    #[expect(clippy::print_stdout, reason = "the purpose of a bench")]
    pub fn print(&self) -> ExitCode {
        println!("{:<58} {:>10} {:>10} {:>10}", "", "min", "median", "max");
        self.rows.iter().for_each(|row| println!("{row}"));
        if self.missed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
    }
}
