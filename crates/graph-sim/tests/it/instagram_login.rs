//! Login with Instagram alone: dialog, codes, tokens and their refresh.

use serde_json::{Value, json};
use url::Url;

use crate::support::{Reply, TestSim, demo, text};

const REDIRECT_URI: &str = "http://localhost:3000/instagram";
const SCOPES: &str = "instagram_business_basic,instagram_business_manage_messages";

async fn authorize(sim: &TestSim, more: &[(&str, &str)]) -> Reply {
    let own = [
        ("client_id", sim.running.app_id()),
        ("redirect_uri", REDIRECT_URI),
        ("response_type", "code"),
        ("scope", SCOPES),
        ("state", "xyz"),
    ];
    let query: Vec<_> = own.into_iter().chain(more.iter().copied()).collect();
    sim.get("/www.instagram.com/oauth/authorize", &query).await
}

async fn exchange(sim: &TestSim, code: &str) -> Reply {
    let form = [
        ("client_id", sim.running.app_id()),
        ("client_secret", sim.running.app_secret()),
        ("grant_type", "authorization_code"),
        ("redirect_uri", REDIRECT_URI),
        ("code", code),
    ];
    sim.post("/api.instagram.com/oauth/access_token", &form).await
}

async fn code(sim: &TestSim) -> String {
    let answer = authorize(sim, &[("account", "pho.nha.linh")]).await;
    let url = Url::parse(answer.header("location")).unwrap();
    assert_eq!(url.fragment(), Some("_"), "which is no part of the code");
    let value = |name: &str| url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
    assert_eq!(value("state").as_deref(), Some("xyz"));
    value("code").unwrap()
}

#[tokio::test]
async fn somebody_logs_in_and_the_token_is_made_to_last_and_refreshed() {
    let sim = demo().await;
    let dialog = authorize(&sim, &[]).await;
    assert!(dialog.text.contains("Continue as pho.nha.linh"));
    let code = code(&sim).await;
    let short = exchange(&sim, &code).await.json();
    assert_eq!(short["permissions"], json!(SCOPES.split(',').collect::<Vec<_>>()));
    let again = exchange(&sim, &code).await;
    assert_eq!((again.status, &again.json()["error_type"]), (400, &json!("OAuthException")));

    let get = async |path: &str, query: &[(&str, &str)]| sim.get(&format!("/graph.instagram.com/{path}"), query).await;
    let (secret, short) = (sim.running.app_secret().to_owned(), text(&short["access_token"]));
    let query = [("grant_type", "ig_exchange_token"), ("client_secret", &secret), ("access_token", &short)];
    let long = get("access_token", &query).await.json();
    assert_eq!((&long["token_type"], &long["expires_in"]), (&json!("bearer"), &json!(5_183_944)));
    let long = text(&long["access_token"]);
    let refresh = async |token: &str| {
        get("refresh_access_token", &[("grant_type", "ig_refresh_token"), ("access_token", token)]).await
    };
    assert_eq!(refresh(&long).await.error().0, 100, "it is not a day old");
    sim.control("POST", "/clock/advance", json!({ "seconds": 25 * 3_600 })).await;
    let fresh = text(&refresh(&long).await.json()["access_token"]);
    assert_ne!(fresh, long);
    assert_eq!(refresh(&short).await.error().0, 190, "the short one has ended");

    let fields = "user_id,username,account_type,media_count";
    let me: Value = get("v25.0/me", &[("fields", fields), ("access_token", &fresh)]).await.json();
    assert_eq!((&me["username"], &me["account_type"]), (&json!("pho.nha.linh"), &json!("BUSINESS")));
    assert_ne!(me["id"], me["user_id"], "the account is user_id");
    let upload = [("upload_type", "resumable"), ("access_token", fresh.as_str())];
    let path = format!("v25.0/{}/media", text(&me["user_id"]));
    assert_eq!(get(&path, &upload).await.error().0, 100, "for logins with Facebook alone");
    sim.control("POST", "/clock/advance", json!({ "seconds": 61 * 86_400 })).await;
    assert_eq!(refresh(&fresh).await.error().0, 190, "what was not refreshed for sixty days is over");
}

#[tokio::test]
async fn who_goes_back_or_asks_wrongly_gets_no_code() {
    let sim = demo().await;
    let cancelled = authorize(&sim, &[("decision", "cancel")]).await;
    assert!(cancelled.header("location").contains("error=access_denied&error_reason=user_denied"));
    assert_eq!(authorize(&sim, &[("account", "nobody")]).await.status, 400);
    let unknown = [("client_id", "5"), ("redirect_uri", REDIRECT_URI)];
    assert_eq!(sim.get("/www.instagram.com/oauth/authorize", &unknown).await.status, 400);
    assert_eq!(exchange(&sim, "garbage").await.json()["code"], 400);
}
