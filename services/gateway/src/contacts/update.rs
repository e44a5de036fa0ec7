//! `PUT /api/facebook/contacts/{contact_id}/update-in-system`

use actix_web::{put, web};
use pagekeeper_common::domain::contact_edit::{self, ContactChange, InvalidContact};
use pagekeeper_common::domain::ids::{ContactId, ConversationId};
use pagekeeper_contracts::v1::ConversationsChanged;
use pagekeeper_runtime::http::Json;
use pagekeeper_runtime::problem::Problem;
use pagekeeper_store::AccountTx;
use pagekeeper_store::contacts::{self, EditOutcome};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::views::Contact;
use crate::extract::api_error::Answer;
use crate::extract::authorised::{AccountScope, Authorised, EditContacts};
use crate::state::State;

/// What is absent stays as it is; null or an empty text clears.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(clippy::option_option, reason = "absent, null and given are three things")]
pub(crate) struct ContactUpdate {
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, max_length = 254, example = "freja@example.dk")]
    email: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, max_length = 40, example = "+45 12 34 56 78")]
    phone: Option<Option<String>>,
    /// All of them: at most 50 of 1 to 50 characters.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Vec<String>>, max_items = 50, example = json!(["regular", "vegan"]))]
    tags: Option<Option<Vec<String>>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, max_length = 10_000, example = "Sits by the window.")]
    notes: Option<Option<String>>,
    /// Fields that are not named stay, null removes one. Texts of at most 1,000 characters, numbers, booleans; at most
    /// 50 fields.
    #[serde(default)]
    #[schema(value_type = Object, example = json!({"size": "M", "old_field": null}))]
    custom_fields: Map<String, Value>,
    /// The version that the caller knows: where somebody edited the contact since, nothing is changed.
    #[schema(example = 3)]
    version: Option<i64>,
}

/// The contact as it is now.
#[derive(Serialize, ToSchema)]
pub(crate) struct ContactUpdated {
    success: bool,
    #[schema(example = 4711)]
    contact_id: i64,
    contact: Contact,
    #[schema(example = 1)]
    synced_count: u32,
    /// Null: nothing was asked of Facebook.
    run_id: Option<i64>,
}

impl ContactUpdate {
    fn change(&self) -> Result<ContactChange, InvalidContact> {
        let text = |text: &Option<Option<String>>, check: fn(&str) -> Result<Option<String>, InvalidContact>| {
            text.as_ref().map(|text| check(text.as_deref().unwrap_or_default())).transpose()
        };
        let tags = self.tags.as_ref().map(|tags| contact_edit::tags(tags.as_deref().unwrap_or_default()));
        let fields = self.custom_fields.iter();
        Ok(ContactChange {
            email: text(&self.email, contact_edit::email)?,
            phone: text(&self.phone, contact_edit::phone)?,
            notes: text(&self.notes, contact_edit::notes)?,
            tags: tags.transpose()?,
            custom_fields: fields
                .map(|(name, value)| Ok((name.clone(), contact_edit::custom_field(name, value)?)))
                .collect::<Result<_, InvalidContact>>()?,
        })
    }
}

/// Update a contact
///
/// Here only; Facebook learns nothing of it. What was written over is kept among the contact's edits.
#[utoipa::path(tag = "Inbox", params(("contact_id" = i64, Path, description = "The contact", example = 4711)),
    request_body = ContactUpdate,
    responses((status = 200, description = "The contact as it is now", body = ContactUpdated),
        (status = 409, description = "The contact was edited after the version that was given; `version` is its version now")))]
#[put("/api/facebook/contacts/{contact_id}/update-in-system")]
pub(crate) async fn update_contact(
    scope: Authorised<EditContacts>,
    state: web::Data<State>,
    path: web::Path<i64>,
    body: Json<ContactUpdate>,
) -> Answer<web::Json<ContactUpdated>> {
    let (id, by, version) = (ContactId::new(path.into_inner()), scope.principal.user, body.version);
    let change = body.change().map_err(refused)?;
    let outcome = scope.run(async |tx: &mut AccountTx| Ok(contacts::edit(tx, id, by, &change, version).await?)).await?;
    let contact = match outcome {
        EditOutcome::Edited(contact) => {
            announce(&state, &scope, contact.line.conversation_id);
            contact
        }
        EditOutcome::Unchanged(contact) => contact,
        EditOutcome::Outdated { version } => {
            let detail = format!("somebody edited the contact meanwhile; its version is now {version}");
            return Err(Problem::conflict(detail).with_kind("/problems/edited-meanwhile").with_version(version).into());
        }
        EditOutcome::Refused(invalid) => return Err(refused(invalid).into()),
    };
    Ok(web::Json(ContactUpdated {
        success: true,
        contact_id: id.get(),
        contact: contact.into(),
        synced_count: 1,
        run_id: None,
    }))
}

/// Tells other screens to read the conversation again.
fn announce(state: &State, scope: &AccountScope, conversation: Option<ConversationId>) {
    if let Some(conversation) = conversation {
        state.hints.send(&ConversationsChanged {
            account_id: scope.principal.account.get(),
            conversation_ids: vec![conversation.get()],
            version: state.now().timestamp_micros(),
        });
    }
}

fn refused(invalid: InvalidContact) -> Problem {
    Problem::unprocessable(invalid.field, invalid.problem)
}

/// Tells a field that is null from one that is absent.
#[expect(clippy::option_option, reason = "absent, null and given are three things")]
fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(json: &str) -> Result<ContactChange, InvalidContact> {
        serde_json::from_str::<ContactUpdate>(json).unwrap().change()
    }

    #[test]
    fn null_clears_and_what_is_absent_stays() {
        let change = change(r#"{"email":null,"notes":"","tags":null,"custom_fields":{"a":null}}"#).unwrap();
        assert_eq!((change.email, change.notes, change.tags), (Some(None), Some(None), Some(Vec::new())));
        assert_eq!((change.phone, change.custom_fields.get("a")), (None, Some(&Value::Null)));
    }

    #[test]
    fn a_refusal_names_the_field() {
        for (json, field) in [
            (r#"{"email":"nobody"}"#, "email"),
            (r#"{"phone":"call me"}"#, "phone"),
            (r#"{"tags":[""]}"#, "tags"),
            (r#"{"custom_fields":{"size":[]}}"#, "custom_fields.size"),
        ] {
            assert_eq!(change(json).unwrap_err().field, field);
        }
    }
}
