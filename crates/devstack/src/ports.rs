//! Ports stay the same over restarts: they are chosen once and kept in `ports.json`.

use std::collections::BTreeMap;
use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;

use anyhow::{Context as _, Result};
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
        let is_usable = |port: &u16| !others.contains(port) && is_free(*port);
        let kept = self.chosen.get(name).copied().filter(is_usable);
        let port = match kept.or_else(|| Some(preferred).filter(is_usable)) {
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

fn is_free(port: u16) -> bool {
    port != 0 && TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_kept_and_given_up_only_when_it_is_taken() {
        let folder = tempfile::tempdir().unwrap();
        let folder = DevFolder::at(folder.path().to_path_buf()).unwrap();
        let first = Ports::load(&folder).unwrap().port("gateway", 0).unwrap();
        assert_eq!(Ports::load(&folder).unwrap().port("gateway", 0).unwrap(), first);
        let _taken = TcpListener::bind((Ipv4Addr::LOCALHOST, first)).unwrap();
        assert_ne!(Ports::load(&folder).unwrap().port("gateway", 0).unwrap(), first);
    }
}
