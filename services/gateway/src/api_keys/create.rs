//! `POST /api/api-keys`

use actix_web::{HttpResponse, post, web};
use chrono::{DateTime, Utc};
use pagekeeper_common::domain::account::{Action, DisplayName};
use pagekeeper_runtime::http::Json;
use pagekeeper_runtime::problem::Problem;
use pagekeeper_store::AccountTx;
use pagekeeper_store::api_keys::{self, NewApiKey};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::key;
use super::views::ApiKey;
use crate::extract::api_error::Answer;
use crate::extract::authorised::{Authorised, ManageSettings};
use crate::state::State;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewApiKeyRequest {
    /// By which people recognise it.
    #[schema(example = "Nightly report")]
    name: String,
    /// `inbox:read`, `contacts:edit`, `connections:read`, `connections:manage`, `settings:manage`.
    #[schema(example = json!(["inbox:read"]))]
    scopes: Vec<String>,
    /// Without it the key does not expire.
    expires_at: Option<DateTime<Utc>>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct CreatedApiKey {
    /// The key itself. It is shown this once and cannot be read again.
    #[schema(example = "pk_Qm3x7aV0c2hvd24tb25jZS1rZWVwLWl0LXNlY3JldC4")]
    key: String,
    api_key: ApiKey,
}

/// What was asked for, checked.
struct Wanted {
    name: DisplayName,
    scopes: Vec<Action>,
    expires_at: Option<DateTime<Utc>>,
}

impl NewApiKeyRequest {
    fn check(&self, now: DateTime<Utc>) -> Result<Wanted, Problem> {
        let name =
            DisplayName::parse(&self.name).map_err(|invalid| Problem::unprocessable("name", invalid.to_string()))?;
        let scopes: Option<Vec<Action>> = self.scopes.iter().map(|scope| Action::of_scope(scope)).collect();
        let mut scopes = scopes.ok_or_else(|| Problem::unprocessable("scopes", "has a scope that does not exist"))?;
        scopes.sort_unstable_by_key(|action| action.scope());
        scopes.dedup();
        if scopes.is_empty() {
            return Err(Problem::unprocessable("scopes", "must name at least one scope"));
        }
        if self.expires_at.is_some_and(|end| end <= now) {
            return Err(Problem::unprocessable("expires_at", "must be in the future"));
        }
        Ok(Wanted { name, scopes, expires_at: self.expires_at })
    }
}

/// Make an API key
///
/// It acts as the person who makes it, within its scopes.
#[utoipa::path(tag = "API keys", request_body = NewApiKeyRequest,
    responses((status = 201, description = "The key, shown once", body = CreatedApiKey)))]
#[post("/api/api-keys")]
pub(crate) async fn create_api_key(
    scope: Authorised<ManageSettings>,
    state: web::Data<State>,
    body: Json<NewApiKeyRequest>,
) -> Answer<HttpResponse> {
    let wanted = body.check(state.now())?;
    for scope_of_key in &wanted.scopes {
        // Else a key could make itself a stronger one.
        scope
            .principal
            .may(*scope_of_key)
            .map_err(|reason| Problem::forbidden(reason.to_string()).with_field("scopes"))?;
    }
    let key = key::ApiKey::draw().map_err(|error| Problem::internal(&error))?;
    let (prefix, hash, user_id) = (key.prefix(), key.hash(), scope.principal.user);
    let stored = scope
        .run(async move |tx: &mut AccountTx| {
            let Wanted { name, scopes, expires_at } = &wanted;
            let key = NewApiKey { user_id, name, prefix: &prefix, hash, scopes, expires_at: *expires_at };
            Ok(api_keys::insert(tx, &key).await?)
        })
        .await?;
    Ok(HttpResponse::Created().json(CreatedApiKey { key: key.into_text(), api_key: stored.into() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(json: &str) -> Result<Wanted, Problem> {
        serde_json::from_str::<NewApiKeyRequest>(json).unwrap().check(DateTime::UNIX_EPOCH)
    }

    #[test]
    fn a_key_has_a_name_and_at_least_one_scope_that_exists() {
        let wanted = check(r#"{"name":"Report","scopes":["inbox:read","inbox:read"]}"#)
            .unwrap_or_else(|error| panic!("{error}"));
        assert_eq!((wanted.scopes, wanted.expires_at), (vec![Action::ReadInbox], None));
        for bad in [
            r#"{"name":"","scopes":["inbox:read"]}"#,
            r#"{"name":"x","scopes":[]}"#,
            r#"{"name":"x","scopes":["everything"]}"#,
            r#"{"name":"x","scopes":["inbox:read"],"expires_at":"1969-01-01T00:00:00Z"}"#,
        ] {
            assert!(check(bad).is_err(), "{bad}");
        }
    }
}
