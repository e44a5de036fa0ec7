//! A body into its entries, without a server.

use bytes::Bytes;
use pagekeeper_bus::WebhookQueues;
use pagekeeper_contracts::prost::Message;
use pagekeeper_contracts::v1::webhook_entry::Content;
use pagekeeper_contracts::v1::{WebhookBundle, WebhookEntry};
use pagekeeper_webhook_ingest::bundle::BundleLimits;
use pagekeeper_webhook_ingest::pack::{Packed, Postmark, pack, repack};
use pagekeeper_webhook_ingest::split::{KnownObject, MOST_ENTRIES, Split, WholeReason, split};
use proptest::prelude::*;
use serde_json::{Value, json};

fn entries(body: &str) -> Vec<(String, String)> {
    match split(body.as_bytes()) {
        Split::Entries { entries, .. } => {
            entries.into_iter().map(|entry| (entry.owner_id.into_owned(), entry.json.to_owned())).collect()
        }
        Split::Whole(reason) => panic!("not split: {reason:?}"),
    }
}

fn whole(body: impl AsRef<[u8]>) -> WholeReason {
    match split(body.as_ref()) {
        Split::Whole(reason) => reason,
        Split::Entries { .. } => panic!("split"),
    }
}

#[test]
fn entries_come_out_as_the_bytes_that_came() {
    let first = r#"{ "id" : "1", "time":1.50, "messaging":[{"text":"\u00e4 \/ ä","z":1e400}] }"#;
    let second = r#"{"id":2,"a":1,"a":2}"#;
    let body = format!("{{\"entry\":[\n {first} ,{second}\t],\"object\":\"page\",\"more\":null}}");
    assert_eq!(entries(&body), [("1".to_owned(), first.to_owned()), ("2".to_owned(), second.to_owned())]);
}

#[test]
fn an_envelope_in_an_array_is_one_too() {
    let entry = r#"{"id":"1","field":"comments","value":{}}"#;
    let body = format!(" [\n{{\"object\":\"instagram\",\"entry\":[{entry}]}}\n]");
    assert_eq!(entries(&body), [("1".to_owned(), entry.to_owned())]);
}

#[test]
fn an_element_that_names_no_owner_is_still_an_entry() {
    let odd = [
        "{}",
        "null",
        "[]",
        "7",
        r#"{"id":null}"#,
        r#"{"id":{}}"#,
        r#"{"id":""}"#,
        r#"{"id":"a\u0000b"}"#,
        r#"{"id":-1}"#,
    ];
    let body = format!(r#"{{"object":"instagram","entry":[{}]}}"#, odd.join(","));
    let split = entries(&body);
    assert_eq!(split, odd.map(|json| (String::new(), json.to_owned())));
    let long = format!(r#"{{"object":"page","entry":[{{"id":"{}"}}]}}"#, "1".repeat(65));
    assert_eq!(entries(&long)[0].0, "");
}

#[test]
fn depth_below_an_entry_does_not_matter() {
    let deep = format!(r#"{{"id":"1","x":{}{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
    let body = format!(r#"{{"object":"page","entry":[{deep}]}}"#);
    assert_eq!(entries(&body), [("1".to_owned(), deep)]);
}

#[test]
fn what_is_not_an_envelope_stays_whole() {
    let not_envelopes: [&[u8]; 17] = [
        b"",
        b"x",
        b"null",
        b"[]",
        br#"["page",[{}]]"#,
        br#"[["page",[{}]]"#,
        br#"[{"object":"page","entry":[{}]},{"object":"page","entry":[{}]}]"#,
        b"{}",
        br#"{"object":"page"}"#,
        br#"{"object":"page","entry":null}"#,
        br#"{"object":"page","entry":{}}"#,
        br#"{"object":1,"entry":[{}]}"#,
        br#"{"object":"page","object":"page","entry":[{}]}"#,
        br#"{"object":"page","entry":[{}]} x"#,
        br#"{"object":"page","entry":[{}"#,
        b"\xef\xbb\xbf{\"object\":\"page\",\"entry\":[{}]}",
        b"{\"object\":\"page\",\"entry\":[{\"id\":\"\xff\"}]}",
    ];
    for body in not_envelopes {
        assert_eq!(whole(body), WholeReason::NotAnEnvelope, "{}", String::from_utf8_lossy(body));
    }
    assert_eq!(whole(r#"{"object":"user","entry":[{"id":"1"}]}"#), WholeReason::UnknownObject);
    assert_eq!(whole(r#"{"object":"page","entry":[]}"#), WholeReason::NoEntries);
    let many = vec!["0"; MOST_ENTRIES + 1].join(",");
    assert_eq!(whole(format!(r#"{{"object":"page","entry":[{many}]}}"#)), WholeReason::TooManyEntries);
}

fn unpack(packed: &[Packed]) -> Vec<WebhookEntry> {
    packed.iter().flat_map(|packed| WebhookBundle::decode(packed.encoded.clone()).unwrap().entries).collect()
}

fn json_of(entry: &WebhookEntry) -> &[u8] {
    match &entry.content {
        Some(Content::Entry(split)) => &split.json,
        Some(Content::Body(unsplit)) => &unsplit.body,
        None => panic!("an entry without content"),
    }
}

const POSTMARK: Postmark = Postmark { received_at: 1_700_000_000_000_000, traceparent: String::new() };

fn queues(count: u16) -> WebhookQueues {
    WebhookQueues::new(count).unwrap()
}

#[test]
fn a_large_batch_is_packed_within_the_limits_and_in_order() {
    let elements: Vec<String> = (0..1000).map(|n| format!(r#"{{"id":"{}","n":{n}}}"#, n % 7)).collect();
    let body = Bytes::from(format!(r#"{{"object":"page","entry":[{}]}}"#, elements.join(",")));
    let limits = BundleLimits { entries: 128, bytes: 4096 };
    let packed = pack(&body, split(&body), &POSTMARK, limits, queues(1));

    assert!(packed.iter().all(|packed| packed.entries <= 128 && packed.encoded.len() <= 4096 + 3 * 128));
    assert_eq!(packed.iter().map(|packed| packed.entries).sum::<u32>(), 1000);
    let entries = unpack(&packed);
    assert!(entries.iter().map(json_of).eq(elements.iter().map(String::as_bytes)));
    assert!(entries.iter().all(|entry| entry.received_at == POSTMARK.received_at));
    let mut ids: Vec<_> = entries.iter().map(|entry| entry.id.clone()).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 1000);
}

#[test]
fn what_cannot_be_read_stays_as_it_is() {
    let broken = Bytes::from_static(b"\xff\xff");
    let limits = BundleLimits { entries: 1, bytes: 1 };
    let packed = repack(broken.clone(), 3, limits, queues(4));
    assert_eq!(packed, [Packed { queue: 0, encoded: broken, entries: 3 }]);
}

#[test]
fn an_entry_larger_than_a_bundle_travels_alone() {
    let large = format!(r#"{{"id":"1","text":"{}"}}"#, "x".repeat(10_000));
    let body = Bytes::from(format!(r#"{{"object":"page","entry":[{{"id":"1"}},{large},{{"id":"1"}}]}}"#));
    let packed = pack(&body, split(&body), &POSTMARK, BundleLimits { entries: 128, bytes: 4096 }, queues(4));
    assert_eq!(packed.iter().map(|packed| packed.entries).collect::<Vec<_>>(), [1, 1, 1]);
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 5, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            proptest::collection::hash_map("id|time|messaging|[a-z]{1,5}", inner, 0..5)
                .prop_map(|fields| fields.into_iter().collect::<serde_json::Map<_, _>>().into()),
        ]
    })
}

proptest! {
    #[test]
    fn split_never_panics(body in proptest::collection::vec(any::<u8>(), 0..300)) {
        split(&body);
    }

    #[test]
    fn split_never_panics_on_broken_envelopes(cut in any::<prop::sample::Index>(), put in any::<u8>()) {
        let mut body = br#"{"object":"page","entry":[{"id":"1","messaging":[{"message":{"text":"\u00e4"}}]},{"id":2}]}"#.to_vec();
        let place = cut.index(body.len());
        body[place] = put;
        split(&body);
        split(&body[..place]);
    }

    #[test]
    fn every_entry_comes_out_once_byte_for_byte(
        values in proptest::collection::vec(any_json(), 1..20),
        is_page in any::<bool>(),
        entries in 1u32..8,
        bytes in 1usize..2000,
    ) {
        let object = if is_page { KnownObject::Page } else { KnownObject::Instagram };
        let body = Bytes::from(json!({ "object": object.name(), "entry": values }).to_string());
        let packed = pack(&body, split(&body), &POSTMARK, BundleLimits { entries, bytes }, queues(1));
        prop_assert!(packed.iter().all(|packed| (1..=entries).contains(&packed.entries)));
        let entries = unpack(&packed);
        let expected: Vec<String> = values.iter().map(Value::to_string).collect();
        prop_assert!(entries.iter().map(json_of).eq(expected.iter().map(String::as_bytes)));
    }

    /// Packed for one number of queues and again for another: nothing is lost, nothing is in the wrong queue, and what
    /// is of one Page keeps its order.
    #[test]
    fn every_entry_is_in_the_queue_of_its_owner_also_after_the_number_changed(
        owners in proptest::collection::vec(0u64..9, 1..40),
        before in 1u16..9,
        after in 1u16..9,
        entries in 1u32..8,
    ) {
        let elements: Vec<String> = owners.iter().enumerate().map(|(n, id)| format!(r#"{{"id":"{id}","n":{n}}}"#)).collect();
        let body = Bytes::from(format!(r#"{{"object":"page","entry":[{}]}}"#, elements.join(",")));
        let limits = BundleLimits { entries, bytes: 100_000 };
        let first = pack(&body, split(&body), &POSTMARK, limits, queues(before));
        let again = first.iter().flat_map(|packed| repack(packed.encoded.clone(), packed.entries, limits, queues(after)));
        let again: Vec<Packed> = again.collect();
        for (packed, count) in first.iter().map(|packed| (packed, before)).chain(again.iter().map(|packed| (packed, after))) {
            let found = unpack(std::slice::from_ref(packed));
            prop_assert_eq!(found.len(), usize::try_from(packed.entries).unwrap());
            prop_assert!(found.iter().all(|entry| queues(count).index_of_entry(entry) == packed.queue));
        }
        for owner in 0..9 {
            let start = format!(r#"{{"id":"{owner}""#);
            let of_owner = |entries: Vec<Vec<u8>>| -> Vec<Vec<u8>> {
                entries.into_iter().filter(|json| json.starts_with(start.as_bytes())).collect()
            };
            let expected = of_owner(elements.iter().map(|json| json.clone().into_bytes()).collect());
            prop_assert_eq!(&of_owner(unpack(&first).iter().map(|entry| json_of(entry).to_vec()).collect()), &expected);
            prop_assert_eq!(of_owner(unpack(&again).iter().map(|entry| json_of(entry).to_vec()).collect()), expected);
        }
    }

    #[test]
    fn two_encoded_bundles_in_a_row_are_one(first in 1i64..5, second in 1i64..5) {
        let bundle = |entries: i64| WebhookBundle {
            entries: (0..entries).map(|n| WebhookEntry { received_at: n, ..WebhookEntry::default() }).collect(),
        };
        let joined = [bundle(first).encode_to_vec(), bundle(second).encode_to_vec()].concat();
        let decoded = WebhookBundle::decode(joined.as_slice()).unwrap();
        let expected: Vec<_> = [bundle(first).entries, bundle(second).entries].concat();
        prop_assert_eq!(decoded.entries, expected);
    }
}
