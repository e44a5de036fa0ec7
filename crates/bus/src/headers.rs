//! What travels beside a message's body: AMQP properties and headers, written and read.
//!
//! Reading trusts nobody: whatever is missing or of another type becomes its default.

use chrono::{DateTime, Utc};
use lapin::BasicProperties;
use lapin::types::{AMQPValue, FieldTable, LongString, ShortString};
use uuid::Uuid;

use crate::message::{Incoming, Outgoing, Tries};

const VERSION: &str = "pk-version";
const ACCOUNT: &str = "pk-account-id";
const ATTEMPT: &str = "pk-attempt";
/// Microseconds since the Unix epoch.
const FIRST_FAILED_AT: &str = "pk-first-failed-at";
/// Microseconds since the Unix epoch.
const LAST_FAILED_AT: &str = "pk-last-failed-at";
const LAST_ERROR: &str = "pk-last-error";
/// The broker's own: where a message was dead-lettered.
const DEATHS: &str = "x-death";
const TRACEPARENT: &str = "traceparent";

const CONTENT_TYPE: &str = "application/x-protobuf";
const PERSISTENT: u8 = 2;

pub(crate) fn write(message: &Outgoing) -> BasicProperties {
    let mut headers = FieldTable::default();
    headers.insert(VERSION.into(), AMQPValue::LongInt(message.version.into()));
    if let Some(account) = message.account_id {
        headers.insert(ACCOUNT.into(), AMQPValue::LongLongInt(account));
    }
    if !message.traceparent.is_empty() {
        headers.insert(TRACEPARENT.into(), text(&message.traceparent));
    }
    write_tries(&message.tries, &mut headers);
    BasicProperties::default()
        .with_message_id(message.message_id.to_string().into())
        // An AMQP short string has at most 255 bytes; the names of our contracts are short.
        .with_type(ShortString::try_new(message.kind.as_str()).unwrap_or_default())
        .with_content_type(CONTENT_TYPE.into())
        .with_delivery_mode(PERSISTENT)
        .with_headers(headers)
}

fn write_tries(tries: &Tries, headers: &mut FieldTable) {
    if tries.attempt > 0 {
        headers.insert(ATTEMPT.into(), AMQPValue::LongLongInt(tries.attempt.into()));
    }
    for (name, at) in [(FIRST_FAILED_AT, tries.first_failed_at), (LAST_FAILED_AT, tries.last_failed_at)] {
        if let Some(at) = at {
            headers.insert(name.into(), AMQPValue::LongLongInt(at.timestamp_micros()));
        }
    }
    if let Some(error) = &tries.last_error {
        headers.insert(LAST_ERROR.into(), text(error));
    }
}

/// All but the routing key and the body.
pub(crate) fn read(properties: &BasicProperties) -> Incoming {
    let headers = Headers(properties.headers().as_ref());
    let short = |value: &Option<ShortString>| value.as_ref().map_or("", ShortString::as_str).to_owned();
    Incoming {
        message_id: short(properties.message_id()).parse().unwrap_or_else(|_missing| Uuid::now_v7()),
        kind: short(properties.kind()),
        version: headers.number(VERSION).unwrap_or(1),
        routing_key: String::new(),
        account_id: headers.number(ACCOUNT),
        traceparent: headers.text(TRACEPARENT).unwrap_or_default().to_owned(),
        redelivered: false,
        tries: headers.tries(),
        body: bytes::Bytes::new(),
    }
}

/// When the broker itself moved the message out of `queue`, since workers were lost with it too often; none if it did not.
/// What a retry level's time limit adds to the same header says nothing of the message.
pub(crate) fn read_delivery_limit(properties: &BasicProperties, queue: &str) -> Option<DeliveryLimit> {
    let deaths = Headers(properties.headers().as_ref()).get(DEATHS)?.as_array()?;
    deaths.as_slice().iter().find_map(|death| {
        let death = Headers(Some(death.as_field_table()?));
        let is_ours = death.text("reason") == Some("delivery_limit") && death.text("queue") == Some(queue);
        let at = match death.get("time") {
            Some(AMQPValue::Timestamp(seconds)) => i64::try_from(*seconds).ok(),
            _ => None,
        };
        is_ours.then(|| DeliveryLimit { at: at.and_then(|seconds| DateTime::from_timestamp(seconds, 0)) })
    })
}

/// The broker gave a message up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DeliveryLimit {
    /// To the second.
    pub(crate) at: Option<DateTime<Utc>>,
}

struct Headers<'a>(Option<&'a FieldTable>);

impl<'a> Headers<'a> {
    fn tries(&self) -> Tries {
        Tries {
            attempt: self.number(ATTEMPT).unwrap_or_default(),
            first_failed_at: self.number(FIRST_FAILED_AT).and_then(DateTime::from_timestamp_micros),
            last_failed_at: self.number(LAST_FAILED_AT).and_then(DateTime::from_timestamp_micros),
            last_error: self.text(LAST_ERROR).map(str::to_owned),
        }
    }

    fn get(&self, name: &str) -> Option<&'a AMQPValue> {
        self.0?.inner().get(name)
    }

    fn text(&self, name: &str) -> Option<&'a str> {
        match self.get(name)? {
            AMQPValue::LongString(value) => std::str::from_utf8(value.as_bytes()).ok(),
            AMQPValue::ShortString(value) => Some(value.as_str()),
            _ => None,
        }
    }

    /// Any kind of integer: which one arrives depends on the client and the broker.
    fn number<N: TryFrom<i64>>(&self, name: &str) -> Option<N> {
        let number = match *self.get(name)? {
            AMQPValue::ShortShortInt(number) => number.into(),
            AMQPValue::ShortShortUInt(number) => number.into(),
            AMQPValue::ShortInt(number) => number.into(),
            AMQPValue::ShortUInt(number) => number.into(),
            AMQPValue::LongInt(number) => number.into(),
            AMQPValue::LongUInt(number) => number.into(),
            AMQPValue::LongLongInt(number) => number,
            _ => return None,
        };
        N::try_from(number).ok()
    }
}

fn text(value: &str) -> AMQPValue {
    AMQPValue::LongString(LongString::from(value))
}

#[cfg(test)]
mod tests {
    use proptest::option;
    use proptest::prelude::*;

    use super::*;

    prop_compose! {
        fn any_tries()(
            attempt in any::<u32>(),
            micros in option::of(0i64..4_000_000_000_000_000),
            last_micros in option::of(0i64..4_000_000_000_000_000),
            last_error in option::of(".{0,200}"),
        ) -> Tries {
            let at = |micros: Option<i64>| micros.and_then(DateTime::from_timestamp_micros);
            Tries { attempt, first_failed_at: at(micros), last_failed_at: at(last_micros), last_error }
        }
    }

    prop_compose! {
        fn any_message()(
            id in any::<u128>(),
            kind in "[a-z_.]{0,40}",
            version in any::<u16>(),
            account_id in option::of(any::<i64>()),
            traceparent in "[0-9a-f-]{0,55}",
            tries in any_tries(),
            body in any::<Vec<u8>>(),
        ) -> Outgoing {
            let message_id = Uuid::from_u128(id);
            let (exchange, routing_key) = (String::new(), "queue".to_owned());
            Outgoing { message_id, exchange, routing_key, kind, version, account_id, traceparent, tries, body: body.into() }
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(message in any_message()) {
            prop_assert_eq!(Incoming::copy_of(&message).to_outgoing(), message);
        }
    }

    #[test]
    fn strange_headers_become_defaults() {
        let mut headers = FieldTable::default();
        headers.insert(VERSION.into(), text("two"));
        headers.insert(ATTEMPT.into(), AMQPValue::LongInt(-3));
        headers.insert(ACCOUNT.into(), AMQPValue::ShortUInt(9));
        headers.insert(LAST_ERROR.into(), AMQPValue::LongString(LongString::from(vec![0xff])));
        let message = read(&BasicProperties::default().with_headers(headers));
        assert_eq!((message.version, message.account_id, message.tries), (1, Some(9), Tries::default()));
        assert!(message.kind.is_empty());
    }

    #[test]
    fn messages_are_persistent() {
        let message = Outgoing::of(&pagekeeper_contracts::v1::SyncPage::default());
        assert_eq!(write(&message).delivery_mode(), &Some(PERSISTENT));
    }
}
