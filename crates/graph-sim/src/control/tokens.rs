//! Tokens without a login, and the death of tokens.

use actix_web::web::{Data, Json};
use serde::Deserialize;
use serde_json::json;

use super::error::{ControlError, Controlled, ok};
use super::{pages, people};
use crate::config::TokenExchange;
use crate::oauth::death::Death;
use crate::oauth::permissions::PERMISSIONS;
use crate::oauth::tokens::{Token, TokenKind, TokenSelector};
use crate::simulator::Simulator;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MintBody {
    person: String,
    /// Becomes what the person has granted; all permissions where the person has granted nothing yet.
    scopes: Option<Vec<String>>,
    /// Ticked Pages; all where not given.
    pages: Option<Vec<String>>,
    /// Seconds; a long-lived user token's 60 days where not given.
    expires_in: Option<i64>,
    #[serde(default = "yes")]
    long_lived: bool,
    /// Id of a Page: its token in place of the user's.
    page: Option<String>,
}

fn yes() -> bool {
    true
}

pub(super) async fn mint(body: Json<MintBody>, sim: Data<Simulator>) -> Controlled {
    let person = people::person(&sim, &body.person)?;
    let now = sim.clock.now_s();
    let mut grant = sim.grants.of(person.index);
    if let Some(scopes) = &body.scopes {
        grant.granted = scopes.iter().cloned().collect();
    } else if grant.granted.is_empty() {
        grant.granted = PERMISSIONS.iter().map(|(name, _)| (*name).to_owned()).collect();
    }
    if let Some(pages) = &body.pages {
        grant.pages = Some(pages.iter().cloned().collect());
    }
    grant.data_access_expires_at = now + sim.config.tokens.data_access_s;
    sim.set_grant(person, grant);
    let lifetimes = sim.config.tokens;
    let default_lifetime = if body.long_lived { lifetimes.long_s } else { lifetimes.short_s };
    let user_token = sim.issue(Token {
        access_token: sim.tokens.fresh_string("EAA"),
        kind: TokenKind::User,
        person: person.index,
        issued_at: now,
        expires_at: Some(now + body.expires_in.unwrap_or(default_lifetime)),
        long_lived: body.long_lived,
        death: None,
    });
    let token = match &body.page {
        None => user_token,
        Some(page) => sim.page_token(&user_token, pages::found(&sim, page)?),
    };
    ok(
        &json!({ "access_token": token.access_token, "expires_at": token.expires_at.unwrap_or(0), "user_id": person.id }),
    )
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KillBody {
    access_token: Option<String>,
    person: Option<String>,
    page: Option<String>,
    reason: Death,
}

pub(super) async fn kill(body: Json<KillBody>, sim: Data<Simulator>) -> Controlled {
    let page = body.page.as_deref().map(|page| pages::found(&sim, page)).transpose()?;
    let selector = match (&body.access_token, &body.person, page) {
        (Some(access_token), None, None) => TokenSelector::One(access_token.clone()),
        (None, Some(person), page) => {
            TokenSelector::Of { person: people::person(&sim, person)?.index, page: page.map(|page| page.index) }
        }
        (None, None, Some(page)) => TokenSelector::OfPage(page.index),
        _ => return Err(ControlError::Invalid("name access_token, or person, page or both".to_owned())),
    };
    ok(&json!({ "killed": sim.kill_tokens(&selector, body.reason) }))
}

pub(super) async fn set_exchange(body: Json<TokenExchange>, sim: Data<Simulator>) -> Controlled {
    *sim.token_exchange.write() = body.into_inner();
    ok(&*sim.token_exchange.read())
}
