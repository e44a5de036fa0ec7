//! Bytes that released versions have sent. They stay readable for ever: what waits in a queue, or is parked, outlives
//! an upgrade. A line here may be added, never changed.

use std::fmt::Debug;

use pagekeeper_contracts::prost::Message as _;
use pagekeeper_contracts::prost::bytes::Bytes;
use pagekeeper_contracts::v1::media_refreshed::Outcome;
use pagekeeper_contracts::v1::webhook_entry::Content;
use pagekeeper_contracts::v1::{
    ConnectPages, ConnectionChanged, ConversationsChanged, DisconnectPage, MediaRefreshed, RefreshMedia, RunProgressed,
    SplitEntry, SyncPage, UnsplitBody, WebhookBundle, WebhookEntry,
};
use pagekeeper_contracts::{Contract, Exchange};

/// The message means these bytes, in both directions.
fn assert_golden<M: Contract + PartialEq + Debug>(message: &M, golden: &[u8]) {
    assert_eq!(message.encode_to_vec(), golden, "{} is written otherwise than before", M::TYPE);
    assert_eq!(M::decode(golden).as_ref(), Ok(message), "{} is read otherwise than before", M::TYPE);
}

#[test]
fn commands() {
    assert_golden(&ConnectPages { account_id: 1, run_id: 300 }, b"\x08\x01\x10\xac\x02");
    assert_golden(&SyncPage { account_id: 1, run_id: 300, interactive: false }, b"\x08\x01\x10\xac\x02");
    assert_golden(&DisconnectPage { account_id: 1, connection_id: 7 }, b"\x08\x01\x10\x07");
    assert_golden(&RefreshMedia { account_id: 1, message_id: 300 }, b"\x08\x01\x10\xac\x02");
}

#[test]
fn events() {
    let changed = ConversationsChanged { account_id: 1, conversation_ids: vec![2, 300], version: 5 };
    assert_golden(&changed, b"\x08\x01\x12\x03\x02\xac\x02\x18\x05");
    let connection = ConnectionChanged { account_id: 1, connection_id: 7, page_id: "42".to_owned() };
    assert_golden(&connection, b"\x08\x01\x10\x07\x1a\x0242");
    let progressed = RunProgressed { account_id: 1, run_id: 300, parent_run_id: 9, ended: true };
    assert_golden(&progressed, b"\x08\x01\x10\xac\x02\x18\x09\x20\x01");
    let refreshed = MediaRefreshed { account_id: 1, message_id: 300, outcome: Outcome::Gone.into() };
    assert_golden(&refreshed, b"\x08\x01\x10\xac\x02\x18\x02");
}

#[test]
fn webhooks() {
    let entry = |content| WebhookEntry {
        id: Bytes::from_static(b"0123456789abcdef"),
        received_at: 1,
        traceparent: String::new(),
        content: Some(content),
    };
    let split = SplitEntry { object: "page".to_owned(), owner_id: "42".to_owned(), json: Bytes::from_static(b"{}") };
    let unsplit = UnsplitBody { body: Bytes::from_static(b"?") };
    let bundle = WebhookBundle { entries: vec![entry(Content::Entry(split)), entry(Content::Body(unsplit))] };
    let golden = b"\x0a\x24\x0a\x100123456789abcdef\x10\x01\x22\x0e\x0a\x04page\x12\x0242\x1a\x02{}\
                   \x0a\x19\x0a\x100123456789abcdef\x10\x01\x2a\x03\x0a\x01?";
    assert_golden(&bundle, golden);
}

#[test]
fn fields_of_a_newer_version_are_ignored() {
    let newer = b"\x08\x01\x10\xac\x02\x7a\x03new";
    assert_eq!(SyncPage::decode(newer.as_slice()), Ok(SyncPage { account_id: 1, run_id: 300, interactive: false }));
}

#[test]
fn messages_go_where_the_contract_says() {
    fn route<M: Contract>(message: &M) -> (Exchange, String, Option<i64>) {
        (M::EXCHANGE, message.routing_key(), message.account_id())
    }
    let key = |key: &str| key.to_owned();
    assert_eq!(route(&WebhookBundle::default()), (Exchange::Webhooks, key("entry.0"), None));
    let command = SyncPage { account_id: 3, run_id: 4, interactive: false };
    assert_eq!(route(&command), (Exchange::Commands, key("sync.page"), Some(3)));
    let event = RunProgressed { account_id: 3, ..RunProgressed::default() };
    assert_eq!(route(&event), (Exchange::Events, key("run.progressed.3"), Some(3)));
}
