//! `GET /?ids=A,B&fields=…`: several nodes in one request, each counted as a call.

use super::error::GraphError;
use super::request::{GraphRequest, Params};
use super::response::GraphResponse;
use super::versions;
use crate::json::JsonWriter;
use crate::simulator::Simulator;

const MOST: usize = 50;

fn parse_ids(text: &str) -> Result<Vec<&str>, GraphError> {
    let ids: Vec<_> = text.split(',').map(str::trim).collect();
    if ids.iter().any(|id| id.is_empty()) {
        return Err(GraphError::new(400, 2500, "Cannot specify an empty identifier"));
    }
    if ids.len() > MOST {
        return Err(GraphError::parameter(&format!("Too many IDs. Maximum: {MOST}. Provided: {}.", ids.len())));
    }
    Ok(ids)
}

/// One failing id fails the whole request.
pub(crate) fn answer(sim: &Simulator, request: &GraphRequest) -> GraphResponse {
    let ids = match parse_ids(request.params.get("ids").unwrap_or_default()) {
        Ok(ids) => ids,
        Err(error) => return GraphResponse::failed(sim, error, versions::NEWEST),
    };
    let mut writer = JsonWriter::new(sim.config.json_style);
    writer.begin_object();
    for id in ids {
        let one = GraphRequest { path: vec![id.to_owned()], params: without_ids(&request.params), ..request.clone() };
        let response = super::answer(sim, &one, true).response;
        if response.error.is_some() {
            return response;
        }
        let Ok(value) = serde_json::from_slice(&response.body) else { continue };
        writer.key(id);
        writer.value(&value);
    }
    writer.end_object();
    let mut response = GraphResponse::json(writer.into_bytes());
    response.add_common_headers(sim, versions::NEWEST, None);
    response
}

fn without_ids(params: &Params) -> Params {
    let mut rest = Params::default();
    for (name, value) in params.iter().filter(|(name, _)| *name != "ids") {
        rest.push(name, value);
    }
    rest
}
