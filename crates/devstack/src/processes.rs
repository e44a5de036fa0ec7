//! What a stack that was killed left running: found by what it wrote down, and ended at the next start.
//!
//! Services end with their parent; this is for servers that were in the middle of something, such as RabbitMQ's epmd.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde::{Deserialize, Serialize};

use crate::folder::DevFolder;

/// The processes of a running stack, by id and start: an id alone may belong to something else by now.
#[derive(Debug)]
pub(crate) struct ProcessList {
    file: PathBuf,
    processes: Vec<Process>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Process {
    name: String,
    id: u32,
    /// Clock ticks from the machine's start to the process's.
    started: u64,
}

impl ProcessList {
    /// Ends what the list of an earlier stack still finds running, and begins a new one.
    pub(crate) fn begin(folder: &DevFolder) -> Result<Self> {
        let file = folder.join("processes.json");
        let left: Vec<Process> =
            fs::read(&file).ok().and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default();
        for process in left {
            if started(process.id) == Some(process.started) {
                end(&process)?;
            }
        }
        let list = Self { file, processes: Vec::new() };
        list.write()?;
        Ok(list)
    }

    pub(crate) fn add(&mut self, name: &str, id: u32) -> Result<()> {
        if let Some(started) = started(id) {
            self.processes.push(Process { name: name.to_owned(), id, started });
            self.write()?;
        }
        Ok(())
    }

    /// Everything has stopped.
    pub(crate) fn clear(mut self) -> Result<()> {
        self.processes.clear();
        self.write()
    }

    fn write(&self) -> Result<()> {
        fs::write(&self.file, serde_json::to_vec_pretty(&self.processes)?)
            .with_context(|| format!("cannot write {}", self.file.display()))
    }
}

fn end(process: &Process) -> Result<()> {
    let id = Pid::from_raw(i32::try_from(process.id)?);
    kill(id, Signal::SIGKILL).with_context(|| format!("cannot end {} of an earlier start (process {id})", process.name))
}

/// Field 22 of `/proc/<id>/stat`. The second field, the name, may contain anything but ends with the last `)`.
fn started(id: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    let (_, after_name) = stat.rsplit_once(") ")?;
    after_name.split_whitespace().nth(19)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    fn what_a_killed_stack_left_is_ended_and_others_are_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let folder = DevFolder::at(folder.path().to_path_buf()).unwrap();
        let sleep = || Command::new("sleep").arg("600").stdin(Stdio::null()).spawn().unwrap();
        let (mut left, mut other) = (sleep(), sleep());

        let mut list = ProcessList::begin(&folder).unwrap();
        list.add("left", left.id()).unwrap();
        list.add("other", other.id()).unwrap();
        // The same id, but another process: it started at another time.
        for process in list.processes.iter_mut().filter(|process| process.name == "other") {
            process.started += 1;
        }
        list.write().unwrap();

        ProcessList::begin(&folder).unwrap();
        assert!(!left.wait().unwrap().success());
        assert!(other.try_wait().unwrap().is_none());
        other.kill().unwrap();
        other.wait().unwrap();
    }
}
