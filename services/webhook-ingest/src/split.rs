//! A POST's body into its entries, as the bytes that came. Pure: no I/O, and no shape inside an entry can fail it.
//!
//! Only the envelope is read: `object`, the elements of `entry`, and of each element its `id`, which says whose it is.
//! What is below stays raw JSON for sync-worker, however deep or strange.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

/// Meta sends at most 1,000 updates at once. A body with more entries than this is passed on whole, since each entry
/// costs more than its bytes.
pub const MOST_ENTRIES: usize = 5_000;

/// Meta's ids have 15 to 20 digits today.
const LONGEST_ID: usize = 64;

/// What sends webhooks that we subscribe to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KnownObject {
    Page,
    Instagram,
}

impl KnownObject {
    pub fn name(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Instagram => "instagram",
        }
    }

    fn of(name: &str) -> Option<Self> {
        [Self::Page, Self::Instagram].into_iter().find(|object| object.name() == name)
    }
}

/// One element of `entry`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawEntry<'body> {
    /// `id`: the Page or Instagram account. Empty where the element does not say.
    pub owner_id: Cow<'body, str>,
    pub json: &'body str,
}

/// What a signed body turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Split<'body> {
    Entries {
        object: KnownObject,
        entries: Vec<RawEntry<'body>>,
    },
    /// To be passed on in one piece.
    Whole(WholeReason),
}

/// Why a body is not split.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WholeReason {
    /// Not JSON, or not `{"object": …, "entry": [ … ]}`.
    NotAnEnvelope,
    UnknownObject,
    TooManyEntries,
    NoEntries,
}

impl WholeReason {
    /// As a metric's label.
    pub fn name(self) -> &'static str {
        match self {
            Self::NotAnEnvelope => "not_an_envelope",
            Self::UnknownObject => "unknown_object",
            Self::TooManyEntries => "too_many_entries",
            Self::NoEntries => "no_entries",
        }
    }
}

/// Splits a body. Every element of `entry` comes out once, in its order, byte for byte.
pub fn split(body: &[u8]) -> Split<'_> {
    let Some(envelope) = envelope(body) else {
        return Split::Whole(WholeReason::NotAnEnvelope);
    };
    let Some(object) = KnownObject::of(&envelope.object) else {
        return Split::Whole(WholeReason::UnknownObject);
    };
    match envelope.entry.len() {
        0 => Split::Whole(WholeReason::NoEntries),
        1..=MOST_ENTRIES => {
            let entries = envelope.entry.into_iter().map(RawValue::get);
            Split::Entries {
                object,
                entries: entries.map(|json| RawEntry { owner_id: owner_id(json), json }).collect(),
            }
        }
        _ => Split::Whole(WholeReason::TooManyEntries),
    }
}

/// One of Meta's pages shows the envelope as the only element of an array.
fn envelope(body: &[u8]) -> Option<Envelope<'_>> {
    if body.trim_ascii_start().starts_with(b"[") {
        serde_json::from_slice::<[Envelope<'_>; 1]>(body).ok().map(|[envelope]| envelope)
    } else {
        serde_json::from_slice(body).ok()
    }
}

#[derive(Deserialize)]
struct Envelope<'body> {
    #[serde(borrow)]
    object: Cow<'body, str>,
    #[serde(borrow)]
    entry: Vec<&'body RawValue>,
}

#[derive(Deserialize)]
struct Owner<'body> {
    #[serde(borrow)]
    id: &'body RawValue,
}

/// Meta writes ids as strings and, in some samples, as numbers. What cannot be an id is none.
fn owner_id(entry: &str) -> Cow<'_, str> {
    let Ok(Owner { id }) = serde_json::from_str::<Owner<'_>>(entry) else { return Cow::Borrowed("") };
    let id = match id.get() {
        number if number.starts_with(|first: char| first.is_ascii_digit()) => Cow::Borrowed(number),
        text => serde_json::from_str::<Text<'_>>(text).map_or(Cow::Borrowed(""), |Text(text)| text),
    };
    if is_id(&id) { id } else { Cow::Borrowed("") }
}

fn is_id(text: &str) -> bool {
    (1..=LONGEST_ID).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// A string that is copied only where it holds escapes.
#[derive(Deserialize)]
struct Text<'body>(#[serde(borrow)] Cow<'body, str>);
