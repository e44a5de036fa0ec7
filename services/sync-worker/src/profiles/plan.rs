//! What Facebook's answers about names come to. PURE.

use chrono::{DateTime, Utc};
use pagekeeper_common::domain::ids::ContactId;
use pagekeeper_common::graph::{Decision, GraphError, Profile};
use pagekeeper_store::contacts::{ContactToAskFor, FetchedName};

use crate::message;

/// What is written of one batch of answers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct NamesPlan {
    /// Known now, be it that there is no name.
    pub(super) names: Vec<FetchedName>,
    /// Where the pictures are; Meta's addresses expire.
    pub(super) pictures: Vec<(ContactId, String)>,
    /// To be asked for again.
    pub(super) postponed: Vec<ContactId>,
    /// The token does not work: nothing more is asked with it.
    pub(super) token_failed: Option<Decision>,
}

/// Answers stand in the order of the contacts.
pub(super) fn plan_names(
    contacts: &[ContactToAskFor],
    answers: Vec<Result<Profile, GraphError>>,
    now: DateTime<Utc>,
) -> NamesPlan {
    let mut plan = NamesPlan::default();
    for (contact, answer) in contacts.iter().zip(answers) {
        match answer {
            Ok(profile) => {
                plan.pictures.extend(profile.picture_url.map(|url| (contact.id, url)));
                plan.names.push(FetchedName {
                    contact_id: contact.id,
                    name: profile.name.as_deref().and_then(message::label),
                    told_at: now,
                });
            }
            Err(error) if error.decision.is_token_failure() => {
                plan.token_failed = Some(error.decision);
                plan.postponed.push(contact.id);
            }
            Err(error) if error.decision.is_worth_retrying() => plan.postponed.push(contact.id),
            // This person's profile is not to be had: they have no name here, and keep their initials.
            Err(_) => plan.names.push(FetchedName { contact_id: contact.id, name: None, told_at: now }),
        }
    }
    // A batch that was cut off answered fewer than were asked for.
    let answered = plan.names.len() + plan.postponed.len();
    plan.postponed.extend(contacts.iter().skip(answered).map(|contact| contact.id));
    plan
}

#[cfg(test)]
mod tests {
    use pagekeeper_common::domain::ids::{AccountId, ConnectionId, Psid};

    use super::*;

    fn contact(id: i64) -> ContactToAskFor {
        ContactToAskFor {
            id: ContactId::new(id),
            account_id: AccountId::new(1),
            connection_id: ConnectionId::new(1),
            psid: Psid::parse(id.to_string()).unwrap(),
        }
    }

    fn profile(name: Option<&str>) -> Profile {
        let picture_url = name.map(|_| "https://pictures.example/1".to_owned());
        Profile { name: name.map(str::to_owned), picture_url, ..Profile::default() }
    }

    #[test]
    fn a_profile_without_a_name_is_an_answer_and_a_missing_answer_is_none() {
        let now = DateTime::from_timestamp(1_770_000_000, 0).unwrap();
        let contacts = [contact(1), contact(2), contact(3)];
        let plan = plan_names(&contacts, vec![Ok(profile(Some(" Mai "))), Ok(profile(None))], now);
        let names: Vec<_> = plan.names.iter().map(|name| (name.contact_id.get(), name.name.as_deref())).collect();
        assert_eq!(names, [(1, Some("Mai")), (2, None)]);
        assert_eq!(plan.pictures, [(ContactId::new(1), "https://pictures.example/1".to_owned())]);
        assert_eq!(plan.postponed, [ContactId::new(3)]);
    }
}
