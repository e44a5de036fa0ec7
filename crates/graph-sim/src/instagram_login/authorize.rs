//! The dialog: somebody chooses their account and allows, or goes back.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Query};
use serde::Deserialize;

use super::PERMISSIONS;
use crate::oauth::dialog_page;
use crate::simulator::Simulator;

#[derive(Debug, Deserialize)]
pub(super) struct Login {
    #[serde(default)]
    client_id: String,
    #[serde(default)]
    redirect_uri: String,
    #[serde(default)]
    scope: String,
    state: Option<String>,
    /// User name of who logs in, as the dialog's own buttons say it.
    account: Option<String>,
    #[serde(default)]
    decision: String,
}

pub(super) async fn dialog(login: Query<Login>, sim: Data<Simulator>) -> HttpResponse {
    let refuse = |text: &str| html(StatusCode::BAD_REQUEST, dialog_page::refused(text));
    if login.client_id != sim.config.app.id {
        return refuse("Invalid platform app");
    }
    if !sim.redirect_uris.read().allow(&login.redirect_uri) {
        return refuse("Invalid redirect_uri");
    }
    let scopes: Vec<&str> = login.scope.split([',', ' ']).filter(|scope| !scope.is_empty()).collect();
    if let Some(unknown) = scopes.iter().find(|scope| !PERMISSIONS.contains(scope)) {
        return refuse(&format!("Invalid scopes: {unknown}"));
    }
    if login.decision == "cancel" {
        let answer = [
            ("error", "access_denied"),
            ("error_reason", "user_denied"),
            ("error_description", "The user denied your request"),
        ];
        return redirect(&login, &answer);
    }
    let Some(username) = &login.account else {
        return html(StatusCode::OK, dialog_page::instagram_accounts(&sim, &hidden(&login)));
    };
    let account = sim.world.pages().iter().find(|page| page.settings.read().instagram.as_ref() == Some(username));
    let Some(account) = account else { return refuse("There is no such account") };
    let now = sim.clock.now_s();
    let code = sim.tokens.fresh_string("AQ");
    sim.instagram_tokens.give_code(code.clone(), account.index, &login.redirect_uri, &scopes, now);
    redirect(&login, &[("code", &code)])
}

fn hidden(login: &Login) -> Vec<(&'static str, String)> {
    let mut fields = vec![
        ("client_id", login.client_id.clone()),
        ("redirect_uri", login.redirect_uri.clone()),
        ("scope", login.scope.clone()),
        ("response_type", "code".to_owned()),
    ];
    fields.extend(login.state.clone().map(|state| ("state", state)));
    fields
}

/// Instagram appends the fragment `#_`.
fn redirect(login: &Login, answer: &[(&str, &str)]) -> HttpResponse {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(answer);
    if let Some(state) = &login.state {
        query.append_pair("state", state);
    }
    let separator = if login.redirect_uri.contains('?') { '&' } else { '?' };
    let address = format!("{}{separator}{}#_", login.redirect_uri, query.finish());
    HttpResponse::Found().insert_header(("location", address)).insert_header(("cache-control", "no-store")).finish()
}

fn html(status: StatusCode, page: String) -> HttpResponse {
    HttpResponse::build(status).content_type("text/html; charset=utf-8").body(page)
}
