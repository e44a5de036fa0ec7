//! Messages, as they leave and as they arrive.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use lapin::message::Delivery;
use opentelemetry::Context;
use pagekeeper_contracts::{Contract, prost};
use uuid::Uuid;

use crate::headers;
use crate::trace;

/// An error's text is cut after so many characters: headers must stay small.
const ERROR_MAX_CHARACTERS: usize = 200;

/// A message to publish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// The same for every copy: whoever must not act twice goes by it.
    pub message_id: Uuid,
    /// Empty for the default exchange, which routes by the name of a queue.
    pub exchange: String,
    pub routing_key: String,
    /// [`Contract::TYPE`]
    pub kind: String,
    pub version: u16,
    pub account_id: Option<i64>,
    /// W3C trace context; empty without tracing.
    pub traceparent: String,
    pub tries: Tries,
    pub body: Bytes,
}

/// A message that was delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incoming {
    /// Drawn here if the sender gave none.
    pub message_id: Uuid,
    /// The contract's name; empty if the sender gave none.
    pub kind: String,
    pub version: u16,
    /// After a retry, the name of the queue.
    pub routing_key: String,
    pub account_id: Option<i64>,
    /// W3C trace context; empty without one.
    pub traceparent: String,
    /// It was delivered before and not acked: its effect may be there already.
    pub redelivered: bool,
    pub tries: Tries,
    pub body: Bytes,
}

/// How often a message has failed; by default, not yet. It is kept in headers of our own: the broker's count means other
/// things in other versions, and does not survive publishing again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tries {
    /// Failures so far.
    pub attempt: u32,
    pub first_failed_at: Option<DateTime<Utc>>,
    /// Of a parked message: when it was parked.
    pub last_failed_at: Option<DateTime<Utc>>,
    /// Why it failed last, without personal data.
    pub last_error: Option<String>,
}

/// The message is not what was expected. No further try can help.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    #[error("the message is not a {expected}")]
    Kind { expected: &'static str },
    #[error("the message has version {0} of its contract, which this program does not know")]
    Version(u16),
    #[error("the message's body cannot be read")]
    Body(#[source] prost::DecodeError),
}

impl Outgoing {
    /// The message with a new id, in the trace of the current span.
    pub fn of<M: Contract>(message: &M) -> Self {
        Self {
            message_id: Uuid::now_v7(),
            exchange: M::EXCHANGE.name().to_owned(),
            routing_key: message.routing_key(),
            kind: M::TYPE.to_owned(),
            version: M::VERSION,
            account_id: message.account_id(),
            traceparent: trace::current_traceparent(),
            tries: Tries::default(),
            body: message.encode_to_vec().into(),
        }
    }
}

impl Incoming {
    pub(crate) fn of(delivery: Delivery) -> Self {
        let Delivery { routing_key, redelivered, properties, data, .. } = delivery;
        Self { routing_key: routing_key.into(), redelivered, body: data.into(), ..headers::read(&properties) }
    }

    pub fn is<M: Contract>(&self) -> bool {
        self.kind == M::TYPE
    }

    pub fn decode<M: Contract>(&self) -> Result<M, DecodeError> {
        if !self.is::<M>() {
            return Err(DecodeError::Kind { expected: M::TYPE });
        }
        if self.version != M::VERSION {
            return Err(DecodeError::Version(self.version));
        }
        M::decode(self.body.clone()).map_err(DecodeError::Body)
    }

    /// The trace that the sender was in.
    pub fn trace(&self) -> Context {
        trace::trace_of(&self.traceparent)
    }

    /// The same message again, to the default exchange.
    pub fn to_outgoing(&self) -> Outgoing {
        Outgoing {
            message_id: self.message_id,
            exchange: String::new(),
            routing_key: self.routing_key.clone(),
            kind: self.kind.clone(),
            version: self.version,
            account_id: self.account_id,
            traceparent: self.traceparent.clone(),
            tries: self.tries.clone(),
            body: self.body.clone(),
        }
    }

    #[cfg(test)]
    pub(crate) fn copy_of(message: &Outgoing) -> Self {
        let (routing_key, body) = (message.routing_key.clone(), message.body.clone());
        Self { routing_key, body, ..headers::read(&headers::write(message)) }
    }
}

impl Tries {
    /// To begin anew. What is told of the first failure stays: the message's trouble is as old as it is.
    pub(crate) fn anew(&self) -> Self {
        Self { first_failed_at: self.first_failed_at, ..Self::default() }
    }

    /// After one more failure.
    pub(crate) fn after(&self, reason: &str, now: DateTime<Utc>) -> Self {
        Self {
            attempt: self.attempt.saturating_add(1),
            first_failed_at: Some(self.first_failed_at.unwrap_or(now)),
            last_failed_at: Some(now),
            last_error: Some(reason.chars().take(ERROR_MAX_CHARACTERS).collect()),
        }
    }
}

#[cfg(test)]
mod tests {
    use pagekeeper_contracts::v1::{ConnectPages, SyncPage};

    use super::*;

    #[test]
    fn only_what_it_says_it_is_is_decoded() {
        let command = SyncPage { account_id: 1, run_id: 2, interactive: false };
        let message = Incoming::copy_of(&Outgoing::of(&command));
        assert_eq!(message.decode::<SyncPage>().unwrap(), command);
        assert!(matches!(message.decode::<ConnectPages>(), Err(DecodeError::Kind { expected: "sync.connect" })));
        let newer = Incoming { version: 2, ..message.clone() };
        assert!(matches!(newer.decode::<SyncPage>(), Err(DecodeError::Version(2))));
        let broken = Incoming { body: Bytes::from_static(b"\xff"), ..message };
        assert!(matches!(broken.decode::<SyncPage>(), Err(DecodeError::Body(_))));
    }
}
