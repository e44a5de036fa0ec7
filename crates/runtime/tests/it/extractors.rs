//! Bad input gets a 4xx problem that names the field. (J4, invariant 8)

use pagekeeper_runtime::shutdown::Shutdown;

use crate::web::{get, post, send, start};

const JSON: &str = "application/json";

#[tokio::test]
async fn a_field_that_does_not_fit_is_named_by_its_path() {
    let address = start(Shutdown::default());
    for (body, status, field) in [
        (r#"{"name":"a","lines":[{"count":1},{"count":-1}]}"#, 422, Some("lines[1].count")),
        (r#"{"name":"a","lines":[{}]}"#, 422, Some("lines[0].count")),
        (r#"{"name":5,"lines":[]}"#, 422, Some("name")),
        (r#"{"lines":[]}"#, 422, Some("name")),
        (r#"{"name":"a","lines":[],"colour":1}"#, 422, Some("colour")),
        ("null", 422, None),
        (r#"{"name":"#, 400, None),
        ("", 400, None),
        (r#"{"name":"a","lines":[]} {}"#, 400, None),
    ] {
        let answer = send(address, post("/orders", JSON, body)).await;
        assert_eq!(answer.status, status, "{body}: {}", answer.body);
        assert_eq!(answer.problem().get("field").and_then(|field| field.as_str()), field, "{body}: {}", answer.body);
    }
    assert_eq!(send(address, post("/orders", JSON, r#"{"name":"a","lines":[{"count":3}]}"#)).await.body, "3");
}

#[tokio::test]
async fn a_huge_value_is_not_sent_back() {
    let address = start(Shutdown::default());
    let body = format!(r#"{{"name":"a","lines":"{}"}}"#, "x".repeat(900));
    let answer = send(address, post("/orders", JSON, &body)).await;
    assert_eq!(answer.status, 422);
    assert!(answer.body.len() < 600, "{}", answer.body);
}

#[tokio::test]
async fn a_parameter_of_the_query_is_named() {
    let address = start(Shutdown::default());
    let answer = send(address, get("/orders?limit=many")).await;
    assert_eq!((answer.status, answer.problem()["field"].as_str()), (400, Some("limit")));
    assert_eq!(send(address, get("/orders?limit=7")).await.body, "7");
    assert_eq!(send(address, get("/orders")).await.body, "25");
}

#[tokio::test]
async fn a_path_to_nothing_is_404_also_where_an_id_is_no_number() {
    let address = start(Shutdown::default());
    for path in ["/nowhere", "/orders/many", "/orders/99999999999999999999"] {
        let answer = send(address, get(path)).await;
        assert_eq!(answer.status, 404, "{path}");
        assert_eq!(answer.problem()["type"], "about:blank");
    }
    assert_eq!(send(address, get("/orders/-5")).await.body, "-5");
}

#[tokio::test]
async fn a_wrong_method_is_405_and_explained() {
    let address = start(Shutdown::default());
    let answer = send(address, post("/only-get", JSON, "{}")).await;
    assert_eq!((answer.status, answer.header("allow")), (405, Some("GET")));
    assert_eq!(answer.problem()["detail"], "this route does not take this method");
}

#[tokio::test]
async fn another_content_type_is_415() {
    let address = start(Shutdown::default());
    for content_type in ["text/plain", "application/x-www-form-urlencoded", "nonsense"] {
        let answer = send(address, post("/orders", content_type, "{}")).await;
        assert_eq!(answer.status, 415, "{content_type}");
        answer.problem();
    }
}

#[tokio::test]
async fn the_extractors_of_actix_answer_with_problems_too() {
    let address = start(Shutdown::default());
    for (path, content_type, body, status) in
        [("/plain", JSON, "{", 400), ("/plain", "text/plain", "{}", 415), ("/form", JSON, "{}", 415)]
    {
        let answer = send(address, post(path, content_type, body)).await;
        assert_eq!(answer.status, status, "{path} {body}");
        answer.problem();
    }
}

#[tokio::test]
async fn a_fault_of_ours_is_answered_without_its_cause() {
    let address = start(Shutdown::default());
    let answer = send(address, get("/fail")).await;
    assert_eq!(answer.status, 500);
    answer.problem();
    assert!(!answer.body.contains("secret cause"));
}
