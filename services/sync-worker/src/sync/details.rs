//! What Facebook says of the Page itself, and its picture.

use pagekeeper_common::domain::ids::PageId;
use pagekeeper_common::domain::sync_run::RunPhase;
use pagekeeper_common::graph::{self, Platform};
use pagekeeper_runtime::chain::Chain;
use pagekeeper_store::connections::{self, Connection, PageDetails, Picture};

use super::PageSync;
use crate::runs::{Failure, RunError, outcome_of};
use pagekeeper_limits::{CallError, CallKind};

/// What the details are fetched for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Details {
    /// For themselves: a failure is the run's.
    Asked,
    /// Beside conversations: they are worth having, and no reason to keep those back. Only a token that fails ends the run.
    Beside,
}

impl PageSync<'_> {
    pub(super) async fn fetch_details(
        &mut self,
        connection: &Connection,
        purpose: Details,
    ) -> Result<Result<(), Failure>, RunError> {
        self.held.enter(RunPhase::FetchingDetails).await?;
        let lane = self.held.run.lane();
        let (graph, auth, page_id) = (&self.parts.graph, &self.auth, &self.page.page_id);
        let instagram = connection.instagram_account_id.as_ref().filter(|_| self.page.platform == Platform::Instagram);
        let call = self.parts.limits.call(CallKind::Page(page_id), lane, 1, &mut self.held.meter, || async move {
            match instagram {
                Some(account) => {
                    let profile = graph.instagram_profile(auth, account).await?;
                    Ok(profile.map(|profile| page_of_profile(page_id, profile)))
                }
                None => graph.page_details(auth, page_id, false).await,
            }
        });
        let details = match call.await {
            Ok(details) => details,
            Err(CallError::Graph(error)) if purpose == Details::Beside && !error.decision.is_token_failure() => {
                tracing::info!(area = self.held.area(), error = %Chain(&error), "no details of the Page");
                return Ok(Ok(()));
            }
            Err(error) => return outcome_of(error).map(Err),
        };
        let picture = self.fetch_picture(&details).await;
        let id = self.page.connection_id;
        let details = stored_details(connection, details);
        let changed = self
            .parts
            .store
            .accounts(&[self.page.account_id], async |tx| {
                let changed = connections::update_details(tx, id, &details).await?;
                if let Some(picture) = &picture {
                    connections::set_picture(tx, id, picture).await?;
                }
                Ok::<_, pagekeeper_store::StoreError>(changed || picture.is_some())
            })
            .await?;
        if changed {
            self.parts.facts.connection_changed(self.page.account_id, id, &self.page.page_id);
        }
        Ok(Ok(()))
    }

    async fn fetch_picture(&self, details: &graph::PageDetails) -> Option<Picture> {
        let url = details.picture_url.as_deref()?;
        match self.parts.graph.picture(url).await {
            Ok(picture) => Some(Picture { bytes: picture.bytes.to_vec(), media_type: picture.content_type.to_owned() }),
            Err(error) => {
                tracing::info!(area = self.held.area(), error = %Chain(&error), "no picture of the Page");
                None
            }
        }
    }
}

/// An Instagram account tells the same in other words.
fn page_of_profile(page_id: &PageId, profile: graph::InstagramProfile) -> graph::PageDetails {
    graph::PageDetails {
        id: page_id.clone(),
        // Its Page has the same name, mostly: the user name tells them apart.
        name: profile.username.as_ref().map(|username| format!("@{username}")).or(profile.name),
        username: profile.username,
        category: None,
        about: profile.biography,
        phone: None,
        website: profile.website,
        fan_count: profile.followers,
        is_published: true,
        picture_url: profile.picture_url,
        instagram: None,
    }
}

fn stored_details(connection: &Connection, details: graph::PageDetails) -> PageDetails {
    PageDetails {
        page_id: connection.page_id.clone(),
        name: details.name.unwrap_or_else(|| connection.name.clone()),
        username: details.username,
        category: details.category,
        about: details.about,
        phone: details.phone,
        website: details.website,
        fan_count: details.fan_count.and_then(|count| i64::try_from(count).ok()),
        tasks: None,
    }
}
