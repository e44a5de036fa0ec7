//! How connections look in answers.

use chrono::{DateTime, Utc};
use pagekeeper_common::domain::connection::{ConnectionReason, ConnectionState, ConnectionType};
use pagekeeper_common::domain::ids::{ConnectionId, InstagramAccountId};
use pagekeeper_store::connections::{self, ConnectionOverview};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, Type};

/// One connected Page.
#[derive(Debug, Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "`connection_type` is the API's word")]
pub(crate) struct Connection {
    #[schema(example = 7)]
    pub id: i64,
    /// `facebook`, or `instagram` for the account that is linked to a Page.
    #[schema(example = "facebook")]
    pub connection_type: String,
    /// Meta's id of the Page; an Instagram account's is that of the Page that it is linked to.
    #[schema(example = "1122334455")]
    pub page_id: String,
    /// Meta's id of the Instagram account.
    #[schema(example = "17841400000000001")]
    pub instagram_account_id: Option<String>,
    #[schema(example = "Café Nord")]
    pub name: String,
    #[schema(example = "cafenord")]
    pub username: Option<String>,
    #[schema(example = "Café")]
    pub category: Option<String>,
    pub about: Option<String>,
    pub phone: Option<String>,
    pub website: Option<String>,
    #[schema(example = 1280)]
    pub fan_count: Option<i64>,
    #[schema(example = "/api/connections/7/picture")]
    pub picture_url: Option<String>,
    #[schema(schema_with = state_schema)]
    pub state: ConnectionState,
    /// Why it is not connected, or no longer.
    #[schema(schema_with = optional_reason_schema)]
    pub reason: Option<ConnectionReason>,
    /// Facebook sends this Page's messages to us.
    pub subscribed: bool,
    pub connected_at: DateTime<Utc>,
    pub disconnected_at: Option<DateTime<Utc>>,
    pub last_synced_at: Option<DateTime<Utc>>,
    pub last_webhook_at: Option<DateTime<Utc>>,
    /// How many conversations are stored; an estimate where there are many.
    #[schema(example = 340)]
    pub conversations: u64,
    /// The sync that is under way.
    pub active_run: Option<ActiveRun>,
    /// The Page's token; null once it was wiped.
    pub token: Option<TokenClocks>,
}

/// A sync that is under way.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ActiveRun {
    #[schema(example = 91)]
    pub id: i64,
    #[schema(example = "fetching_conversations")]
    pub phase: String,
    #[schema(example = 340)]
    pub conversations: u32,
    /// About how many there will be.
    #[schema(example = 500)]
    pub expected_conversations: Option<u32>,
}

/// A token's two clocks.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TokenClocks {
    /// Null: it does not expire.
    pub expires_at: Option<DateTime<Utc>>,
    /// When Facebook ends the access to data unless the person logs in again.
    pub data_access_expires_at: Option<DateTime<Utc>>,
    pub is_valid: bool,
}

/// A connection, as short as a list of something else needs it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConnectionBrief {
    #[schema(example = 7)]
    pub id: i64,
    #[schema(example = "Café Nord")]
    pub name: String,
    #[schema(example = "/api/connections/7/picture")]
    pub picture_url: Option<String>,
    #[schema(example = "facebook")]
    pub connection_type: String,
}

impl From<ConnectionOverview> for Connection {
    fn from(overview: ConnectionOverview) -> Self {
        let row = overview.connection;
        Self {
            id: row.id.get(),
            connection_type: row.connection_type.as_str().to_owned(),
            page_id: row.page_id.into_string(),
            instagram_account_id: row.instagram_account_id.map(InstagramAccountId::into_string),
            name: row.name,
            username: row.username,
            category: row.category,
            about: row.about,
            phone: row.phone,
            website: row.website,
            fan_count: row.fan_count,
            picture_url: picture_url(row.id, overview.has_picture),
            state: row.state,
            reason: row.reason,
            subscribed: row.subscribed_at.is_some() && row.state != ConnectionState::Disconnected,
            connected_at: row.connected_at,
            disconnected_at: row.disconnected_at,
            last_synced_at: row.last_synced_at,
            last_webhook_at: overview.last_webhook_at,
            conversations: overview.conversations,
            active_run: overview.active_run.map(ActiveRun::from),
            token: overview.token.map(TokenClocks::from),
        }
    }
}

impl From<connections::ActiveRun> for ActiveRun {
    fn from(run: connections::ActiveRun) -> Self {
        Self {
            id: run.id.get(),
            phase: run.phase.as_str().to_owned(),
            conversations: run.conversations,
            expected_conversations: run.expected_conversations,
        }
    }
}

impl From<connections::TokenClocks> for TokenClocks {
    fn from(token: connections::TokenClocks) -> Self {
        let connections::TokenClocks { expires_at, data_access_expires_at, is_valid } = token;
        Self { expires_at, data_access_expires_at, is_valid }
    }
}

impl ConnectionBrief {
    /// Without its row (it was deleted a moment ago) only the id is known.
    pub(crate) fn new(id: ConnectionId, row: Option<&connections::ConnectionBrief>) -> Self {
        Self {
            id: id.get(),
            name: row.map(|row| row.name.clone()).unwrap_or_default(),
            picture_url: picture_url(id, row.is_some_and(|row| row.has_picture)),
            connection_type: row
                .map_or_else(|| ConnectionType::Facebook.as_str().to_owned(), |row| row.connection_type.clone()),
        }
    }
}

/// The address of a connection's picture, if one is stored.
pub(crate) fn picture_url(connection: ConnectionId, has_picture: bool) -> Option<String> {
    has_picture.then(|| format!("/api/connections/{connection}/picture"))
}

fn state_schema() -> RefOr<Schema> {
    names(&["connecting", "connected", "reauthorization_required", "disconnected"], false)
}

pub(crate) fn reason_schema() -> RefOr<Schema> {
    names(&ConnectionReason::ALL.map(ConnectionReason::as_str), false)
}

fn optional_reason_schema() -> RefOr<Schema> {
    names(&ConnectionReason::ALL.map(ConnectionReason::as_str), true)
}

/// One of these names, or null where `nullable`.
pub(crate) fn names(values: &[&str], nullable: bool) -> RefOr<Schema> {
    let types = if nullable { vec![Type::String, Type::Null] } else { vec![Type::String] };
    let values = values.iter().map(|value| Some(*value)).chain(nullable.then_some(None));
    ObjectBuilder::new()
        .schema_type(utoipa::openapi::schema::SchemaType::from_iter(types))
        .enum_values(Some(values))
        .into()
}
