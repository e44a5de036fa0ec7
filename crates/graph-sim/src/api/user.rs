//! `GET /me` with a user token, and the person's permissions ("User", "User Permissions" references).

use super::call::{Answered, Call, Credential};
use super::error::GraphError;
use crate::json::JsonWriter;
use crate::oauth::system_users;
use crate::oauth::tokens::TokenKind;
use crate::world::Person;

const DEFAULT_FIELDS: &[&str] = &["name", "id"];

pub(crate) fn read(call: &Call<'_>, person: &Person, writer: &mut JsonWriter) -> Answered {
    if let Credential::User(token) = &call.credential
        && let TokenKind::SystemUser(business) = token.kind
    {
        return system_users::read(call, business, person.index, writer);
    }
    let fields = call.fields(DEFAULT_FIELDS)?;
    writer.begin_object();
    for field in &fields {
        match field.name.as_str() {
            "id" => {}
            "name" => writer.string_member(field.key(), &person.name),
            "first_name" => {
                writer.string_member(field.key(), person.name.split_whitespace().next().unwrap_or_default());
            }
            "last_name" => {
                writer.string_member(field.key(), person.name.split_whitespace().next_back().unwrap_or_default());
            }
            // Absent where not granted, or where the person has none.
            "email" => {
                if let Some(email) = person.email.as_ref().filter(|_| call.allows("email")) {
                    writer.string_member(field.key(), email);
                }
            }
            "picture" => {
                writer.key(field.key());
                super::picture::write(&format!("{}/_cdn/people/{}.png", call.request.base_url, person.id), writer);
            }
            "accounts" => {
                writer.key(field.key());
                super::accounts::write_nested(call, person, field, writer)?;
            }
            unknown => return Err(GraphError::nonexisting_field(unknown, "User")),
        }
    }
    writer.string_member("id", &person.id);
    writer.end_object();
    Ok(())
}

pub(crate) fn permissions(call: &Call<'_>, person: &Person, writer: &mut JsonWriter) {
    let grant = call.sim.grants.of(person.index);
    let wanted = call.param("permission");
    let statuses = [("granted", &grant.granted), ("declined", &grant.declined)];
    writer.object(|writer| {
        writer.key("data");
        writer.begin_array();
        for (status, permissions) in statuses {
            for permission in permissions.iter().filter(|permission| wanted.is_none_or(|wanted| wanted == *permission))
            {
                writer.object(|writer| {
                    writer.string_member("permission", permission);
                    writer.string_member("status", status);
                });
            }
        }
        writer.end_array();
    });
}

/// Without a permission's name the app is removed, and told so.
pub(crate) fn revoke(call: &Call<'_>, person: &Person, permission: Option<&str>, writer: &mut JsonWriter) {
    if let Some(permission) = permission {
        call.sim.revoke_permission(person, permission);
    } else {
        call.sim.remove_app(person);
        call.sim.callbacks.deauthorize_soon(&person.id, call.sim.clock.now_s());
    }
    super::write_success(writer);
}
