//! `/openapi.json`: complete, and true enough to walk along.

use reqwest::Method;
use serde_json::Value;

use crate::browser::Browser;
use crate::system::System;

/// One route with one method.
#[derive(Debug, Clone)]
pub(crate) struct Operation {
    pub method: Method,
    pub path: String,
    pub description: Value,
}

impl Operation {
    /// The path with an id in place of its parameter; a place in a list is the first one.
    pub(crate) fn path_with(&self, id: i64) -> String {
        let mut path = self.path.replace("{position}", "0");
        while let (Some(start), Some(end)) = (path.find('{'), path.find('}')) {
            path.replace_range(start..=end, &id.to_string());
        }
        path
    }

    /// Asks for a session or a bearer.
    pub(crate) fn is_closed(&self) -> bool {
        self.description["security"].is_array()
    }

    pub(crate) fn has_id(&self) -> bool {
        self.path.contains('{')
    }
}

pub(crate) async fn description(browser: &Browser) -> Value {
    browser.get("/openapi.json").await.expect(200).json()
}

pub(crate) async fn operations(browser: &Browser) -> Vec<Operation> {
    let api = description(browser).await;
    let mut operations = Vec::new();
    for (path, methods) in api["paths"].as_object().unwrap() {
        for (method, description) in methods.as_object().unwrap() {
            let method = method.to_uppercase().parse().unwrap();
            operations.push(Operation { method, path: path.clone(), description: description.clone() });
        }
    }
    operations
}

#[tokio::test]
async fn each_route_is_described_with_its_refusals_and_examples() {
    let system = System::start().await;
    let browser = system.browser();
    let all = operations(&browser).await;
    assert!(all.len() >= 27, "{}", all.len());
    for operation in all {
        let name = format!("{} {}", operation.method, operation.path);
        let responses = operation.description["responses"].as_object().unwrap();
        assert!(operation.description["summary"].as_str().is_some_and(|summary| !summary.is_empty()), "{name}");
        assert!(operation.description["tags"].is_array(), "{name}");
        assert!(responses.keys().any(|status| status.starts_with(['2', '3'])), "{name}");
        assert!(responses.contains_key("429"), "{name}");
        assert!(!operation.is_closed() || (responses.contains_key("401") && responses.contains_key("403")), "{name}");
        assert!(!operation.has_id() || responses.contains_key("404"), "{name}");
        if operation.description["requestBody"].is_object() {
            assert!(["400", "413", "415", "422"].iter().all(|status| responses.contains_key(*status)), "{name}");
        }
        for (status, response) in responses.iter().filter(|(status, _)| status.starts_with('4')) {
            assert!(response["content"]["application/problem+json"].is_object(), "{name} {status}");
        }
    }
}

#[tokio::test]
async fn each_reference_leads_to_a_schema() {
    let system = System::start().await;
    let api = description(&system.browser()).await;
    let schemas = api["components"]["schemas"].as_object().unwrap();
    let text = api.to_string();
    for reference in text.split("\"$ref\":\"#/components/schemas/").skip(1) {
        let name = reference.split('"').next().unwrap();
        assert!(schemas.contains_key(name), "{name}");
    }
    assert!(api["info"]["version"].is_string() && api["openapi"].as_str().unwrap().starts_with("3.1"));
}
