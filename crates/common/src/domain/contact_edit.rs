//! What people write of a customer: checked values, and what an edit changes. PURE.

use std::collections::BTreeMap;

use serde_json::{Map, Number, Value, json};

/// In characters, but for the e-mail address, which RFC 5321 counts in bytes.
pub const EMAIL_MAX: usize = 254;
pub const PHONE_MAX: usize = 40;
pub const NOTES_MAX: usize = 10_000;
pub const TAG_MAX: usize = 50;
pub const TAGS_MAX: usize = 50;
pub const FIELD_NAME_MAX: usize = 64;
pub const FIELD_TEXT_MAX: usize = 1_000;
pub const FIELDS_MAX: usize = 50;

/// What people know of a customer.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ContactFacts {
    pub email: Option<String>,
    pub phone: Option<String>,
    /// Sorted, each one once.
    pub tags: Vec<String>,
    pub notes: Option<String>,
    /// Texts, numbers, booleans.
    pub custom_fields: Map<String, Value>,
}

/// Checked values of the fields that are to change; what is `None` stays.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ContactChange {
    /// The inner `None` clears it; so with the others.
    pub email: Option<Option<String>>,
    pub phone: Option<Option<String>>,
    pub tags: Option<Vec<String>>,
    pub notes: Option<Option<String>>,
    /// `null` removes a field; fields that are not named stay.
    pub custom_fields: Map<String, Value>,
}

/// A refused value: the field, and what is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field} {problem}")]
pub struct InvalidContact {
    pub field: String,
    pub problem: &'static str,
}

impl ContactChange {
    /// What a contact is after the change.
    ///
    /// # Errors
    ///
    /// When the contact would have more custom fields than it may.
    pub fn applied_to(&self, facts: &ContactFacts) -> Result<ContactFacts, InvalidContact> {
        let mut custom_fields = facts.custom_fields.clone();
        for (name, value) in &self.custom_fields {
            if value.is_null() {
                custom_fields.remove(name);
            } else {
                custom_fields.insert(name.clone(), value.clone());
            }
        }
        if custom_fields.len() > FIELDS_MAX {
            return Err(invalid("custom_fields", "would be more than 50"));
        }
        Ok(ContactFacts {
            email: self.email.clone().unwrap_or_else(|| facts.email.clone()),
            phone: self.phone.clone().unwrap_or_else(|| facts.phone.clone()),
            tags: self.tags.clone().unwrap_or_else(|| facts.tags.clone()),
            notes: self.notes.clone().unwrap_or_else(|| facts.notes.clone()),
            custom_fields,
        })
    }
}

/// The fields in which two states differ, each with its old and its new value. A custom field is `custom_fields.name`.
pub fn differences(old: &ContactFacts, new: &ContactFacts) -> BTreeMap<String, Value> {
    let mut changes = BTreeMap::new();
    let mut note = |field: &str, old: Value, new: Value| {
        if old != new {
            changes.insert(field.to_owned(), json!({ "old": old, "new": new }));
        }
    };
    note("email", json!(old.email), json!(new.email));
    note("phone", json!(old.phone), json!(new.phone));
    note("tags", json!(old.tags), json!(new.tags));
    note("notes", json!(old.notes), json!(new.notes));
    for name in old.custom_fields.keys().chain(new.custom_fields.keys()) {
        let value = |fields: &Map<String, Value>| fields.get(name).cloned().unwrap_or_default();
        note(&format!("custom_fields.{name}"), value(&old.custom_fields), value(&new.custom_fields));
    }
    changes
}

/// An e-mail address: one `@` between two parts without spaces. Whether mail arrives there only mail can tell. Empty
/// clears it.
pub fn email(text: &str) -> Result<Option<String>, InvalidContact> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let is_address = text.split_once('@').is_some_and(|(person, host)| {
        !person.is_empty() && !host.is_empty() && !host.contains('@') && !host.starts_with('.') && !host.ends_with('.')
    });
    if text.len() > EMAIL_MAX {
        return Err(invalid("email", "must have at most 254 bytes"));
    }
    if !is_address || text.chars().any(|letter| letter.is_whitespace() || letter.is_control()) {
        return Err(invalid("email", "is not an e-mail address"));
    }
    Ok(Some(text.to_owned()))
}

/// A telephone number as people write it, with at least one digit. Empty clears it.
pub fn phone(text: &str) -> Result<Option<String>, InvalidContact> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    if text.chars().count() > PHONE_MAX {
        return Err(invalid("phone", "must have at most 40 characters"));
    }
    let is_written_so = |letter: char| letter.is_ascii_digit() || " +-()./#*,;extEXT".contains(letter);
    if !text.chars().any(|letter| letter.is_ascii_digit()) || !text.chars().all(is_written_so) {
        return Err(invalid("phone", "is not a telephone number"));
    }
    Ok(Some(text.to_owned()))
}

/// Notes; line breaks and tabs are fine. Empty clears them.
pub fn notes(text: &str) -> Result<Option<String>, InvalidContact> {
    if text.chars().count() > NOTES_MAX {
        return Err(invalid("notes", "must have at most 10000 characters"));
    }
    if text.contains('\0') {
        return Err(invalid("notes", "must not have NUL characters"));
    }
    Ok((!text.trim().is_empty()).then(|| text.to_owned()))
}

/// Tags, trimmed, sorted, each one once.
pub fn tags(tags: &[String]) -> Result<Vec<String>, InvalidContact> {
    let mut tags: Vec<String> = tags.iter().map(|tag| tag.trim().to_owned()).collect();
    tags.sort_unstable();
    tags.dedup();
    if tags.len() > TAGS_MAX {
        return Err(invalid("tags", "must be at most 50"));
    }
    if tags.iter().any(|tag| tag.is_empty() || tag.chars().count() > TAG_MAX) {
        return Err(invalid("tags", "must have 1 to 50 characters each"));
    }
    if tags.iter().any(|tag| tag.chars().any(char::is_control)) {
        return Err(invalid("tags", "must not have control characters"));
    }
    Ok(tags)
}

/// One custom field of a change: text, number, boolean, or null, which removes it.
pub fn custom_field(name: &str, value: &Value) -> Result<Value, InvalidContact> {
    let refuse = |problem| Err(InvalidContact { field: format!("custom_fields.{}", shortened(name)), problem });
    let is_letter = |letter: char| letter.is_ascii_alphanumeric() || "_ .-".contains(letter);
    if name.is_empty() || name.len() > FIELD_NAME_MAX || !name.chars().all(is_letter) {
        return refuse("must have a name of 1 to 64 of the characters A-Z a-z 0-9 _ . - and space");
    }
    match value {
        Value::Number(number) if is_kept_exactly(number) => Ok(value.clone()),
        Value::Number(_) => refuse("is a number that is too large"),
        Value::String(text) if text.chars().count() > FIELD_TEXT_MAX => refuse("must have at most 1000 characters"),
        Value::String(text) if text.contains('\0') => refuse("must not have NUL characters"),
        Value::Null | Value::Bool(_) | Value::String(_) => Ok(value.clone()),
        Value::Array(_) | Value::Object(_) => refuse("must be a text, a number, true, false or null"),
    }
}

/// PostgreSQL writes `1e300` out in full: 300 digits.
fn is_kept_exactly(number: &Number) -> bool {
    number.as_f64().is_some_and(|number| number.abs() < 1e18 && (number == 0.0 || number.abs() > 1e-18))
}

fn shortened(name: &str) -> String {
    name.chars().filter(|letter| !letter.is_control()).take(FIELD_NAME_MAX).collect()
}

fn invalid(field: &str, problem: &'static str) -> InvalidContact {
    InvalidContact { field: field.to_owned(), problem }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(value: &Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn addresses_are_checked_and_trimmed() {
        assert_eq!(email(" lan@example.com ").unwrap().as_deref(), Some("lan@example.com"));
        assert_eq!(email("").unwrap(), None);
        let long = format!("{}@example.com", "x".repeat(250));
        for bad in ["lan", "@x", "x@", "a@b@c", "a b@c.d", "a@.d", "a@d.", "a\u{0}@b.c", &long] {
            assert_eq!(email(bad).unwrap_err().field, "email", "{bad}");
        }
        assert_eq!(phone("+45 (0) 12-34 56").unwrap().as_deref(), Some("+45 (0) 12-34 56"));
        for bad in ["call me", "+", &"1".repeat(41), "1\u{0}"] {
            assert!(phone(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn tags_are_sorted_and_each_stands_once() {
        let given = ["vip", " Øl ", "vip", "B"].map(str::to_owned);
        assert_eq!(tags(&given).unwrap(), ["B", "vip", "Øl"]);
        for bad in [vec![" ".to_owned()], vec!["x".repeat(51)], vec!["a\nb".to_owned()]] {
            assert!(tags(&bad).is_err());
        }
        let many: Vec<String> = (0..51).map(|number| number.to_string()).collect();
        assert!(tags(&many).is_err());
        assert!(notes(&"x".repeat(10_001)).is_err() && notes("a\0").is_err());
        assert_eq!(notes(" \n").unwrap(), None);
    }

    #[test]
    fn a_custom_field_is_a_short_plain_value() {
        for good in [json!("x"), json!(7), json!(1.5), json!(true), Value::Null, json!(0)] {
            assert_eq!(custom_field("Size (EU)".trim_end_matches(" (EU)"), &good).unwrap(), good);
        }
        let long = json!("x".repeat(1_001));
        for bad in [json!([]), json!({}), json!(1e300), json!(1e-300), json!("a\0"), long] {
            assert_eq!(custom_field("size", &bad).unwrap_err().field, "custom_fields.size");
        }
        for bad in ["", "æ", "a/b", &"x".repeat(65)] {
            assert!(custom_field(bad, &json!(1)).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_change_touches_what_it_names_and_null_removes() {
        let facts = ContactFacts {
            email: Some("a@b.c".to_owned()),
            tags: vec!["vip".to_owned()],
            custom_fields: fields(&json!({"size": "L", "age": 7})),
            ..ContactFacts::default()
        };
        let change = ContactChange {
            notes: Some(Some("tall".to_owned())),
            custom_fields: fields(&json!({"size": null, "age": 7, "city": "Huế"})),
            ..ContactChange::default()
        };
        let changed = change.applied_to(&facts).unwrap();
        assert_eq!((&changed.email, &changed.tags), (&facts.email, &facts.tags));
        assert_eq!(changed.custom_fields, fields(&json!({"age": 7, "city": "Huế"})));
        let changes = differences(&facts, &changed);
        let expected = json!({
            "notes": {"old": null, "new": "tall"},
            "custom_fields.size": {"old": "L", "new": null},
            "custom_fields.city": {"old": null, "new": "Huế"},
        });
        assert_eq!(json!(changes), expected);
        assert!(differences(&changed, &change.applied_to(&changed).unwrap()).is_empty());
    }

    #[test]
    fn a_contact_has_at_most_fifty_custom_fields() {
        let many = (0..50).map(|number| (number.to_string(), json!(number))).collect();
        let facts = ContactFacts { custom_fields: many, ..ContactFacts::default() };
        let more = ContactChange { custom_fields: fields(&json!({"one": 1})), ..ContactChange::default() };
        assert_eq!(more.applied_to(&facts).unwrap_err().field, "custom_fields");
        let swapped =
            ContactChange { custom_fields: fields(&json!({"one": 1, "0": null})), ..ContactChange::default() };
        assert_eq!(swapped.applied_to(&facts).unwrap().custom_fields.len(), 50);
    }
}
