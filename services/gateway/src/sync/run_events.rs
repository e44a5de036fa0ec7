//! `GET /api/sync-runs/{id}/events`: a run's progress, as server-sent events.

use std::convert::Infallible;
use std::time::Duration;

use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::{HttpResponse, get, web};
use bytes::Bytes;
use futures_util::stream;
use pagekeeper_common::domain::ids::RunId;
use pagekeeper_runtime::problem::Problem;
use tokio::time::{Instant, sleep_until};

use super::read_run::read;
use super::views;
use crate::auth::authenticate;
use crate::extract::api_error::Answer;
use crate::extract::authorised::{Authorised, ReadConnections};
use crate::live::events::NO_BUFFERING;
use crate::live::hub::{Hint, Subscription};
use crate::live::seats::Seat;
use crate::state::State;

/// A comment keeps the connection open, and the run is read in case that a hint was lost.
const NET: Duration = Duration::from_secs(10);

/// Whoever wants to look on for longer connects again.
const LONGEST: Duration = Duration::from_hours(1);

/// Follow a run, live
///
/// Each event `run` holds the whole run as `GET /api/sync-runs/{id}` has it; the stream ends with the run.
#[utoipa::path(tag = "Sync", params(("id" = i64, Path, description = "The run", example = 91)), responses(
    (status = 200, description = "The stream", body = String, content_type = "text/event-stream",
     example = "event: run\ndata: {\"id\":91,\"state\":\"running\",\"conversations\":340}\n\n"),
))]
#[get("/api/sync-runs/{id}/events")]
pub(crate) async fn run_events(
    scope: Authorised<ReadConnections>,
    state: web::Data<State>,
    path: web::Path<i64>,
) -> Answer<HttpResponse> {
    let seat = state.seats.take(scope.principal.user).ok_or_else(|| Problem::too_many_requests(30))?;
    let id = RunId::new(path.into_inner());
    let hints = state.hub.subscribe(scope.principal.account);
    // Another account's run is 404 before the stream begins.
    let first = read(&scope, &state, id).await?;
    let ends_at = Instant::now() + LONGEST;
    let follower = Follower { scope, state, id, hints, first: Some(first), has_ended: false, ends_at, _seat: seat };
    let frames = stream::unfold(follower, |mut follower| async move {
        let frame = follower.next_frame().await?;
        Some((Ok::<_, Infallible>(frame), follower))
    });
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/event-stream"))
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header(NO_BUFFERING)
        .streaming(frames))
}

struct Follower {
    scope: Authorised<ReadConnections>,
    state: web::Data<State>,
    id: RunId,
    hints: Subscription,
    first: Option<views::Run>,
    has_ended: bool,
    ends_at: Instant,
    _seat: Seat,
}

impl Follower {
    /// None when the stream is over.
    async fn next_frame(&mut self) -> Option<Bytes> {
        if let Some(run) = self.first.take() {
            return self.frame(&run);
        }
        if self.has_ended || Instant::now() >= self.ends_at {
            return None;
        }
        tokio::select! {
            () = self.state.shutdown.soft().cancelled() => return None,
            () = progress(&mut self.hints, self.id) => {}
            () = sleep_until(Instant::now() + NET) => {}
        }
        // Nobody looks on for longer than they are signed in. While the database is away nobody can say.
        if let Ok(None) = authenticate::again(&self.state, &self.scope.principal).await {
            return None;
        }
        match read(&self.scope, &self.state, self.id).await {
            Ok(run) => self.frame(&run),
            // The database is away: the next look may find it.
            Err(_) => Some(Bytes::from_static(b": still here\n\n")),
        }
    }

    fn frame(&mut self, run: &views::Run) -> Option<Bytes> {
        self.has_ended = run.has_ended();
        let json = serde_json::to_string(run).ok()?;
        Some(Bytes::from(format!("event: run\ndata: {json}\n\n")))
    }
}

/// Of the run, or of one below it.
async fn progress(hints: &mut Subscription, run: RunId) {
    loop {
        match hints.next().await {
            Hint::Run { id, parent, .. } if id == run || parent == Some(run) => return,
            Hint::Resync => return,
            _ => {}
        }
    }
}
