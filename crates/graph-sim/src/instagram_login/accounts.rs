//! What graph.instagram.com says of the account itself. Its media and messages are simulated at graph.facebook.com.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Map, Value, json};
use url::form_urlencoded;

use super::tokens::token_dead;
use super::{answer as respond, refused};
use crate::parameters::bearer;
use crate::simulator::Simulator;
use crate::world::Page;

pub(super) async fn answer(path: Path<String>, http: HttpRequest, sim: Data<Simulator>) -> HttpResponse {
    let query: Vec<(String, String)> = form_urlencoded::parse(http.query_string().as_bytes()).into_owned().collect();
    let given = |name: &str| query.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
    let token = given("access_token").or_else(|| bearer(&http));
    let token = token.and_then(|token| sim.instagram_tokens.find(&token, sim.clock.now_s()));
    let Some(token) = token else { return token_dead() };
    let page = sim.world.any_page_by_id(&token.account_id).and_then(|account| sim.world.page(account.index.owner()));
    let Some(page) = page.filter(|page| page.settings.read().instagram.is_some()) else { return token_dead() };
    let node = path.trim_start_matches(|character: char| character != '/').trim_matches('/').to_owned();
    let node = if path.starts_with('v') { node } else { path.trim_matches('/').to_owned() };
    match node.as_str() {
        "me" => me(page, &token.account_id, given("fields").as_deref().unwrap_or("id")),
        id if id == token.account_id => me(page, &token.account_id, given("fields").as_deref().unwrap_or("id")),
        // Only logins with Facebook may upload by themselves.
        edge if edge.ends_with("/media") && given("upload_type").as_deref() == Some("resumable") => {
            refused(100, "The parameter video_url is required")
        }
        _ => refused(2500, &format!("Unknown path components: /{node}")),
    }
}

/// `user_id` is the account, as webhooks name it; `id` is the app's own id of who logged in.
fn me(page: &Page, account_id: &str, fields: &str) -> HttpResponse {
    let mut body = Map::new();
    for field in fields.split(',').map(str::trim) {
        let value = match field {
            "id" => continue,
            "user_id" => json!(account_id),
            "username" => json!(page.username()),
            "name" => json!(page.name()),
            "account_type" => json!("BUSINESS"),
            "media_count" => json!(page.instagram.read().media_count()),
            "followers_count" | "follows_count" => json!(page.draw.named("instagram").named(field).below(9_000)),
            unknown => return refused(100, &format!("Tried accessing nonexisting field ({unknown})")),
        };
        body.insert(field.to_owned(), value);
    }
    body.insert("id".to_owned(), json!(format!("9{account_id}")));
    respond(StatusCode::OK, &Value::Object(body))
}
