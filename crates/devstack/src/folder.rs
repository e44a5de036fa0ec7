//! Where the dev stack keeps its things: `.dev/` in the checkout.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use nix::unistd::Uid;

/// Root's PostgreSQL runs as another user, who cannot enter a checkout below root's home: then its data lie here.
const OPEN_FOLDER: &str = "/var/lib/pagekeeper-dev";

/// A folder of the dev stack: `.dev/`, or one for tests below it.
#[derive(Debug, Clone)]
pub struct DevFolder {
    path: PathBuf,
}

impl DevFolder {
    /// The folder named `name` in the checkout, made if it is missing.
    pub fn in_checkout(name: &str) -> Result<Self> {
        Self::at(checkout()?.join(name))
    }

    pub fn at(path: PathBuf) -> Result<Self> {
        fs::create_dir_all(&path).with_context(|| format!("cannot make the folder {}", path.display()))?;
        Ok(Self { path })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn join(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    pub fn logs(&self) -> Result<PathBuf> {
        let logs = self.join("logs");
        fs::create_dir_all(&logs).with_context(|| format!("cannot make the folder {}", logs.display()))?;
        Ok(logs)
    }

    /// Where PostgreSQL's data lie. As root in a closed checkout they lie outside, linked from here.
    pub fn postgres(&self) -> Result<PathBuf> {
        let link = self.join("postgres");
        if !Uid::effective().is_root() || is_open(&self.path) {
            return Ok(link);
        }
        let name = self.path.to_string_lossy().trim_matches('/').replace('/', "-");
        let outside = Path::new(OPEN_FOLDER).join(name);
        fs::create_dir_all(&outside).with_context(|| format!("cannot make the folder {}", outside.display()))?;
        for folder in [Path::new(OPEN_FOLDER), &outside] {
            fs::set_permissions(folder, fs::Permissions::from_mode(0o755))?;
        }
        if fs::read_link(&link).ok().as_deref() != Some(&outside) {
            if link.exists() {
                bail!("{} is in the way: it should link to {}; start with --fresh", link.display(), outside.display());
            }
            symlink(&outside, &link).with_context(|| format!("cannot link {}", link.display()))?;
        }
        Ok(outside)
    }

    /// Removes all that earlier starts left, also what lies outside of the checkout. The lock stays.
    pub fn clear(&self) -> Result<()> {
        let link = self.join("postgres");
        if let Ok(outside) = fs::read_link(&link) {
            fs::remove_file(&link)?;
            if outside.starts_with(OPEN_FOLDER) && outside.exists() {
                fs::remove_dir_all(&outside).with_context(|| format!("cannot remove {}", outside.display()))?;
            }
        }
        for entry in fs::read_dir(&self.path)? {
            let path = entry?.path();
            if path.file_name().is_some_and(|name| name == "lock" || name == "tools") {
                continue;
            }
            let removed = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
            removed.with_context(|| format!("cannot remove {}", path.display()))?;
        }
        Ok(())
    }
}

/// The root of the checkout: the folder with the workspace's Cargo.toml.
pub fn checkout() -> Result<PathBuf> {
    let start = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(std::env::current_dir, |folder| Ok(PathBuf::from(folder)))
        .context("cannot tell the current folder")?;
    start
        .ancestors()
        .find(|folder| folder.join("crates/devstack/Cargo.toml").is_file())
        .map(Path::to_path_buf)
        .context("this is not a checkout of Pagekeeper: run it inside of one")
}

/// Whether every user may pass through the folder and all above it.
fn is_open(folder: &Path) -> bool {
    folder.ancestors().all(|above| fs::metadata(above).is_ok_and(|metadata| metadata.mode() & 0o001 != 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_below_a_closed_one_is_closed() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("inner");
        fs::create_dir(&inner).unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        assert!(is_open(&inner));
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700)).unwrap();
        assert!(!is_open(&inner));
    }

    #[test]
    fn clearing_keeps_the_lock() {
        let folder = DevFolder::at(tempfile::tempdir().unwrap().keep()).unwrap();
        fs::write(folder.join("lock"), "").unwrap();
        fs::create_dir(folder.join("rabbitmq")).unwrap();
        fs::write(folder.join("stack.json"), "{}").unwrap();
        folder.clear().unwrap();
        let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left, ["lock"]);
        fs::remove_dir_all(folder.path()).unwrap();
    }
}
