//! Tokens of the system users that a Business gives to the app ("Facebook Login for Business").

use std::sync::Arc;

use super::tokens::{Token, TokenKind};
use crate::api::call::{Answered, Call, Credential};
use crate::api::error::GraphError;
use crate::json::JsonWriter;
use crate::world::ids::{BusinessIndex, PersonIndex};

const SIXTY_DAYS_S: i64 = 60 * 86_400;

/// Without an end, the token never ends.
pub(super) fn issue(
    call: &Call<'_>,
    business: BusinessIndex,
    person: PersonIndex,
    expires_at: Option<i64>,
) -> Arc<Token> {
    call.sim.issue(Token {
        access_token: call.sim.tokens.fresh_string("EAA"),
        kind: TokenKind::SystemUser(business),
        person,
        issued_at: call.sim.clock.now_s(),
        expires_at,
        long_lived: true,
        death: None,
    })
}

/// `set_token_expires_in_60_days`.
pub(super) fn asked_end(call: &Call<'_>) -> Option<i64> {
    let asked = call.param("set_token_expires_in_60_days").is_some_and(|asked| asked == "true" || asked == "1");
    asked.then(|| call.sim.clock.now_s() + SIXTY_DAYS_S)
}

/// `POST /{business}/system_user_access_tokens`; the proof is always necessary.
pub(crate) fn create(call: &Call<'_>, business: BusinessIndex, writer: &mut JsonWriter) -> Answered {
    let Credential::User(token) = &call.credential else { return Err(GraphError::user_token_needed()) };
    if token.kind != TokenKind::SystemUser(business) {
        return Err(GraphError::permission_missing("business_management"));
    }
    if call.param("appsecret_proof").is_none() {
        return Err(GraphError::parameter("The parameter appsecret_proof is required."));
    }
    let made = issue(call, business, token.person, asked_end(call));
    writer.object(|writer| writer.string_member("access_token", &made.access_token));
    Ok(())
}

/// `GET /me` with such a token.
pub(crate) fn read(call: &Call<'_>, business: BusinessIndex, person: PersonIndex, writer: &mut JsonWriter) -> Answered {
    let fields = call.fields(&["name", "id"])?;
    writer.begin_object();
    for field in &fields {
        match field.name.as_str() {
            "id" => {}
            "name" => writer.string_member(field.key(), &format!("{} system user", call.sim.config.app.name)),
            "client_business_id" => {
                if let Some(business) = call.sim.world.business(business) {
                    writer.string_member(field.key(), &business.id);
                }
            }
            unknown => return Err(GraphError::nonexisting_field(unknown, "SystemUser")),
        }
    }
    writer.string_member("id", &call.sim.world.ids.system_user(person));
    writer.end_object();
    Ok(())
}
