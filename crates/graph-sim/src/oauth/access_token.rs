//! `/oauth/access_token`: code exchange, long-lived tokens, the app's own token ("Manual flow", "Long-lived tokens").

use super::codes::CodeRefused;
use super::tokens::{Token, TokenKind};
use crate::api::call::{Answered, Call};
use crate::api::error::GraphError;
use crate::json::JsonWriter;

const DAY_S: i64 = 86_400;

pub(crate) fn exchange(call: &Call<'_>, writer: &mut JsonWriter) -> Answered {
    let app = &call.sim.config.app;
    match call.param("client_id") {
        None => return Err(GraphError::new(400, 101, "Missing client_id parameter.")),
        Some(client_id) if client_id != app.id => {
            return Err(GraphError::new(
                400,
                101,
                "Error validating application. Cannot get application info due to a system error.",
            ));
        }
        Some(_) => {}
    }
    if call.param("client_secret") != Some(app.secret.as_str()) {
        return Err(GraphError::new(400, 1, "Error validating client secret."));
    }
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

fn exchange_code(call: &Call<'_>, writer: &mut JsonWriter) -> Answered {
    let code = call.param("code").ok_or_else(|| GraphError::new(400, 1, "Missing authorization code"))?;
    let redirect_uri = call.param("redirect_uri");
    if redirect_uri.is_none() && !call.sim.codes.is_of_js_sdk(code) {
        return Err(GraphError::new(400, 191, "Missing redirect_uri parameter."));
    }
    let now = call.sim.clock.now_s();
    let person = call.sim.codes.redeem(code, redirect_uri.unwrap_or_default(), now).map_err(refusal)?;
    let token = call.sim.issue(Token {
        access_token: call.sim.tokens.fresh_string("EAA"),
        kind: TokenKind::User,
        person,
        issued_at: now,
        expires_at: Some(now + call.sim.config.tokens.short_s),
        long_lived: false,
        death: None,
    });
    write_token(call, &token, now, writer);
    Ok(())
}

/// The new token is another string; the old one stays valid until its own end.
fn exchange_long_lived(call: &Call<'_>, writer: &mut JsonWriter) -> Answered {
    let given = call
        .param("fb_exchange_token")
        .ok_or_else(|| GraphError::parameter("fb_exchange_token parameter not specified"))?;
    let old = call.sim.find_valid_token(given)?;
    if old.kind != TokenKind::User {
        return Err(GraphError::new(400, 1, "The access token does not belong to a user"));
    }
    let now = call.sim.clock.now_s();
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
