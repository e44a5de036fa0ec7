//! Texts that were cut in the middle of an emoji. Meta escapes what is beyond ASCII, and half of a surrogate pair is
//! valid in JSON's grammar but no Unicode: a parser refuses the whole answer for it.

use std::borrow::Cow;

const REPLACEMENT: &[u8] = b"\\ufffd";

/// The same JSON with each half of a pair replaced by U+FFFD, which is as long.
pub(crate) fn repaired(json: &[u8]) -> Cow<'_, [u8]> {
    let mut repaired = Cow::Borrowed(json);
    let mut at = 0;
    while let Some(found) = json.get(at..).and_then(|rest| rest.iter().position(|byte| *byte == b'\\')) {
        let start = at + found;
        at = match unit(json, start) {
            Some(0xD800..0xDC00) if matches!(unit(json, start + 6), Some(0xDC00..0xE000)) => start + 12,
            Some(0xD800..0xE000) => {
                if let Some(escape) = repaired.to_mut().get_mut(start..start + 6) {
                    escape.copy_from_slice(REPLACEMENT);
                }
                start + 6
            }
            Some(_) => start + 6,
            // An escape of one character: `\\` and `\"` among them.
            None => start + 2,
        };
    }
    repaired
}

/// The UTF-16 unit that an escape at `start` stands for.
fn unit(json: &[u8], start: usize) -> Option<u16> {
    let digits = json.get(start..start + 6)?.strip_prefix(b"\\u")?;
    if !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    u16::from_str_radix(str::from_utf8(digits).ok()?, 16).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(json: &str) -> String {
        serde_json::from_slice(&repaired(json.as_bytes())).unwrap()
    }

    /// A JSON string of escapes alone.
    fn escaped(units: impl Iterator<Item = u16>) -> String {
        let units: Vec<String> = units.map(|unit| format!("\\u{unit:04x}")).collect();
        format!("\"{}\"", units.concat())
    }

    #[test]
    fn half_an_emoji_does_not_lose_the_text() {
        assert_eq!(read(r#""hi \ud83c""#), "hi \u{fffd}");
        assert_eq!(read(r#""\udf89 hi""#), "\u{fffd} hi");
        assert_eq!(read(r#""\ud83c\ud83c\udf89""#), "\u{fffd}🎉");
        assert_eq!(read(r#""\ud83c\\udf89""#), "\u{fffd}\\udf89", "an escaped backslash begins no escape");
    }

    proptest! {
        #[test]
        fn what_is_whole_stays_as_it_is(text: String) {
            let escaped = escaped(text.encode_utf16());
            prop_assert!(matches!(repaired(escaped.as_bytes()), Cow::Borrowed(_)));
            prop_assert_eq!(read(&escaped), text);
        }

        #[test]
        fn any_units_can_be_read(units: Vec<u16>) {
            prop_assert_eq!(read(&escaped(units.iter().copied())), String::from_utf16_lossy(&units));
        }

        #[test]
        fn any_bytes_keep_their_length(bytes: Vec<u8>) {
            prop_assert_eq!(repaired(&bytes).len(), bytes.len());
        }
    }
}
