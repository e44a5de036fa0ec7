//! Text from outside on its way into a column.

use std::borrow::Cow;

/// PostgreSQL stores no NUL character, in text as little as in jsonb, and one in a customer's message would fail the
/// whole batch that it travels in.
pub(crate) fn without_nul(text: &str) -> Cow<'_, str> {
    if text.contains('\0') { Cow::Owned(text.replace('\0', "")) } else { Cow::Borrowed(text) }
}

/// The same for a column that may be null.
pub(crate) fn without_nul_opt(text: Option<&str>) -> Option<Cow<'_, str>> {
    text.map(without_nul)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_nul_characters_are_removed() {
        assert_eq!(without_nul("a\0b\0"), "ab");
        assert!(matches!(without_nul("Xin chào 👋\n"), Cow::Borrowed("Xin chào 👋\n")));
    }
}
