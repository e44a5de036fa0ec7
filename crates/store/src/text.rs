//! Text from outside on its way into a column.

use std::borrow::Cow;

use serde_json::Value;

/// PostgreSQL stores no NUL character, in text as little as in jsonb, and one in a customer's message would fail the
/// whole batch that it travels in.
pub(crate) fn without_nul(text: &str) -> Cow<'_, str> {
    if text.contains('\0') { Cow::Owned(text.replace('\0', "")) } else { Cow::Borrowed(text) }
}

/// The same for a column that may be null.
pub(crate) fn without_nul_opt(text: Option<&str>) -> Option<Cow<'_, str>> {
    text.map(without_nul)
}

/// The same for the texts in JSON.
pub(crate) fn json_without_nul(json: Value) -> Value {
    match json {
        Value::String(text) => Value::String(without_nul(&text).into_owned()),
        Value::Array(list) => list.into_iter().map(json_without_nul).collect(),
        Value::Object(members) => {
            let clean = |(name, value): (String, Value)| (without_nul(&name).into_owned(), json_without_nul(value));
            Value::Object(members.into_iter().map(clean).collect())
        }
        plain => plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_nul_characters_are_removed() {
        assert_eq!(without_nul("a\0b\0"), "ab");
        assert!(matches!(without_nul("Xin chào 👋\n"), Cow::Borrowed("Xin chào 👋\n")));
    }

    #[test]
    fn json_is_cleaned_to_its_leaves() {
        let json = serde_json::json!({"a\0": ["b\0", 1, {"c": "\0"}]});
        assert_eq!(json_without_nul(json), serde_json::json!({"a": ["b", 1, {"c": ""}]}));
    }
}
