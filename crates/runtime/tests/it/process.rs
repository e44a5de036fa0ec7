//! A service as a process: what it prints, how it ends. The process is this test program, told to run one ignored test.

use std::io::{BufRead, BufReader, Read};
use std::net::TcpStream;
use std::process::{Child, Command, ExitCode, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use pagekeeper_runtime::config::ConfigError;
use pagekeeper_runtime::health::Check;
use pagekeeper_runtime::http::{HttpConfig, bind, chassis};
use pagekeeper_runtime::running::{Chassis, Running};
use pagekeeper_runtime::secret::{ExposeSecret, SecretString};
use pagekeeper_runtime::service::{self, During, Service, ServiceConfig, StartError};
use serde::Deserialize;
use serde_json::Value;

struct Example;

#[derive(Deserialize)]
struct Config {
    http: HttpConfig,
    example: ExampleConfig,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExampleConfig {
    secret: SecretString,
    /// `ends`, `waits`, or nothing.
    behaviour: String,
}

impl ServiceConfig for Config {
    fn validate(&self) -> Result<(), ConfigError> {
        if self.example.secret.expose_secret().is_empty() {
            return Err(ConfigError::value("example.secret", "it is missing"));
        }
        Ok(())
    }
}

impl Service for Example {
    const NAME: &'static str = "example";
    const DEFAULTS: &'static str = "[http]\n[example]\nsecret = \"\"\nbehaviour = \"\"\n";
    type Config = Config;

    async fn build(config: Config, around: Chassis) -> Result<Running, StartError> {
        around.health.register("start", async || Check::error("waiting"));
        let behaviour = config.example.behaviour;
        if behaviour == "waits" {
            std::future::pending::<()>().await;
        }
        let http = config.http.clone();
        let server = bind(&config.http, move || chassis(actix_web::App::new(), &http)).during("binding")?;
        let soft = around.shutdown.soft().clone();
        Ok(Running::new(&around).serve("http", server).task("work", async move {
            if behaviour != "ends" {
                soft.cancelled().await;
            }
            Ok::<_, std::io::Error>(())
        }))
    }
}

#[test]
#[ignore = "the child of the other tests"]
fn child() {
    let code = service::main::<Example>();
    let known = [(ExitCode::SUCCESS, 0), (ExitCode::from(64), 64)];
    std::process::exit(known.into_iter().find(|(known, _)| *known == code).map_or(1, |(_, number)| number));
}

fn spawn(env: &[(&str, &str)]) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "process::child", "--ignored", "--nocapture"])
        .env("PAGEKEEPER_ANNOUNCE", "1")
        .envs(env.iter().copied())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Waits for the announcement.
fn addresses(child: &mut Child) -> Value {
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let line = lines.into_iter().find(|line| line.starts_with('{')).expect("an announcement");
    serde_json::from_str::<Value>(&line).unwrap()["addresses"].clone()
}

fn end(mut child: Child) -> (Option<i32>, String) {
    let mut stderr = String::new();
    child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
    (child.wait().unwrap().code(), stderr)
}

fn terminate(child: &Child) {
    kill(Pid::from_raw(child.id().try_into().unwrap()), Signal::SIGTERM).unwrap();
}

#[test]
fn a_service_announces_its_addresses_and_ends_well_when_asked_to() {
    let mut child = spawn(&[("PAGEKEEPER__EXAMPLE__SECRET", "canary-secret")]);
    let addresses = addresses(&mut child);
    for name in ["http", "operations"] {
        TcpStream::connect(addresses[name].as_str().unwrap()).unwrap();
    }
    terminate(&child);
    let (code, log) = end(child);
    assert_eq!(code, Some(0), "{log}");
    assert!(log.contains("asked to stop") && !log.contains("canary"), "{log}");
}

#[test]
fn a_wrong_configuration_is_one_line_and_exit_64() {
    for (env, expected) in [
        (("PAGEKEEPER__EXAMPLE__COLOUR", "red"), "colour"),
        (("PAGEKEEPER__TELEMETRY__COLOUR", "red"), "colour"),
        (("PAGEKEEPER__HTTP__LISTEN", "nowhere"), "http.listen"),
        (("PAGEKEEPER__EXAMPLE__SECRET", ""), "example.secret: it is missing"),
    ] {
        let (code, stderr) = end(spawn(&[env]));
        assert_eq!((code, stderr.trim_end().lines().count()), (Some(64), 1), "{stderr}");
        assert!(stderr.starts_with("example: ") && stderr.contains(expected), "{stderr}");
    }
}

#[test]
fn a_part_that_ends_by_itself_ends_the_process_with_an_error() {
    let (code, stderr) =
        end(spawn(&[("PAGEKEEPER__EXAMPLE__SECRET", "x"), ("PAGEKEEPER__EXAMPLE__BEHAVIOUR", "ends")]));
    assert_eq!(code, Some(1));
    assert!(stderr.contains("the task work ended by itself"), "{stderr}");
}

#[test]
fn a_service_that_still_waits_for_something_ends_when_asked_to() {
    let child = spawn(&[
        ("PAGEKEEPER__EXAMPLE__SECRET", "x"),
        ("PAGEKEEPER__EXAMPLE__BEHAVIOUR", "waits"),
        ("PAGEKEEPER__OPERATIONS__LISTEN", "127.0.0.1:0"),
    ]);
    // It listens to signals as soon as it has threads; a signal before that ends it too, with another code.
    let status = format!("/proc/{}/status", child.id());
    while !std::fs::read_to_string(&status).is_ok_and(|status| catches_sigterm(&status)) {
        std::thread::yield_now();
    }
    terminate(&child);
    assert_eq!(end(child).0, Some(0));
}

/// Bit 14 of the mask of caught signals is SIGTERM.
fn catches_sigterm(status: &str) -> bool {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigCgt:")).unwrap_or_default();
    u64::from_str_radix(mask.trim(), 16).is_ok_and(|mask| mask & (1 << 14) != 0)
}
