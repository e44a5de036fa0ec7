//! `PATCH /api/account`

use actix_web::{patch, web};
use chrono_tz::Tz;
use pagekeeper_common::domain::account::{DisplayName, Language};
use pagekeeper_runtime::http::Json;
use pagekeeper_runtime::problem::Problem;
use pagekeeper_store::AccountTx;
use pagekeeper_store::accounts::{self, AccountChange};
use serde::Deserialize;
use utoipa::ToSchema;

use super::views::Account;
use crate::extract::api_error::Answer;
use crate::extract::authorised::{Authorised, ManageSettings};

/// What is absent stays as it is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AccountPatch {
    #[schema(example = "Phở Nhà Linh")]
    name: Option<String>,
    /// `en`, `vi` or `da`.
    #[schema(example = "vi")]
    language: Option<String>,
    /// A name of the IANA time zone database.
    #[schema(example = "Europe/Copenhagen")]
    time_zone: Option<String>,
}

/// Checked settings.
#[derive(Debug)]
struct Changes {
    name: Option<DisplayName>,
    language: Option<Language>,
    time_zone: Option<Tz>,
}

impl AccountPatch {
    fn changes(&self) -> Result<Changes, Problem> {
        let name = self.name.as_deref().map(DisplayName::parse).transpose();
        let language =
            self.language.as_deref().map(|code| Language::parse(code).ok_or("must be en, vi or da")).transpose();
        let zone = self
            .time_zone
            .as_deref()
            .map(|name| name.parse::<Tz>().map_err(|_unknown| "is not a time zone"))
            .transpose();
        Ok(Changes {
            name: name.map_err(|invalid| Problem::unprocessable("name", invalid.to_string()))?,
            language: language.map_err(|invalid| Problem::unprocessable("language", invalid))?,
            time_zone: zone.map_err(|invalid| Problem::unprocessable("time_zone", invalid))?,
        })
    }
}

/// Change the account's settings
#[utoipa::path(tag = "Account", request_body = AccountPatch,
    responses((status = 200, description = "The settings as they are now", body = Account)))]
#[patch("/api/account")]
pub(crate) async fn update_account(
    scope: Authorised<ManageSettings>,
    body: Json<AccountPatch>,
) -> Answer<web::Json<Account>> {
    let changes = body.changes()?;
    let account = scope
        .run(async move |tx: &mut AccountTx| {
            let Changes { name, language, time_zone } = &changes;
            let change = AccountChange { name: name.as_ref(), language: *language, time_zone: time_zone.map(Tz::name) };
            Ok(accounts::update(tx, change).await?)
        })
        .await?;
    Ok(web::Json(account.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changes(json: &str) -> Result<Changes, Problem> {
        serde_json::from_str::<AccountPatch>(json).unwrap().changes()
    }

    #[test]
    fn each_setting_is_checked() {
        let changed = changes(r#"{"name":" Nord ","language":"da","time_zone":"Asia/Ho_Chi_Minh"}"#).unwrap();
        assert_eq!(changed.name.unwrap().as_str(), "Nord");
        assert_eq!(changed.language, Some(Language::Danish));
        assert_eq!(changed.time_zone, Some(Tz::Asia__Ho_Chi_Minh));
        for bad in [r#"{"name":""}"#, r#"{"language":"xx"}"#, r#"{"time_zone":"Mars/Olympus"}"#] {
            assert!(changes(bad).is_err(), "{bad}");
        }
    }
}
