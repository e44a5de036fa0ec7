//! `cargo dev`: starts everything, says where it is, and stops everything.

use std::collections::BTreeMap;
use std::fs::{self, File, TryLockError};
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context as _, Result, bail};
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::command_line::{DevOptions, ServiceName, WorldOptions};
use crate::console_build;
use crate::folder::DevFolder;
use crate::install::{check_node, install_missing};
use crate::ports::Ports;
use crate::processes::ProcessList;
use crate::report::StackFile;
use crate::secrets::Secrets;
use crate::servers::{GivenServers, Servers};
use crate::simulator_child::WorldSize;
use crate::stack::{Listen, Stack, StackOptions};
use crate::terminal::{Terminal, say};

pub(crate) async fn run(options: &DevOptions) -> Result<ExitCode> {
    let terminal = Terminal::new(options.headless);
    let folder = DevFolder::in_checkout(".dev")?;
    let lock = File::create(folder.join("lock")).context("cannot write below .dev/")?;
    if let Err(TryLockError::WouldBlock) = lock.try_lock() {
        return tell_where_it_runs(&folder, terminal);
    }
    let mut processes = ProcessList::begin(&folder)?;
    StackFile::remove(&folder);
    if options.fresh {
        folder.clear()?;
    }

    let mut stop = StopSignals::listen()?;
    let (mut stack, servers) = tokio::select! {
        started = start(options, &folder, &mut processes, terminal) => started?,
        () = stop.next() => {
            say("  Stopped.");
            return Ok(ExitCode::SUCCESS);
        }
    };
    let ended = tokio::select! {
        () = stop.next() => None,
        reason = stack.first_ended() => Some(reason),
    };
    StackFile::remove(&folder);
    let step = terminal.step("Stopping");
    tokio::select! {
        stopped = async { stack.stop().await?; servers.stop().await } => stopped?,
        () = stop.next() => bail!("stopped at once; the next start tidies up"),
    }
    processes.clear()?;
    step.done();
    match ended {
        None => Ok(ExitCode::SUCCESS),
        Some(reason) => bail!(reason),
    }
}

/// Starts the servers, the console's build and the services, and says where all of it is.
async fn start(
    options: &DevOptions,
    folder: &DevFolder,
    processes: &mut ProcessList,
    terminal: Terminal,
) -> Result<(Stack, Servers)> {
    say(&terminal.bold("Pagekeeper's dev stack"));
    let services = options.services();
    let with_console = services.contains(&ServiceName::Gateway);
    if with_console {
        check_node()?;
    }
    let given = GivenServers::from_environment();
    install_missing(&given.needs(), terminal)?;

    let mut ports = Ports::load(folder)?;
    let listen = Listen::keeping(&mut ports)?;
    let servers = async { Servers::start(&given, folder, &mut ports, true, processes, terminal).await };
    let console = async { if with_console { console_build::build_if_changed(folder, terminal).await } else { Ok(()) } };
    let (servers, ()) = futures_util::try_join!(servers, console)?;

    let stack = Stack::start(StackOptions {
        binary: std::env::current_exe().context("cannot tell this program's own path")?,
        folder: folder.clone(),
        services,
        servers: servers.addresses.clone(),
        secrets: Secrets::load_or_make(folder)?,
        world: keep_world(folder, &options.world)?,
        graph_latency_ms: options.world.latency,
        graph_limits: true,
        listen,
        schedules: true,
        overrides: BTreeMap::new(),
        progress: Some(terminal),
    })
    .await?;
    for (name, id) in stack.processes() {
        processes.add(name, id)?;
    }
    let file = stack.make_demo().await?;
    file.write(folder)?;
    file.print(folder, terminal);
    if !options.headless
        && let Some(gateway) = &file.gateway
    {
        open_browser(gateway);
    }
    Ok((stack, servers))
}

/// The world's sizes belong to its data: those of the first start hold until `--fresh`.
fn keep_world(folder: &DevFolder, asked: &WorldOptions) -> Result<WorldSize> {
    let asked = WorldSize { pages: asked.pages, conversations: asked.conversations, messages: asked.messages };
    let file = folder.join("world.json");
    let Ok(text) = fs::read(&file) else {
        fs::write(&file, serde_json::to_vec_pretty(&asked)?).context("cannot write below .dev/")?;
        return Ok(asked);
    };
    let kept: WorldSize =
        serde_json::from_slice(&text).context(".dev/world.json cannot be read: start with --fresh")?;
    if asked != WorldSize::default() && asked != kept {
        bail!("the simulated world has other sizes since its first start: add --fresh to make it anew");
    }
    Ok(kept)
}

fn tell_where_it_runs(folder: &DevFolder, terminal: Terminal) -> Result<ExitCode> {
    let Some(file) = StackFile::read(folder) else {
        bail!("another `cargo dev` of this checkout is starting or stopping: wait a moment");
    };
    say("The dev stack of this checkout runs already:");
    file.print(folder, terminal);
    Ok(ExitCode::SUCCESS)
}

/// Where there is a desktop.
fn open_browser(address: &str) {
    if std::env::var_os("DISPLAY").is_none() && std::env::var_os("WAYLAND_DISPLAY").is_none() {
        return;
    }
    let _ =
        Command::new("xdg-open").arg(address).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
}

/// Ctrl-C, a closed terminal, or somebody's `kill`.
pub(crate) struct StopSignals([Signal; 3]);

impl StopSignals {
    pub(crate) fn listen() -> Result<Self> {
        let listen = |kind| signal(kind).context("cannot listen to signals");
        Ok(Self([listen(SignalKind::interrupt())?, listen(SignalKind::terminate())?, listen(SignalKind::hangup())?]))
    }

    pub(crate) async fn next(&mut self) {
        let Self([interrupt, terminate, hangup]) = self;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hangup.recv() => {}
        }
    }
}
