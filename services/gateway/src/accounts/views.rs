//! How an account looks in answers.

use chrono::{DateTime, Utc};
use pagekeeper_store::accounts;
use serde::Serialize;
use utoipa::ToSchema;

/// The account that the caller works in.
#[derive(Serialize, ToSchema)]
pub(crate) struct Account {
    #[schema(example = 3)]
    pub id: i64,
    #[schema(example = "Phở Nhà Linh")]
    pub name: String,
    /// `en`, `vi` or `da`.
    #[schema(example = "en")]
    pub language: &'static str,
    /// A name of the IANA time zone database.
    #[schema(example = "Europe/Copenhagen")]
    pub time_zone: String,
    pub created_at: DateTime<Utc>,
}

impl From<accounts::Account> for Account {
    fn from(account: accounts::Account) -> Self {
        Self {
            id: account.id.get(),
            name: account.name,
            language: account.language.as_str(),
            time_zone: account.time_zone,
            created_at: account.created_at,
        }
    }
}
