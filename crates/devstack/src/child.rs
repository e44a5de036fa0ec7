//! A child process of the stack: its output goes to a log file, it can be killed, frozen and measured, and it ends with
//! its parent, since it reads its standard input and ends when that closes.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde::Deserialize;
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{ChildStdout, Command};
use tokio::time::timeout;

/// How long a service may take to say its addresses. A cold machine is slow.
const START_LIMIT: Duration = Duration::from_mins(1);
/// A service drains for at most 25 s; then it is killed.
const STOP_LIMIT: Duration = Duration::from_secs(28);

/// What to run. It can be started again after it was killed.
#[derive(Debug, Clone)]
pub struct ChildCommand {
    pub name: &'static str,
    pub binary: PathBuf,
    pub environment: BTreeMap<String, String>,
    pub log: PathBuf,
}

/// A running service.
#[derive(Debug)]
pub struct Child {
    command: ChildCommand,
    process: tokio::process::Child,
    addresses: BTreeMap<String, String>,
}

/// The line that a service prints once it listens.
#[derive(Deserialize)]
struct Announcement {
    addresses: BTreeMap<String, String>,
}

impl Child {
    /// Starts it and waits until it listens.
    pub async fn start(command: ChildCommand) -> Result<Self> {
        let log = open_log(&command.log)?;
        let mut process = Command::new(&command.binary)
            .args(["service", command.name])
            .env_clear()
            .envs(inherited_environment())
            .envs(&command.environment)
            .env("PAGEKEEPER_ANNOUNCE", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            // A group of its own: Ctrl-C reaches the stack alone, which then stops its children in order.
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start {}", command.name))?;
        let output = process.stdout.take().context("the child has no standard output")?;
        let mut lines = BufReader::new(output).lines();
        let mut log = open_log(&command.log)?;
        let announced = timeout(START_LIMIT, announcement(&mut lines, &mut log)).await;
        let Ok(Some(addresses)) = announced else {
            let _ = process.kill().await;
            bail!("{} did not start: {}", command.name, last_line(&command.log));
        };
        tokio::spawn(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                let _ = writeln!(log, "{line}");
            }
        });
        Ok(Self { command, process, addresses })
    }

    pub fn name(&self) -> &'static str {
        self.command.name
    }

    /// The address of one of its listeners, for instance `http` or `operations`.
    pub fn address(&self, listener: &str) -> Result<&str> {
        self.addresses
            .get(listener)
            .map(String::as_str)
            .with_context(|| format!("{} has no address {listener}", self.command.name))
    }

    /// Whether it ended by itself, and how.
    pub fn ended(&mut self) -> Option<String> {
        let status = self.process.try_wait().ok().flatten()?;
        Some(format!("{} ended by itself ({status}): {}", self.command.name, last_line(&self.command.log)))
    }

    /// SIGTERM, and SIGKILL for one that does not drain in time.
    pub async fn stop(mut self) -> Result<()> {
        self.signal(Signal::SIGCONT)?;
        self.signal(Signal::SIGTERM)?;
        if timeout(STOP_LIMIT, self.process.wait()).await.is_err() {
            self.process.kill().await?;
            bail!("{} did not stop within {} s and was killed", self.command.name, STOP_LIMIT.as_secs());
        }
        Ok(())
    }

    /// `kill -9`.
    pub async fn kill(mut self) -> Result<()> {
        Ok(self.process.kill().await?)
    }

    /// SIGSTOP: it is there, and answers nothing.
    pub fn freeze(&self) -> Result<()> {
        self.signal(Signal::SIGSTOP)
    }

    pub fn thaw(&self) -> Result<()> {
        self.signal(Signal::SIGCONT)
    }

    /// The most resident memory that it has had, in bytes.
    pub fn peak_memory(&self) -> Result<u64> {
        let id = self.process.id().context("it has ended")?;
        let status = std::fs::read_to_string(format!("/proc/{id}/status"))?;
        let line = status.lines().find(|line| line.starts_with("VmHWM:")).context("no VmHWM")?;
        let kilobytes: u64 = line.split_whitespace().nth(1).context("no number")?.parse()?;
        Ok(kilobytes * 1024)
    }

    pub fn id(&self) -> Option<u32> {
        self.process.id()
    }

    fn signal(&self, signal: Signal) -> Result<()> {
        if let Some(id) = self.process.id() {
            kill(Pid::from_raw(i32::try_from(id)?), signal)?;
        }
        Ok(())
    }
}

/// The addresses that the child announces; log lines before them go to its log. None if it ended first.
async fn announcement(lines: &mut Lines<BufReader<ChildStdout>>, log: &mut File) -> Option<BTreeMap<String, String>> {
    while let Ok(Some(line)) = lines.next_line().await {
        if let Ok(announcement) = serde_json::from_str::<Announcement>(&line) {
            return Some(announcement.addresses);
        }
        let _ = writeln!(log, "{line}");
    }
    None
}

/// What a child needs of this process's environment; everything else could change what it does.
fn inherited_environment() -> impl Iterator<Item = (String, String)> {
    ["PATH", "HOME", "LANG", "RUST_BACKTRACE", "RUST_LOG", "TZ", "TMPDIR"]
        .into_iter()
        .filter_map(|name| Some((name.to_owned(), std::env::var(name).ok()?)))
}

fn open_log(path: &Path) -> Result<File> {
    OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)
        .with_context(|| format!("cannot write the log {}", path.display()))
}

fn last_line(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let line = text.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("it said nothing");
    format!("{line} (log: {})", log.display())
}
