//! A server's process: ended with its parent, in a group of its own so that a Ctrl-C does not reach it first.

use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use nix::errno::Errno;
use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;

/// A child that dies with this process, however that ends.
#[derive(Debug)]
pub(super) struct ServerProcess {
    id: u32,
    ended: Arc<OnceLock<()>>,
}

/// `program` wrapped so that the kernel ends it when its parent ends: `setpriv` is in util-linux, on every Debian.
/// Without it (other systems) the server has to be stopped in order.
pub(super) fn ended_with_parent(program: &Path, user: Option<&str>) -> Command {
    let setpriv = Path::new("/usr/bin/setpriv");
    if !setpriv.exists() {
        return Command::new(program);
    }
    let mut command = Command::new(setpriv);
    if let Some(user) = user {
        command.args(["--reuid", user, "--regid", user, "--init-groups"]);
    }
    command.args(["--pdeathsig", "KILL", "--"]).arg(program);
    command
}

impl ServerProcess {
    /// The kernel ends the child with the *thread* that started it, so each has a thread that waits for it.
    pub(super) fn spawn(mut command: Command, log: &Path) -> Result<Self> {
        use std::os::unix::process::CommandExt as _;

        let log = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(log)
            .with_context(|| format!("cannot write {}", log.display()))?;
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).process_group(0);
        let program = command.get_program().to_owned();
        let ended = Arc::new(OnceLock::new());
        let (started, start) = mpsc::channel::<io::Result<u32>>();
        std::thread::spawn({
            let ended = Arc::clone(&ended);
            move || match command.spawn() {
                Ok(mut child) => {
                    let _ = started.send(Ok(child.id()));
                    let _ = child.wait();
                    let _ = ended.set(());
                }
                Err(error) => {
                    let _ = started.send(Err(error));
                }
            }
        });
        let id = start.recv()?.with_context(|| format!("cannot start {}", program.display()))?;
        Ok(Self { id, ended })
    }

    pub(super) fn id(&self) -> u32 {
        self.id
    }

    pub(super) fn has_ended(&self) -> bool {
        self.ended.get().is_some()
    }

    pub(super) fn signal(&self, signal: Signal) -> Result<()> {
        kill(pid(self.id)?, signal).with_context(|| format!("cannot send {signal}"))
    }

    /// To the whole group: the server with all its helpers.
    pub(super) fn signal_group(&self, signal: Signal) -> Result<()> {
        match killpg(pid(self.id)?, signal) {
            Ok(()) | Err(Errno::ESRCH) => Ok(()),
            Err(error) => Err(error).with_context(|| format!("cannot send {signal}")),
        }
    }

    /// Waits for its end; after `limit` it is killed.
    pub(super) async fn wait(&self, limit: Duration) -> Result<()> {
        let start = Instant::now();
        while !self.has_ended() {
            if start.elapsed() > limit {
                self.kill()?;
                bail!("it did not stop within {limit:?} and was killed");
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }

    /// `kill -9` of the group, and waits until it is gone.
    pub(super) fn kill(&self) -> Result<()> {
        self.signal_group(Signal::SIGKILL)?;
        self.ended.wait();
        Ok(())
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        if !self.has_ended() {
            let _ = self.kill();
        }
    }
}

fn pid(id: u32) -> Result<Pid> {
    Ok(Pid::from_raw(i32::try_from(id)?))
}

/// The last lines of a log, for an error.
pub(super) fn end_of_log(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().rev().filter(|line| !line.trim().is_empty()).take(5).collect();
    format!("{} (log: {})", lines.into_iter().rev().collect::<Vec<_>>().join(" | "), log.display())
}

/// The first of `candidates` that exists, else what `PATH` has.
pub(super) fn find_program(name: &str, candidates: impl IntoIterator<Item = PathBuf>) -> Option<PathBuf> {
    let in_path = std::env::var_os("PATH")
        .map(|path| std::env::split_paths(&path).map(|folder| folder.join(name)).collect::<Vec<_>>())
        .unwrap_or_default();
    candidates.into_iter().chain(in_path).find(|path| path.is_file())
}
