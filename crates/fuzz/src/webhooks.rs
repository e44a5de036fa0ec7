//! What comes as a webhook.

use bolero::check;
use chrono::{DateTime, TimeDelta};
use pagekeeper_common::webhooks::{Event, decode_entry};
use pagekeeper_webhook_ingest::signature::{AppSecrets, Signature};
use pagekeeper_webhook_ingest::split::{MOST_ENTRIES, Split, split};
use serde_json::value::RawValue;

#[test]
fn bodies() {
    check!().for_each(|body: &[u8]| {
        let Split::Entries { entries, .. } = split(body) else { return };
        assert!((1..=MOST_ENTRIES).contains(&entries.len()));
        for entry in entries {
            let bytes = entry.json.as_bytes();
            assert!(body.windows(bytes.len()).any(|part| part == bytes), "an entry is passed on as it came");
            assert!(serde_json::from_str::<&RawValue>(entry.json).is_ok());
        }
    });
}

#[test]
fn signature_headers() {
    let secrets = AppSecrets::new(&["secret".into()]);
    check!().for_each(|value: &[u8]| {
        if let Ok(signature) = Signature::from_header_values([value]) {
            assert_eq!(value.len(), "sha256=".len() + 64);
            assert!(secrets.verify(b"a body that nobody signed", &signature).is_err());
        }
        assert!(Signature::from_header_values([value, value]).is_err(), "two signatures could disagree");
    });
}

#[test]
fn entries() {
    let received_at = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
    check!().for_each(|json: &[u8]| {
        let Ok(entry) = decode_entry("1134713619900975", json, received_at) else { return };
        assert!(entry.not_understood || !entry.events.is_empty(), "an entry that says nothing must be kept");
        for event in &entry.events {
            let at = match event {
                Event::Messaging(event) => event.at,
                Event::Change(change) => change.at,
            };
            assert!(at.timestamp() > 0 && at <= received_at + TimeDelta::days(1));
        }
    });
}
