//! One parked message, as it was delivered to who looks.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use chrono::{DateTime, Utc};
use lapin::message::Delivery;
use uuid::Uuid;

use crate::headers::{self, DeliveryLimit};
use crate::message::{Incoming, Outgoing};

/// Why the broker itself parks a message.
const CRASHES: &str = "delivery limit: the workers that held it were lost each time";
const UNKNOWN: &str = "unknown";

/// A message that no further try can help, unless something is mended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParkedMessage {
    /// The queue that it failed in, and that a replay sends it to.
    pub home_queue: String,
    pub message: Incoming,
    death: Option<DeliveryLimit>,
}

impl ParkedMessage {
    pub(super) fn of(home_queue: &str, delivery: Delivery) -> Self {
        let death = headers::read_delivery_limit(&delivery.properties, home_queue);
        let has_id = has_id(&delivery);
        let mut message = Incoming::of(delivery);
        if !has_id {
            message.message_id = id_of(&message.body);
        }
        Self { home_queue: home_queue.to_owned(), message, death }
    }

    /// The same at each look.
    pub fn id(&self) -> Uuid {
        self.message.message_id
    }

    /// What went wrong last.
    pub fn reason(&self) -> &str {
        match (&self.death, &self.message.tries.last_error) {
            (Some(_), _) => CRASHES,
            (None, Some(error)) => error,
            (None, None) => UNKNOWN,
        }
    }

    /// None for what nobody of ours has parked.
    pub fn parked_at(&self) -> Option<DateTime<Utc>> {
        self.death.and_then(|death| death.at).or(self.message.tries.last_failed_at)
    }

    pub fn first_failed_at(&self) -> Option<DateTime<Utc>> {
        self.message.tries.first_failed_at.or(self.parked_at())
    }

    /// To its home queue, with its tries ahead of it.
    pub(super) fn copy_home(&self) -> Outgoing {
        Outgoing {
            routing_key: self.home_queue.clone(),
            tries: self.message.tries.anew(),
            ..self.message.to_outgoing()
        }
    }
}

fn has_id(delivery: &Delivery) -> bool {
    let id = delivery.properties.message_id().as_ref();
    id.is_some_and(|id| id.as_str().parse::<Uuid>().is_ok())
}

/// Of a message that came without an id: made of its content, so that it has the same one at the next look.
fn id_of(body: &[u8]) -> Uuid {
    let half = |salt: u8| {
        let mut hasher = DefaultHasher::new();
        (salt, body).hash(&mut hasher);
        hasher.finish()
    };
    Uuid::from_u64_pair(half(0), half(1))
}
