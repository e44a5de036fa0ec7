//! What all routes have in common that start work on Facebook: they wait for its end, and answer with what it came to, with
//! the run to follow, or with why it failed.

use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::http::header::LOCATION;
use pagekeeper_common::domain::connection::ConnectionReason;
use pagekeeper_common::domain::ids::RunId;
use pagekeeper_common::domain::sync_run::RunState;
use pagekeeper_runtime::problem::Problem;
use pagekeeper_store::AccountTx;
use pagekeeper_store::scope::Work;
use pagekeeper_store::sync_runs::Run;
use tokio::time::Instant;

use super::views::{StillRunning, sentence};
use super::wait::wait_for_end;
use crate::extract::api_error::Answer;
use crate::extract::authorised::AccountScope;
use crate::state::State;

/// How a run stands at the route's deadline.
pub(super) enum Awaited {
    Succeeded(Box<Run>),
    /// To be answered as it is.
    Running(HttpResponse),
}

/// Starts a run, and waits for its end. A run that failed is a problem.
pub(super) async fn start_and_wait<F>(state: &State, scope: &AccountScope, wait: Duration, start: F) -> Answer<Awaited>
where
    F: AsyncFnOnce(&mut AccountTx) -> Answer<RunId> + Send,
    for<'tx> F: Work<&'tx mut AccountTx, Answer<RunId>, Running: Send>,
{
    Ok(settle(start_and_follow(state, scope, wait, start).await?)?)
}

/// The same; answers the run as it stands at the deadline, whatever became of it.
pub(super) async fn start_and_follow<F>(state: &State, scope: &AccountScope, wait: Duration, start: F) -> Answer<Run>
where
    F: AsyncFnOnce(&mut AccountTx) -> Answer<RunId> + Send,
    for<'tx> F: Work<&'tx mut AccountTx, Answer<RunId>, Running: Send>,
{
    let deadline = Instant::now() + wait;
    let account = scope.principal.account;
    let mut hints = state.hub.subscribe(account);
    let run = scope.run(start).await?;
    state.bell.ring();
    wait_for_end(state, &mut hints, account, run, deadline).await
}

/// What a run's state means for the route that waited for it.
pub(super) fn settle(run: Run) -> Result<Awaited, Problem> {
    match run.state {
        RunState::Succeeded => Ok(Awaited::Succeeded(Box::new(run))),
        RunState::Failed | RunState::Parked | RunState::Canceled => Err(problem(&run)),
        RunState::Queued | RunState::Running => Ok(Awaited::Running(still_running(&run))),
    }
}

fn still_running(run: &Run) -> HttpResponse {
    HttpResponse::Accepted()
        .insert_header((LOCATION, format!("/api/sync-runs/{}", run.id)))
        .json(StillRunning::new(run, &[]))
}

/// Why a run did not do what was asked for.
fn problem(run: &Run) -> Problem {
    if run.state == RunState::Canceled {
        return Problem::conflict("the work was canceled").with_kind("/problems/run-canceled");
    }
    let error = run.error.as_deref().unwrap_or_default();
    if error == "conversation_gone" {
        return Problem::conflict("Facebook has this conversation no more").with_kind("/problems/conversation-gone");
    }
    match ConnectionReason::parse(error) {
        Some(ConnectionReason::FacebookUnavailable) | None => Problem::unavailable(
            format!("Facebook did not answer as expected; run {} can be tried again among the parked work", run.id),
            60,
        ),
        Some(reason) => Problem::conflict(sentence(reason)).with_kind("/problems/reconnect-needed"),
    }
}
