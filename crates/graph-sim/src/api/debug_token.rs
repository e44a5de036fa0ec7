//! `GET /debug_token` ("Debug-Token" reference).

use super::call::{Answered, Call, Credential};
use super::error::GraphError;
use crate::json::JsonWriter;
use crate::oauth::death::Death;
use crate::oauth::tokens::{Token, TokenKind};
use crate::world::Page;
use crate::world::ids::Ids;

pub(crate) fn read(call: &Call<'_>, writer: &mut JsonWriter) -> Answered {
    if matches!(call.credential, Credential::Nobody) {
        return Err(GraphError::token_missing());
    }
    let input = call.param("input_token").ok_or_else(|| {
        GraphError::parameter("You must provide an input_token, or you are not allowed to inspect it.")
    })?;
    writer.begin_object();
    writer.key("data");
    writer.begin_object();
    match call.sim.tokens.find(input) {
        Some(token) => write_token(call, &token, writer),
        None if call.sim.is_app_token(input) => {
            writer.string_member("app_id", &call.sim.config.app.id);
            writer.string_member("type", "APP");
            writer.string_member("application", &call.sim.config.app.name);
            writer.boolean_member("is_valid", true);
            writer.key("scopes");
            writer.begin_array();
            writer.end_array();
        }
        None => write_invalid(&GraphError::token_dead(Death::Invalid), writer),
    }
    writer.end_object();
    writer.end_object();
    Ok(())
}

fn write_token(call: &Call<'_>, token: &Token, writer: &mut JsonWriter) {
    let sim = call.sim;
    let grant = sim.grants.of(token.person);
    writer.string_member("app_id", &sim.config.app.id);
    let kind = match token.kind {
        TokenKind::User => "USER",
        TokenKind::Page(_) => "PAGE",
        TokenKind::SystemUser(_) => "SYSTEM_USER",
    };
    writer.string_member("type", kind);
    writer.string_member("application", &sim.config.app.name);
    writer.number_member("data_access_expires_at", grant.data_access_expires_at);
    if let Err(error) = sim.check_token(token) {
        write_invalid(&error, writer);
        return;
    }
    // 0: never.
    writer.number_member("expires_at", token.expires_at.unwrap_or(0));
    writer.boolean_member("is_valid", true);
    if token.long_lived {
        writer.number_member("issued_at", token.issued_at);
    }
    if let TokenKind::Page(page) = token.kind
        && let Some(page) = sim.world.page(page)
    {
        writer.string_member("profile_id", &page.id);
    }
    writer.key("scopes");
    writer.begin_array();
    grant.granted.iter().for_each(|permission| writer.string(permission));
    writer.end_array();
    writer.key("granular_scopes");
    writer.begin_array();
    for permission in &grant.granted {
        let targets: fn(&Page) -> Option<String> = if permission.starts_with("pages_") {
            |page| Some(page.id.clone())
        } else if permission.starts_with("instagram_") {
            |page| page.settings.read().instagram.as_ref().map(|_| Ids::instagram(page.index))
        } else {
            continue;
        };
        writer.object(|writer| {
            writer.string_member("scope", permission);
            // Absent: not limited to a list.
            if let Some(pages) = &grant.pages {
                writer.key("target_ids");
                writer.begin_array();
                let ticked = pages.iter().filter_map(|page_id| sim.world.any_page_by_id(page_id));
                ticked.filter_map(targets).for_each(|id| writer.string(&id));
                writer.end_array();
            }
        });
    }
    writer.end_array();
    if let Some(person) = sim.world.person(token.person) {
        writer.string_member("user_id", &person.id);
    }
}

/// HTTP 200; the key is `subcode` here, not `error_subcode`.
fn write_invalid(error: &GraphError, writer: &mut JsonWriter) {
    writer.key("error");
    writer.object(|writer| {
        writer.number_member("code", error.code);
        writer.string_member("message", &error.message);
        if let Some(subcode) = error.subcode {
            writer.number_member("subcode", subcode);
        }
    });
    writer.boolean_member("is_valid", false);
    writer.key("scopes");
    writer.begin_array();
    writer.end_array();
}
