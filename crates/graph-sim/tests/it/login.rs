//! Facebook Login: dialog, codes, tokens, what is granted.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use pagekeeper_graph_sim::{RedirectUris, SimConfig};
use ring::hmac;
use serde_json::{Value, json};
use url::Url;

use crate::support::receiver::Receiver;
use crate::support::{Reply, TestSim, demo, simple, start, text, texts};

const REDIRECT_URI: &str = "http://localhost:3000/callback";

fn login_url(sim: &TestSim, extra: &[(&str, &str)]) -> String {
    let mut url = Url::parse(&sim.url("/v25.0/dialog/oauth")).unwrap();
    url.query_pairs_mut()
        .append_pair("client_id", sim.running.app_id())
        .append_pair("redirect_uri", REDIRECT_URI)
        .append_pair("state", "{st=abc,ds=1}")
        .append_pair("scope", "email,pages_show_list pages_messaging,business_management")
        .extend_pairs(extra);
    url.into()
}

async fn approve(sim: &TestSim, extra: &[(&str, &str)], body: serde_json::Value) -> Url {
    let mut body = body;
    body["login_url"] = login_url(sim, extra).into();
    Url::parse(&text(&sim.control("POST", "/oauth/approve", body).await["redirect_url"])).unwrap()
}

fn query(url: &Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

async fn exchange(sim: &TestSim, code: &str, extra: &[(&str, &str)]) -> Reply {
    let mut form = vec![
        ("client_id", sim.running.app_id()),
        ("client_secret", sim.running.app_secret()),
        ("redirect_uri", REDIRECT_URI),
        ("code", code),
    ];
    for (name, value) in extra {
        form.retain(|(known, _)| known != name);
        form.push((name, value));
    }
    sim.post("/v25.0/oauth/access_token", &form).await
}

#[tokio::test]
async fn the_dialog_shows_people_then_permissions_and_pages() {
    let sim = demo().await;
    let people = sim.get(&login_url(&sim, &[]), &[]).await;
    assert_eq!(people.status, 200);
    assert!(people.text.contains("Continue as Linh Trần") && people.text.contains("Continue as Noah Pedersen"));
    let choices = sim.get(&login_url(&sim, &[("person", "Linh Trần")]), &[]).await;
    for shown in ["pages_messaging", "Phở Nhà Linh", "Smørrebrød &amp; Søn", "Allow", "Cancel"] {
        assert!(choices.text.contains(shown), "{shown} is not shown");
    }
    assert!(!choices.text.contains("instagram_basic"), "only what is asked for is shown");
}

#[tokio::test]
async fn a_login_by_form_ends_in_a_code_that_gives_a_token() {
    let sim = demo().await;
    let form = [("person", "Linh Trần"), ("decision", "allow")];
    let reply = sim.post(&login_url(&sim, &[]), &form).await;
    assert_eq!(reply.status, 302);
    let back = Url::parse(reply.header("location")).unwrap();
    assert!(back.as_str().starts_with(REDIRECT_URI));
    assert_eq!(query(&back, "state").as_deref(), Some("{st=abc,ds=1}"));
    assert_eq!(back.fragment(), Some("_=_"));

    let token = exchange(&sim, &query(&back, "code").unwrap(), &[]).await.json();
    assert_eq!(token["token_type"], "bearer");
    assert_eq!(token["expires_in"], 5400);
    let token = text(&token["access_token"]);
    let me = sim.get("/v25.0/me", &[("fields", "id,name,email"), ("access_token", &token)]).await.json();
    assert_eq!(me["name"], "Linh Trần");
    assert_eq!(me["email"], "linh@example.com");
}

#[tokio::test]
async fn cancelling_returns_metas_error_parameters() {
    let sim = demo().await;
    let back = approve(&sim, &[], json!({ "person": "Linh Trần", "cancel": true })).await;
    assert_eq!(query(&back, "error").as_deref(), Some("access_denied"));
    assert_eq!(query(&back, "error_reason").as_deref(), Some("user_denied"));
    assert_eq!(query(&back, "error_description").as_deref(), Some("Permissions error"));
    assert_eq!(query(&back, "state").as_deref(), Some("{st=abc,ds=1}"));
    assert_eq!(query(&back, "code"), None);
}

#[tokio::test]
async fn a_code_is_refused_the_second_time_and_at_another_address() {
    let sim = demo().await;
    let back = approve(&sim, &[], json!({ "person": "Linh Trần" })).await;
    let code = query(&back, "code").unwrap();
    let other = exchange(&sim, &code, &[("redirect_uri", "http://localhost:3000/other")]).await;
    assert_eq!(other.error(), (100, Some(36_008)));
    assert_eq!(exchange(&sim, &code, &[("client_secret", "wrong")]).await.error(), (1, None));
    assert_eq!(exchange(&sim, &code, &[]).await.status, 200);
    assert_eq!(exchange(&sim, &code, &[]).await.error(), (100, Some(36_009)));
    assert_eq!(exchange(&sim, "garbage", &[]).await.error(), (100, None));

    let late = approve(&sim, &[], json!({ "person": "Linh Trần" })).await;
    sim.control("POST", "/clock/advance", json!({ "seconds": 601 })).await;
    assert_eq!(exchange(&sim, &query(&late, "code").unwrap(), &[]).await.error(), (100, Some(36_007)));
}

#[tokio::test]
async fn declined_permissions_are_asked_for_again_only_on_request() {
    let sim = demo().await;
    approve(&sim, &[], json!({ "person": "Linh Trần", "decline": ["pages_messaging"] })).await;
    let plain = sim.get(&login_url(&sim, &[("person", "Linh Trần")]), &[]).await;
    assert!(!plain.text.contains("permission-pages_messaging"));
    let again = sim.get(&login_url(&sim, &[("person", "Linh Trần"), ("auth_type", "rerequest")]), &[]).await;
    assert!(again.text.contains("permission-pages_messaging"));

    let back = approve(&sim, &[], json!({ "person": "Linh Trần" })).await;
    let token = text(&exchange(&sim, &query(&back, "code").unwrap(), &[]).await.json()["access_token"]);
    let permissions = sim.get("/v25.0/me/permissions", &[("access_token", &token)]).await.json();
    let declined = json!({ "permission": "pages_messaging", "status": "declined" });
    assert!(permissions["data"].as_array().unwrap().contains(&declined));

    approve(&sim, &[("auth_type", "rerequest")], json!({ "person": "Linh Trần" })).await;
    let permissions = sim.get("/v25.0/me/permissions", &[("access_token", &token)]).await.json();
    assert!(!permissions["data"].as_array().unwrap().contains(&declined));
}

#[tokio::test]
async fn a_long_lived_token_gives_page_tokens_that_never_expire() {
    let sim = demo().await;
    let back = approve(&sim, &[], json!({ "person": "Omar Haddad" })).await;
    let short = text(&exchange(&sim, &query(&back, "code").unwrap(), &[]).await.json()["access_token"]);
    let exchange = [
        ("grant_type", "fb_exchange_token"),
        ("client_id", sim.running.app_id()),
        ("client_secret", sim.running.app_secret()),
        ("fb_exchange_token", &short),
    ];
    let long = sim.get("/v25.0/oauth/access_token", &exchange).await.json();
    assert_eq!(long["expires_in"], 5_183_944);
    let long = text(&long["access_token"]);
    assert_ne!(long, short);

    for (user_token, never) in [(&short, false), (&long, true)] {
        let page = sim.get("/v25.0/me/accounts", &[("access_token", user_token)]).await.json()["data"][0].clone();
        let page_token = text(&page["access_token"]);
        let query = [("input_token", page_token.as_str()), ("access_token", &sim.app_token())];
        let debug = sim.get("/v25.0/debug_token", &query).await.json()["data"].clone();
        assert_eq!(debug["type"], "PAGE");
        assert_eq!(debug["profile_id"], page["id"]);
        assert_eq!(debug["expires_at"] == 0, never, "{debug}");
    }

    sim.control("POST", "/clock/advance", json!({ "seconds": 5_500 })).await;
    let expired = sim.get("/v25.0/oauth/access_token", &exchange).await;
    assert_eq!(expired.error(), (190, Some(463)));
}

#[tokio::test]
async fn unticked_pages_are_not_listed_and_debug_token_names_the_ticked_ones() {
    let sim = demo().await;
    let people = sim.control("GET", "/people", json!({})).await;
    let page = text(&people[0]["pages"][1]["id"]);
    let back = approve(&sim, &[], json!({ "person": "Linh Trần", "pages": [page] })).await;
    let token = text(&exchange(&sim, &query(&back, "code").unwrap(), &[]).await.json()["access_token"]);
    let accounts = sim.get("/v25.0/me/accounts", &[("access_token", &token)]).await.json();
    assert_eq!(texts(&accounts["data"], "id"), std::slice::from_ref(&page));
    let query = [("input_token", token.as_str()), ("access_token", &sim.app_token())];
    let debug = sim.get("/v25.0/debug_token", &query).await.json()["data"].clone();
    let scopes = debug["granular_scopes"].as_array().unwrap();
    assert!(scopes.contains(&json!({ "scope": "pages_messaging", "target_ids": [page] })), "{debug}");
}

#[tokio::test]
async fn removing_the_app_ends_every_token_of_the_person() {
    let sim = demo().await;
    let (page, page_token) = sim.first_page("Linh Trần").await;
    let token = sim.user_token("Linh Trần").await;
    assert_eq!(sim.delete("/v25.0/me/permissions/email", &[("access_token", &token)]).await.json()["success"], true);
    assert!(sim.get("/v25.0/me", &[("fields", "email"), ("access_token", &token)]).await.json()["email"].is_null());
    assert_eq!(sim.delete("/v25.0/me/permissions", &[("access_token", &token)]).await.json()["success"], true);
    for (path, token) in [("/v25.0/me", &token), (format!("/v25.0/{page}").as_str(), &page_token)] {
        assert_eq!(sim.get(path, &[("access_token", token)]).await.error(), (190, Some(458)));
    }
    let debug = sim.get("/debug_token", &[("input_token", &token), ("access_token", &sim.app_token())]).await;
    assert_eq!(debug.status, 200);
    assert_eq!(debug.json()["data"]["is_valid"], false);
    assert_eq!(debug.json()["data"]["error"]["subcode"], 458);
}

#[tokio::test]
async fn an_address_that_is_not_registered_is_answered_with_an_error_page() {
    let listed = RedirectUris::Listed(vec!["http://localhost:3000/other".to_owned()]);
    let sim = start(SimConfig { redirect_uris: listed, ..SimConfig::default() }).await;
    let reply = sim.get(&login_url(&sim, &[]), &[]).await;
    assert_eq!(reply.status, 400);
    assert!(reply.text.contains("URL Blocked"));
    assert_eq!(sim.get("/v25.0/dialog/oauth?client_id=1", &[]).await.status, 400);
    sim.control("PUT", "/redirect_uris", json!({ "listed": [REDIRECT_URI] })).await;
    assert_eq!(sim.get(&login_url(&sim, &[]), &[]).await.status, 200);
}

#[tokio::test]
async fn auto_approve_needs_no_hand() {
    let sim = start(SimConfig { auto_approve: Some("Noah Pedersen".to_owned()), ..SimConfig::default() }).await;
    let reply = sim.get(&login_url(&sim, &[("response_type", "code,granted_scopes")]), &[]).await;
    assert_eq!(reply.status, 302);
    let back = Url::parse(reply.header("location")).unwrap();
    assert!(query(&back, "granted_scopes").unwrap().contains("pages_messaging"));
    let token = exchange(&sim, &query(&back, "code").unwrap(), &[]).await.json();
    let accounts = sim.get("/v25.0/me/accounts", &[("access_token", &text(&token["access_token"]))]).await;
    assert_eq!(accounts.json(), json!({ "data": [] }));
}

#[tokio::test]
async fn the_app_has_a_token_of_its_own() {
    let sim = demo().await;
    let query = [
        ("grant_type", "client_credentials"),
        ("client_id", sim.running.app_id()),
        ("client_secret", sim.running.app_secret()),
    ];
    let token = text(&sim.get("/oauth/access_token", &query).await.json()["access_token"]);
    let path = format!("/v25.0/{}/subscriptions", sim.running.app_id());
    assert_eq!(sim.get(&path, &[("access_token", &token)]).await.json(), json!({ "data": [] }));
    assert_eq!(sim.get("/v25.0/me", &[("access_token", &token)]).await.error(), (2500, None));
}

#[tokio::test]
async fn a_permission_that_is_taken_back_by_hand_is_missing_at_the_next_call() {
    let sim = simple(1, 2, 1).await;
    let (page, token) = sim.first_page("Test Person").await;
    let path = format!("/v25.0/{page}/conversations");
    assert_eq!(sim.get(&path, &[("access_token", &token)]).await.status, 200);
    sim.control("DELETE", "/people/Test%20Person/permissions/pages_messaging", json!({})).await;
    assert_eq!(sim.get(&path, &[("access_token", &token)]).await.error().0, 200);
    let people = sim.control("GET", "/people", json!({})).await;
    assert!(people[0]["declined"].as_array().unwrap().contains(&json!("pages_messaging")));
    let again = sim.delete("/_sim/people/Test%20Person/permissions/pages_messaging", &[]).await;
    assert_eq!(again.status, 404);
}

#[tokio::test]
async fn ninety_days_after_the_login_the_data_is_closed_and_the_token_still_valid() {
    let sim = demo().await;
    let token = sim.user_token("Linh Trần").await;
    let me = async || sim.get("/v25.0/me", &[("access_token", &token)]).await;
    assert_eq!(me().await.status, 200);
    sim.control("PATCH", "/people/Linh%20Tr%E1%BA%A7n", json!({ "data_access_expires_in": 0 })).await;
    assert_eq!(me().await.error(), (200, None));
    let app_token = sim.app_token();
    let inspected =
        sim.get("/v25.0/debug_token", &[("input_token", &token), ("access_token", &app_token)]).await.json();
    assert_eq!(inspected["data"]["is_valid"], true);
    assert!(inspected["data"]["data_access_expires_at"].as_i64().unwrap() <= chrono::Utc::now().timestamp());
}

#[tokio::test]
async fn who_removes_the_app_kills_its_tokens_and_the_app_is_told() {
    let (sim, receiver) = (demo().await, Receiver::start());
    let token = sim.user_token("Linh Trần").await;
    let urls = json!({ "deauthorize": receiver.url, "data_deletion": receiver.url });
    sim.control("PUT", "/callbacks", urls).await;
    let removed = sim.control("POST", "/people/Linh%20Tr%E1%BA%A7n/remove_app", json!({ "delete_data": true })).await;
    assert_eq!(sim.get("/v25.0/me", &[("access_token", &token)]).await.error(), (190, Some(458)));
    assert_eq!(removed["deauthorize"]["status"], 200);
    assert_eq!(removed["deauthorize"]["problem"], Value::Null);
    assert!(text(&removed["data_deletion"]["problem"]).contains("confirmation_code"), "this receiver answers nothing");
    let posted = receiver.wait_for(2).await;
    for request in &posted {
        let form: Vec<_> = url::form_urlencoded::parse(&request.body).into_owned().collect();
        assert_eq!(form[0].0, "signed_request");
        let (signature, payload) = form[0].1.split_once('.').unwrap();
        let decode = |text: &str| URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).unwrap();
        let key = hmac::Key::new(hmac::HMAC_SHA256, sim.running.app_secret().as_bytes());
        hmac::verify(&key, payload.as_bytes(), &decode(signature)).unwrap();
        let payload: Value = serde_json::from_slice(&decode(payload)).unwrap();
        assert_eq!(
            (&payload["algorithm"], &payload["user_id"]),
            (&json!("HMAC-SHA256"), &removed["deauthorize"]["user_id"])
        );
    }

    let token = sim.user_token("Omar Haddad").await;
    sim.delete("/v25.0/me/permissions", &[("access_token", &token)]).await;
    receiver.wait_for(3).await;
}

#[tokio::test]
async fn a_long_lived_token_is_renewed_as_it_is_told_to() {
    let sim = demo().await;
    let token = sim.user_token("Linh Trần").await;
    let renew = async |token: &str| {
        let (id, secret) = (sim.running.app_id().to_owned(), sim.running.app_secret().to_owned());
        let query = [
            ("grant_type", "fb_exchange_token"),
            ("client_id", id.as_str()),
            ("client_secret", secret.as_str()),
            ("fb_exchange_token", token),
        ];
        sim.get("/v25.0/oauth/access_token", &query).await.json()
    };
    let same = renew(&token).await;
    assert_eq!(same["access_token"], token.as_str(), "once a day");
    sim.control("POST", "/clock/advance", json!({ "seconds": 10 * 86_400 })).await;
    let fresh = renew(&token).await;
    assert_ne!(fresh["access_token"], token.as_str());
    assert_eq!(fresh["expires_in"], 5_183_944, "as long as a new one");

    sim.control("PUT", "/tokens/exchange", json!({ "extends": false })).await;
    let ends_with_the_old = renew(&token).await["expires_in"].as_i64().unwrap();
    assert!((5_183_944 - 10 * 86_400 - 60..=5_183_944 - 10 * 86_400).contains(&ends_with_the_old));
    sim.control("PUT", "/tokens/exchange", json!({ "omit_expires_in": true })).await;
    assert!(renew(&token).await.get("expires_in").is_none());
}

#[tokio::test]
async fn login_for_business_is_all_or_nothing() {
    let sim = demo().await;
    let decide = async |decline: serde_json::Value| {
        let login = login_url(&sim, &[("config_id", "1")]);
        let body = json!({ "login_url": login, "person": "Linh Trần", "decline": decline });
        text(&sim.control("POST", "/oauth/approve", body).await["redirect_url"])
    };
    assert!(decide(json!(["email"])).await.contains("error=access_denied"));
    assert!(decide(json!([])).await.contains("code="));
}

#[tokio::test]
async fn what_was_ticked_limits_pages_and_their_instagram_accounts() {
    let sim = demo().await;
    let (page, token) = sim.first_page("Linh Trần").await;
    let query = [("fields", "instagram_business_account"), ("access_token", token.as_str())];
    let account = text(&sim.get(&format!("/v25.0/{page}"), &query).await.json()["instagram_business_account"]["id"]);
    let token =
        text(&sim.control("POST", "/tokens", json!({ "person": "Linh Trần", "pages": [page] })).await["access_token"]);
    let app_token = sim.app_token();
    let query = [("input_token", token.as_str()), ("access_token", app_token.as_str())];
    let scopes = sim.get("/v25.0/debug_token", &query).await.json()["data"]["granular_scopes"].clone();
    let targets = |scope: &str| {
        let found = scopes.as_array().unwrap().iter().find(|granular| granular["scope"] == scope);
        found.unwrap_or_else(|| panic!("{scope} in {scopes}"))["target_ids"].clone()
    };
    assert_eq!((targets("pages_messaging"), targets("instagram_basic")), (json!([page]), json!([account])));
    assert!(!scopes.to_string().contains("business_management"));
}

#[tokio::test]
async fn an_app_tells_its_name() {
    let sim = demo().await;
    let app_token = sim.app_token();
    for path in ["/v25.0/app".to_owned(), format!("/v25.0/{}", sim.running.app_id())] {
        let app = sim.get(&path, &[("access_token", &app_token)]).await.json();
        assert_eq!((text(&app["id"]).as_str(), app["name"].is_string()), (sim.running.app_id(), true));
    }
    let unknown = sim.get("/v25.0/app", &[("fields", "colour"), ("access_token", &app_token)]).await;
    assert_eq!(unknown.error(), (100, None));
}

#[tokio::test]
async fn a_code_of_the_javascript_sdk_is_exchanged_without_an_address() {
    let sim = demo().await;
    sim.user_token("Linh Trần").await;
    let exchange = async |redirect_uri: Option<&str>| {
        let code = text(&sim.control("POST", "/oauth/js_sdk_code", json!({ "person": "Linh Trần" })).await["code"]);
        let (id, secret) = (sim.running.app_id().to_owned(), sim.running.app_secret().to_owned());
        let query = [("client_id", id.as_str()), ("client_secret", secret.as_str()), ("code", code.as_str())];
        let query: Vec<_> = query.into_iter().chain(redirect_uri.map(|address| ("redirect_uri", address))).collect();
        sim.get("/v25.0/oauth/access_token", &query).await
    };
    assert!(exchange(None).await.json()["access_token"].is_string());
    assert_eq!(exchange(Some(REDIRECT_URI)).await.error(), (100, Some(36_008)));
}

#[tokio::test]
async fn another_machine_gets_a_token_of_its_own_by_a_client_code() {
    let sim = demo().await;
    let short = sim.user_token("Linh Trần").await;
    let (id, secret) = (sim.running.app_id().to_owned(), sim.running.app_secret().to_owned());
    let app = [("client_id", id.as_str()), ("client_secret", secret.as_str())];
    let code_for = async |token: &str| {
        let query: Vec<_> = app.into_iter().chain([("redirect_uri", REDIRECT_URI), ("access_token", token)]).collect();
        sim.get("/v25.0/oauth/client_code", &query).await
    };
    let exchange = app.into_iter().chain([("grant_type", "fb_exchange_token"), ("fb_exchange_token", short.as_str())]);
    let long = sim.get("/v25.0/oauth/access_token", &exchange.collect::<Vec<_>>()).await.json();
    let long = text(&long["access_token"]);

    let code = text(&code_for(&long).await.json()["code"]);
    let query = [("client_id", id.as_str()), ("redirect_uri", REDIRECT_URI), ("code", &code), ("machine_id", "till 3")];
    let own = sim.get("/v25.0/oauth/access_token", &query).await.json();
    let token = text(&own["access_token"]);
    assert!(token != long && own["expires_in"].as_i64() > Some(59 * 86_400));
    assert_eq!(own["machine_id"], "till 3");
    assert_eq!(sim.get("/v25.0/me", &[("access_token", token.as_str())]).await.json()["name"], "Linh Trần");
    assert_eq!(sim.get("/v25.0/oauth/access_token", &query).await.error(), (100, Some(36_009)));
}

#[tokio::test]
async fn a_business_gives_the_app_a_system_user_whose_token_does_not_end() {
    let sim = demo().await;
    sim.control("PUT", "/app", json!({ "system_user_configurations": ["77"] })).await;
    let (id, secret) = (sim.running.app_id().to_owned(), sim.running.app_secret().to_owned());
    let login = async |person: &str| {
        let url = approve(&sim, &[("config_id", "77")], json!({ "person": person })).await;
        url.query_pairs().into_owned().collect::<HashMap<_, _>>()
    };
    let token_of = async |more: &[(&str, &str)]| {
        let app = [("client_id", id.as_str()), ("client_secret", secret.as_str())];
        let query: Vec<_> = app.into_iter().chain(more.iter().copied()).collect();
        sim.get("/v25.0/oauth/access_token", &query).await.json()
    };
    assert_eq!(login("Noah Pedersen").await["error"], "access_denied", "he has no Business");

    let code = login("Linh Trần").await["code"].clone();
    let answer = token_of(&[("code", &code), ("redirect_uri", REDIRECT_URI)]).await;
    assert_eq!(answer.get("expires_in"), None, "it does not end");
    let token = text(&answer["access_token"]);
    let access = ("access_token", token.as_str());
    let me = sim.get("/v25.0/me", &[("fields", "client_business_id"), access]).await.json();
    let business = text(&me["client_business_id"]);
    assert!(!sim.get("/v25.0/me/accounts", &[access]).await.json()["data"].as_array().unwrap().is_empty());
    let debugged = async |token: &str| {
        let app_token = format!("{id}|{secret}");
        let query = [("input_token", token), ("access_token", app_token.as_str())];
        sim.get("/v25.0/debug_token", &query).await.json()["data"].clone()
    };
    assert_eq!(
        (debugged(&token).await["type"].clone(), debugged(&token).await["expires_at"].clone()),
        (json!("SYSTEM_USER"), json!(0))
    );

    let sixty = [("set_token_expires_in_60_days", "true")];
    let exchange = [("grant_type", "fb_exchange_token"), ("fb_exchange_token", token.as_str()), sixty[0]];
    let renewed = token_of(&exchange).await;
    assert_eq!(renewed["expires_in"], 60 * 86_400);
    assert!(renewed["access_token"] != token.as_str());
    assert_eq!(debugged(&token).await["is_valid"], true, "the old one stays until its own end");

    let edge = format!("/v25.0/{business}/system_user_access_tokens");
    assert_eq!(sim.post(&edge, &[access]).await.error(), (100, None), "never without a proof");
    let proof = hex::encode(hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()), token.as_bytes()));
    let made = sim.post(&edge, &[access, ("appsecret_proof", &proof), sixty[0]]).await.json();
    assert_eq!(debugged(&text(&made["access_token"])).await["type"], "SYSTEM_USER");
}
