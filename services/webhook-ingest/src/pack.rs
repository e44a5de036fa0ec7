//! Entries into the messages' contract, encoded. Pure but for the ids that it draws.

use std::collections::BTreeMap;

use bytes::Bytes;
use pagekeeper_bus::WebhookQueues;
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

/// An encoded `WebhookBundle`, all of one queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packed {
    /// The index of the queue.
    pub queue: u16,
    pub encoded: Bytes,
    pub entries: u32,
}

/// Packs a split body into bundles within `limits`, each for one queue; the entries of a queue stay in order.
pub fn pack(
    body: &Bytes,
    split: Split<'_>,
    postmark: &Postmark,
    limits: BundleLimits,
    queues: WebhookQueues,
) -> Vec<Packed> {
    let mut packing = Packing::new(queues, limits);
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

/// A bundle that was packed for an earlier number of queues, packed again. Nearly always it stays as it is.
pub fn repack(encoded: Bytes, entries: u32, limits: BundleLimits, queues: WebhookQueues) -> Vec<Packed> {
    let Ok(bundle) = WebhookBundle::decode(encoded.clone()) else {
        // Of what cannot be read sync-worker keeps the rest.
        return vec![Packed { queue: 0, encoded, entries }];
    };
    let mut indices = bundle.entries.iter().map(|entry| queues.index_of_entry(entry));
    let first = indices.next().unwrap_or(0);
    if indices.all(|queue| queue == first) {
        return vec![Packed { queue: first, encoded, entries }];
    }
    let mut packing = Packing::new(queues, limits);
    for entry in bundle.entries {
        packing.add(entry);
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
    queues: WebhookQueues,
    limits: BundleLimits,
    /// Bundles that are not full, by their queue.
    open: BTreeMap<u16, Open>,
    packed: Vec<Packed>,
}

#[derive(Default)]
struct Open {
    /// Of the entries in `bundle`, about: each one's tag and length come on top.
    bytes: usize,
    entries: u32,
    bundle: WebhookBundle,
}

impl Packing {
    fn new(queues: WebhookQueues, limits: BundleLimits) -> Self {
        Self { queues, limits, open: BTreeMap::new(), packed: Vec::new() }
    }

    fn add(&mut self, entry: WebhookEntry) {
        let bytes = entry.encoded_len();
        let queue = self.queues.index_of_entry(&entry);
        let open = self.open.entry(queue).or_default();
        if open.entries + 1 > self.limits.entries || open.bytes + bytes > self.limits.bytes {
            self.packed.extend(std::mem::take(open).close(queue));
        }
        open.entries += 1;
        open.bytes += bytes;
        open.bundle.entries.push(entry);
    }

    fn finish(mut self) -> Vec<Packed> {
        self.packed.extend(self.open.into_iter().filter_map(|(queue, open)| open.close(queue)));
        self.packed
    }
}

impl Open {
    fn close(self, queue: u16) -> Option<Packed> {
        let packed = || Packed { queue, encoded: self.bundle.encode_to_vec().into(), entries: self.entries };
        (self.entries > 0).then(packed)
    }
}
