//! One entry of the list, whichever place it is in, as far as a viewer may see it.

use chrono::{DateTime, Utc};
use pagekeeper_bus::ParkedMessage;
use pagekeeper_common::domain::ids::RunId;
use pagekeeper_contracts::v1::webhook_entry::Content;
use pagekeeper_contracts::v1::{ConnectPages, DisconnectPage, SyncPage, WebhookBundle};
use pagekeeper_store::quarantine::review::QuarantinedEntry;

use super::id::{ParkedId, QUARANTINE, short_name};
use super::viewer::Viewer;
use super::views::ParkedPage;

/// What the quarantine holds.
const ENTRY: &str = "webhook.entry";

#[derive(Debug, Clone)]
pub(super) struct Found {
    pub(super) id: ParkedId,
    pub(super) queue: String,
    pub(super) kind: String,
    pub(super) page: Option<ParkedPage>,
    pub(super) reason: String,
    pub(super) attempts: u32,
    pub(super) first_failed_at: Option<DateTime<Utc>>,
    pub(super) parked_at: Option<DateTime<Utc>>,
    /// Bytes.
    pub(super) size: usize,
    pub(super) run: Option<RunId>,
    pub(super) account: Option<i64>,
}

/// The list's order: the longest parked first.
pub(super) type Place = (i64, ParkedId);

impl Found {
    /// None if it is none of the viewer's business.
    pub(super) fn of_message(viewer: &Viewer<'_>, parked: &ParkedMessage) -> Option<Self> {
        let subject = Subject::of(parked);
        if !viewer.may_see(parked.message.account_id, &subject) {
            return None;
        }
        let queue = short_name(&parked.home_queue).to_owned();
        Some(Self {
            id: ParkedId::Message { queue: queue.clone(), id: parked.id() },
            queue,
            kind: parked.message.kind.clone(),
            page: subject.page(viewer),
            reason: parked.reason().to_owned(),
            attempts: parked.message.tries.attempt,
            first_failed_at: parked.first_failed_at(),
            parked_at: parked.parked_at(),
            size: parked.message.body.len(),
            run: subject.run(),
            account: viewer.is_operator().then_some(parked.message.account_id).flatten(),
        })
    }

    /// The database has looked whose it is.
    pub(super) fn of_quarantine(viewer: &Viewer<'_>, entry: &QuarantinedEntry) -> Self {
        Self {
            id: ParkedId::Quarantined(entry.id),
            queue: QUARANTINE.to_owned(),
            kind: ENTRY.to_owned(),
            page: entry.owner_id.as_deref().map(|owner| viewer.page_of_owner(owner)),
            reason: entry.reason.clone(),
            attempts: entry.seen.unsigned_abs(),
            first_failed_at: Some(entry.received_at),
            parked_at: Some(entry.received_at),
            size: usize::try_from(entry.size).unwrap_or_default(),
            run: None,
            account: None,
        }
    }

    pub(super) fn place(&self) -> Place {
        // To the microsecond, as the database has it. What was parked by hand has no time, and stands in front.
        (self.parked_at.map_or(0, |at| at.timestamp_micros()), self.id.clone())
    }
}

/// What a message is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Subject {
    /// Meta's ids of the Pages whose webhooks it holds.
    Owners(Vec<String>),
    Run(RunId),
    Connection(i64),
    /// It cannot be read, or is of nothing in particular.
    Unknown,
}

impl Subject {
    fn of(parked: &ParkedMessage) -> Self {
        let message = &parked.message;
        if let Ok(bundle) = message.decode::<WebhookBundle>() {
            let owner = |content: Option<Content>| match content {
                Some(Content::Entry(entry)) => Some(entry.owner_id),
                _ => None,
            };
            // One part that is of nobody makes the whole nobody's.
            let owners: Option<Vec<String>> = bundle.entries.into_iter().map(|entry| owner(entry.content)).collect();
            return owners.filter(|owners| !owners.is_empty()).map_or(Self::Unknown, Self::Owners);
        }
        let run = |run_id: i64| Self::Run(RunId::new(run_id));
        let run_of = message.decode::<SyncPage>().map(|command| run(command.run_id));
        run_of
            .or_else(|_| message.decode::<ConnectPages>().map(|command| run(command.run_id)))
            .or_else(|_| message.decode::<DisconnectPage>().map(|command| Self::Connection(command.connection_id)))
            .unwrap_or(Self::Unknown)
    }

    fn page(&self, viewer: &Viewer<'_>) -> Option<ParkedPage> {
        match self {
            Self::Owners(owners) => owners.first().map(|owner| viewer.page_of_owner(owner)),
            Self::Connection(id) => viewer.page_of_connection(*id),
            Self::Run(_) | Self::Unknown => None,
        }
    }

    fn run(&self) -> Option<RunId> {
        match self {
            Self::Run(run) => Some(*run),
            _ => None,
        }
    }
}
