//! `GET /api/me`

use actix_web::{get, web};
use pagekeeper_store::{AccountTx, StoreError, SystemTx, accounts, credentials};
use serde::Serialize;
use utoipa::ToSchema;

use crate::extract::api_error::{Answer, ApiError};
use crate::extract::authorised::SignedIn;
use crate::extract::principal::Principal;
use crate::state::State;

/// The caller.
#[derive(Serialize, ToSchema)]
pub(crate) struct Me {
    user: MeUser,
    account: MeAccount,
    /// All accounts that the person is a member of.
    accounts: Vec<Membership>,
    /// `session`, `token` or `api_key`.
    #[schema(example = "session")]
    signed_in_with: &'static str,
    facebook: MeFacebook,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct MeUser {
    #[schema(example = 7)]
    id: i64,
    #[schema(example = "Linh Trần")]
    name: String,
    #[schema(example = "linh@example.com")]
    email: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct MeAccount {
    #[schema(example = 3)]
    id: i64,
    #[schema(example = "Phở Nhà Linh")]
    name: String,
    #[schema(example = "en")]
    language: &'static str,
    #[schema(example = "Europe/Copenhagen")]
    time_zone: String,
    #[schema(example = "owner")]
    role: &'static str,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Membership {
    #[schema(example = 3)]
    id: i64,
    #[schema(example = "Phở Nhà Linh")]
    name: String,
    #[schema(example = "owner")]
    role: &'static str,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct MeFacebook {
    /// Pages can be looked for without logging in again.
    has_login: bool,
}

/// Who am I?
#[utoipa::path(tag = "Login", responses((status = 200, description = "The caller", body = Me)))]
#[get("/api/me")]
pub(crate) async fn me(caller: SignedIn, state: web::Data<State>) -> Answer<web::Json<Me>> {
    read_me(&state, &caller.principal).await.map(web::Json)
}

pub(crate) async fn read_me(state: &State, principal: &Principal) -> Answer<Me> {
    let user_id = principal.user;
    let memberships = state
        .store
        .system(async move |tx: &mut SystemTx| accounts::list_of_user(tx, user_id).await.map_err(ApiError::from))
        .await?;
    let (user, account, has_login) = state
        .store
        .account(principal.account, async move |tx: &mut AccountTx| {
            let user = accounts::find_member(tx, user_id).await?.ok_or(StoreError::NotFound)?;
            let account = accounts::get(tx).await?;
            let login = credentials::find_user_token_facts(tx, user_id).await?;
            Ok::<_, ApiError>((user, account, login.is_some_and(|login| login.is_valid)))
        })
        .await?;
    Ok(Me {
        user: MeUser { id: user.id.get(), name: user.name, email: user.email },
        account: MeAccount {
            id: account.id.get(),
            name: account.name,
            language: account.language.as_str(),
            time_zone: account.time_zone,
            role: principal.role.as_str(),
        },
        accounts: memberships
            .into_iter()
            .map(|member| Membership { id: member.account_id.get(), name: member.name, role: member.role.as_str() })
            .collect(),
        signed_in_with: principal.signed_in_with(),
        facebook: MeFacebook { has_login },
    })
}
