//! Cursor paging: `data`, `paging.cursors`, and `next`/`previous` only where there is more.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::call::{Answered, Call};
use super::error::GraphError;
use super::fields;
use crate::json::JsonWriter;
use crate::world::draw::Draw;

/// `limit` of a call or of a nested field, cut to `cap`; 25 where not given.
pub(crate) fn limit(text: Option<&str>, cap: u32) -> Result<usize, GraphError> {
    const DEFAULT: u32 = 25;
    let limit = match text {
        None => DEFAULT,
        Some(text) => text
            .trim()
            .parse::<u32>()
            .map_err(|_not_a_number| GraphError::parameter("param limit must be a non-negative integer"))?,
    };
    usize::try_from(limit.min(cap)).map_err(|_too_large| GraphError::parameter("param limit is too large"))
}

/// Where in a listing a page begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Start {
    First,
    After(Position),
    Before(Position),
}

/// A cursor's meaning: a moment and an index, or an index alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Position {
    pub(crate) at_ms: i64,
    pub(crate) index: u32,
}

/// Cursors are opaque and hold for one listing only.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Listing {
    tag: u32,
}

impl Listing {
    pub(crate) fn of(node_id: &str, edge: &str) -> Self {
        let draw = Draw::seeded(0x6375_7273_6f72).named(node_id).named(edge);
        Self { tag: u32::try_from(draw.value() >> 32).unwrap_or(0) }
    }

    pub(crate) fn cursor(self, position: Position) -> String {
        let mut bytes = Vec::with_capacity(16);
        bytes.extend_from_slice(&self.tag.to_be_bytes());
        bytes.extend_from_slice(&position.index.to_be_bytes());
        bytes.extend_from_slice(&position.at_ms.to_be_bytes());
        format!("QVFI{}ZD", URL_SAFE_NO_PAD.encode(bytes))
    }

    pub(crate) fn parse(self, cursor: &str) -> Result<Position, GraphError> {
        self.decode(cursor).ok_or_else(GraphError::invalid_cursor)
    }

    fn decode(self, cursor: &str) -> Option<Position> {
        let bytes = URL_SAFE_NO_PAD.decode(cursor.strip_prefix("QVFI")?.strip_suffix("ZD")?).ok()?;
        let tag = u32::from_be_bytes(bytes.get(..4)?.try_into().ok()?);
        let index = u32::from_be_bytes(bytes.get(4..8)?.try_into().ok()?);
        let at_ms = i64::from_be_bytes(bytes.get(8..)?.try_into().ok()?);
        (tag == self.tag).then_some(Position { at_ms, index })
    }

    pub(crate) fn start(self, after: Option<&str>, before: Option<&str>) -> Result<Start, GraphError> {
        match (after, before) {
            (Some(after), _) => Ok(Start::After(self.parse(after)?)),
            (None, Some(before)) => Ok(Start::Before(self.parse(before)?)),
            (None, None) => Ok(Start::First),
        }
    }
}

impl Start {
    /// Where a page without elements stands: it leads to what would have been on it.
    pub(crate) fn position(self) -> Position {
        match self {
            Self::First => Position { at_ms: i64::MAX, index: u32::MAX },
            Self::After(position) | Self::Before(position) => position,
        }
    }
}

/// What stands around a page of a listing.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Around {
    pub(crate) first: Position,
    pub(crate) last: Position,
    pub(crate) has_previous: bool,
    pub(crate) has_next: bool,
}

/// Writes the member `paging`. `path` and `params` make the addresses, which carry the access token as Meta's do.
pub(crate) fn write_paging(
    writer: &mut JsonWriter,
    call: &Call<'_>,
    listing: Listing,
    around: Around,
    path: &str,
    params: &[(&str, String)],
) {
    let (before, after) = (listing.cursor(around.first), listing.cursor(around.last));
    let address = |cursor: (&str, &str)| {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("access_token", call.access_token()).append_pair("pretty", "0");
        query.extend_pairs(params.iter().filter(|(_, value)| !value.is_empty()));
        query.append_pair(cursor.0, cursor.1);
        format!("{}/{}/{path}?{}", call.request.base_url, call.version, query.finish())
    };
    writer.key("paging");
    writer.object(|writer| {
        writer.key("cursors");
        writer.object(|writer| {
            writer.string_member("before", &before);
            writer.string_member("after", &after);
        });
        if around.has_next {
            writer.string_member("next", &address(("after", &after)));
        }
        if around.has_previous {
            writer.string_member("previous", &address(("before", &before)));
        }
    });
}

/// An edge whose elements are numbered, read in one direction: labels, posts, comments, media.
pub(crate) struct NumberedEdge<'a> {
    call: &'a Call<'a>,
    node_id: &'a str,
    edge: &'a str,
    limit: usize,
    /// The last element of the page before the one that is asked for.
    pub(crate) after: Option<u32>,
}

impl<'a> NumberedEdge<'a> {
    pub(crate) fn asked(call: &'a Call<'a>, node_id: &'a str, edge: &'a str, limit: usize) -> Result<Self, GraphError> {
        let after = match Listing::of(node_id, edge).start(call.param("after"), None)? {
            Start::After(position) => Some(position.index),
            Start::First | Start::Before(_) => None,
        };
        Ok(Self { call, node_id, edge, limit, after })
    }

    /// Writes the page that begins with the first of `elements`.
    pub(crate) fn write<T>(
        &self,
        mut elements: impl Iterator<Item = T>,
        number: impl Fn(&T) -> u32,
        mut write: impl FnMut(&T, &mut JsonWriter) -> Answered,
        writer: &mut JsonWriter,
    ) -> Answered {
        let shown: Vec<T> = elements.by_ref().take(self.limit).collect();
        let has_next = elements.next().is_some();
        writer.begin_object();
        writer.key("data");
        writer.begin_array();
        for element in &shown {
            write(element, writer)?;
        }
        writer.end_array();
        if let (Some(first), Some(last)) = (shown.first(), shown.last()) {
            let at = |element: &T| Position { at_ms: 0, index: number(element) };
            let around = Around { first: at(first), last: at(last), has_previous: false, has_next };
            let listing = Listing::of(self.node_id, self.edge);
            let path = format!("{}/{}", self.node_id, self.edge);
            write_paging(writer, self.call, listing, around, &path, &self.params()?);
        }
        writer.end_object();
        Ok(())
    }

    /// What `next` repeats.
    fn params(&self) -> Result<[(&'static str, String); 2], GraphError> {
        let fields = match self.call.param("fields") {
            Some(_) => fields::joined(&self.call.fields(&[])?),
            None => String::new(),
        };
        Ok([("fields", fields), ("limit", self.limit.to_string())])
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_cursor_holds_for_its_own_listing_only(at_ms: i64, index: u32, id in "[0-9]{1,16}", other in "[0-9]{17,20}") {
            let position = Position { at_ms, index };
            let cursor = Listing::of(&id, "conversations").cursor(position);
            prop_assert_eq!(Listing::of(&id, "conversations").parse(&cursor).unwrap(), position);
            prop_assert!(Listing::of(&other, "conversations").parse(&cursor).is_err());
            prop_assert!(Listing::of(&id, "messages").parse(&cursor).is_err());
        }

        #[test]
        fn any_text_is_a_cursor_or_refused(text in "\\PC{0,40}") {
            let _ = Listing::of("1", "conversations").parse(&text);
        }
    }
}
