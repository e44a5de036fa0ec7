//! Entries into the messages' contract, encoded. Pure but for the ids that it draws.

use bytes::Bytes;
use pagekeeper_contracts::prost::Message;
use pagekeeper_contracts::v1::webhook_entry::Content;
use pagekeeper_contracts::v1::{SplitEntry, UnsplitBody, WebhookBundle, WebhookEntry};
use uuid::Uuid;

use crate::bundle::BundleLimits;
use crate::split::{KnownObject, RawEntry, Split};

/// What the entries of one POST have in common.
#[derive(Debug, Clone)]
pub struct Postmark {
    /// Microseconds since the Unix epoch.
    pub received_at: i64,
    /// W3C trace context of the POST; empty without one.
    pub traceparent: String,
}

/// An encoded `WebhookBundle`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packed {
    pub encoded: Bytes,
    pub entries: u32,
}

/// Packs a split body into bundles within `limits`, in order.
pub fn pack(body: &Bytes, split: Split<'_>, postmark: &Postmark, limits: BundleLimits) -> Vec<Packed> {
    let mut packing = Packing { limits, bytes: 0, entries: 0, bundle: WebhookBundle::default(), packed: Vec::new() };
    match split {
        Split::Whole(_) => packing.add(entry(Content::Body(UnsplitBody { body: body.clone() }), postmark)),
        Split::Entries { object, entries } => {
            for raw in entries {
                packing.add(entry(content(body, object, raw), postmark));
            }
        }
    }
    packing.finish()
}

fn content(body: &Bytes, object: KnownObject, raw: RawEntry<'_>) -> Content {
    Content::Entry(SplitEntry {
        object: object.name().to_owned(),
        owner_id: raw.owner_id.into_owned(),
        json: body.slice_ref(raw.json.as_bytes()),
    })
}

fn entry(content: Content, postmark: &Postmark) -> WebhookEntry {
    WebhookEntry {
        id: Bytes::copy_from_slice(Uuid::now_v7().as_bytes()),
        received_at: postmark.received_at,
        traceparent: postmark.traceparent.clone(),
        content: Some(content),
    }
}

struct Packing {
    limits: BundleLimits,
    /// Of the entries in `bundle`, about: each one's tag and length come on top.
    bytes: usize,
    entries: u32,
    bundle: WebhookBundle,
    packed: Vec<Packed>,
}

impl Packing {
    fn add(&mut self, entry: WebhookEntry) {
        let bytes = entry.encoded_len();
        if self.entries + 1 > self.limits.entries || self.bytes + bytes > self.limits.bytes {
            self.close();
        }
        self.entries += 1;
        self.bytes += bytes;
        self.bundle.entries.push(entry);
    }

    fn close(&mut self) {
        if self.entries > 0 {
            self.packed.push(Packed { encoded: self.bundle.encode_to_vec().into(), entries: self.entries });
        }
        self.bundle.entries.clear();
        (self.entries, self.bytes) = (0, 0);
    }

    fn finish(mut self) -> Vec<Packed> {
        self.close();
        self.packed
    }
}
