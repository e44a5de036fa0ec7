//! What the stack needs from the machine. Rust and Node.js must be there; PostgreSQL, RabbitMQ and Chromium are
//! installed with the system's package manager where that is allowed, without starting the packages' own servers.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};
use nix::unistd::Uid;

use crate::terminal::{Terminal, say};

/// The oldest Node.js that the console's build runs on.
const NODE: (u32, u32) = (20, 19);

/// Something that a Debian package brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    PostgreSql,
    RabbitMq,
    Chromium,
    /// Python with virtual environments, for the independent Graph client of the tests.
    Python,
}

impl Need {
    const fn name(self) -> &'static str {
        match self {
            Self::PostgreSql => "PostgreSQL 15 or newer",
            Self::RabbitMq => "RabbitMQ",
            Self::Chromium => "Chromium",
            Self::Python => "Python 3 with venv",
        }
    }

    const fn packages(self) -> &'static [&'static str] {
        match self {
            Self::PostgreSql => &["postgresql"],
            Self::RabbitMq => &["rabbitmq-server"],
            Self::Chromium => &["chromium"],
            Self::Python => &["python3-venv", "python3-pip"],
        }
    }

    fn is_there(self) -> bool {
        match self {
            Self::PostgreSql => pagekeeper_testkit::servers::postgres_is_installed(),
            Self::RabbitMq => pagekeeper_testkit::servers::rabbitmq_is_installed(),
            Self::Chromium => chromium().is_some(),
            Self::Python => succeeds("python3", &["-c", "import venv, ensurepip"]),
        }
    }
}

/// The browser of the end-to-end tests.
pub(crate) fn chromium() -> Option<&'static Path> {
    ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]
        .into_iter()
        .map(Path::new)
        .find(|path| path.exists())
}

/// Refuses a machine whose Node.js is missing or too old, saying what to do.
pub(crate) fn check_node() -> Result<()> {
    let ask = "install Node.js 20.19 or newer, with npm, from https://nodejs.org/";
    let output = Command::new("node").arg("--version").output();
    let version = match output {
        Ok(output) if output.status.success() => String::from_utf8_lossy(&output.stdout).trim().to_owned(),
        _ => bail!("Node.js is missing: {ask}"),
    };
    if !is_new_enough(&version) {
        bail!("Node.js {version} is too old: {ask}");
    }
    if !succeeds("npm", &["--version"]) {
        bail!("npm is missing: {ask}");
    }
    Ok(())
}

fn is_new_enough(version: &str) -> bool {
    let mut parts = version.trim_start_matches('v').split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    (parts.next().unwrap_or(0), parts.next().unwrap_or(0)) >= NODE
}

/// Installs what is missing of `needs`, or says exactly what to run.
pub(crate) fn install_missing(needs: &[Need], terminal: Terminal) -> Result<()> {
    let missing: Vec<Need> = needs.iter().copied().filter(|need| !need.is_there()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let names = missing.iter().map(|need| need.name()).collect::<Vec<_>>().join(" and ");
    let packages: Vec<&str> = missing.iter().flat_map(|need| need.packages()).copied().collect();
    let by_hand = format!(
        "{names} missing, and no right to install. Run this, then `cargo dev` again:\n\n    \
         sudo apt-get update && sudo apt-get install --no-install-recommends -y {}\n\n\
         Or point DATABASE_URL and AMQP_URL at servers of yours.",
        packages.join(" ")
    );
    if !succeeds("apt-get", &["--version"]) {
        bail!(
            "{names} missing, and this system has no apt-get: install them with its package manager, \
             or point DATABASE_URL and AMQP_URL at servers of yours"
        );
    }
    let Some(mut install) = as_root(terminal) else { bail!(by_hand) };
    let step = terminal.step(format!("Installing {}", packages.join(", ")));
    let output = install
        .args(["sh", "-c", INSTALL, "install"])
        .args(&packages)
        .stdin(Stdio::null())
        .output()
        .context("cannot start the package manager")?;
    if !output.status.success() {
        let reason = String::from_utf8_lossy(&output.stderr);
        let reason = reason.trim().lines().last().unwrap_or("no reason given").to_owned();
        bail!("apt-get failed ({reason}). {by_hand}");
    }
    step.done();
    Ok(())
}

/// Installs `"$@"`. Packages ask policy-rc.d whether they may start their servers; ours says no, unless there is one.
const INSTALL: &str = r#"
set -eu
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    trap 'rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' > "$policy"
    chmod 755 "$policy"
fi
export DEBIAN_FRONTEND=noninteractive
apt-get -q update
apt-get -q install --no-install-recommends -y "$@"
"#;

/// A command that runs another as root, where that is possible: `env` for root itself, `sudo` for somebody who may.
/// sudo may ask for a password only where a person can answer.
fn as_root(terminal: Terminal) -> Option<Command> {
    if Uid::effective().is_root() {
        return Some(Command::new("env"));
    }
    if succeeds("sudo", &["-n", "true"]) {
        let mut sudo = Command::new("sudo");
        sudo.arg("-n");
        return Some(sudo);
    }
    if terminal.is_lively() {
        say("  Some packages are missing; sudo asks for your password to install them.");
        let asked = Command::new("sudo").arg("-v").status();
        if asked.is_ok_and(|status| status.success()) {
            return Some(Command::new("sudo"));
        }
    }
    None
}

fn succeeds(program: &str, arguments: &[&str]) -> bool {
    Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn node_is_new_enough_from_20_19_on() {
        assert!(is_new_enough("v20.19.0") && is_new_enough("v22.1.0"));
        assert!(!is_new_enough("v20.18.9") && !is_new_enough("v18.20.0") && !is_new_enough("nonsense"));
    }
}
