//! Ports stay the same over restarts: they are chosen once and kept in `ports.json`.

use std::collections::BTreeMap;
use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result};
use backon::{BlockingRetryable as _, ExponentialBuilder};
use pagekeeper_testkit::servers::free_port;

use crate::folder::DevFolder;

/// Ports by what listens on them, for instance `gateway` or `gateway.operations`.
#[derive(Debug)]
pub(crate) struct Ports {
    file: PathBuf,
    chosen: BTreeMap<String, u16>,
}

impl Ports {
    pub(crate) fn load(folder: &DevFolder) -> Result<Self> {
        let file = folder.join("ports.json");
        let chosen = match fs::read(&file) {
            Ok(text) => serde_json::from_slice(&text)
                .with_context(|| format!("{} cannot be read: remove it", file.display()))?,
            Err(_) => BTreeMap::new(),
        };
        Ok(Self { file, chosen })
    }

    /// The port kept for `name`; else `preferred` or any free one, kept from now on. A kept port that something else has
    /// taken meanwhile is given up, since the stack would not start at all.
    pub(crate) fn port(&mut self, name: &str, preferred: u16) -> Result<u16> {
        let others: Vec<u16> = self.chosen.iter().filter(|(other, _)| *other != name).map(|(_, port)| *port).collect();
        let kept = self.chosen.get(name).copied();
        let port = match choose(kept, preferred, &others, is_free) {
            Some(port) => port,
            None => free_port()?,
        };
        if self.chosen.insert(name.to_owned(), port) != Some(port) {
            fs::write(&self.file, serde_json::to_vec_pretty(&self.chosen)?)
                .with_context(|| format!("cannot write {}", self.file.display()))?;
        }
        Ok(port)
    }
}

/// The kept port before the preferred one, and neither when it is another's or taken.
fn choose(kept: Option<u16>, preferred: u16, others: &[u16], is_free: impl Fn(u16) -> bool) -> Option<u16> {
    let candidates = [kept.unwrap_or_default(), preferred];
    candidates.into_iter().find(|port| *port != 0 && !others.contains(port) && is_free(*port))
}

/// Whether somebody could listen there. Asked more than once: the port of a process that is just ending, or one whose
/// socket a child of ours holds between its fork and its exec, is free a moment later.
fn is_free(port: u16) -> bool {
    let retries = ExponentialBuilder::default().with_min_delay(Duration::from_millis(20)).with_max_times(5);
    (|| TcpListener::bind((Ipv4Addr::LOCALHOST, port))).retry(retries).call().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_kept_in_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let folder = DevFolder::at(folder.path().to_path_buf()).unwrap();
        let first = Ports::load(&folder).unwrap().port("gateway", 0).unwrap();
        assert_eq!(Ports::load(&folder).unwrap().port("gateway", 0).unwrap(), first);
    }

    #[test]
    fn a_port_is_given_up_only_when_it_is_taken() {
        assert_eq!(choose(Some(1001), 1002, &[], |_| true), Some(1001));
        assert_eq!(choose(Some(1001), 1002, &[], |port| port != 1001), Some(1002));
        assert_eq!(choose(Some(1001), 1002, &[1001], |_| true), Some(1002));
        assert_eq!(choose(None, 1002, &[1002], |_| true), None);
        assert_eq!(choose(None, 0, &[], |_| true), None);
    }
}
