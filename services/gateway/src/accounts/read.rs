//! `GET /api/account`

use actix_web::{get, web};
use pagekeeper_store::{AccountTx, accounts};

use super::views::Account;
use crate::extract::api_error::Answer;
use crate::extract::authorised::{Authorised, ManageSettings};

/// Read the account's settings
#[utoipa::path(tag = "Account", responses((status = 200, description = "The settings", body = Account)))]
#[get("/api/account")]
pub(crate) async fn read_account(scope: Authorised<ManageSettings>) -> Answer<web::Json<Account>> {
    let account = scope.run(async move |tx: &mut AccountTx| Ok(accounts::get(tx).await?)).await?;
    Ok(web::Json(account.into()))
}
