//! Fields of the Page, written to Facebook; what it took is read back and stored.

use pagekeeper_common::domain::page_update::{FieldRefusal, PageField, PageUpdateRequest, PageUpdateResult};
use pagekeeper_common::domain::sync_run::{RunPhase, RunState};
use pagekeeper_common::graph::{Decision, GraphError, PageUpdate};
use pagekeeper_limits::CallKind;
use pagekeeper_store::connections::Connection;
use pagekeeper_store::sync_runs::RunEnd;
use serde::Deserialize;

use super::details::Details;
use super::{Done, PageSync};
use crate::runs::{Failure, RunError, outcome_of};

impl PageSync<'_> {
    /// Facebook takes all of one call or none. Where it refuses, each field is sent by itself, to learn which ones.
    pub(super) async fn update_page(&mut self, connection: &Connection) -> Result<Result<Done, Failure>, RunError> {
        self.held.enter(RunPhase::UpdatingPage).await?;
        let request = self.held.run.request.as_ref().and_then(|request| PageUpdateRequest::deserialize(request).ok());
        let request = request.unwrap_or_default();
        let mut result = PageUpdateResult::default();
        match self.send(&update(&request.fields())).await? {
            Ok(()) => result.applied.extend(request.fields().iter().map(|(field, _)| *field)),
            Err(Failure::Graph(error)) if is_about_a_value(error.decision) => {
                for (field, value) in request.fields() {
                    match self.send(&update(&[(field, value)])).await? {
                        Ok(()) => result.applied.push(field),
                        Err(Failure::Graph(error)) if is_about_a_value(error.decision) => {
                            result.refused.push(FieldRefusal { field, detail: told(&error) });
                        }
                        Err(failure) => return Ok(Err(failure)),
                    }
                }
            }
            Err(failure) => return Ok(Err(failure)),
        }
        if !result.applied.is_empty()
            && let Err(failure) = self.fetch_details(connection, Details::Asked).await?
        {
            return Ok(Err(failure));
        }
        let is_refused = !result.refused.is_empty();
        let result = serde_json::to_value(&result).ok();
        if is_refused {
            let error = Some("refused".to_owned());
            return Ok(Err(Failure::Ended(RunEnd { state: RunState::Failed, error, result })));
        }
        Ok(Ok(Done::Part(result)))
    }

    async fn send(&mut self, update: &PageUpdate) -> Result<Result<(), Failure>, RunError> {
        let lane = self.held.run.lane();
        let (graph, auth, page_id) = (&self.parts.graph, &self.auth, &self.page.page_id);
        let call = self
            .parts
            .limits
            .call(CallKind::Page(page_id), lane, 1, &mut self.held.meter, || graph.update_page(auth, page_id, update));
        match call.await {
            Ok(()) => Ok(Ok(())),
            Err(error) => outcome_of(error).map(Err),
        }
    }
}

fn update(fields: &[(PageField, &str)]) -> PageUpdate {
    let mut update = PageUpdate::default();
    for (field, value) in fields {
        let place = match field {
            PageField::About => &mut update.about,
            PageField::Phone => &mut update.phone,
            PageField::Website => &mut update.website,
        };
        *place = Some((*value).to_owned());
    }
    update
}

fn is_about_a_value(decision: Decision) -> bool {
    matches!(decision, Decision::BadRequest | Decision::Unknown | Decision::Refused | Decision::PolicyBlocked)
}

/// What Meta wrote for the person, who is the one that reads it.
fn told(error: &GraphError) -> String {
    let told = error.meta.as_deref().and_then(|meta| meta.told.as_ref());
    told.map_or_else(|| "Facebook did not accept this value.".to_owned(), |told| told.as_str().to_owned())
}
