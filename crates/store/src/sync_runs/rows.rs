use std::time::Duration;

use chrono::{DateTime, Utc};
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::pg::{Pg, PgValue};
use diesel::sql_types::{BigInt, Bool, Double, Jsonb, Nullable};
use diesel::{Queryable, QueryableByName, Selectable};
use pagekeeper_common::domain::cursor::KeysetCursor;
use pagekeeper_common::domain::ids::{AccountId, ConnectionId, ConversationId, RunId, UserId};
use pagekeeper_common::domain::lane::Lane;
use pagekeeper_common::domain::sync_run::{RunCursor, RunKind, RunPhase, RunState};

use crate::columns::{Column, OptionalColumn};
use crate::schema::sync_runs;

/// A run, as people and workers see it.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, QueryableByName, Selectable)]
#[diesel(table_name = sync_runs, check_for_backend(diesel::pg::Pg))]
pub struct Run {
    #[diesel(deserialize_as = Column<RunId>)]
    pub id: RunId,
    #[diesel(deserialize_as = Column<AccountId>)]
    pub account_id: AccountId,
    #[diesel(deserialize_as = OptionalColumn<RunId>)]
    pub parent_id: Option<RunId>,
    #[diesel(deserialize_as = OptionalColumn<ConnectionId>)]
    pub connection_id: Option<ConnectionId>,
    #[diesel(deserialize_as = OptionalColumn<UserId>)]
    pub user_id: Option<UserId>,
    #[diesel(deserialize_as = Column<RunKind>)]
    pub kind: RunKind,
    #[diesel(deserialize_as = Column<RunState>)]
    pub state: RunState,
    #[diesel(deserialize_as = Column<RunPhase>)]
    pub phase: RunPhase,
    #[diesel(deserialize_as = CursorColumn)]
    pub cursor: RunCursor,
    #[diesel(deserialize_as = OptionalColumn<u32>)]
    pub expected_conversations: Option<u32>,
    #[diesel(deserialize_as = Column<u32>)]
    pub conversations: u32,
    #[diesel(deserialize_as = Column<u32>)]
    pub conversations_changed: u32,
    #[diesel(deserialize_as = Column<u32>)]
    pub messages: u32,
    #[diesel(deserialize_as = Column<u32>)]
    pub contacts: u32,
    #[diesel(deserialize_as = Column<u32>)]
    pub calls: u32,
    #[diesel(deserialize_as = Column<u64>)]
    pub throttled_ms: u64,
    /// For a connect run: the Pages that were not connected, each with its reason.
    pub result: Option<serde_json::Value>,
    /// A name of what went wrong; never what somebody wrote.
    pub error: Option<String>,
    pub created_at: DateTime<Utc>,
    pub started_at: Option<DateTime<Utc>>,
    pub ended_at: Option<DateTime<Utc>>,
    /// The one conversation that it is about.
    #[diesel(deserialize_as = OptionalColumn<ConversationId>)]
    pub conversation_id: Option<ConversationId>,
    /// What is to be written to Facebook.
    pub request: Option<serde_json::Value>,
    /// Somebody waits for it.
    pub interactive: bool,
    /// Tries in a row that failed for a reason that may pass.
    #[diesel(deserialize_as = Column<u32>)]
    pub attempts: u32,
    /// While it is queued: when it starts at the earliest.
    pub due_at: DateTime<Utc>,
    pub cancel_requested_at: Option<DateTime<Utc>>,
    #[diesel(deserialize_as = Column<u64>)]
    pub rows_new: u64,
    #[diesel(deserialize_as = Column<u64>)]
    pub rows_changed: u64,
    /// Rows that Facebook told again and that were not written.
    #[diesel(deserialize_as = Column<u64>)]
    pub rows_same: u64,
    /// Of Facebook's answers.
    #[diesel(deserialize_as = Column<u64>)]
    pub bytes: u64,
    /// Calls that failed, also those that were made again.
    #[diesel(deserialize_as = Column<u32>)]
    pub errors: u32,
}

impl Run {
    /// Whether somebody waits for it.
    pub fn lane(&self) -> Lane {
        if self.interactive { Lane::Interactive } else { self.kind.lane() }
    }

    /// Where it stands in the list of runs.
    pub fn list_cursor(&self) -> KeysetCursor {
        KeysetCursor { at: self.created_at, id: self.id.get() }
    }
}

/// A run to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRun {
    pub account_id: AccountId,
    pub kind: RunKind,
    pub parent_id: Option<RunId>,
    pub connection_id: Option<ConnectionId>,
    pub user_id: Option<UserId>,
    pub conversation_id: Option<ConversationId>,
    /// What is to be written to Facebook.
    pub request: Option<serde_json::Value>,
    /// Somebody waits for it.
    pub interactive: bool,
    /// It starts so much later.
    pub delay: Duration,
}

impl NewRun {
    /// A run that connects all Pages of a person.
    pub fn connect(account_id: AccountId, user_id: UserId) -> Self {
        Self { user_id: Some(user_id), ..Self::new(account_id, RunKind::Connect) }
    }

    pub fn of_page(account_id: AccountId, kind: RunKind, connection_id: ConnectionId) -> Self {
        Self { connection_id: Some(connection_id), ..Self::new(account_id, kind) }
    }

    fn new(account_id: AccountId, kind: RunKind) -> Self {
        Self {
            account_id,
            kind,
            parent_id: None,
            connection_id: None,
            user_id: None,
            conversation_id: None,
            request: None,
            interactive: kind.lane() == Lane::Interactive,
            delay: Duration::ZERO,
        }
    }
}

/// What became of a run to make: of the same thing there is never more than one active.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CreatedRun {
    Created(RunId),
    /// The one that is there already.
    AlreadyActive(RunId),
}

impl CreatedRun {
    pub const fn id(self) -> RunId {
        match self {
            Self::Created(id) | Self::AlreadyActive(id) => id,
        }
    }
}

/// What a run has done since it was saved last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunProgress {
    pub phase: RunPhase,
    pub cursor: RunCursor,
    /// None keeps what is stored.
    pub expected_conversations: Option<u32>,
    /// Conversations listed.
    pub conversations: u32,
    /// Calls to Facebook, counted as Facebook counts them.
    pub calls: u32,
    /// Time spent waiting for Facebook's limits.
    pub throttled_ms: u64,
    /// Of Facebook's answers.
    pub bytes: u64,
    /// Calls that failed, also those that were made again.
    pub errors: u32,
    /// Rows that were known to be the same without a look at them.
    pub rows_known: u64,
}

/// What a run hears when it saves.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, QueryableByName)]
pub struct Saved {
    /// Somebody asked for its end.
    #[diesel(sql_type = Bool)]
    pub is_canceled: bool,
    /// A run that goes before this one waits for the same Page.
    #[diesel(sql_type = Bool)]
    pub must_yield: bool,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunEnd {
    /// One that [has ended](RunState::has_ended).
    pub state: RunState,
    pub error: Option<String>,
    pub result: Option<serde_json::Value>,
}

/// A run that waits for a worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, QueryableByName)]
pub struct WaitingRun {
    #[diesel(sql_type = BigInt, deserialize_as = Column<RunId>)]
    pub run_id: RunId,
    #[diesel(sql_type = BigInt, deserialize_as = Column<AccountId>)]
    pub account_id: AccountId,
    #[diesel(sql_type = Bool)]
    pub interactive: bool,
}

/// A Page's sync in numbers (SPEC C5).
#[derive(Debug, Clone, PartialEq, QueryableByName)]
pub struct SyncStatistics {
    #[diesel(sql_type = BigInt, deserialize_as = Column<u64>)]
    pub total_conversations: u64,
    #[diesel(sql_type = BigInt, deserialize_as = Column<u64>)]
    pub total_contacts: u64,
    #[diesel(sql_type = BigInt, deserialize_as = Column<u64>)]
    pub total_messages: u64,
    #[diesel(sql_type = BigInt, deserialize_as = Column<u64>)]
    pub syncs_last_24h: u64,
    /// Between the starts of the runs of the last 24 hours; none with fewer than two.
    #[diesel(sql_type = Nullable<Double>)]
    pub average_interval_s: Option<f64>,
}

/// The column `cursor`: `{}` before the first page.
#[derive(FromSqlRow)]
pub struct CursorColumn(RunCursor);

impl FromSql<Jsonb, Pg> for CursorColumn {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        let json = <serde_json::Value as FromSql<Jsonb, Pg>>::from_sql(value)?;
        if json.as_object().is_some_and(serde_json::Map::is_empty) {
            return Ok(Self(RunCursor::default()));
        }
        Ok(Self(serde_json::from_value(json)?))
    }
}

impl From<CursorColumn> for RunCursor {
    fn from(column: CursorColumn) -> Self {
        column.0
    }
}
