//! `/oauth/access_token`: code exchange, long-lived tokens, the app's own token; `/oauth/client_code` ("Manual flow",
//! "Long-lived tokens").

use std::sync::Arc;

use super::codes::{CodeOrigin, CodeRefused};
use super::system_users;
use super::tokens::{Token, TokenKind};
use crate::api::call::{Answered, Call, Credential};
use crate::api::error::GraphError;
use crate::json::JsonWriter;
use crate::world::ids::PersonIndex;

const DAY_S: i64 = 86_400;

pub(crate) fn exchange(call: &Call<'_>, writer: &mut JsonWriter) -> Answered {
    require_app(call)?;
    if call.param("code").and_then(|code| call.sim.codes.origin(code)) == Some(CodeOrigin::Client) {
        return exchange_client_code(call, writer);
    }
    require_secret(call)?;
    let app = &call.sim.config.app;
    match call.param("grant_type") {
        Some("client_credentials") => {
            writer.object(|writer| {
                writer.string_member("access_token", &format!("{}|{}", app.id, app.secret));
                writer.string_member("token_type", "bearer");
            });
            Ok(())
        }
        Some("fb_exchange_token") => exchange_long_lived(call, writer),
        None | Some("authorization_code") => exchange_code(call, writer),
        Some(other) => Err(GraphError::parameter(&format!("Unsupported grant type: {other}"))),
    }
}

/// A code with which another machine gets its own long-lived token of the same person.
pub(crate) fn client_code(call: &Call<'_>, writer: &mut JsonWriter) -> Answered {
    require_app(call)?;
    require_secret(call)?;
    let redirect_uri =
        call.param("redirect_uri").ok_or_else(|| GraphError::new(400, 191, "Missing redirect_uri parameter."))?;
    let person = call.user_person()?.index;
    let Credential::User(token) = &call.credential else { return Err(GraphError::user_token_needed()) };
    if !token.long_lived {
        return Err(GraphError::parameter("The access token must be long-lived."));
    }
    let code = call.sim.tokens.fresh_string("AQ");
    let expires_at = call.sim.clock.now_s() + call.sim.config.tokens.code_s;
    call.sim.codes.insert(code.clone(), CodeOrigin::Client, person, redirect_uri.to_owned(), expires_at);
    writer.object(|writer| writer.string_member("code", &code));
    Ok(())
}

fn require_app(call: &Call<'_>) -> Answered {
    match call.param("client_id") {
        None => Err(GraphError::new(400, 101, "Missing client_id parameter.")),
        Some(client_id) if client_id != call.sim.config.app.id => {
            let message = "Error validating application. Cannot get application info due to a system error.";
            Err(GraphError::new(400, 101, message))
        }
        Some(_) => Ok(()),
    }
}

fn require_secret(call: &Call<'_>) -> Answered {
    if call.param("client_secret") == Some(call.sim.config.app.secret.as_str()) {
        Ok(())
    } else {
        Err(GraphError::new(400, 1, "Error validating client secret."))
    }
}

fn exchange_client_code(call: &Call<'_>, writer: &mut JsonWriter) -> Answered {
    let (person, _) = redeem(call)?;
    let now = call.sim.clock.now_s();
    let expires_at = now + call.sim.config.tokens.long_s;
    let token = issue(call, person, expires_at, true);
    let machine_id = call.param("machine_id").map_or_else(|| call.sim.tokens.fresh_string(""), str::to_owned);
    writer.object(|writer| {
        writer.string_member("access_token", &token.access_token);
        writer.number_member("expires_in", expires_at - now);
        writer.string_member("machine_id", &machine_id);
    });
    Ok(())
}

fn exchange_code(call: &Call<'_>, writer: &mut JsonWriter) -> Answered {
    let (person, origin) = redeem(call)?;
    let now = call.sim.clock.now_s();
    let token = match origin {
        CodeOrigin::SystemUser(business) => system_users::issue(call, business, person, None),
        _ => issue(call, person, now + call.sim.config.tokens.short_s, false),
    };
    write_token(call, &token, now, writer);
    Ok(())
}

fn redeem(call: &Call<'_>) -> Result<(PersonIndex, CodeOrigin), GraphError> {
    let code = call.param("code").ok_or_else(|| GraphError::new(400, 1, "Missing authorization code"))?;
    let redirect_uri = call.param("redirect_uri");
    if redirect_uri.is_none() && call.sim.codes.origin(code) != Some(CodeOrigin::JsSdk) {
        return Err(GraphError::new(400, 191, "Missing redirect_uri parameter."));
    }
    call.sim.codes.redeem(code, redirect_uri.unwrap_or_default(), call.sim.clock.now_s()).map_err(refusal)
}

fn issue(call: &Call<'_>, person: PersonIndex, expires_at: i64, long_lived: bool) -> Arc<Token> {
    call.sim.issue(Token {
        access_token: call.sim.tokens.fresh_string("EAA"),
        kind: TokenKind::User,
        person,
        issued_at: call.sim.clock.now_s(),
        expires_at: Some(expires_at),
        long_lived,
        death: None,
    })
}

/// The new token is another string; the old one stays valid until its own end.
fn exchange_long_lived(call: &Call<'_>, writer: &mut JsonWriter) -> Answered {
    let given = call
        .param("fb_exchange_token")
        .ok_or_else(|| GraphError::parameter("fb_exchange_token parameter not specified"))?;
    let old = call.sim.find_valid_token(given)?;
    let now = call.sim.clock.now_s();
    match old.kind {
        TokenKind::User => {}
        TokenKind::Page(_) => return Err(GraphError::new(400, 1, "The access token does not belong to a user")),
        TokenKind::SystemUser(business) => {
            let token = system_users::issue(call, business, old.person, system_users::asked_end(call));
            write_token(call, &token, now, writer);
            return Ok(());
        }
    }
    let modes = *call.sim.token_exchange.read();
    if old.long_lived && modes.once_a_day && now - old.issued_at < DAY_S {
        write_token(call, &old, now, writer);
        return Ok(());
    }
    let fresh = Some(now + call.sim.config.tokens.long_s);
    let token = call.sim.issue(Token {
        access_token: call.sim.tokens.fresh_string("EAA"),
        issued_at: now,
        expires_at: if old.long_lived && !modes.extends { old.expires_at } else { fresh },
        long_lived: true,
        ..Token::clone(&old)
    });
    write_token(call, &token, now, writer);
    Ok(())
}

fn write_token(call: &Call<'_>, token: &Token, now: i64, writer: &mut JsonWriter) {
    let is_told = !call.sim.token_exchange.read().omit_expires_in;
    writer.object(|writer| {
        writer.string_member("access_token", &token.access_token);
        writer.string_member("token_type", "bearer");
        if let Some(expires_at) = token.expires_at.filter(|_| is_told) {
            writer.number_member("expires_in", expires_at - now);
        }
    });
}

fn refusal(refused: CodeRefused) -> GraphError {
    let (subcode, message) = match refused {
        CodeRefused::Unknown => (None, "Invalid verification code format."),
        CodeRefused::Expired => (Some(36_007), "This authorization code has expired."),
        CodeRefused::OtherRedirectUri => (
            Some(36_008),
            "Error validating verification code. Please make sure your redirect_uri is identical to the one you used in \
             the OAuth dialog request",
        ),
        CodeRefused::Used => (Some(36_009), "This authorization code has been used."),
    };
    GraphError { subcode, ..GraphError::new(400, 100, message) }
}
