//! `/dialog/oauth`: a person logs in, chooses permissions and Pages, and is sent back ("Manual flow" of Facebook Login).

use std::collections::BTreeSet;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;

use super::codes::CodeOrigin;
use super::dialog_page;
use super::permissions::{self, PUBLIC_PROFILE, parse_scope};
use crate::api::request::{GraphRequest, Method, Params};
use crate::simulator::Simulator;
use crate::world::{Page, Person};

/// What the app asks for.
#[derive(Debug, Clone)]
pub(crate) struct LoginRequest {
    pub(crate) client_id: String,
    pub(crate) redirect_uri: String,
    pub(crate) state: Option<String>,
    pub(crate) scope: Vec<String>,
    pub(crate) response_type: String,
    /// `auth_type=rerequest`: asks again for what was declined.
    pub(crate) rerequest: bool,
    /// Facebook Login for Business: who declines one permission declines all.
    pub(crate) config_id: Option<String>,
}

/// What the person decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Decision {
    Cancel,
    Allow {
        granted: BTreeSet<String>,
        /// Ids; `None`: all.
        pages: Option<BTreeSet<String>>,
    },
}

/// Facebook shows its own error page then, and does not redirect.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum LoginRefused {
    #[error("Invalid App ID: The provided app ID does not look like a valid app ID.")]
    App,
    #[error(
        "URL Blocked: This redirect failed because the redirect URI is not whitelisted in the app’s Client OAuth Settings."
    )]
    RedirectUri,
    #[error("Invalid Scopes: {0}. This message is only shown to developers.")]
    Scope(String),
    #[error("This response_type is not simulated: {0}")]
    ResponseType(String),
}

impl LoginRequest {
    pub(crate) fn parse(sim: &Simulator, params: &Params) -> Result<Self, LoginRefused> {
        let text = |name: &str| params.get(name).unwrap_or_default().to_owned();
        let login = Self {
            client_id: text("client_id"),
            redirect_uri: text("redirect_uri"),
            state: params.get("state").map(str::to_owned),
            scope: parse_scope(params.get("scope").unwrap_or_default()),
            response_type: params.given("response_type").unwrap_or("code").to_owned(),
            rerequest: params.get("auth_type").is_some_and(|kinds| kinds.split(',').any(|kind| kind == "rerequest")),
            config_id: params.given("config_id").map(str::to_owned),
        };
        if login.client_id != sim.config.app.id {
            return Err(LoginRefused::App);
        }
        if !sim.redirect_uris.read().allow(&login.redirect_uri) {
            return Err(LoginRefused::RedirectUri);
        }
        if let Some(unknown) = login.scope.iter().find(|permission| !permissions::is_known(permission)) {
            return Err(LoginRefused::Scope(unknown.clone()));
        }
        let mut kinds = login.response_type.split([',', ' ', '+']);
        if let Some(other) = kinds.find(|kind| !matches!(*kind, "code" | "granted_scopes")) {
            return Err(LoginRefused::ResponseType(other.to_owned()));
        }
        Ok(login)
    }

    /// Declined permissions are not asked for again, unless the app says so.
    pub(crate) fn offered(&self, sim: &Simulator, person: &Person) -> Vec<String> {
        let declined = sim.grants.of(person.index).declined;
        self.scope.iter().filter(|permission| self.rerequest || !declined.contains(*permission)).cloned().collect()
    }
}

pub(crate) fn answer(sim: &Simulator, request: &GraphRequest) -> HttpResponse {
    let params = &request.params;
    let login = match LoginRequest::parse(sim, params) {
        Ok(login) => login,
        Err(refused) => return html(StatusCode::BAD_REQUEST, dialog_page::refused(&refused.to_string())),
    };
    let person = params.given("person").and_then(|person| sim.world.person_by_id_or_name(person));
    if request.method == Method::Post || params.get("decision").is_some() {
        return match (params.get("decision"), person) {
            (Some("cancel"), _) => redirect(&cancelled(&login)),
            (_, Some(person)) => redirect(&decide(sim, &login, person, decision(sim, &login, person, params))),
            (_, None) => {
                html(StatusCode::BAD_REQUEST, dialog_page::refused("Nobody is logged in to Facebook: choose a person."))
            }
        };
    }
    let automatic = sim.config.auto_approve.as_deref().and_then(|person| sim.world.person_by_id_or_name(person));
    if let Some(person) = automatic {
        let everything = Decision::Allow { granted: login.offered(sim, person).into_iter().collect(), pages: None };
        return redirect(&decide(sim, &login, person, everything));
    }
    html(StatusCode::OK, dialog_page::dialog(sim, &login, person))
}

/// The form's check boxes count where it says that it had them; else all is allowed.
fn decision(sim: &Simulator, login: &LoginRequest, person: &Person, params: &Params) -> Decision {
    let offered = login.offered(sim, person);
    if params.get("choice") != Some("listed") && params.get("permission").is_none() && params.get("page").is_none() {
        return Decision::Allow { granted: offered.into_iter().collect(), pages: None };
    }
    let mut granted: BTreeSet<String> = params
        .all("permission")
        .filter(|permission| offered.iter().any(|known| known == permission))
        .map(str::to_owned)
        .collect();
    granted.insert(PUBLIC_PROFILE.to_owned());
    let ticked: BTreeSet<String> = params.all("page").map(str::to_owned).collect();
    let all = offered_pages(sim, person).iter().all(|page| ticked.contains(&page.id));
    Decision::Allow { granted, pages: (!all).then_some(ticked) }
}

pub(crate) fn offered_pages<'a>(sim: &'a Simulator, person: &Person) -> Vec<&'a Page> {
    let roles = sim.world.roles_of(person.index);
    roles.iter().filter_map(|(page, _)| sim.world.page(*page)).filter(|page| !page.settings.read().deleted).collect()
}

/// Where the browser is sent.
pub(crate) fn decide(sim: &Simulator, login: &LoginRequest, person: &Person, decision: Decision) -> String {
    let Decision::Allow { granted, pages } = decision else { return cancelled(login) };
    let offered = login.offered(sim, person);
    if login.config_id.is_some() && !offered.iter().all(|permission| granted.contains(permission)) {
        return cancelled(login);
    }
    let origin = match &login.config_id {
        Some(config_id) if sim.system_user_configurations.read().contains(config_id) => {
            match sim.world.business_of(person.index) {
                Some(business) => CodeOrigin::SystemUser(business),
                None => return cancelled(login),
            }
        }
        _ => CodeOrigin::Dialog,
    };
    let declined = offered.into_iter().filter(|permission| !granted.contains(permission)).collect();
    let now = sim.clock.now_s();
    let mut grant = sim.grants.of(person.index).decided(granted, declined, pages);
    grant.data_access_expires_at = now + sim.config.tokens.data_access_s;
    let granted_scopes = grant.granted.iter().cloned().collect::<Vec<_>>().join(",");
    sim.set_grant(person, grant);
    let code = sim.tokens.fresh_string("AQ");
    let expires_at = now + sim.config.tokens.code_s;
    sim.codes.insert(code.clone(), origin, person.index, login.redirect_uri.clone(), expires_at);
    let mut answer = vec![("code", code)];
    if login.response_type.contains("granted_scopes") {
        answer.push(("granted_scopes", granted_scopes));
    }
    callback(login, &answer)
}

fn cancelled(login: &LoginRequest) -> String {
    let answer = [
        ("error", "access_denied".to_owned()),
        ("error_code", "200".to_owned()),
        ("error_description", "Permissions error".to_owned()),
        ("error_reason", "user_denied".to_owned()),
    ];
    callback(login, &answer)
}

/// Facebook appends the fragment `#_=_`.
fn callback(login: &LoginRequest, answer: &[(&str, String)]) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(answer);
    if let Some(state) = &login.state {
        query.append_pair("state", state);
    }
    let separator = if login.redirect_uri.contains('?') { '&' } else { '?' };
    format!("{}{separator}{}#_=_", login.redirect_uri, query.finish())
}

fn redirect(url: &str) -> HttpResponse {
    HttpResponse::Found().insert_header(("location", url)).insert_header(("cache-control", "no-store")).finish()
}

fn html(status: StatusCode, page: String) -> HttpResponse {
    HttpResponse::build(status)
        .content_type("text/html; charset=utf-8")
        .insert_header(("cache-control", "no-store"))
        .body(page)
}
