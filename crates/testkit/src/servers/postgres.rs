//! A private PostgreSQL.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use diesel_async::{AsyncConnection as _, AsyncPgConnection, SimpleAsyncConnection as _};
use nix::sys::signal::Signal;
use nix::unistd::{Pid, Uid, User, chown};
use tempfile::TempDir;

use super::free_port;
use super::process::{ServerProcess, end_of_log, ended_with_parent, find_program};

/// The oldest version that the migrations are written for.
const OLDEST: u32 = 15;
/// PostgreSQL refuses to run as root; Debian's package brings this user.
const SERVER_USER: &str = "postgres";
/// The administrator of a private server. It trusts whoever reaches it: it listens on this machine only.
const ADMIN: &str = "postgres";
const START_LIMIT: Duration = Duration::from_mins(1);
const STOP_LIMIT: Duration = Duration::from_secs(20);
/// What a start says while backends of a server that was killed are about to end: a moment later it succeeds.
const STILL_IN_USE: &str = "pre-existing shared memory block";

#[derive(Debug)]
pub struct PostgresOptions {
    /// Made if it is missing; data of an earlier start are used again. As root, the user `postgres` must be able to
    /// reach it.
    pub folder: PathBuf,
    pub port: u16,
    /// Without it nothing is synced to the disk: quick, and lost with the machine. What is committed outlives a killed
    /// server either way.
    pub durable: bool,
}

/// A running server. It ends when this is dropped, or with this process.
#[derive(Debug)]
pub struct PrivatePostgres {
    options: PostgresOptions,
    programs: PathBuf,
    process: ServerProcess,
    _temporary: Option<TempDir>,
}

/// Whether this machine has PostgreSQL, new enough.
pub fn postgres_is_installed() -> bool {
    programs().is_some()
}

impl PrivatePostgres {
    pub async fn start(options: PostgresOptions) -> Result<Self> {
        Self::start_in(options, None).await
    }

    /// One for a test: on a free port, in a temporary folder, not durable.
    pub async fn temporary() -> Result<Self> {
        Self::start_temporary(false).await
    }

    /// One for a test that kills it, or that measures: as durable as in production.
    pub async fn temporary_and_durable() -> Result<Self> {
        Self::start_temporary(true).await
    }

    async fn start_temporary(durable: bool) -> Result<Self> {
        let folder = temporary_folder()?;
        let options = PostgresOptions { folder: folder.path().join("postgres"), port: free_port()?, durable };
        Self::start_in(options, Some(folder)).await
    }

    async fn start_in(options: PostgresOptions, temporary: Option<TempDir>) -> Result<Self> {
        let programs = programs().context("PostgreSQL 15 or newer is missing: apt-get install postgresql")?;
        prepare_folder(&options.folder)?;
        if !data(&options.folder).join("PG_VERSION").exists() {
            initialise(&programs, &options.folder)?;
        }
        let process = launch(&programs, &options)?;
        let mut server = Self { options, programs, process, _temporary: temporary };
        server.until_ready().await?;
        Ok(server)
    }

    /// An administrator's address of one of its databases.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://{ADMIN}@127.0.0.1:{}/{database}", self.options.port)
    }

    pub fn port(&self) -> u16 {
        self.options.port
    }

    /// The postmaster's process.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// Makes the database if it is missing.
    pub async fn create_database(&self, name: &str) -> Result<()> {
        let mut connection = AsyncPgConnection::establish(&self.url("postgres")).await?;
        match connection.batch_execute(&format!("create database \"{name}\"")).await {
            Ok(()) => Ok(()),
            Err(error) if error.to_string().contains("already exists") => Ok(()),
            Err(error) => Err(error).with_context(|| format!("cannot make the database {name}")),
        }
    }

    /// `kill -9`, of the postmaster and all its backends.
    pub fn kill(&self) -> Result<()> {
        // Stopped first, so that it starts no other.
        let _ = self.process.signal(Signal::SIGSTOP);
        let backends = self.backends()?;
        self.process.kill()?;
        for backend in backends {
            let _ = nix::sys::signal::kill(backend, Signal::SIGKILL);
        }
        Ok(())
    }

    /// Starts again after [`Self::kill`], on the same port with the same data.
    pub async fn restart(&mut self) -> Result<()> {
        self.process = launch(&self.programs, &self.options)?;
        self.until_ready().await
    }

    /// SIGSTOP: connections stay open and answer nothing.
    pub fn freeze(&self) -> Result<()> {
        self.each_process(Signal::SIGSTOP)
    }

    pub fn thaw(&self) -> Result<()> {
        self.each_process(Signal::SIGCONT)
    }

    /// A fast shutdown: open transactions are rolled back.
    pub async fn stop(self) -> Result<()> {
        self.thaw()?;
        self.process.signal(Signal::SIGINT)?;
        self.process.wait(STOP_LIMIT).await.context("PostgreSQL")
    }

    fn each_process(&self, signal: Signal) -> Result<()> {
        self.process.signal(signal)?;
        for backend in self.backends()? {
            let _ = nix::sys::signal::kill(backend, signal);
        }
        Ok(())
    }

    /// They put themselves into groups of their own, so each is asked for by its parent.
    fn backends(&self) -> Result<Vec<Pid>> {
        let processes = fs::read_dir("/proc")?.flatten();
        let ids = processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok().map(Pid::from_raw));
        Ok(ids.filter(|id| parent_of(*id) == Some(self.id())).collect())
    }

    async fn until_ready(&mut self) -> Result<()> {
        let start = Instant::now();
        let url = self.url("postgres");
        loop {
            let attempt = tokio::time::timeout(Duration::from_secs(2), AsyncPgConnection::establish(&url)).await;
            if matches!(attempt, Ok(Ok(_))) {
                return Ok(());
            }
            let (has_ended, log) = (self.process.has_ended(), end_of_log(&log(&self.options.folder)));
            if has_ended && start.elapsed() < STOP_LIMIT && log.contains(STILL_IN_USE) {
                self.process = launch(&self.programs, &self.options)?;
            } else if has_ended || start.elapsed() > START_LIMIT {
                bail!("PostgreSQL did not start: {log}");
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

/// Field 4 of `proc(5)`'s stat; what stands before may hold spaces and parentheses.
fn parent_of(id: Pid) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    stat.rsplit_once(") ")?.1.split(' ').nth(1)?.parse().ok()
}

/// The folder of the newest version's programs.
fn programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut versions: Vec<u32> = versions.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect();
    versions.sort_unstable();
    let debian = versions
        .into_iter()
        .rev()
        .filter(|version| *version >= OLDEST)
        .map(|version| PathBuf::from(format!("/usr/lib/postgresql/{version}/bin/initdb")));
    let initdb = find_program("initdb", debian)?;
    initdb.with_file_name("postgres").is_file().then(|| initdb.parent().map(Path::to_path_buf)).flatten()
}

fn data(folder: &Path) -> PathBuf {
    folder.join("data")
}

fn log(folder: &Path) -> PathBuf {
    folder.join("postgres.log")
}

/// Who the server runs as: somebody else than root.
fn server_user() -> Option<&'static str> {
    Uid::effective().is_root().then_some(SERVER_USER)
}

fn prepare_folder(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    if let Some(name) = server_user() {
        let user = User::from_name(name)?.with_context(|| format!("this machine has no user {name}"))?;
        chown(folder, Some(user.uid), Some(user.gid))
            .with_context(|| format!("cannot give {} to {name}", folder.display()))?;
    }
    Ok(())
}

/// A temporary folder that the server's user can reach.
fn temporary_folder() -> Result<TempDir> {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = tempfile::Builder::new().prefix("pagekeeper-postgres-").tempdir()?;
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755))?;
    Ok(folder)
}

fn as_server_user(program: &Path) -> Command {
    ended_with_parent(program, server_user())
}

fn initialise(programs: &Path, folder: &Path) -> Result<()> {
    let output = as_server_user(&programs.join("initdb"))
        .args(["--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--username", ADMIN, "--pgdata"])
        .arg(data(folder))
        .current_dir(folder)
        .output()
        .context("cannot start initdb")?;
    if !output.status.success() {
        bail!("initdb failed: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(())
}

fn launch(programs: &Path, options: &PostgresOptions) -> Result<ServerProcess> {
    let mut command = as_server_user(&programs.join("postgres"));
    command.current_dir(&options.folder).arg("-D").arg(data(&options.folder));
    let sync = if options.durable { "on" } else { "off" };
    let settings = [
        format!("port={}", options.port),
        "listen_addresses=127.0.0.1".to_owned(),
        format!("unix_socket_directories={}", options.folder.display()),
        "max_connections=300".to_owned(),
        "shared_buffers=256MB".to_owned(),
        "max_wal_size=2GB".to_owned(),
        "lc_messages=C".to_owned(),
        format!("fsync={sync}"),
        // Always: without it, a killed server forgets the commits of its last moments.
        "synchronous_commit=on".to_owned(),
        format!("full_page_writes={sync}"),
    ];
    for setting in settings {
        command.arg("-c").arg(setting);
    }
    ServerProcess::spawn(command, &log(&options.folder))
}
