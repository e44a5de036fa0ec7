//! The login dialog without a browser.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

use actix_web::web::{Data, Json};
use serde::Deserialize;
use serde_json::json;

use super::error::{ControlError, Controlled, done, ok};
use super::people;
use crate::api::request::Params;
use crate::config::RedirectUris;
use crate::oauth::codes::CodeOrigin;
use crate::oauth::dialog::{Decision, LoginRequest, decide};
use crate::simulator::Simulator;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ApproveBody {
    /// The address that the browser would have opened.
    login_url: String,
    person: String,
    #[serde(default)]
    decline: BTreeSet<String>,
    pages: Option<BTreeSet<String>>,
    #[serde(default)]
    cancel: bool,
}

pub(super) async fn approve(body: Json<ApproveBody>, sim: Data<Simulator>) -> Controlled {
    let url = url::Url::parse(&body.login_url).map_err(|error| ControlError::Invalid(error.to_string()))?;
    let mut params = Params::default();
    params.push_urlencoded(url.query().unwrap_or_default().as_bytes());
    let login = LoginRequest::parse(&sim, &params).map_err(|refused| ControlError::Invalid(refused.to_string()))?;
    let person = people::person(&sim, &body.person)?;
    let decision = if body.cancel {
        Decision::Cancel
    } else {
        let offered = login.offered(&sim, person).into_iter();
        Decision::Allow {
            granted: offered.filter(|permission| !body.decline.contains(permission)).collect(),
            pages: body.pages.clone(),
        }
    };
    ok(&json!({ "redirect_url": decide(&sim, &login, person, decision) }))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RedirectUrisBody {
    #[serde(default)]
    any_local: bool,
    #[serde(default)]
    listed: Vec<String>,
}

pub(super) async fn set_redirect_uris(body: Json<RedirectUrisBody>, sim: Data<Simulator>) -> Controlled {
    let body = body.into_inner();
    *sim.redirect_uris.write() =
        if body.any_local { RedirectUris::AnyLocal } else { RedirectUris::Listed(body.listed) };
    done()
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AppBody {
    /// False: in development.
    live: Option<bool>,
    /// Which `config_id` of Login for Business give a system user's token.
    system_user_configurations: Option<BTreeSet<String>>,
}

pub(super) async fn set_app(body: Json<AppBody>, sim: Data<Simulator>) -> Controlled {
    let body = body.into_inner();
    if let Some(live) = body.live {
        sim.live.store(live, Ordering::Relaxed);
    }
    if let Some(configurations) = body.system_user_configurations {
        *sim.system_user_configurations.write() = configurations;
    }
    done()
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct JsSdkBody {
    person: String,
}

/// A code as `FB.login` gives it, for what the person has granted already.
pub(super) async fn js_sdk_code(body: Json<JsSdkBody>, sim: Data<Simulator>) -> Controlled {
    let person = people::person(&sim, &body.person)?;
    let code = sim.tokens.fresh_string("AQ");
    let expires_at = sim.clock.now_s() + sim.config.tokens.code_s;
    sim.codes.insert(code.clone(), CodeOrigin::JsSdk, person.index, String::new(), expires_at);
    ok(&json!({ "code": code }))
}
