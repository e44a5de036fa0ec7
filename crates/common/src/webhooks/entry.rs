//! One element of `entry`, whatever it holds.

use std::borrow::Cow;
use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::changes::{Change, decode_change};
use super::messaging::{MessagingEvent, decode_messaging};
use super::time::Arrival;
use crate::lenient;

/// What an entry says.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Entry {
    /// In the order of the entry.
    pub events: Vec<Event>,
    /// Whether something in it has no meaning here, or a shape we do not know.
    pub not_understood: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    Messaging(MessagingEvent),
    Change(Change),
}

/// The entry is not a JSON object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the entry is not a JSON object")]
pub struct Unparseable;

/// Reads an entry that arrived at `received_at`. `owner` is the Page or the Instagram account that it belongs to.
pub fn decode_entry(owner: &str, json: &[u8], received_at: DateTime<Utc>) -> Result<Entry, Unparseable> {
    let fields: BTreeMap<Cow<'_, str>, &RawValue> = match serde_json::from_slice(json) {
        Ok(fields) => fields,
        Err(_) => return Err(Unparseable),
    };
    let arrival = Arrival { entry: fields.get("time").and_then(|time| parse::<Time>(time)?.0), received_at };
    let mut entry = Entry::default();
    let mut is_empty = true;
    for (name, value) in &fields {
        match name.as_ref() {
            // `uid` repeats the id in entries about people.
            "id" | "uid" | "time" => continue,
            "messaging" => entry.read_list(value, |element| messaging(owner, element, arrival, false)),
            "standby" => entry.read_list(value, |element| messaging(owner, element, arrival, true)),
            "changes" => entry.read_list(value, |element| change(owner, element, arrival)),
            // Instagram's own login writes the change into the entry (documented; seen nowhere else).
            "field" if fields.contains_key("value") => entry.push(flat(owner, &fields, arrival)),
            "value" if fields.contains_key("field") => {}
            _ => entry.not_understood = true,
        }
        is_empty = false;
    }
    entry.not_understood |= is_empty;
    Ok(entry)
}

impl Entry {
    fn read_list(&mut self, list: &RawValue, read: impl Fn(&RawValue) -> Option<Event>) {
        match serde_json::from_str::<Vec<&RawValue>>(list.get()) {
            Ok(elements) if !elements.is_empty() => elements.into_iter().for_each(|element| self.push(read(element))),
            _ => self.not_understood = true,
        }
    }

    fn push(&mut self, event: Option<Event>) {
        match event {
            Some(event) => self.events.push(event),
            None => self.not_understood = true,
        }
    }
}

fn messaging(owner: &str, element: &RawValue, arrival: Arrival, standby: bool) -> Option<Event> {
    decode_messaging(owner, parse(element)?, arrival, standby).map(Event::Messaging)
}

#[derive(Deserialize)]
struct WireChange<'a> {
    field: Cow<'a, str>,
    #[serde(borrow)]
    value: &'a RawValue,
}

fn change(owner: &str, element: &RawValue, arrival: Arrival) -> Option<Event> {
    let change: WireChange<'_> = serde_json::from_str(element.get()).ok()?;
    field(owner, &change.field, change.value, arrival)
}

fn flat(owner: &str, fields: &BTreeMap<Cow<'_, str>, &RawValue>, arrival: Arrival) -> Option<Event> {
    let name: String = parse(fields.get("field")?)?;
    field(owner, &name, fields.get("value")?, arrival)
}

/// The dashboard's "Test" button and some of Meta's pages wrap messaging events in a change.
fn field(owner: &str, name: &str, value: &RawValue, arrival: Arrival) -> Option<Event> {
    if name.starts_with("messag") || name == "standby" {
        messaging(owner, value, arrival, name == "standby")
    } else {
        decode_change(name, value, arrival).map(Event::Change)
    }
}

pub(super) fn parse<T: DeserializeOwned>(json: &RawValue) -> Option<T> {
    lenient::parse(json.get().as_bytes())
}

struct Time(Option<DateTime<Utc>>);

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        lenient::time(deserializer).map(Self)
    }
}
