use bytes::Bytes;
use pagekeeper_common::domain::ids::{AccountId, ConnectionId};
use proptest::prelude::*;

use super::*;

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_780_000_000, 0).unwrap()
}

fn owner() -> PageOwner {
    PageOwner { account_id: AccountId::new(1), connection_id: ConnectionId::new(2) }
}

fn page(id: &str) -> EntryOwner {
    EntryOwner::parse("page", id).unwrap()
}

fn owners() -> HashMap<EntryOwner, PageOwner> {
    HashMap::from([(page("100"), owner())])
}

fn entry(object: &str, owner_id: &str, json: &str) -> ReadEntry {
    let split = SplitEntry {
        object: object.to_owned(),
        owner_id: owner_id.to_owned(),
        json: json.to_owned().into_bytes().into(),
    };
    let wire = WebhookEntry {
        received_at: now().timestamp_micros(),
        content: Some(Content::Entry(split)),
        ..WebhookEntry::default()
    };
    read_entry(wire, now())
}

fn body(body: &'static str) -> ReadEntry {
    let content = Content::Body(UnsplitBody { body: Bytes::from_static(body.as_bytes()) });
    read_entry(WebhookEntry { content: Some(content), ..WebhookEntry::default() }, now())
}

fn message(page: &str, psid: u32, mid: u32, at: i64, text: &str) -> ReadEntry {
    entry(
        "page",
        page,
        &format!(
            r#"{{"id":"{page}","time":{at},"messaging":[{{"sender":{{"id":"{psid}"}},"recipient":{{"id":"{page}"}},
               "timestamp":{at},"message":{{"mid":"m_{mid}","text":"{text}"}}}}]}}"#
        ),
    )
}

fn reasons(plan: &EntriesPlan<'_>) -> Vec<QuarantineReason> {
    plan.quarantine.iter().map(|kept| kept.reason).collect()
}

#[test]
fn each_entry_is_stored_or_kept_with_its_reason() {
    let entries = [
        message("100", 7, 1, 1_770_000_000_000, "hi"),
        message("999", 7, 2, 1_770_000_000_000, "hi"),
        entry("page", "100", "not json"),
        entry("page", "100", r#"{"id":"100","time":1,"changes":[]}"#),
        // Not the Page of this number.
        entry("instagram", "100", r#"{"id":"100","messaging":[]}"#),
        entry("user", "100", r#"{"id":"100","changed_fields":["photos"]}"#),
        body("not json"),
        body(r#"{"object":"whatsapp_business_account","entry":[]}"#),
        body("[1]"),
    ];
    let owners = owners();
    let plan = plan_entries(&entries, &owners);
    assert_eq!((plan.messages.len(), plan.batch().message_count()), (1, 1));
    assert_eq!(plan.unknown, BTreeSet::from([&page("999"), &EntryOwner::parse("instagram", "100").unwrap()]));
    assert_eq!(
        reasons(&plan),
        [
            QuarantineReason::PageNotConnected,
            QuarantineReason::Unparseable,
            QuarantineReason::NotUnderstood,
            QuarantineReason::PageNotConnected,
            QuarantineReason::NotUnderstood,
            QuarantineReason::Unparseable,
            QuarantineReason::UnknownObject,
            QuarantineReason::Unparseable,
        ]
    );
}

#[test]
fn an_entry_that_is_understood_in_part_is_stored_in_part_and_kept_whole() {
    let json = r#"{"id":"100","time":1770000000000,"messaging":[
        {"sender":{"id":"7"},"recipient":{"id":"100"},"message":{"mid":"m_1","text":"hi"}},
        {"sender":{"id":"7"},"recipient":{"id":"100"},"read":{"watermark":1770000000000}},
        {"sender":{"id":"7"},"recipient":{"id":"100"},"a_kind_of_2031":{}}]}"#;
    let entries = [entry("page", "100", json)];
    let plan = plan_entries(&entries, &owners());
    assert_eq!((plan.messages.len(), plan.events.len()), (1, 1));
    assert!(!plan.event_batch().is_empty());
    assert_eq!(reasons(&plan), [QuarantineReason::NotUnderstood]);
    assert_eq!(plan.quarantine[0].body, json.as_bytes());
}

proptest! {
    #[test]
    fn halves_hold_what_the_whole_holds(mids in proptest::collection::vec(0u32..6, 0..12), cut in 0usize..12) {
        let entries: Vec<_> =
            mids.iter().map(|mid| message(["100", "999"][*mid as usize % 2], 7, *mid, 1_770_000_000_000, "hi")).collect();
        let owners = owners();
        let whole = plan_entries(&entries, &owners);
        let (left, right) = entries.split_at(cut.min(entries.len()));
        let (left, right) = (plan_entries(left, &owners), plan_entries(right, &owners));
        prop_assert_eq!([left.messages, right.messages].concat(), whole.messages);
        prop_assert_eq!([left.quarantine, right.quarantine].concat(), whole.quarantine);
    }
}
