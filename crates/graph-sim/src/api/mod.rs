//! The Graph API: one call in, one answer out. The token is checked before the object, the limits after the token.

pub(crate) mod accounts;
pub(crate) mod app;
pub(crate) mod batch;
pub(crate) mod call;
pub(crate) mod comments;
pub(crate) mod conversation;
pub(crate) mod conversations;
pub(crate) mod debug_token;
pub(crate) mod error;
pub(crate) mod fields;
pub(crate) mod instagram;
pub(crate) mod instagram_publishing;
pub(crate) mod labels;
pub(crate) mod message;
pub(crate) mod message_attachments;
pub(crate) mod messages;
pub(crate) mod moderation;
pub(crate) mod multiget;
pub(crate) mod node;
mod page;
pub(crate) mod page_update;
pub(crate) mod paging;
pub(crate) mod participants;
pub(crate) mod personas;
pub(crate) mod photos;
pub(crate) mod picture;
pub(crate) mod posts;
pub(crate) mod profile;
pub(crate) mod reels;
pub(crate) mod request;
pub(crate) mod response;
pub(crate) mod route;
pub(crate) mod send;
pub(crate) mod subscribed_apps;
pub(crate) mod subscriptions;
pub(crate) mod thread_control;
pub(crate) mod user;
pub(crate) mod versions;
mod videos;

use crate::calls::CallRecord;
use crate::faults::{ErrorFault, FaultEffect, Subject};
use crate::json::JsonWriter;
use crate::limits::{BusinessUse, Payer, Usage};
use crate::simulator::Simulator;
use call::{Call, Credential, ListFault};
use error::GraphError;
use request::{GraphRequest, Method};
use response::GraphResponse;
use route::Route;

/// An answer, and what the connection must do to it.
pub(crate) struct Answer {
    pub(crate) response: GraphResponse,
    pub(crate) fault: Option<FaultEffect>,
}

/// Answers a call; `in_batch` for an item of a batch or one of several `ids`.
pub(crate) fn answer(sim: &Simulator, request: &GraphRequest, in_batch: bool) -> Answer {
    if !in_batch && request.path.is_empty() {
        if request.method == Method::Post && request.params.get("batch").is_some() {
            return Answer { response: batch::answer(sim, request), fault: None };
        }
        if request.method == Method::Get && request.params.get("ids").is_some() {
            return Answer { response: multiget::answer(sim, request), fault: None };
        }
    }
    let credential = sim.authenticate(request);
    let route = Route::of(sim, request, credential.as_ref().ok());
    let endpoint = route.endpoint(request);
    let page_id = route.page(sim).map(|page| page.id.clone());
    let fault = sim.faults.next(Subject {
        method: request.method.name(),
        path: &request.path.join("/"),
        endpoint: &endpoint,
        page_id: page_id.as_deref(),
        in_batch,
        at_ms: sim.clock.now_ms(),
    });
    let response = answer_with(sim, request, credential, &route, fault.as_ref());
    sim.calls.push(CallRecord {
        seq: 0,
        at_ms: sim.clock.now_ms(),
        method: request.method.name(),
        endpoint,
        page_id,
        part_of_batch: in_batch,
        fields: request.params.get("fields").map(str::to_owned),
        limit: request.params.get("limit").map(str::to_owned),
        status: response.status,
        code: response.error.as_ref().map(|error| error.code),
        subcode: response.error.as_ref().and_then(|error| error.subcode),
        fault: fault.as_ref().map(FaultEffect::name),
        answer_bytes: response.body.len(),
    });
    Answer { response, fault }
}

fn answer_with(
    sim: &Simulator,
    request: &GraphRequest,
    credential: Result<Credential, GraphError>,
    route: &Route<'_>,
    fault: Option<&FaultEffect>,
) -> GraphResponse {
    if let Some(FaultEffect::ResetBefore | FaultEffect::Hang | FaultEffect::Html) = fault {
        return GraphResponse::failed(
            sim,
            GraphError::new(502, 1, "The connection was cut on demand."),
            versions::NEWEST,
        );
    }
    let version = match versions::resolve(request.version.as_deref(), sim.clock.now_s()) {
        Ok(version) => version,
        Err(error) => return GraphResponse::failed(sim, error, versions::NEWEST),
    };
    let mut usage = None;
    let answered = authorised(sim, request, credential, route, &mut usage).and_then(|credential| {
        let list_fault = match fault {
            Some(FaultEffect::EmptyPage) => Some(ListFault::Empty),
            Some(FaultEffect::ShortPage) => Some(ListFault::Short),
            _ => None,
        };
        let call = Call { sim, request, credential, version, list_fault };
        match fault {
            Some(FaultEffect::Error(fault)) => {
                if fault.applied {
                    run(&call, route)?;
                }
                Err(injected(fault))
            }
            Some(FaultEffect::ReduceData) => Err(GraphError::reduce_data()),
            _ => run(&call, route),
        }
    });
    let mut response = match answered {
        Ok(response) => response,
        Err(error) => GraphResponse::failed(sim, error, version),
    };
    response.add_common_headers(sim, version, usage);
    response
}

/// The token holds, and its limits allow one more call.
fn authorised(
    sim: &Simulator,
    request: &GraphRequest,
    credential: Result<Credential, GraphError>,
    route: &Route<'_>,
    usage: &mut Option<Usage>,
) -> Result<Credential, GraphError> {
    if matches!(route, Route::AccessToken) {
        return Ok(Credential::Nobody);
    }
    let credential = credential?;
    let (used, throttled) = sim.limits.charge(payer(sim, request, &credential, route), sim.clock.now_ms());
    *usage = Some(used);
    if let Some(throttled) = throttled {
        return Err(GraphError::throttled(throttled));
    }
    if !matches!(route, Route::DebugToken) && credential.person().is_some_and(|person| !sim.has_data_access(person)) {
        return Err(GraphError::data_access_expired());
    }
    Ok(credential)
}

fn payer(sim: &Simulator, request: &GraphRequest, credential: &Credential, route: &Route<'_>) -> Payer {
    match credential {
        Credential::Nobody | Credential::App => Payer::App,
        Credential::User(token) => Payer::User(token.person),
        Credential::Page(_, page) => Payer::Page {
            page: *page,
            business_use: if route.is_messenger(request) { BusinessUse::Messenger } else { BusinessUse::Pages },
            rate: route.rate(request),
            engaged_users: sim.world.page(*page).map_or(0, crate::world::Page::engaged_users),
        },
    }
}

fn run(call: &Call<'_>, route: &Route<'_>) -> Result<GraphResponse, GraphError> {
    if let Some(url) = route.redirect(call) {
        return Ok(GraphResponse::redirect(&url));
    }
    let mut writer = JsonWriter::new(call.sim.config.json_style);
    route.run(call, &mut writer)?;
    Ok(GraphResponse::json(call.sim.varies().reshape(call.sim.config.json_style, writer.into_bytes())))
}

fn injected(fault: &ErrorFault) -> GraphError {
    let message = fault.message.clone().unwrap_or_else(|| format!("(#{}) An error on demand", fault.code));
    let mut error = GraphError::new(fault.status, fault.code, message);
    error.subcode = fault.subcode;
    error.is_transient = fault.is_transient;
    if matches!(fault.code, 102 | 190) {
        error.www_authenticate = Some("invalid_token");
    }
    error
}

/// `{"success":true}`
pub(crate) fn write_success(writer: &mut JsonWriter) {
    writer.object(|writer| writer.boolean_member("success", true));
}

/// A list without elements.
pub(crate) fn write_empty_list(writer: &mut JsonWriter) {
    writer.object(|writer| {
        writer.key("data");
        writer.begin_array();
        writer.end_array();
    });
}
