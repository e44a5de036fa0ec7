//! How API keys look in answers.

use chrono::{DateTime, Utc};
use pagekeeper_store::api_keys;
use serde::Serialize;
use utoipa::ToSchema;

/// A key, without its secret.
#[derive(Serialize, ToSchema)]
pub(crate) struct ApiKey {
    #[schema(example = 12)]
    pub id: i64,
    #[schema(example = "Nightly report")]
    pub name: String,
    /// The first characters of the key.
    #[schema(example = "pk_Qm3x7a")]
    pub prefix: String,
    #[schema(example = json!(["inbox:read"]))]
    pub scopes: Vec<String>,
    pub created_at: DateTime<Utc>,
    pub expires_at: Option<DateTime<Utc>>,
    /// Kept to the minute.
    pub last_used_at: Option<DateTime<Utc>>,
}

impl From<api_keys::ApiKey> for ApiKey {
    fn from(key: api_keys::ApiKey) -> Self {
        Self {
            id: key.id.get(),
            name: key.name,
            prefix: key.prefix,
            scopes: key.scopes,
            created_at: key.created_at,
            expires_at: key.expires_at,
            last_used_at: key.last_used_at,
        }
    }
}
