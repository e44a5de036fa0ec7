//! Dialog, code, tokens, and who the person is. (A1, G1)

use std::time::Duration;

use chrono::DateTime;
use pagekeeper_common::domain::token::AccessToken;
use pagekeeper_common::graph::{
    CodeFault, Decision, GraphConfig, LoginDialog, PermissionStatus, TokenDeath, TokenExpiry,
};
use secrecy::SecretString;

use crate::fake::{APP_ID, APP_SECRET, FakeGraph, Reply, TOKEN};

#[tokio::test]
async fn the_dialog_is_asked_with_state_and_scopes() {
    let graph = FakeGraph::start([]).await;
    let scopes = ["public_profile".to_owned(), "pages_show_list".to_owned()];
    let dialog = LoginDialog {
        redirect_uri: "https://example.org/social/facebook/callback?x=1&y=2",
        state: "a b&c",
        scopes: &scopes,
        rerequest: false,
    };
    let url = graph.client.login_url(&dialog);
    assert_eq!(url.path(), "/v25.0/dialog/oauth");
    let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let value = |name: &str| pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    assert_eq!(value("client_id"), Some(APP_ID));
    assert_eq!(value("redirect_uri"), Some(dialog.redirect_uri));
    assert_eq!((value("state"), value("response_type")), (Some("a b&c"), Some("code")));
    assert_eq!((value("scope"), value("auth_type")), (Some("public_profile,pages_show_list"), None));

    let again = graph.client.login_url(&LoginDialog { rerequest: true, ..dialog });
    assert!(again.query().unwrap().contains("auth_type=rerequest"));
    assert!(!again.as_str().contains(APP_SECRET));
}

#[tokio::test]
async fn a_code_is_exchanged_without_secrets_in_the_address() {
    let graph =
        FakeGraph::start([Reply::json(r#"{"access_token":"EAABnew","token_type":"bearer","expires_in":5183944}"#)])
            .await;
    let granted = graph.client.exchange_code("the-code", "https://example.org/callback").await.unwrap();
    assert_eq!(granted.value.token.expose(), "EAABnew");
    assert_eq!(granted.value.expires_in, Some(Duration::from_secs(5_183_944)));

    let asked = graph.asked_once();
    assert_eq!((asked.method.as_str(), asked.path.as_str()), ("POST", "/v25.0/oauth/access_token"));
    assert!(asked.query.is_empty());
    assert_eq!((asked.form("client_id"), asked.form("client_secret")), (Some(APP_ID), Some(APP_SECRET)));
    assert_eq!(
        (asked.form("code"), asked.form("redirect_uri")),
        (Some("the-code"), Some("https://example.org/callback"))
    );
}

#[tokio::test]
async fn each_way_a_code_is_refused_is_told_apart() {
    for (subcode, message, fault) in [
        (r#","error_subcode":36009"#, "This authorization code has been used.", CodeFault::Used),
        (r#","error_subcode":36007"#, "This authorization code has expired.", CodeFault::Expired),
        (
            r#","error_subcode":36008"#,
            "Error validating verification code. Please make sure your redirect_uri is identical",
            CodeFault::RedirectMismatch,
        ),
        ("", "Invalid verification code format.", CodeFault::Malformed),
        ("", "This authorization code has been used.", CodeFault::Used),
    ] {
        let body = format!(r#"{{"error":{{"message":"{message}","type":"OAuthException","code":100{subcode}}}}}"#);
        let graph = FakeGraph::start([Reply::status(400, &body)]).await;
        let error = graph.client.exchange_code("c", "https://example.org/").await.unwrap_err();
        assert_eq!(error.decision, Decision::CodeRejected(fault), "{message}");
        assert!(!error.to_string().contains("code has"), "Meta's message is not printed: {error}");
    }
}

#[tokio::test]
async fn a_wrong_app_secret_is_not_taken_for_a_bad_code() {
    for code in [1, 100] {
        let body = format!(
            r#"{{"error":{{"message":"Error validating client secret.","type":"OAuthException","code":{code}}}}}"#
        );
        let graph = FakeGraph::start([Reply::status(400, &body)]).await;
        let error = graph.client.exchange_code("c", "https://example.org/").await.unwrap_err();
        assert_eq!(error.decision, Decision::AppCredentials);
    }
}

#[tokio::test]
async fn a_long_lived_token_may_come_without_its_time() {
    let graph = FakeGraph::start([Reply::json(r#"{"access_token":"EAAlong","token_type":"bearer"}"#)]).await;
    let granted = graph.client.exchange_for_long_lived(&AccessToken::new(TOKEN)).await.unwrap();
    assert_eq!((granted.value.token.expose(), granted.value.expires_in), ("EAAlong", None));
    let asked = graph.asked_once();
    assert_eq!((asked.form("grant_type"), asked.form("fb_exchange_token")), (Some("fb_exchange_token"), Some(TOKEN)));
    assert!(asked.query.is_empty());
}

#[tokio::test]
async fn an_answer_without_a_token_is_no_token() {
    for body in ["{}", r#"{"access_token":""}"#, r#"{"access_token":["EAA"]}"#, "[]", "true"] {
        let graph = FakeGraph::start([Reply::json(body)]).await;
        let error = graph.client.exchange_for_long_lived(&AccessToken::new(TOKEN)).await.unwrap_err();
        assert_eq!(error.decision, Decision::Unreadable, "{body}");
    }
}

#[tokio::test]
async fn a_token_is_looked_into_with_the_apps_own() {
    let graph = FakeGraph::start([Reply::json(
        r#"{"data":{"app_id":138483919580948,"type":"USER","application":"Example","data_access_expires_at":1576687825,
            "expires_at":1570820400,"is_valid":true,"issued_at":1347235328,"scopes":["pages_show_list","public_profile"],
            "granular_scopes":[{"scope":"pages_show_list","target_ids":["1122334455",667788]},{"scope":"pages_messaging"}],
            "user_id":"10215241773831025","metadata":{"sso":"iphone"}}}"#,
    )])
    .await;
    let info = graph.client.debug_token(&AccessToken::new("EAAlooked")).await.unwrap().value;
    assert!(info.is_valid && info.failure.is_none());
    assert_eq!(info.app_id.as_deref(), Some("138483919580948"));
    assert_eq!(info.user_id.unwrap().as_str(), "10215241773831025");
    assert_eq!(info.expires_at, TokenExpiry::At(DateTime::from_timestamp(1_570_820_400, 0).unwrap()));
    assert_eq!(info.data_access_expires_at, DateTime::from_timestamp(1_576_687_825, 0));
    assert_eq!(info.scopes, ["pages_show_list", "public_profile"]);
    assert_eq!(
        info.granular_scopes[0].target_ids.as_deref(),
        Some(&["1122334455".to_owned(), "667788".to_owned()][..])
    );
    assert_eq!(info.granular_scopes[1].target_ids, None, "not limited to a list");

    let asked = graph.asked_once();
    assert_eq!((asked.path.as_str(), asked.query("input_token")), ("/v25.0/debug_token", Some("EAAlooked")));
    assert_eq!(asked.header("authorization"), Some(format!("Bearer {APP_ID}|{APP_SECRET}").as_str()));
    assert!(asked.query("appsecret_proof").is_some() && asked.query("access_token").is_none());
}

#[tokio::test]
async fn zero_means_never_and_absent_means_unknown() {
    for (clocks, expected) in [
        (r#""expires_at":0,"data_access_expires_at":0"#, TokenExpiry::Never),
        (r#""expires_at":"0""#, TokenExpiry::Never),
        (r#""type":"APP""#, TokenExpiry::Unknown),
    ] {
        let graph = FakeGraph::start([Reply::json(&format!(r#"{{"data":{{"is_valid":"true",{clocks}}}}}"#))]).await;
        let info = graph.client.debug_token(&AccessToken::new(TOKEN)).await.unwrap().value;
        assert_eq!((info.expires_at, info.data_access_expires_at), (expected, None));
    }
}

#[tokio::test]
async fn a_dead_token_is_an_answer_that_says_why() {
    for (error, expected) in [
        (r#""error":{"code":190,"message":"expired","subcode":463},"#, Decision::TokenExpired),
        (
            r#""error":{"code":190,"message":"changed","subcode":460},"#,
            Decision::TokenDead(TokenDeath::PasswordChanged),
        ),
        ("", Decision::TokenDead(TokenDeath::Invalid)),
    ] {
        let graph =
            FakeGraph::start([Reply::json(&format!(r#"{{"data":{{{error}"is_valid":false,"scopes":[]}}}}"#))]).await;
        let info = graph.client.debug_token(&AccessToken::new(TOKEN)).await.unwrap().value;
        assert_eq!((info.is_valid, info.failure), (false, Some(expected)));
    }
}

#[tokio::test]
async fn a_person_may_have_no_email_and_an_id_that_is_a_number() {
    let graph = FakeGraph::start([
        Reply::json(r#"{"id":"10215","name":"Linh","email":"linh\u0040example.org"}"#),
        Reply::json(r#"{"id":10215}"#),
        Reply::json(r#"{"name":"nobody"}"#),
    ])
    .await;
    let person = graph.client.me(&graph.auth()).await.unwrap().value;
    assert_eq!((person.id.as_str(), person.email.as_deref()), ("10215", Some("linh@example.org")));
    let bare = graph.client.me(&graph.auth()).await.unwrap().value;
    assert_eq!((bare.id.as_str(), bare.name, bare.email), ("10215", None, None));
    assert_eq!(graph.client.me(&graph.auth()).await.unwrap_err().decision, Decision::Unreadable);
    graph.asked()[0].assert_authorized();
}

#[tokio::test]
async fn permissions_keep_what_was_declined() {
    let graph = FakeGraph::start([Reply::json(
        r#"{"data":[{"permission":"public_profile","status":"granted"},{"permission":"pages_messaging","status":"declined"},
            {"permission":"email","status":"expired"},{"permission":"x","status":"new"},{"status":"granted"}]}"#,
    )])
    .await;
    let permissions = graph.client.permissions(&graph.auth()).await.unwrap().value;
    let statuses: Vec<_> = permissions.iter().map(|permission| permission.status).collect();
    assert_eq!(
        statuses,
        [PermissionStatus::Granted, PermissionStatus::Declined, PermissionStatus::Expired, PermissionStatus::Other]
    );
    graph.asked_once().assert_authorized();
}

#[test]
fn a_configuration_without_app_or_with_another_scheme_is_refused() {
    let valid = GraphConfig { app_id: "1".to_owned(), app_secret: SecretString::from("s"), ..GraphConfig::default() };
    assert_eq!(valid.validate(), Ok(()));
    for (broken, key) in [
        (GraphConfig { app_id: String::new(), ..valid.clone() }, "graph.app_id"),
        (GraphConfig { app_secret: SecretString::default(), ..valid.clone() }, "graph.app_secret"),
        (GraphConfig { base_url: "ftp://example.org".parse().unwrap(), ..valid.clone() }, "graph.base_url"),
        (GraphConfig { dialog_url: "data:x".parse().unwrap(), ..valid.clone() }, "graph.dialog_url"),
        (GraphConfig { timeout_ms: 0, ..valid.clone() }, "graph.timeout_ms"),
    ] {
        assert_eq!(broken.validate().unwrap_err().0, key);
    }
    assert!(!format!("{:?}", GraphConfig { app_secret: SecretString::from("canary"), ..valid }).contains("canary"));
}
