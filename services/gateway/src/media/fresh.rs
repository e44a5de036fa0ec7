//! A fresh address of a file: sync-worker asks Facebook, and the route waits.

use actix_web::http::StatusCode;
use pagekeeper_common::domain::ids::MessageRowId;
use pagekeeper_contracts::v1::RefreshMedia;
use pagekeeper_contracts::v1::media_refreshed::Outcome;
use pagekeeper_outbox as outbox;
use pagekeeper_runtime::problem::Problem;
use pagekeeper_store::messages::{self, KeptMedia};
use pagekeeper_store::{AccountTx, StoreError};
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

use crate::extract::api_error::Answer;
use crate::extract::authorised::AccountScope;
use crate::live::hub::{Hint, Subscription};
use crate::state::State;

/// The row is read this often even if no hint comes: a hint may be lost.
const NET: Duration = Duration::from_secs(1);

/// The attachment as it is. 404 without it, 410 of a message that is gone.
pub(super) async fn find(scope: &AccountScope, id: MessageRowId, position: i32) -> Answer<KeptMedia> {
    let found = scope.run(async move |tx: &mut AccountTx| Ok(messages::find_media(tx, id, position).await?)).await?;
    let found = found.ok_or(StoreError::NotFound)?;
    if found.is_gone {
        return Err(gone().into());
    }
    if found.attachment.is_none() {
        return Err(StoreError::NotFound.into());
    }
    Ok(found)
}

/// The same once Facebook was asked where it is now.
pub(super) async fn refresh(
    state: &State,
    scope: &AccountScope,
    id: MessageRowId,
    position: i32,
    known: &KeptMedia,
) -> Answer<KeptMedia> {
    let deadline = Instant::now() + state.config.media.wait();
    let account = scope.principal.account;
    let mut hints = state.hub.subscribe(account);
    let first = state.refreshes.begin(id);
    if first.is_some() {
        let command = RefreshMedia { account_id: account.get(), message_id: id.get() };
        scope.run(async move |tx: &mut AccountTx| Ok(outbox::enqueue(tx, &command).await?)).await?;
        state.bell.ring();
    }
    loop {
        let now = Instant::now();
        if now >= deadline {
            return Err(not_given().into());
        }
        let outcome = tokio::select! {
            outcome = refreshed(&mut hints, id) => outcome,
            () = sleep_until(deadline.min(now + NET)) => Outcome::Unspecified,
            () = state.shutdown.soft().cancelled() => Outcome::Refused,
        };
        match outcome {
            Outcome::Gone => return Err(gone().into()),
            Outcome::Refused => return Err(not_given().into()),
            Outcome::Told => return find(scope, id, position).await,
            Outcome::Unspecified => {
                let found = find(scope, id, position).await?;
                if found.told_at != known.told_at {
                    return Ok(found);
                }
            }
        }
    }
}

/// Facebook has the file, and did not give it now.
pub(super) fn not_given() -> Problem {
    Problem::new(StatusCode::GATEWAY_TIMEOUT, "Facebook did not give the file; try again")
        .with_kind("/problems/file-not-given")
        .with_retry_after(10)
}

fn gone() -> Problem {
    Problem::new(StatusCode::GONE, "Facebook has this file no more").with_kind("/problems/file-gone")
}

/// What became of it; nothing known where hints were lost.
async fn refreshed(hints: &mut Subscription, message: MessageRowId) -> Outcome {
    loop {
        match hints.next().await {
            Hint::Media { message: of, outcome } if of == message => return outcome,
            Hint::Resync => return Outcome::Unspecified,
            _ => {}
        }
    }
}
