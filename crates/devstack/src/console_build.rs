//! The console's files, built when something they are made from has changed.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::UNIX_EPOCH;

use anyhow::{Context as _, Result, bail};
use tokio::process::Command;

use crate::folder::{DevFolder, checkout};
use crate::terminal::Terminal;

/// What `npm run build` writes or npm installs; everything else in the folder is a source.
const NOT_SOURCES: [&str; 4] = ["node_modules", "dist", "test-results", "playwright-report"];

/// The console's folder in the checkout.
pub(crate) fn folder() -> Result<PathBuf> {
    Ok(checkout()?.join("services/console"))
}

/// Installs the console's packages if its lock file changed, and builds it if a source did.
pub(crate) async fn build_if_changed(stamps: &DevFolder, terminal: Terminal) -> Result<()> {
    install_packages(stamps, terminal).await?;
    let console = folder()?;
    let stamp = stamps.join("console-build");
    let sources = fingerprint(&console)?;
    if fs::read_to_string(&stamp).is_ok_and(|built| built == sources) && console.join("dist/index.html").is_file() {
        return Ok(());
    }
    let step = terminal.step("Building the console");
    npm(&["run", "build"]).await?;
    fs::write(stamp, sources)?;
    step.done();
    Ok(())
}

/// `npm ci`, if what is installed is not what the lock file says.
pub(crate) async fn install_packages(stamps: &DevFolder, terminal: Terminal) -> Result<()> {
    let console = folder()?;
    let stamp = stamps.join("console-packages");
    let lock =
        fs::read_to_string(console.join("package-lock.json")).context("services/console has no package-lock.json")?;
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == lock) && console.join("node_modules").is_dir() {
        return Ok(());
    }
    let step = terminal.step("Installing the console's packages");
    npm(&["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).await?;
    fs::write(stamp, lock)?;
    step.done();
    Ok(())
}

/// Runs npm in the console's folder; what it printed is part of the error.
async fn npm(arguments: &[&str]) -> Result<()> {
    let output = Command::new("npm")
        .args(arguments)
        .current_dir(folder()?)
        .stdin(Stdio::null())
        .output()
        .await
        .context("cannot start npm")?;
    if !output.status.success() {
        let said = [output.stdout, output.stderr].concat();
        bail!("npm {} failed:\n{}", arguments.join(" "), String::from_utf8_lossy(&said).trim());
    }
    Ok(())
}

/// Names, sizes and times of all sources.
fn fingerprint(console: &Path) -> Result<String> {
    let mut files = BTreeMap::new();
    let mut folders = vec![console.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))? {
            let entry = entry?;
            if NOT_SOURCES.iter().any(|name| entry.file_name() == *name) {
                continue;
            }
            let metadata = entry.metadata()?;
            if metadata.is_dir() {
                folders.push(entry.path());
            } else {
                let changed = metadata.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
                files.insert(entry.path(), (metadata.len(), changed));
            }
        }
    }
    let lines = files.iter().map(|(path, (size, changed))| format!("{} {size} {changed}", path.display()));
    Ok(lines.collect::<Vec<_>>().join("\n"))
}
