//! `GET /api/events`: hints for an open screen, as server-sent events.

use std::convert::Infallible;
use std::time::Duration;

use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName};
use actix_web::{HttpResponse, get, web};
use bytes::Bytes;
use futures_util::stream;
use pagekeeper_runtime::problem::Problem;
use serde_json::json;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at, sleep_until};
use tokio_util::sync::CancellationToken;

use super::hub::{Hint, Subscription};
use super::seats::Seat;
use crate::auth::authenticate;
use crate::extract::api_error::Answer;
use crate::extract::authorised::{Authorised, ReadInbox};
use crate::extract::principal::{Credential, Principal};
use crate::state::State;

/// Tells proxies of nginx's kind not to hold the stream back.
pub(crate) const NO_BUFFERING: (HeaderName, &str) = (HeaderName::from_static("x-accel-buffering"), "no");

/// How long a browser waits before it connects again, in milliseconds.
const OPENING: &str = "retry: 2000\n\n";
const HEARTBEAT: &str = ": still here\n\n";

/// A token ends within minutes; this stands for "not by the clock".
const FAR: Duration = Duration::from_hours(24 * 365);

/// Follow what changes, live
///
/// Events are hints that something is to be read again: `conversation` {conversation_ids, version}, `connection`
/// {connection_id}, `run` {run_id, parent_run_id, ended}, and `resync` {} where hints were lost. After each connect,
/// read the open list and thread again. The stream ends with its session, token or key.
#[utoipa::path(tag = "Live", responses(
    (status = 200, description = "The stream", body = String, content_type = "text/event-stream",
     example = "event: conversation\ndata: {\"conversation_ids\":[120034],\"version\":1792000000000000}\n\n"),
    (status = 429, description = "Too many requests, or too many open streams of this person"),
))]
#[get("/api/events")]
pub(crate) async fn events(scope: Authorised<ReadInbox>, state: web::Data<State>) -> Answer<HttpResponse> {
    let seat = state.seats.take(scope.principal.user).ok_or_else(|| Problem::too_many_requests(30))?;
    let stream = EventStream::open(state.clone(), scope.principal.clone(), seat);
    let frames = stream::unfold(stream, |mut stream| async move {
        let frame = stream.next_frame().await?;
        Some((Ok::<_, Infallible>(frame), stream))
    });
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/event-stream"))
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header(NO_BUFFERING)
        .streaming(frames))
}

struct EventStream {
    state: web::Data<State>,
    principal: Principal,
    hints: Subscription,
    opening: Option<&'static str>,
    heartbeat: Interval,
    recheck: Interval,
    /// When the credential ends by the clock.
    ends_at: Instant,
    stopping: CancellationToken,
    _seat: Seat,
}

impl EventStream {
    fn open(state: web::Data<State>, principal: Principal, seat: Seat) -> Self {
        let every = |seconds: u32| {
            let period = Duration::from_secs(seconds.into());
            let mut interval = interval_at(Instant::now() + period, period);
            interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
            interval
        };
        let left = match principal.credential {
            Credential::Token { expires_at } => (expires_at - state.now()).to_std().unwrap_or_default(),
            Credential::Session { .. } | Credential::ApiKey { .. } => FAR,
        };
        Self {
            hints: state.hub.subscribe(principal.account),
            heartbeat: every(state.config.live.heartbeat_s.get()),
            recheck: every(state.config.live.recheck_s.get()),
            ends_at: Instant::now() + left,
            stopping: state.shutdown.soft().clone(),
            opening: Some(OPENING),
            state,
            principal,
            _seat: seat,
        }
    }

    /// None when the stream is over.
    async fn next_frame(&mut self) -> Option<Bytes> {
        if let Some(opening) = self.opening.take() {
            return Some(Bytes::from_static(opening.as_bytes()));
        }
        loop {
            tokio::select! {
                biased;
                () = self.stopping.cancelled() => return None,
                () = sleep_until(self.ends_at) => return None,
                _ = self.recheck.tick() => if self.has_ended().await { return None },
                hint = self.hints.next() => match hint {
                    Hint::SessionEnded { session } if self.is_of(session) => return None,
                    Hint::SessionEnded { .. } | Hint::Media { .. } => {}
                    hint => return frame(&hint),
                },
                _ = self.heartbeat.tick() => return Some(Bytes::from_static(HEARTBEAT.as_bytes())),
            }
        }
    }

    fn is_of(&self, ended: pagekeeper_common::domain::ids::SessionId) -> bool {
        matches!(self.principal.credential, Credential::Session { id, .. } if id == ended)
    }

    /// While the database is away nobody can say: the stream stays, and is asked again.
    async fn has_ended(&mut self) -> bool {
        match authenticate::again(&self.state, &self.principal).await {
            Ok(Some(now)) => now.may(pagekeeper_common::domain::account::Action::ReadInbox).is_err(),
            Ok(None) => true,
            Err(_) => false,
        }
    }
}

fn frame(hint: &Hint) -> Option<Bytes> {
    let (event, data) = match hint {
        Hint::Conversations { ids, version } => {
            ("conversation", json!({ "conversation_ids": ids, "version": version }))
        }
        Hint::Connection { id } => ("connection", json!({ "connection_id": id })),
        Hint::Run { id, parent, ended } => ("run", json!({ "run_id": id, "parent_run_id": parent, "ended": ended })),
        Hint::Resync => ("resync", json!({})),
        Hint::SessionEnded { .. } | Hint::Media { .. } => return None,
    };
    Some(Bytes::from(format!("event: {event}\ndata: {data}\n\n")))
}

#[cfg(test)]
mod tests {
    use pagekeeper_common::domain::ids::{ConversationId, RunId};

    use super::*;

    #[test]
    fn a_frame_is_an_event_with_one_line_of_json() {
        let hint = Hint::Conversations { ids: vec![ConversationId::new(7)], version: 9 };
        assert_eq!(frame(&hint).unwrap(), "event: conversation\ndata: {\"conversation_ids\":[7],\"version\":9}\n\n");
        let hint = Hint::Run { id: RunId::new(1), parent: None, ended: true };
        assert_eq!(frame(&hint).unwrap(), "event: run\ndata: {\"ended\":true,\"parent_run_id\":null,\"run_id\":1}\n\n");
        assert_eq!(frame(&Hint::Resync).unwrap(), "event: resync\ndata: {}\n\n");
    }
}
