//! `POST /` with `batch=[…]` ("Batch requests" of the Graph API guides): each item counts and fails for itself.

use serde::Deserialize;

use super::error::GraphError;
use super::request::{GraphRequest, Method, Params, split_path};
use super::response::GraphResponse;
use super::versions;
use crate::faults::FaultEffect;
use crate::json::JsonWriter;
use crate::simulator::Simulator;

const MOST: usize = 50;

#[derive(Debug, Deserialize)]
struct Item {
    #[serde(default = "get")]
    method: String,
    relative_url: String,
    /// URL-encoded parameters.
    #[serde(default)]
    body: Option<String>,
}

fn get() -> String {
    "GET".to_owned()
}

pub(crate) fn answer(sim: &Simulator, request: &GraphRequest) -> GraphResponse {
    let mut response = match parse(request) {
        Ok(items) => GraphResponse::json(answer_items(sim, request, &items)),
        Err(error) => GraphResponse::failed(sim, error, versions::NEWEST),
    };
    response.add_common_headers(sim, versions::NEWEST, None);
    response
}

fn parse(request: &GraphRequest) -> Result<Vec<Item>, GraphError> {
    if request.access_token().is_none() {
        return Err(GraphError::token_missing());
    }
    let items: Vec<Item> = serde_json::from_str(request.params.get("batch").unwrap_or_default())
        .map_err(|_not_a_batch| GraphError::parameter("Param batch must be an array of requests."))?;
    if items.len() > MOST {
        return Err(GraphError::new(
            400,
            100,
            format!("Too many requests in batch message. Maximum batch size is {MOST}"),
        ));
    }
    Ok(items)
}

/// The answers stand in the order of the requests, whatever the outer status.
fn answer_items(sim: &Simulator, request: &GraphRequest, items: &[Item]) -> Vec<u8> {
    let with_headers = request.params.get("include_headers").is_none_or(|include| !matches!(include, "false" | "0"));
    let mut writer = JsonWriter::new(sim.config.json_style);
    writer.begin_array();
    for item in items {
        let answer = super::answer(sim, &item_request(request, item), true);
        match answer.fault {
            Some(FaultEffect::NullItem | FaultEffect::Hang | FaultEffect::ResetBefore | FaultEffect::ResetAfter) => {
                writer.null();
            }
            _ => write_item(&answer.response, with_headers, &mut writer),
        }
    }
    writer.end_array();
    writer.into_bytes()
}

/// The outer token is the fallback of each item.
fn item_request(outer: &GraphRequest, item: &Item) -> GraphRequest {
    let (path, query) = item.relative_url.split_once('?').unwrap_or((&item.relative_url, ""));
    let (version, path) = split_path(path);
    let mut params = Params::default();
    params.push_urlencoded(query.as_bytes());
    if let Some(body) = &item.body {
        params.push_urlencoded(body.as_bytes());
    }
    for name in ["access_token", "appsecret_proof", "appsecret_time"] {
        // A proof belongs to its token: an item with a token of its own brings its own proof.
        let own_token = params.given("access_token").is_some() && params.given("access_token") != outer.access_token();
        let value = if name == "access_token" { outer.access_token() } else { outer.params.given(name) };
        if let Some(value) = value.filter(|_| !own_token) {
            params.push(name, value);
        }
    }
    GraphRequest {
        method: Method::parse(&item.method),
        version: version.or_else(|| outer.version.clone()),
        path,
        params,
        bearer: None,
        base_url: outer.base_url.clone(),
        handshake: None,
    }
}

/// `body` is a JSON text inside a string.
fn write_item(response: &GraphResponse, with_headers: bool, writer: &mut JsonWriter) {
    writer.object(|writer| {
        writer.number_member("code", i64::from(response.status));
        if with_headers {
            writer.key("headers");
            writer.begin_array();
            for (name, value) in &response.headers {
                writer.object(|writer| {
                    writer.string_member("name", name);
                    writer.string_member("value", value);
                });
            }
            writer.end_array();
        }
        writer.string_member("body", &String::from_utf8_lossy(&response.body));
    });
}
