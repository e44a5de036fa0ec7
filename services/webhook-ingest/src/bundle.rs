//! Entries that wait, joined into as few messages as their limits allow. Pure.
//!
//! What is joined is encoded already: in Protobuf, two encoded `WebhookBundle`s in a row are one with the entries of
//! both.

use std::collections::{BTreeMap, VecDeque};

use bytes::{Bytes, BytesMut};
use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::pack::Packed;
use crate::room::Reservation;

/// How large one message may become. A single entry may be larger than `bytes`; it then travels alone.
#[derive(Debug, Clone, Copy)]
pub struct BundleLimits {
    pub entries: u32,
    pub bytes: usize,
}

/// Where entries are safe now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    Broker,
    Spool,
    /// Neither took them in time.
    Nowhere,
}

/// Entries of one POST, at most a bundle's worth.
#[derive(Debug)]
pub struct Parcel {
    /// The index of their queue.
    pub queue: u16,
    /// An encoded `WebhookBundle`.
    pub encoded: Bytes,
    pub entries: u32,
    pub arrived: Instant,
    receipt: Receipt,
}

impl Parcel {
    /// A parcel, and where its request hears what became of it. The room is held until then.
    pub fn new(packed: Packed, arrived: Instant, held: Reservation) -> (Self, oneshot::Receiver<Durability>) {
        let (settled, hears) = oneshot::channel();
        let Packed { queue, encoded, entries } = packed;
        (Self { queue, encoded, entries, arrived, receipt: Receipt { settled, _held: held } }, hears)
    }
}

#[derive(Debug)]
struct Receipt {
    settled: oneshot::Sender<Durability>,
    _held: Reservation,
}

/// Parcels joined into one message.
#[derive(Debug)]
pub struct Bundle {
    /// The index of its queue.
    pub queue: u16,
    pub encoded: Bytes,
    pub entries: u32,
    /// When the oldest of its entries arrived.
    pub oldest: Instant,
    receipts: Vec<Receipt>,
}

impl Bundle {
    /// Tells every request that has a part in it.
    pub fn settle(self, durability: Durability) {
        for receipt in self.receipts {
            // A caller who went away is not told.
            let _ = receipt.settled.send(durability);
        }
    }
}

/// The parcels that wait, those of each queue in the order in which they came.
#[derive(Debug)]
pub struct Waiting {
    limits: BundleLimits,
    /// No queue's parcels are none.
    parcels: BTreeMap<u16, VecDeque<Parcel>>,
}

impl Waiting {
    pub fn new(limits: BundleLimits) -> Self {
        Self { limits, parcels: BTreeMap::new() }
    }

    pub fn push(&mut self, parcel: Parcel) {
        self.parcels.entry(parcel.queue).or_default().push_back(parcel);
    }

    pub fn is_empty(&self) -> bool {
        self.parcels.is_empty()
    }

    /// Joins what waits for one of the queues, as much of it as fits in one message.
    pub fn next_bundle(&mut self) -> Option<Bundle> {
        let mut queue = self.parcels.first_entry()?;
        let bundle = join(queue.get_mut(), self.limits);
        if queue.get().is_empty() {
            queue.remove();
        }
        bundle
    }

    /// One message for each queue that something waits for.
    pub fn next_bundles(&mut self) -> Vec<Bundle> {
        let bundles = self.parcels.values_mut().filter_map(|parcels| join(parcels, self.limits)).collect();
        self.parcels.retain(|_, parcels| !parcels.is_empty());
        bundles
    }
}

fn join(parcels: &mut VecDeque<Parcel>, limits: BundleLimits) -> Option<Bundle> {
    let mut bundle = Joined::of(parcels.pop_front()?);
    while let Some(next) = parcels.pop_front_if(|next| bundle.has_room_for(next, limits)) {
        bundle.add(next);
    }
    Some(bundle.into_bundle())
}

/// A bundle in the making.
struct Joined {
    queue: u16,
    parts: Vec<Bytes>,
    bytes: usize,
    entries: u32,
    oldest: Instant,
    receipts: Vec<Receipt>,
}

impl Joined {
    fn of(first: Parcel) -> Self {
        Self {
            queue: first.queue,
            bytes: first.encoded.len(),
            parts: vec![first.encoded],
            entries: first.entries,
            oldest: first.arrived,
            receipts: vec![first.receipt],
        }
    }

    fn has_room_for(&self, next: &Parcel, limits: BundleLimits) -> bool {
        self.entries + next.entries <= limits.entries && self.bytes + next.encoded.len() <= limits.bytes
    }

    fn add(&mut self, next: Parcel) {
        self.bytes += next.encoded.len();
        self.parts.push(next.encoded);
        self.entries += next.entries;
        self.oldest = self.oldest.min(next.arrived);
        self.receipts.push(next.receipt);
    }

    fn into_bundle(mut self) -> Bundle {
        let encoded = if self.parts.len() == 1 {
            self.parts.swap_remove(0)
        } else {
            let mut all = BytesMut::with_capacity(self.bytes);
            all.extend(self.parts);
            all.freeze()
        };
        Bundle { queue: self.queue, encoded, entries: self.entries, oldest: self.oldest, receipts: self.receipts }
    }
}
