//! Logins, Pages and tokens, from the first to the last day. (A1, G1)

use pagekeeper_common::graph::{
    CodeFault, Decision, GraphClient, ManagedPage, PageUpdate, PermissionStatus, TokenDeath, TokenExpiry,
};
use serde_json::json;

use super::{Facebook, REDIRECT_URI};
use crate::fake::config;

#[tokio::test]
async fn a_login_gives_a_long_lived_token_and_who_the_person_is() {
    let facebook = Facebook::start().await;
    let client = &facebook.client;
    let code = facebook.approve("Linh Trần", &["email"]).await;
    let short = client.exchange_code(&code, REDIRECT_URI).await.unwrap().value;
    let long = client.exchange_for_long_lived(&short.token).await.unwrap().value;
    let auth = client.auth(&long.token);

    let info = client.debug_token(&long.token).await.unwrap().value;
    assert!(info.is_valid && matches!(info.expires_at, TokenExpiry::At(_)) && info.data_access_expires_at.is_some());
    assert_eq!(info.app_id.as_deref(), Some(client.app_id()));
    assert!(info.scopes.iter().any(|scope| scope == "pages_messaging"));
    let me = client.me(&auth).await.unwrap().value;
    assert_eq!((me.name.as_deref(), me.email), (Some("Linh Trần"), None));
    assert_eq!(info.user_id, Some(me.id));
    let permissions = client.permissions(&auth).await.unwrap().value;
    let email = permissions.iter().find(|permission| permission.name == "email").unwrap();
    assert_eq!(email.status, PermissionStatus::Declined);

    let again = client.exchange_code(&code, REDIRECT_URI).await.unwrap_err();
    assert_eq!(again.decision, Decision::CodeRejected(CodeFault::Used));
    let code = facebook.approve("Linh Trần", &[]).await;
    let elsewhere = client.exchange_code(&code, "http://localhost:8080/other").await.unwrap_err();
    assert_eq!(elsewhere.decision, Decision::CodeRejected(CodeFault::RedirectMismatch));
}

#[tokio::test]
async fn all_pages_are_found_once_each_also_the_one_that_a_business_gives() {
    let facebook = Facebook::start().await;
    let names = |pages: &[ManagedPage]| pages.iter().filter_map(|page| page.name.clone()).collect::<Vec<_>>();
    let pages = facebook.pages_of("Linh Trần", &[]).await;
    assert_eq!(names(&pages), ["Phở Nhà Linh", "Smørrebrød & Søn", "Bánh Mì Express"]);
    assert!(pages.iter().all(|page| page.token.is_some() && page.tasks.iter().any(|task| task == "MESSAGING")));
    let without_business = facebook.pages_of("Linh Trần", &["business_management"]).await;
    assert_eq!(names(&without_business), ["Phở Nhà Linh", "Smørrebrød & Søn"]);
    let without_fields = facebook.pages_of("Linh Trần", &["pages_read_engagement"]).await;
    assert_eq!(names(&without_fields).len(), 3, "what was declined does not hide a Page");

    assert!(facebook.pages_of("Noah Pedersen", &[]).await.is_empty());
    let without_task = facebook.pages_of("Mia Østergaard", &[]).await;
    assert_eq!(without_task.len(), 1);
    assert!(without_task.iter().flat_map(|page| &page.tasks).all(|task| task != "MESSAGING" && task != "MODERATE"));
}

#[tokio::test]
async fn a_page_is_read_and_subscribed() {
    let facebook = Facebook::start().await;
    let client = &facebook.client;
    let (page, auth, token) = facebook.busy_page().await;
    let details = client.page_details(&auth, &page, false).await.unwrap().value;
    assert_eq!((details.id.clone(), details.name.as_deref()), (page.clone(), Some("Phở Nhà Linh")));
    let picture = client.picture(&details.picture_url.unwrap()).await.unwrap();
    assert!(!picture.bytes.is_empty());
    assert_eq!(client.debug_token(&token).await.unwrap().value.expires_at, TokenExpiry::Never);

    assert_eq!(client.page_subscription(&auth, &page).await.unwrap().value, None);
    client.subscribe_page(&auth, &page, &["messages", "message_echoes"]).await.unwrap();
    let fields = client.page_subscription(&auth, &page).await.unwrap().value.unwrap();
    assert_eq!(fields, ["messages", "message_echoes"]);
    client.unsubscribe_page(&auth, &page).await.unwrap();
    assert_eq!(client.page_subscription(&auth, &page).await.unwrap().value, None);
}

#[tokio::test]
async fn a_token_that_dies_says_why() {
    let facebook = Facebook::start().await;
    for (reason, expected) in [
        ("password_changed", Decision::TokenDead(TokenDeath::PasswordChanged)),
        ("app_removed", Decision::TokenDead(TokenDeath::AppRemoved)),
        ("role_lost", Decision::TokenDead(TokenDeath::RoleLost)),
        ("checkpoint", Decision::TokenDead(TokenDeath::Checkpoint)),
        ("expired", Decision::TokenExpired),
        ("logged_out", Decision::TokenDead(TokenDeath::LoggedOut)),
    ] {
        let (page, auth, token) = facebook.busy_page().await;
        let body = json!({ "access_token": token.expose(), "reason": reason });
        facebook.control(reqwest::Method::POST, "tokens/kill", body).await;
        let error = facebook.client.page_details(&auth, &page, false).await.unwrap_err();
        assert_eq!(error.decision, expected, "{reason}");
        let info = facebook.client.debug_token(&token).await.unwrap().value;
        assert_eq!((info.is_valid, info.failure), (false, Some(expected)), "{reason}");
    }
}

#[tokio::test]
async fn a_call_with_another_apps_secret_is_refused_for_its_proof() {
    let facebook = Facebook::start().await;
    let (page, _, token) = facebook.busy_page().await;
    let stranger = GraphClient::new(&config(facebook.sim.base_url())).unwrap();
    let error = stranger.page_details(&stranger.auth(&token), &page, false).await.unwrap_err();
    assert_eq!(error.decision, Decision::AppSecretProof);
}

#[tokio::test]
async fn a_page_is_updated_unpublished_and_its_owner_goes() {
    let facebook = Facebook::start().await;
    let client = &facebook.client;
    let (page, auth, token) = facebook.busy_page().await;
    let update = PageUpdate { about: Some("Phở since 1998".to_owned()), website: Some(String::new()), phone: None };
    client.update_page(&auth, &page, &update).await.unwrap();
    let unfit = PageUpdate { phone: Some("call me".to_owned()), ..PageUpdate::default() };
    assert_eq!(client.update_page(&auth, &page, &unfit).await.unwrap_err().decision, Decision::BadRequest);
    facebook.control(reqwest::Method::PATCH, &format!("pages/{page}"), json!({ "published": false })).await;
    let details = client.page_details(&auth, &page, false).await.unwrap().value;
    assert_eq!((details.about.as_deref(), details.website), (Some("Phở since 1998"), None));
    assert!(details.phone.is_some() && !details.is_published);

    let person = "people/Linh%20Tr%E1%BA%A7n";
    facebook.control(reqwest::Method::PATCH, person, json!({ "data_access_expires_in": 0 })).await;
    let lapsed = client.page_details(&auth, &page, false).await.unwrap_err();
    assert_eq!(lapsed.decision, Decision::PermissionMissing);
    let info = client.debug_token(&token).await.unwrap().value;
    assert!(info.is_valid && info.data_access_expires_at.unwrap() <= chrono::Utc::now(), "the second clock tells why");
    facebook.control(reqwest::Method::POST, &format!("{person}/remove_app"), json!({})).await;
    let gone = client.page_details(&auth, &page, false).await.unwrap_err();
    assert_eq!(gone.decision, Decision::TokenDead(TokenDeath::AppRemoved));
}
