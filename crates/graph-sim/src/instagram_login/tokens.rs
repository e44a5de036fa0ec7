//! Codes for an hour, tokens for an hour, tokens for sixty days, and their refresh.

use std::collections::HashMap;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Form, Query};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{answer, refused, refused_by_api};
use crate::journal::Event;
use crate::locks::Mutex;
use crate::simulator::Simulator;
use crate::world::ids::{Ids, PageIndex};

const HOUR_S: i64 = 3_600;
const DAY_S: i64 = 86_400;
const LONG_S: i64 = 5_183_944;

/// A token of an Instagram account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct InstagramToken {
    pub(crate) access_token: String,
    /// Of the account.
    pub(crate) account_id: String,
    pub(crate) permissions: Vec<String>,
    /// In seconds.
    pub(crate) issued_at: i64,
    pub(crate) expires_at: i64,
    pub(crate) long_lived: bool,
}

#[derive(Debug, Clone)]
struct Code {
    account: PageIndex,
    redirect_uri: String,
    permissions: Vec<String>,
    expires_at: i64,
}

#[derive(Debug, Default)]
pub(crate) struct InstagramTokens {
    codes: Mutex<HashMap<String, Code>>,
    tokens: Mutex<HashMap<String, InstagramToken>>,
}

impl InstagramTokens {
    pub(super) fn give_code(
        &self,
        code: String,
        account: PageIndex,
        redirect_uri: &str,
        permissions: &[&str],
        now: i64,
    ) {
        let permissions = permissions.iter().map(|&permission| permission.to_owned()).collect();
        let given = Code { account, redirect_uri: redirect_uri.to_owned(), permissions, expires_at: now + HOUR_S };
        self.codes.lock().insert(code, given);
    }

    pub(crate) fn insert(&self, token: InstagramToken) {
        self.tokens.lock().insert(token.access_token.clone(), token);
    }

    pub(super) fn find(&self, access_token: &str, now: i64) -> Option<InstagramToken> {
        self.tokens.lock().get(access_token).filter(|token| token.expires_at > now).cloned()
    }

    /// All of them, for the journal.
    pub(crate) fn all(&self) -> Vec<InstagramToken> {
        self.tokens.lock().values().cloned().collect()
    }
}

impl Simulator {
    fn issue_instagram(&self, token: InstagramToken) -> InstagramToken {
        self.journal.append(&Event::InstagramToken { token: token.clone() });
        self.instagram_tokens.insert(token.clone());
        token
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct CodeForm {
    #[serde(default)]
    client_id: String,
    #[serde(default)]
    client_secret: String,
    #[serde(default)]
    grant_type: String,
    #[serde(default)]
    redirect_uri: String,
    #[serde(default)]
    code: String,
}

/// The answer is flat, as it is seen; Meta's page shows it in `data`.
pub(super) async fn exchange_code(form: Form<CodeForm>, sim: Data<Simulator>) -> HttpResponse {
    let app = &sim.config.app;
    if form.client_id != app.id || form.client_secret != app.secret {
        return refused_by_api("Error validating client secret.");
    }
    if form.grant_type != "authorization_code" {
        return refused_by_api("Invalid grant_type");
    }
    let now = sim.clock.now_s();
    let code = sim.instagram_tokens.codes.lock().remove(&form.code);
    let Some(code) = code.filter(|code| code.expires_at > now && code.redirect_uri == form.redirect_uri) else {
        return refused_by_api("Matching code was not found or was already used");
    };
    let token = sim.issue_instagram(InstagramToken {
        access_token: sim.tokens.fresh_string("IGAA"),
        account_id: Ids::instagram(code.account),
        permissions: code.permissions,
        issued_at: now,
        expires_at: now + HOUR_S,
        long_lived: false,
    });
    let body = json!({
        "access_token": token.access_token,
        "user_id": token.account_id,
        "permissions": token.permissions,
    });
    answer(StatusCode::OK, &body)
}

#[derive(Debug, Deserialize)]
pub(super) struct TokenQuery {
    #[serde(default)]
    grant_type: String,
    #[serde(default)]
    client_secret: String,
    #[serde(default)]
    access_token: String,
}

pub(super) async fn exchange_long_lived(query: Query<TokenQuery>, sim: Data<Simulator>) -> HttpResponse {
    if query.grant_type != "ig_exchange_token" || query.client_secret != sim.config.app.secret {
        return refused(100, "Error validating client secret.");
    }
    let Some(token) = sim.instagram_tokens.find(&query.access_token, sim.clock.now_s()) else { return token_dead() };
    if token.long_lived {
        return refused(100, "The access token is long-lived already.");
    }
    long_lived(&sim, token)
}

/// Of a token that is a day old at least, and has not ended; not documented how it is refused else.
pub(super) async fn refresh(query: Query<TokenQuery>, sim: Data<Simulator>) -> HttpResponse {
    if query.grant_type != "ig_refresh_token" {
        return refused(100, "Unsupported grant type");
    }
    let now = sim.clock.now_s();
    match sim.instagram_tokens.find(&query.access_token, now) {
        None => token_dead(),
        Some(token) if !token.permissions.iter().any(|permission| permission == "instagram_business_basic") => {
            refused(10, "The permission instagram_business_basic is missing.")
        }
        Some(token) if !token.long_lived || now - token.issued_at < DAY_S => {
            refused(100, "The access token is too young to be refreshed.")
        }
        Some(token) => long_lived(&sim, token),
    }
}

fn long_lived(sim: &Simulator, old: InstagramToken) -> HttpResponse {
    let now = sim.clock.now_s();
    let access_token = sim.tokens.fresh_string("IGAA");
    let token = InstagramToken { access_token, issued_at: now, expires_at: now + LONG_S, long_lived: true, ..old };
    let token = sim.issue_instagram(token);
    let body = json!({ "access_token": token.access_token, "token_type": "bearer", "expires_in": LONG_S });
    answer(StatusCode::OK, &body)
}

pub(super) fn token_dead() -> HttpResponse {
    refused(190, "Error validating access token: Session has expired or the token is invalid.")
}
