//! How sync runs look in answers.

use chrono::{DateTime, Utc};
use pagekeeper_common::domain::connection::ConnectionReason;
use pagekeeper_common::domain::ids::ConversationId;
use pagekeeper_common::domain::sync_run::RunState;
use pagekeeper_store::sync_runs;
use serde::Serialize;
use utoipa::ToSchema;

use super::connect_result::ConnectResult;
use crate::connections::briefs::Briefs;
use crate::connections::views::{ConnectionBrief, reason_schema};

/// One piece of work on Facebook, with its progress.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Run {
    #[schema(example = 91)]
    pub id: i64,
    /// `connect`, `first`, `incremental`, `backfill`, `full`, `details`, `contacts`, `messages`, `status` or `update_page`.
    #[schema(example = "first")]
    pub kind: String,
    /// `queued`, `running`, `succeeded`, `failed`, `parked` (failed as often as it is tried) or `canceled`.
    #[schema(example = "running")]
    pub state: String,
    #[schema(example = "fetching_conversations")]
    pub phase: String,
    pub connection: Option<ConnectionBrief>,
    /// Where it is about one alone.
    pub conversation_id: Option<i64>,
    #[schema(example = 340)]
    pub conversations: u32,
    /// About how many there will be.
    #[schema(example = 500)]
    pub expected_conversations: Option<u32>,
    /// Those that were new or had changed.
    #[schema(example = 25)]
    pub conversations_changed: u32,
    #[schema(example = 6120)]
    pub messages: u32,
    #[schema(example = 338)]
    pub contacts: u32,
    /// Calls to Facebook, counted as Facebook counts them.
    #[schema(example = 12)]
    pub calls: u32,
    /// Milliseconds spent waiting for Facebook's rate limits.
    #[schema(example = 0)]
    pub throttled_ms: u64,
    /// What became of the conversations and messages that Facebook told.
    pub rows: RowCounts,
    /// Bytes of Facebook's answers.
    #[schema(example = 184_320)]
    pub bytes: u64,
    /// Calls that failed, also those that were made again.
    #[schema(example = 0)]
    pub errors: u32,
    /// What went wrong, in a word that does not change.
    #[schema(example = "facebook_unavailable")]
    pub error: Option<String>,
    /// The same for a person.
    pub error_detail: Option<&'static str>,
    /// Tries in a row that failed for a reason that may pass.
    #[schema(example = 0)]
    pub attempts: u32,
    /// While it is queued: when it starts at the earliest.
    pub due_at: Option<DateTime<Utc>>,
    /// Somebody asked for its end.
    pub cancel_requested: bool,
    pub created_at: DateTime<Utc>,
    pub started_at: Option<DateTime<Utc>>,
    pub ended_at: Option<DateTime<Utc>>,
    /// The runs below this one: of a connect run, one per Page.
    #[schema(no_recursion)]
    pub children: Vec<Run>,
    /// Of a connect run: the Pages that were not connected.
    pub unconnected_pages: Vec<UnconnectedPage>,
}

/// Rows by what became of them.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RowCounts {
    #[schema(example = 25)]
    pub new: u64,
    #[schema(example = 3)]
    pub changed: u64,
    /// Told again, and not written.
    #[schema(example = 6092)]
    pub same: u64,
}

/// A Page that a person can see on Facebook, and that is not connected.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct UnconnectedPage {
    #[schema(example = "9988776655")]
    pub page_id: String,
    #[schema(example = "Cykelhuset Aarhus")]
    pub name: String,
    #[schema(schema_with = reason_schema)]
    pub reason: ConnectionReason,
}

/// The answer to a route whose work goes on: follow `Location`.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StillRunning {
    #[schema(example = true)]
    pub success: bool,
    pub run: RunReference,
    /// What there is so far.
    pub partial: Partial,
}

/// The run to follow.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RunReference {
    #[schema(example = 91)]
    pub id: i64,
    #[schema(example = "running")]
    pub state: &'static str,
    #[schema(example = "fetching_pages")]
    pub phase: &'static str,
}

/// How far the work has come.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Partial {
    #[schema(example = 2)]
    pub pages: usize,
    #[schema(example = 1)]
    pub pages_done: usize,
    #[schema(example = 340)]
    pub conversations: u64,
}

impl Run {
    pub(super) fn new(run: &sync_runs::Run, children: &[sync_runs::Run], briefs: &Briefs) -> Self {
        let brief = |id| ConnectionBrief::new(id, briefs.get(&id));
        let result = run.result.as_ref().map(ConnectResult::parse).unwrap_or_default();
        let unconnected = result.unconnected();
        Self {
            id: run.id.get(),
            kind: run.kind.as_str().to_owned(),
            state: run.state.as_str().to_owned(),
            phase: run.phase.as_str().to_owned(),
            connection: run.connection_id.map(brief),
            conversation_id: run.conversation_id.map(ConversationId::get),
            conversations: run.conversations,
            expected_conversations: run.expected_conversations,
            conversations_changed: run.conversations_changed,
            messages: run.messages,
            contacts: run.contacts,
            calls: run.calls,
            throttled_ms: run.throttled_ms,
            rows: RowCounts { new: run.rows_new, changed: run.rows_changed, same: run.rows_same },
            bytes: run.bytes,
            errors: run.errors,
            error: run.error.clone(),
            error_detail: run.error.as_deref().map(error_sentence),
            attempts: run.attempts,
            due_at: Some(run.due_at).filter(|_| run.state == RunState::Queued),
            cancel_requested: run.cancel_requested_at.is_some(),
            created_at: run.created_at,
            started_at: run.started_at,
            ended_at: run.ended_at,
            children: children.iter().map(|child| Self::new(child, &[], briefs)).collect(),
            unconnected_pages: unconnected
                .map(|page| UnconnectedPage {
                    page_id: page.page_id.clone(),
                    name: page.name.clone(),
                    reason: page.reason(),
                })
                .collect(),
        }
    }
}

impl Run {
    pub(super) fn has_ended(&self) -> bool {
        self.ended_at.is_some()
    }
}

impl StillRunning {
    /// Of a run over several Pages and those below it, or of a run of one Page.
    pub(super) fn new(run: &sync_runs::Run, children: &[sync_runs::Run]) -> Self {
        let children = if run.connection_id.is_some() { std::slice::from_ref(run) } else { children };
        let done = children.iter().filter(|child| child.state.has_ended()).count();
        Self {
            success: true,
            run: RunReference { id: run.id.get(), state: run.state.as_str(), phase: run.phase.as_str() },
            partial: Partial {
                pages: children.len(),
                pages_done: done,
                conversations: children.iter().map(|child| u64::from(child.conversations)).sum(),
            },
        }
    }
}

/// How long a run took, as `5.2s`.
pub(super) fn duration(run: &sync_runs::Run) -> String {
    let end = run.ended_at.unwrap_or(run.created_at);
    let seconds = (end - run.created_at).as_seconds_f64().max(0.0);
    format!("{seconds:.1}s")
}

/// What went wrong with a run, for a person.
fn error_sentence(error: &str) -> &'static str {
    match (error, ConnectionReason::parse(error)) {
        (_, Some(reason)) => sentence(reason),
        ("conversation_gone", _) => "Facebook has this conversation no more.",
        ("refused", _) => "Facebook did not accept what was to be written.",
        _ => "Something went wrong on our side. It can be tried again.",
    }
}

/// What a reason means, for a person who reads an answer of the API.
pub(super) fn sentence(reason: ConnectionReason) -> &'static str {
    match reason {
        ConnectionReason::TaskMissing => "You have no role on this Page that lets you read its messages.",
        ConnectionReason::PermissionMissing => {
            "A permission that this needs was declined. Log in with Facebook again and allow it."
        }
        ConnectionReason::ConnectedElsewhere => {
            "Another account has this Page. Ask the person who connected it to invite you or to disconnect it."
        }
        ConnectionReason::NoToken => "Facebook gave no access to this Page. Log in with Facebook again and tick it.",
        ConnectionReason::SubscriptionRefused => "Facebook refused to send this Page's messages.",
        ConnectionReason::TokenExpired => "The access has expired. Log in with Facebook again.",
        ConnectionReason::PasswordChanged => "The Facebook password was changed. Log in with Facebook again.",
        ConnectionReason::AppRemoved => "The app was removed on Facebook. Log in with Facebook again.",
        ConnectionReason::RoleLost => "You no longer have a role on this Page.",
        ConnectionReason::Checkpoint => "Facebook wants you to log in there first.",
        ConnectionReason::TokenInvalid => "The access is no longer valid. Log in with Facebook again.",
        ConnectionReason::PageGone => "The Page was deleted or unpublished.",
        ConnectionReason::FacebookUnavailable => "Facebook did not answer as expected. It will be tried again.",
    }
}
