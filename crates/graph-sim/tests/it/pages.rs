//! Pages: which are listed, what they tell.

use serde_json::json;

use crate::support::receiver::{Receiver, wait};
use crate::support::{demo, simple, text, texts};

#[tokio::test]
async fn a_page_that_only_a_business_gives_needs_business_management() {
    let sim = demo().await;
    let without = json!({ "person": "Linh Trần", "scopes": ["pages_show_list"] });
    let token = text(&sim.control("POST", "/tokens", without).await["access_token"]);
    let accounts = sim.get("/v25.0/me/accounts", &[("access_token", &token)]).await.json();
    assert_eq!(texts(&accounts["data"], "name"), ["Phở Nhà Linh", "Smørrebrød & Søn"]);
    assert_eq!(sim.get("/v25.0/me/businesses", &[("access_token", &token)]).await.error().0, 200);

    let with = json!({ "person": "Linh Trần", "scopes": ["pages_show_list", "business_management"] });
    let token = text(&sim.control("POST", "/tokens", with).await["access_token"]);
    let accounts = sim.get("/v25.0/me/accounts", &[("access_token", &token)]).await.json();
    assert_eq!(accounts["data"].as_array().unwrap().len(), 3);
    let business = sim.get("/v25.0/me/businesses", &[("access_token", &token)]).await.json()["data"][0].clone();
    assert_eq!(business["name"], "Linh Holding");
    let path = format!("/v25.0/{}/owned_pages", text(&business["id"]));
    let owned = sim.get(&path, &[("fields", "id,name,access_token,tasks"), ("access_token", &token)]).await.json();
    assert_eq!(texts(&owned["data"], "name"), ["Bánh Mì Express"]);
    assert!(owned["data"][0]["access_token"].is_string());
    let path = format!("/v25.0/{}/client_pages", text(&business["id"]));
    assert_eq!(sim.get(&path, &[("access_token", &token)]).await.json(), json!({ "data": [] }));
}

#[tokio::test]
async fn accounts_are_paged_by_cursors_and_next_carries_the_token() {
    let sim = demo().await;
    let token = sim.user_token("Sofia Nguyễn").await;
    let query = [("limit", "7"), ("fields", "id,name"), ("summary", "true"), ("access_token", token.as_str())];
    let first = sim.get("/v25.0/me/accounts", &query).await.json();
    assert!(text(&first["paging"]["next"]).contains(&token));
    assert_eq!(first["summary"]["total_count"], 20);
    assert!(first["data"][0].get("access_token").is_none(), "only what is asked for is answered");
    let all = sim.follow("/v25.0/me/accounts", &query).await;
    assert_eq!(all.len(), 20);
    assert_eq!(all[19]["name"], "Mall Shop 20");
}

#[tokio::test]
async fn accounts_tell_tasks_category_and_token_by_default() {
    let sim = demo().await;
    let token = sim.user_token("Mia Østergaard").await;
    let account = sim.get("/v25.0/me/accounts", &[("access_token", &token)]).await.json()["data"][0].clone();
    assert_eq!(account["tasks"], json!(["ANALYZE", "CREATE_CONTENT"]));
    assert_eq!(account["category_list"][0]["name"], account["category"]);
    let (page, page_token) = (text(&account["id"]), text(&account["access_token"]));
    let conversations = sim.get(&format!("/v25.0/{page}/conversations"), &[("access_token", &page_token)]).await;
    assert_eq!(conversations.error().0, 200);
    let subscribe = [("subscribed_fields", "messages"), ("access_token", page_token.as_str())];
    assert_eq!(sim.post(&format!("/v25.0/{page}/subscribed_apps"), &subscribe).await.error().0, 200);
}

#[tokio::test]
async fn a_page_answers_the_fields_asked_for_and_refuses_unknown_ones() {
    let sim = demo().await;
    let (page, token) = sim.first_page("Linh Trần").await;
    let path = format!("/v25.0/{page}");
    let default = sim.get(&path, &[("access_token", &token)]).await.json();
    assert_eq!(default, json!({ "name": "Phở Nhà Linh", "id": page }));
    let fields = "name,about,phone,website,fan_count,impressum,access_token,instagram_business_account,picture{url}";
    let full = sim.get(&path, &[("fields", fields), ("access_token", &token)]).await.json();
    assert_eq!(full["access_token"], token.as_str());
    assert!(full["fan_count"].is_number() && full["about"].is_string());
    assert!(full.get("impressum").is_none(), "a field without data is left out");
    let unknown = sim.get(&path, &[("fields", "name,foo"), ("access_token", &token)]).await;
    assert_eq!(unknown.error(), (100, None));
    let message = text(&unknown.json()["error"]["message"]);
    assert_eq!(message, "(#100) Tried accessing nonexisting field (foo) on node type (Page)");
}

#[tokio::test]
async fn pictures_are_images_behind_a_redirect() {
    let sim = demo().await;
    let (page, token) = sim.first_page("Linh Trần").await;
    let path = format!("/v25.0/{page}/picture");
    let redirect = sim.get(&path, &[("access_token", &token)]).await;
    assert_eq!(redirect.status, 302);
    let inline = sim.get(&path, &[("redirect", "0"), ("access_token", &token)]).await.json();
    assert_eq!(inline["data"]["url"], redirect.header("location"));
    let image = sim.http.get(redirect.header("location")).send().await.unwrap();
    assert_eq!(image.headers()["content-type"], "image/png");
    let bytes = image.bytes().await.unwrap();
    assert!(bytes.starts_with(b"\x89PNG") && bytes.len() < 64_000);
}

#[tokio::test]
async fn a_lost_role_ends_the_persons_page_token_only() {
    let sim = demo().await;
    let (page, linh) = sim.first_page("Linh Trần").await;
    let (same_page, omar) = sim.first_page("Omar Haddad").await;
    assert_eq!(page, same_page);
    assert_ne!(linh, omar);
    sim.control("DELETE", &format!("/people/Omar%20Haddad/pages/{page}"), json!({})).await;
    let path = format!("/v25.0/{page}");
    assert_eq!(sim.get(&path, &[("access_token", &omar)]).await.error(), (190, Some(492)));
    assert_eq!(sim.get(&path, &[("access_token", &linh)]).await.status, 200);
    let accounts = sim.get("/v25.0/me/accounts", &[("access_token", &sim.user_token("Omar Haddad").await)]).await;
    assert_eq!(texts(&accounts.json()["data"], "name"), ["Café Aleppo"]);
}

#[tokio::test]
async fn ids_are_the_same_for_the_same_seed() {
    let (one, two) = (simple(3, 10, 2).await, simple(3, 10, 2).await);
    let pages = |people: serde_json::Value| texts(&people[0]["pages"], "id");
    let first = pages(one.control("GET", "/people", json!({})).await);
    assert_eq!(first, pages(two.control("GET", "/people", json!({})).await));
    assert_eq!(first.len(), 3);
}

#[tokio::test]
async fn a_page_is_updated_as_a_whole_and_subscribers_hear_of_each_field() {
    let (sim, receiver) = (demo().await, Receiver::start());
    let (page, token) = sim.first_page("Linh Trần").await;
    receiver.subscribe_to(&sim, &page, &token, "about,website").await;
    let path = format!("/v25.0/{page}");
    let update = |form: Vec<(&'static str, &'static str)>| {
        let (sim, path, token) = (&sim, path.as_str(), token.as_str());
        async move {
            let form: Vec<_> = form.into_iter().chain([("access_token", token)]).collect();
            sim.post(path, &form).await
        }
    };
    let refused = update(vec![("about", "kept out"), ("website", "no address")]).await;
    assert_eq!(refused.error(), (100, None));
    assert!(refused.json()["error"]["error_user_msg"].is_string());
    for form in [vec![("name", "Another")], vec![("phone", "call me")], vec![], vec![("unknown", "x")]] {
        assert_eq!(update(form).await.error(), (100, None));
    }
    assert_eq!(update(vec![("about", "Open till late"), ("website", "")]).await.json(), json!({ "success": true }));
    let read = sim.get(&path, &[("fields", "about,website,phone"), ("access_token", &token)]).await.json();
    assert_eq!((&read["about"], read.get("website")), (&json!("Open till late"), None));
    assert!(read["phone"].is_string(), "what was not written stays");
    receiver.wait_for(1).await;
    wait("both fields", || receiver.entries().len() == 2).await;
    let entries = receiver.entries();
    assert_eq!(entries[0]["changes"][0], json!({ "field": "about", "value": "Open till late" }));
    assert!(entries[0]["time"].as_i64().unwrap() < 100_000_000_000, "of changes in seconds");
}

#[tokio::test]
async fn a_page_can_be_unpublished() {
    let sim = demo().await;
    let (page, token) = sim.first_page("Linh Trần").await;
    let path = format!("/v25.0/{page}");
    let is_published = async || {
        let page = sim.get(&path, &[("fields", "is_published"), ("access_token", &token)]).await.json();
        page["is_published"].as_bool().unwrap()
    };
    assert!(is_published().await);
    sim.control("PATCH", &format!("/pages/{page}"), json!({ "published": false })).await;
    assert!(!is_published().await);
    sim.post(&path, &[("is_published", "true"), ("access_token", &token)]).await;
    assert!(is_published().await);
}
