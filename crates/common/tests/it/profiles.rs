//! Names of customers, one by one and many at once. (D2)

use pagekeeper_common::domain::ids::Psid;
use pagekeeper_common::graph::{Decision, Platform, Profile};

use crate::fake::{FakeGraph, Reply, TOKEN};

fn psid(id: &str) -> Psid {
    Psid::parse(id).unwrap()
}

fn named(name: &str) -> Profile {
    Profile { name: Some(name.to_owned()), ..Profile::default() }
}

#[tokio::test]
async fn a_name_is_made_from_what_there_is() {
    for (body, expected) in [
        (
            r#"{"name":"Peter Chang","profile_pic":"https:\/\/s\/p","id":"6899"}"#,
            Profile { picture_url: Some("https://s/p".to_owned()), ..named("Peter Chang") },
        ),
        (r#"{"first_name":"Peter","last_name":"Chang"}"#, named("Peter Chang")),
        (r#"{"first_name":"Peter"}"#, named("Peter")),
        ("{}", Profile::default()),
        (r#"{"name":" "}"#, Profile::default()),
    ] {
        let graph = FakeGraph::start([Reply::json(body)]).await;
        assert_eq!(
            graph.client.profile(&graph.auth(), Platform::Messenger, &psid("6899")).await.unwrap().value,
            expected,
            "{body}"
        );
        graph.asked_once().assert_authorized();
    }
}

#[tokio::test]
async fn a_customer_without_a_profile_is_no_error_wherever_the_number_stands() {
    for code in [r#""code":2018218"#, r#""code":100,"error_subcode":2018218"#] {
        let body = format!(r#"{{"error":{{"message":"No profile available for this user.",{code}}}}}"#);
        let graph = FakeGraph::start([Reply::status(400, &body)]).await;
        assert_eq!(
            graph.client.profile(&graph.auth(), Platform::Messenger, &psid("1")).await.unwrap().value,
            Profile::default()
        );
    }
    let forbidden = r#"{"error":{"message":"Insufficient permission to access user profile.","code":2018247}}"#;
    let graph = FakeGraph::start([Reply::status(400, forbidden)]).await;
    let error = graph.client.profile(&graph.auth(), Platform::Messenger, &psid("1")).await.unwrap_err();
    assert_eq!(error.decision, Decision::PermissionMissing);
}

#[tokio::test]
async fn many_profiles_are_one_request_and_each_counts_as_a_call() {
    let graph = FakeGraph::start([Reply::json(
        r#"[{"code":200,"body":"{\"name\":\"A\"}"},
            {"code":400,"body":"{\"error\":{\"message\":\"gone\",\"code\":100,\"error_subcode\":33}}"},
            null,
            {"code":200,"headers":[{"name":"ETag","value":"x"}],"body":true},
            {"code":200,"body":"{}"},
            {"code":400,"body":"{\"error\":{\"code\":2018218}}"}]"#,
    )])
    .await;
    let psids: Vec<Psid> = (1..=7).map(|number| psid(&number.to_string())).collect();
    let answer = graph.client.profiles(&graph.auth(), Platform::Messenger, &psids).await.unwrap();
    assert_eq!(answer.calls, 7);
    let outcomes: Vec<_> =
        answer.value.iter().map(|outcome| outcome.as_ref().map_err(|error| error.decision)).collect();
    assert_eq!(
        outcomes,
        [
            Ok(&named("A")),
            Err(Decision::Gone),
            Err(Decision::Transient),
            Err(Decision::Unreadable),
            Ok(&Profile::default()),
            Ok(&Profile::default()),
            Err(Decision::Unreadable),
        ]
    );

    let asked = graph.asked_once();
    asked.assert_authorized();
    assert_eq!((asked.method.as_str(), asked.path.as_str()), ("POST", "/v25.0"));
    assert_eq!((asked.form("access_token"), asked.form("include_headers")), (Some(TOKEN), Some("false")));
    let batch = asked.form_json("batch");
    assert_eq!(batch.as_array().unwrap().len(), 7);
    assert_eq!(batch[0]["relative_url"], "1?fields=name,first_name,last_name,profile_pic");
}

#[tokio::test]
async fn more_than_fifty_profiles_are_several_requests() {
    let answer = |count: usize| Reply::json(&format!("[{}]", vec![r#"{"code":200,"body":"{}"}"#; count].join(",")));
    let graph = FakeGraph::start([answer(50), answer(10)]).await;
    let psids: Vec<Psid> = (0..60).map(|number| psid(&number.to_string())).collect();
    let all = graph.client.profiles(&graph.auth(), Platform::Messenger, &psids).await.unwrap();
    assert_eq!((all.calls, all.value.len(), all.value.iter().filter(|outcome| outcome.is_ok()).count()), (60, 60, 60));
}

#[tokio::test]
async fn an_error_of_the_whole_batch_is_an_error() {
    for (reply, expected) in [
        (Reply::status(400, r#"{"error":{"code":190,"error_subcode":460,"message":"x"}}"#), true),
        (Reply::json(r#"{"error":{"code":190,"error_subcode":460,"message":"x"}}"#), true),
        (Reply::json(r#"{"data":[]}"#), false),
    ] {
        let graph = FakeGraph::start([reply]).await;
        let error = graph.client.profiles(&graph.auth(), Platform::Messenger, &[psid("1")]).await.unwrap_err();
        assert_eq!(error.decision.is_token_failure(), expected);
    }
}

#[tokio::test]
async fn on_instagram_other_fields_are_asked_for_and_no_consent_is_no_error() {
    let graph = FakeGraph::start([
        Reply::json(r#"{"name":null,"username":"ada","profile_pic":"https://s/p","id":"77"}"#),
        Reply::status(400, r#"{"error":{"message":"User consent is required to access user profile.","type":"OAuthException","code":230}}"#),
        Reply::status(400, r#"{"error":{"message":"No matching Instagram user","type":"OAuthException","code":9010}}"#),
        Reply::status(400, r#"{"error":{"message":"(#190) expired","type":"OAuthException","code":190}}"#),
    ])
    .await;
    let (client, auth, igsid) = (&graph.client, graph.auth(), Psid::parse("77").unwrap());
    let profile = client.profile(&auth, Platform::Instagram, &igsid).await.unwrap().value;
    assert_eq!((profile.name, profile.username.as_deref()), (None, Some("ada")));
    for _ in 0..2 {
        assert_eq!(client.profile(&auth, Platform::Instagram, &igsid).await.unwrap().value, Profile::default());
    }
    assert!(client.profile(&auth, Platform::Instagram, &igsid).await.unwrap_err().decision.is_token_failure());
    assert_eq!(graph.asked()[0].query("fields"), Some("name,username,profile_pic"));
}
