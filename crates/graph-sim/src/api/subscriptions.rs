//! `/{app}/subscriptions`: where webhooks go ("App Subscriptions" reference). Takes the app's own token.

use std::time::Duration;

use super::call::{Answered, Call, Credential};
use super::error::GraphError;
use super::request::{GraphRequest, Method};
use super::versions;
use crate::json::JsonWriter;
use crate::simulator::Simulator;
use crate::webhooks::fields::{self, UnknownField};
use crate::webhooks::subscription::{AppSubscription, Handshake};
use crate::world::surface::Surface;

/// How the callback answered the handshake.
pub(crate) type HandshakeResult = Result<(), GraphError>;

/// Meta asks the callback before it answers a subscription: done ahead, since calls themselves never wait.
pub(crate) async fn handshake(sim: &Simulator, request: &GraphRequest) -> Option<HandshakeResult> {
    let [app_id, edge] = request.path.as_slice() else { return None };
    if request.method != Method::Post || edge != "subscriptions" || *app_id != sim.config.app.id {
        return None;
    }
    if !matches!(sim.authenticate(request), Ok(Credential::App)) {
        return None;
    }
    let callback_url = request.params.given("callback_url")?;
    let verify_token = request.params.get("verify_token").unwrap_or_default();
    let challenge = sim.webhooks.challenge();
    let handshake = Handshake { callback_url, verify_token, challenge: &challenge, timeout: Duration::from_secs(10) };
    Some(sim.webhooks.verify(handshake).await.map_err(|refusal| {
        let mut error = GraphError::new(
            400,
            2200,
            format!("(#2200) Callback verification failed with the following errors: {refusal}"),
        );
        error.is_transient = Some(false);
        error
    }))
}

pub(crate) fn subscribe(call: &Call<'_>, writer: &mut JsonWriter) -> Answered {
    require_app(call)?;
    let surface = object(call)?;
    let asked = call.param("fields").ok_or_else(|| GraphError::parameter("The parameter fields is required."))?;
    let fields = fields::parse(surface, asked).map_err(|UnknownField(field)| {
        GraphError::parameter(&format!("Param fields[0] must be one of the known fields - got \"{field}\"."))
    })?;
    let callback_url =
        call.param("callback_url").ok_or_else(|| GraphError::parameter("The parameter callback_url is required."))?;
    match &call.request.handshake {
        Some(Ok(())) => {}
        Some(Err(refused)) => return Err(refused.clone()),
        None => return Err(GraphError::unsupported("post", &call.sim.config.app.id)),
    }
    call.sim.subscribe_app(surface, Some(AppSubscription { callback_url: callback_url.to_owned(), fields }));
    super::write_success(writer);
    Ok(())
}

pub(crate) fn read(call: &Call<'_>, writer: &mut JsonWriter) -> Answered {
    require_app(call)?;
    let subscriptions = call.sim.webhooks.app_subscriptions();
    writer.object(|writer| {
        writer.key("data");
        writer.begin_array();
        for (surface, subscription) in &subscriptions {
            writer.object(|writer| {
                writer.string_member("object", surface.object());
                writer.string_member("callback_url", &subscription.callback_url);
                writer.boolean_member("active", true);
                writer.key("fields");
                writer.begin_array();
                for field in &subscription.fields {
                    writer.object(|writer| {
                        writer.string_member("name", field);
                        writer.string_member("version", versions::NEWEST);
                    });
                }
                writer.end_array();
            });
        }
        writer.end_array();
    });
    Ok(())
}

/// All fields where none are named.
pub(crate) fn unsubscribe(call: &Call<'_>, writer: &mut JsonWriter) -> Answered {
    require_app(call)?;
    let surface = object(call)?;
    let left = call.sim.webhooks.app_subscription(surface).and_then(|mut subscription| {
        let dropped = fields::parse(surface, call.param("fields")?).unwrap_or_default();
        subscription.fields.retain(|field| !dropped.contains(field));
        (!subscription.fields.is_empty()).then_some(subscription)
    });
    call.sim.subscribe_app(surface, left);
    super::write_success(writer);
    Ok(())
}

fn require_app(call: &Call<'_>) -> Result<(), GraphError> {
    match call.credential {
        Credential::App => Ok(()),
        _ => Err(GraphError::app_token_needed()),
    }
}

fn object(call: &Call<'_>) -> Result<Surface, GraphError> {
    let object = call.param("object").unwrap_or("page");
    Surface::of_object(object)
        .ok_or_else(|| GraphError::parameter(&format!("Webhooks of object '{object}' are not simulated.")))
}
