//! `cargo dev test`: every test there is. Rust tests get a PostgreSQL and a RabbitMQ without durability; each makes its own
//! database and vhost there. The browser's tests get a stack of their own.

use std::path::{Path, PathBuf};
use std::process::{ExitCode, Stdio};

use anyhow::{Context as _, Result, bail};
use pagekeeper_testkit::{TestDatabase, TestVhost};
use tokio::process::Command;

use crate::command_line::{TestOptions, TestPart};
use crate::console_build;
use crate::dev::StopSignals;
use crate::folder::{DevFolder, checkout};
use crate::install::{Need, check_node, chromium, install_missing};
use crate::ports::Ports;
use crate::processes::ProcessList;
use crate::secrets::Secrets;
use crate::servers::{GivenServers, Servers};
use crate::stack::{ServerAddresses, Stack, StackOptions};
use crate::terminal::{Terminal, say};

pub(crate) async fn run(options: &TestOptions) -> Result<ExitCode> {
    let terminal = Terminal::new(true);
    let parts = [TestPart::Rust, TestPart::Console, TestPart::Browser];
    let chosen = |part: &TestPart| options.only.is_empty() || options.only.contains(part);
    check_node()?;
    // Asked now: the Rust tests may build this program anew, and a replaced file has no path any more.
    let binary = std::env::current_exe().context("cannot tell this program's own path")?;
    let given = GivenServers::from_environment();
    let mut needs = given.needs();
    // Tests that kill or freeze servers always start their own.
    needs = vec![Need::PostgreSql, Need::RabbitMq, Need::Chromium, Need::Python].into_iter().chain(needs).collect();
    install_missing(&needs, terminal)?;

    let folder = DevFolder::in_checkout(".dev/test")?;
    let mut processes = ProcessList::begin(&folder)?;
    let mut ports = Ports::load(&folder)?;
    let servers = Servers::start(&given, &folder, &mut ports, false, &mut processes, terminal).await?;
    let mut stop = StopSignals::listen()?;
    let mut failed = Vec::new();
    for part in parts.iter().filter(|part| chosen(part)) {
        let passed = tokio::select! {
            passed = run_part(*part, options, &binary, &folder, &servers.addresses, terminal) => passed?,
            () = stop.next() => bail!("stopped"),
        };
        if !passed {
            failed.push(part.name());
        }
    }
    servers.stop().await?;
    processes.clear()?;
    if failed.is_empty() {
        say("Every test passed.");
        Ok(ExitCode::SUCCESS)
    } else {
        bail!("failed: {}", failed.join(", "))
    }
}

async fn run_part(
    part: TestPart,
    options: &TestOptions,
    binary: &Path,
    folder: &DevFolder,
    servers: &ServerAddresses,
    terminal: Terminal,
) -> Result<bool> {
    say(&format!("\n== {}", part.name()));
    match part {
        TestPart::Rust => rust(options, servers).await,
        TestPart::Console => {
            console_build::install_packages(folder, terminal).await?;
            npm(&["test"], &[]).await
        }
        TestPart::Browser => browser(binary.to_owned(), folder, servers, terminal).await,
    }
}

impl TestPart {
    const fn name(self) -> &'static str {
        match self {
            Self::Rust => "Rust",
            Self::Console => "the console's units",
            Self::Browser => "the browser, end to end",
        }
    }
}

async fn rust(options: &TestOptions, servers: &ServerAddresses) -> Result<bool> {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.arg("test").current_dir(checkout()?).stdin(Stdio::null());
    if options.cargo_test.is_empty() {
        cargo.args(["--workspace", "--no-fail-fast"]);
    }
    cargo
        .args(&options.cargo_test)
        .env("DATABASE_URL", &servers.database)
        .env("AMQP_URL", &servers.amqp)
        .env("RABBITMQ_MANAGEMENT_URL", &servers.management);
    Ok(cargo.status().await.context("cannot start cargo")?.success())
}

/// Playwright against a whole stack of its own, in Debian's Chromium.
async fn browser(binary: PathBuf, folder: &DevFolder, servers: &ServerAddresses, terminal: Terminal) -> Result<bool> {
    console_build::build_if_changed(folder, terminal).await?;
    let stack_folder = DevFolder::at(folder.join("browser"))?;
    stack_folder.clear()?;
    let database = TestDatabase::empty_on(&servers.database).await?;
    let vhost = TestVhost::on(&servers.amqp, &servers.management).await?;
    let addresses =
        ServerAddresses { database: database.admin_url(), amqp: vhost.url(), management: servers.management.clone() };
    let secrets = Secrets::load_or_make(&stack_folder)?;
    let stack = Stack::start(StackOptions {
        schedules: true,
        progress: Some(terminal),
        ..StackOptions::quiet(binary, stack_folder.clone(), addresses, secrets)
    })
    .await?;
    stack.make_demo().await?.write(&stack_folder)?;
    let chromium = chromium().context("Chromium is missing")?.to_string_lossy().into_owned();
    let stack_file = stack_folder.join("stack.json").to_string_lossy().into_owned();
    let screenshots = folder.join("screenshots").to_string_lossy().into_owned();
    let environment = [
        ("PAGEKEEPER_STACK", stack_file.as_str()),
        ("PAGEKEEPER_CHROMIUM", chromium.as_str()),
        ("PAGEKEEPER_SCREENSHOTS", screenshots.as_str()),
    ];
    let passed = npm(&["run", "e2e"], &environment).await?;
    stack.stop().await?;
    Ok(passed)
}

async fn npm(arguments: &[&str], environment: &[(&str, &str)]) -> Result<bool> {
    let status = Command::new("npm")
        .args(arguments)
        .current_dir(console_build::folder()?)
        .envs(environment.iter().copied())
        .stdin(Stdio::null())
        .status()
        .await
        .context("cannot start npm")?;
    Ok(status.success())
}
