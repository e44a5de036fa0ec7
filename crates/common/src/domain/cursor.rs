//! The cursor of a keyset-paged list: where the last row of a page stood in the order `(time, id)`.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};

/// An opaque text to callers; in it the place in the order, in microseconds, and the row's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeysetCursor {
    pub at: DateTime<Utc>,
    pub id: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not a cursor that this route gave out")]
pub struct InvalidCursor;

impl KeysetCursor {
    pub fn encode(self) -> String {
        let mut bytes = [0; 16];
        let (at, id) = bytes.split_at_mut(8);
        at.copy_from_slice(&self.at.timestamp_micros().to_be_bytes());
        id.copy_from_slice(&self.id.to_be_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    pub fn decode(text: &str) -> Result<Self, InvalidCursor> {
        let mut bytes = [0; 16];
        let length = URL_SAFE_NO_PAD.decode_slice(text, &mut bytes).map_err(|_error| InvalidCursor)?;
        if length != bytes.len() {
            return Err(InvalidCursor);
        }
        let (at, id) = bytes.split_first_chunk::<8>().ok_or(InvalidCursor)?;
        let id = id.first_chunk::<8>().ok_or(InvalidCursor)?;
        let at = DateTime::from_timestamp_micros(i64::from_be_bytes(*at)).ok_or(InvalidCursor)?;
        Ok(Self { at, id: i64::from_be_bytes(*id) })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn decoding_gives_back_what_was_encoded(micros in -1_000_000_000_000_000i64..4_000_000_000_000_000, id: i64) {
            let cursor = KeysetCursor { at: DateTime::from_timestamp_micros(micros).unwrap(), id };
            prop_assert_eq!(KeysetCursor::decode(&cursor.encode()), Ok(cursor));
        }

        #[test]
        fn any_text_is_a_cursor_or_refused(text in ".*") {
            let _ = KeysetCursor::decode(&text);
        }
    }

    #[test]
    fn a_forged_cursor_is_refused() {
        for text in ["", "AAAA", "not a cursor", &"A".repeat(10_000)] {
            assert_eq!(KeysetCursor::decode(text), Err(InvalidCursor));
        }
    }
}
