//! Several calls in one request.

use serde_json::{Value, json};

use crate::support::{TestSim, simple, text};

async fn batch(sim: &TestSim, token: &str, items: &Value) -> Value {
    let items = items.to_string();
    let reply = sim.post("/v25.0/", &[("access_token", token), ("batch", &items), ("include_headers", "false")]).await;
    assert_eq!(reply.status, 200);
    reply.json()
}

#[tokio::test]
async fn items_succeed_and_fail_each_for_itself() {
    let sim = simple(2, 5, 1).await;
    let token = sim.user_token("Test Person").await;
    let (page, page_token) = sim.first_page("Test Person").await;
    let conversations = format!("{page}/conversations?limit=2&access_token={page_token}");
    let items = json!([
        { "method": "GET", "relative_url": "me?fields=name" },
        { "method": "GET", "relative_url": "v24.0/123456" },
        { "relative_url": conversations },
        { "method": "POST", "relative_url": format!("{page}/subscribed_apps"), "body": format!("subscribed_fields=messages&access_token={page_token}") },
    ]);
    let answers = batch(&sim, &token, &items).await;
    let bodies: Vec<Value> =
        answers.as_array().unwrap().iter().map(|item| serde_json::from_str(&text(&item["body"])).unwrap()).collect();
    assert_eq!(bodies[0]["name"], "Test Person");
    assert_eq!((answers[1]["code"].as_i64(), bodies[1]["error"]["code"].as_i64()), (Some(400), Some(100)));
    assert_eq!(bodies[2]["data"].as_array().unwrap().len(), 2);
    assert_eq!(bodies[3]["success"], true);
    let counts = sim.control("GET", "/calls/counts", json!({})).await;
    assert_eq!(counts["by_page"][&page]["GET /{page}/conversations"], 1, "each item counts");
}

#[tokio::test]
async fn an_item_can_be_null_on_demand() {
    let sim = simple(1, 5, 1).await;
    let token = sim.user_token("Test Person").await;
    let rule = json!({ "path": "me", "after": 1, "times": 1, "effect": "null_item" });
    sim.control("POST", "/faults", rule).await;
    let items: Vec<_> = (0..3).map(|_| json!({ "method": "GET", "relative_url": "me" })).collect();
    let answers = batch(&sim, &token, &json!(items)).await;
    let nulls: Vec<_> = answers.as_array().unwrap().iter().map(Value::is_null).collect();
    assert_eq!(nulls, [false, true, false]);
}

#[tokio::test]
async fn fifty_are_the_most() {
    let sim = simple(1, 5, 1).await;
    let token = sim.user_token("Test Person").await;
    let items = |count| (0..count).map(|_| json!({ "relative_url": "me" })).collect::<Vec<_>>();
    assert_eq!(batch(&sim, &token, &json!(items(50))).await.as_array().unwrap().len(), 50);
    let many = json!(items(51)).to_string();
    assert_eq!(sim.post("/", &[("access_token", &token), ("batch", &many)]).await.error(), (100, None));
    let ids = vec!["1"; 54].join(",");
    let refused = sim.get("/v25.0/", &[("ids", &ids), ("access_token", &token)]).await;
    assert_eq!(text(&refused.json()["error"]["message"]), "(#100) Too many IDs. Maximum: 50. Provided: 54.");
    assert_eq!(sim.get("/", &[("ids", ""), ("access_token", &token)]).await.error(), (2500, None));
}

#[tokio::test]
async fn several_ids_are_read_by_one_request_and_counted_singly() {
    let sim = simple(1, 5, 1).await;
    let (page, token) = sim.first_page("Test Person").await;
    let customers = sim.control("GET", &format!("/pages/{page}/customers"), json!({})).await;
    let psids: Vec<_> = customers.as_array().unwrap().iter().map(|customer| text(&customer["psid"])).collect();
    for psid in &psids {
        sim.control("PATCH", &format!("/pages/{page}/customers/{psid}"), json!({ "profile": "full" })).await;
    }
    sim.control("DELETE", "/calls", json!({})).await;
    let query = [("ids", psids.join(",")), ("fields", "name".to_owned()), ("access_token", token)];
    let reply = sim.send(sim.http.get(sim.url("/v25.0/")).query(&query)).await.json();
    for (psid, customer) in psids.iter().zip(customers.as_array().unwrap()) {
        assert_eq!(reply[psid]["name"], customer["name"]);
    }
    let counts = sim.control("GET", "/calls/counts", json!({})).await;
    assert_eq!(counts["by_endpoint"]["GET /{psid}"], 5);
}
