//! Commands: each names a run, a Page to disconnect, or a message whose files somebody wants to see.

use std::time::Duration;

use pagekeeper_bus::{BatchHandler, DecodeError, Handled, Incoming, Verdict};
use pagekeeper_common::domain::ids::{AccountId, ConnectionId, MessageRowId, RunId};
use pagekeeper_contracts::v1::{ConnectPages, DisconnectPage, RefreshMedia, SyncPage};
use pagekeeper_runtime::chain::Chain;
use pagekeeper_store::StoreError;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

use super::{Runs, Start, WantedRun};
use crate::disconnect::{Disconnected, disconnect_page};
use pagekeeper_common::domain::lane::Lane;

/// While the database is away.
const AWAY_WAIT: Duration = Duration::from_secs(1);

/// Takes commands from a queue and starts what they ask for.
pub struct Commands {
    pub runs: Runs,
    pub lane: Lane,
}

enum Command {
    Run(WantedRun),
    Disconnect(AccountId, ConnectionId),
    RefreshMedia(AccountId, MessageRowId),
}

enum Refused {
    /// The same batch again, after a while.
    Later,
    Failed(&'static str),
}

impl BatchHandler for Commands {
    async fn handle(&self, batch: &[Incoming]) -> Handled {
        let commands: Vec<_> = batch.iter().map(decode).collect();
        let runs: Vec<(WantedRun, Span)> = commands
            .iter()
            .zip(batch)
            .filter_map(|(command, message)| match command {
                Ok(Command::Run(run)) => Some((*run, span_of(message))),
                _ => None,
            })
            .collect();
        // Together, or one by one if one of them fails all: what was started before finds its run claimed.
        let started = match self.start(runs).await {
            Err(Refused::Later) => return Handled::Later(AWAY_WAIT),
            started => started.is_ok(),
        };
        let mut verdicts = Vec::with_capacity(batch.len());
        for (command, message) in commands.into_iter().zip(batch) {
            verdicts.push(match command {
                Err(_error) => Verdict::Park("not a command".to_owned()),
                Ok(Command::Run(_)) if started => Verdict::Ack,
                Ok(command) => match self.carry_out(command, span_of(message)).await {
                    Ok(()) => Verdict::Ack,
                    Err(Refused::Later) => return Handled::Later(AWAY_WAIT),
                    Err(Refused::Failed(reason)) => Verdict::Retry(reason.to_owned()),
                },
            });
        }
        Handled::Each(verdicts)
    }
}

impl Commands {
    /// Those that there is no room for wait.
    async fn start(&self, runs: Vec<(WantedRun, Span)>) -> Result<(), Refused> {
        let (mut starts, mut full) = (Vec::new(), Vec::new());
        for (run, span) in runs {
            match self.runs.rooms.enter(run.account_id, self.lane) {
                Some(room) => starts.push(Start { run, room, span }),
                None => full.push(run),
            }
        }
        self.runs.start_all(starts).await.map_err(|error| refused(&error))?;
        self.runs.wait_for_room(&full).await.map_err(|error| refused(&error))
    }

    async fn carry_out(&self, command: Command, span: Span) -> Result<(), Refused> {
        match command {
            Command::Run(run) => self.start(vec![(run, span)]).await,
            Command::Disconnect(account_id, connection_id) => {
                match disconnect_page(&self.runs.parts, account_id, connection_id).await {
                    Ok(Disconnected::Done) => Ok(()),
                    Ok(Disconnected::FacebookAway) => Err(Refused::Failed("Facebook did not answer")),
                    Err(error) => Err(refused(&error)),
                }
            }
            Command::RefreshMedia(account_id, message_id) => {
                self.runs.refresh_media(account_id, message_id, span);
                Ok(())
            }
        }
    }
}

fn refused(error: &StoreError) -> Refused {
    if error.is_transient() {
        return Refused::Later;
    }
    tracing::error!(area = "sync", error = %Chain(error), "a command failed");
    Refused::Failed("the database refused")
}

fn decode(message: &Incoming) -> Result<Command, DecodeError> {
    if message.is::<ConnectPages>() {
        let command: ConnectPages = message.decode()?;
        return Ok(run(command.account_id, command.run_id));
    }
    if message.is::<SyncPage>() {
        let command: SyncPage = message.decode()?;
        return Ok(run(command.account_id, command.run_id));
    }
    if message.is::<RefreshMedia>() {
        let command: RefreshMedia = message.decode()?;
        return Ok(Command::RefreshMedia(AccountId::new(command.account_id), MessageRowId::new(command.message_id)));
    }
    let command: DisconnectPage = message.decode()?;
    Ok(Command::Disconnect(AccountId::new(command.account_id), ConnectionId::new(command.connection_id)))
}

fn run(account_id: i64, run_id: i64) -> Command {
    Command::Run(WantedRun { account_id: AccountId::new(account_id), run_id: RunId::new(run_id) })
}

/// The work belongs to the trace of the request that asked for it.
fn span_of(message: &Incoming) -> Span {
    let span = tracing::info_span!("command", kind = message.kind, account.id = message.account_id);
    // Without a tracing subscriber there is nothing to join.
    let _ = span.set_parent(message.trace());
    span
}
