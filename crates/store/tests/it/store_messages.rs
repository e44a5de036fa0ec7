//! The law of the batches: whatever order, duplicates and batches a history of messages comes in, the same rows.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use pagekeeper_common::domain::ids::{Mid, Psid, ThreadId};
use pagekeeper_store::messages::{Attachment, ConversationUpsert, MessageUpsert, StoreBatch, ToldName};
use pagekeeper_store::{Store, StoreError};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

use crate::fixture::{Fixture, Tenant, at, message};

/// Something that Meta told, by a webhook or in an answer of the Graph API.
#[derive(Debug, Clone)]
struct Observation {
    person: u8,
    /// None: a conversation in a listing, without messages.
    message: Option<u8>,
    from_graph: bool,
    /// Graph tells names that change over time.
    told_at: i64,
    with_thread: bool,
    read_up_to: Option<i64>,
}

fn observation() -> impl Strategy<Value = Observation> {
    (
        0u8..5,
        prop::option::weighted(0.95, 0u8..60),
        any::<bool>(),
        0i64..40,
        any::<bool>(),
        prop::option::weighted(0.1, 0i64..90),
    )
        .prop_map(|(person, message, from_graph, told_at, with_thread, read_up_to)| Observation {
            // A message belongs to one conversation for ever.
            person: message.map_or(person, |message| message % 5),
            message,
            from_graph,
            told_at,
            with_thread,
            read_up_to,
        })
}

impl Observation {
    fn push_into(&self, batch: &mut StoreBatch, tenant: &Tenant) {
        let conversation = batch.push_conversation(ConversationUpsert {
            account_id: tenant.account_id,
            connection_id: tenant.connection_id,
            psid: Psid::parse(format!("99{}", self.person)).unwrap(),
            name: self.from_graph.then(|| ToldName {
                told_at: at(self.told_at),
                name: format!("Ngọc\0 {}", (self.told_at * 7 + i64::from(self.person)) % 3),
            }),
            thread_id: (self.from_graph && self.with_thread)
                .then(|| ThreadId::parse(format!("t_{}", self.person)).unwrap()),
            updated_at: at(self.told_at),
            read_up_to: self.read_up_to.map(at),
        });
        if let Some(number) = self.message {
            batch.push_message(self.message(conversation, number));
        }
    }

    fn message(&self, conversation: usize, number: u8) -> MessageUpsert {
        // Several messages in one second, and some in the same millisecond.
        let sent_at: DateTime<Utc> = at(0) + TimeDelta::milliseconds(i64::from(number / 2) * 350);
        let has_text = !number.is_multiple_of(7);
        let attachment = Attachment {
            kind: "image".to_owned(),
            name: self.from_graph.then(|| format!("photo-{number}.jpg")),
            mime_type: self.from_graph.then(|| "image/jpeg".to_owned()),
            size: self.from_graph.then_some(1000 + u64::from(number)),
        };
        MessageUpsert {
            conversation,
            mid: Mid::parse(format!("m_{number}")).unwrap(),
            from_page: number.is_multiple_of(3),
            // Graph knows seconds, webhooks milliseconds.
            sent_at: if self.from_graph { chrono::SubsecRound::trunc_subsecs(sent_at, 0) } else { sent_at },
            text: has_text.then(|| format!("message\0 {number}")),
            attachments: if has_text { Vec::new() } else { vec![attachment] },
            media: Vec::new(),
            app_id: (!self.from_graph && number.is_multiple_of(3)).then(|| "4711".to_owned()),
            reply_to_mid: (number % 11 == 5).then(|| Mid::parse(format!("m_{}", number - 1)).unwrap()),
        }
    }
}

fn batches(history: &[Observation], size: usize, tenant: &Tenant) -> Vec<StoreBatch> {
    let batch = |part: &[Observation]| {
        let mut batch = StoreBatch::new();
        for observation in part {
            observation.push_into(&mut batch, tenant);
        }
        batch
    };
    history.chunks(size).map(batch).collect()
}

async fn stored_rows(fixture: &Fixture, tenant: &Tenant) -> Vec<String> {
    let of_connection = format!("connection_id = {}", tenant.connection_id);
    let mut rows = fixture
        .lines(&format!("select psid, name, profile_checked_at from contacts where {of_connection} order by psid"))
        .await;
    rows.extend(
        fixture
            .lines(&format!(
                "select psid, thread_id, last_message_at, last_message_mid, last_message_from_page, snippet, last_inbound_at,
                     read_up_to from conversations where {of_connection} order by psid"
            ))
            .await,
    );
    rows.extend(
        fixture
            .lines(&format!(
                "select v.psid, m.mid, m.from_page, m.sent_at, m.text, m.attachments, m.app_id, m.reply_to_mid
                 from messages m join conversations v on v.id = m.conversation_id
                 where m.{of_connection} order by m.mid"
            ))
            .await,
    );
    rows
}

/// As a worker does: what collided with another batch is tried again.
async fn store_all(store: Store, batches: Vec<StoreBatch>) -> u32 {
    let mut collisions = 0;
    for batch in batches {
        while let Err(error) = store.store_messages(&batch).await {
            assert!(matches!(error, StoreError::Contention(_)), "{error:?}");
            collisions += 1;
        }
    }
    collisions
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn any_order_duplication_and_batching_of_a_history_gives_the_same_rows() {
    let mut fixture = Fixture::new().await;
    let store = fixture.worker();
    let mut runner = TestRunner::deterministic();
    let history = prop::collection::vec(observation(), 150..400);
    for case in 0..6 {
        let mut random =
            |history: Vec<Observation>| Just(history).prop_shuffle().new_tree(&mut runner).unwrap().current();
        let told = {
            let mut runner = TestRunner::deterministic();
            (0..=case).map(|_| history.new_tree(&mut runner).unwrap().current()).next_back().unwrap()
        };
        let doubled: Vec<_> = told.iter().chain(told.iter().step_by(3)).cloned().collect();
        let mut expected: Option<Vec<String>> = None;
        for (variant, (history, size)) in
            [(told.clone(), 1000), (random(told.clone()), 17), (random(doubled.clone()), 100), (random(doubled), 1)]
                .into_iter()
                .enumerate()
        {
            let tenant = fixture.tenant(&format!("8{case}{variant}")).await;
            store_all(store.clone(), batches(&history, size, &tenant)).await;
            let rows = stored_rows(&fixture, &tenant).await;
            assert!(rows.len() > 50);
            let first = expected.get_or_insert_with(|| rows.clone());
            assert_eq!(*first, rows, "case {case}, variant {variant}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_workers_on_the_same_conversations_end_with_the_same_rows() {
    let mut fixture = Fixture::new().await;
    let store = fixture.worker();
    let mut runner = TestRunner::deterministic();
    let told = prop::collection::vec(observation(), 400..401).new_tree(&mut runner).unwrap().current();
    let alone = fixture.tenant("501").await;
    store_all(store.clone(), batches(&told, 1000, &alone)).await;
    let expected = stored_rows(&fixture, &alone).await;
    for round in 0..3 {
        let tenant = Arc::new(fixture.tenant(&format!("60{round}")).await);
        let shuffled = Just(told.clone()).prop_shuffle().new_tree(&mut runner).unwrap().current();
        let workers = [(&told, 9), (&shuffled, 23)]
            .map(|(history, size)| tokio::spawn(store_all(store.clone(), batches(history, size, &tenant))));
        for worker in workers {
            worker.await.unwrap();
        }
        assert_eq!(stored_rows(&fixture, &tenant).await, expected, "round {round}");
    }
}

#[tokio::test]
async fn a_batch_answers_what_really_changed() {
    let mut fixture = Fixture::new().await;
    let tenant = fixture.tenant("100").await;
    let store = fixture.worker();

    let batch = tenant.message("7", "m_1", false, 1, "hello");
    let stored = store.store_messages(&batch).await.unwrap();
    assert_eq!((stored.new_contacts.len(), stored.new_messages, stored.changed.len()), (1, 1, 1));
    assert_eq!(stored.changed[0].account_id, tenant.account_id);

    let again = store.store_messages(&batch).await.unwrap();
    assert_eq!((again.new_contacts.len(), again.new_messages, again.changed.len()), (0, 0, 0));

    // An older message changes the thread, though not the conversation's own row.
    let older = store.store_messages(&tenant.message("7", "m_0", false, 0, "before")).await.unwrap();
    assert_eq!((older.new_contacts.len(), older.new_messages), (0, 1));
    assert_eq!(older.changed, stored.changed);
    assert_eq!(store.store_messages(&StoreBatch::new()).await.unwrap().new_messages, 0);
}

#[tokio::test]
async fn only_what_facebook_sent_by_itself_tells_that_a_pages_webhooks_arrive() {
    let mut fixture = Fixture::new().await;
    let tenant = fixture.tenant("100").await;
    let store = fixture.worker();
    store.store_messages(&tenant.message("7", "m_1", false, 1, "hello")).await.unwrap();
    assert_eq!(fixture.database.number("select count(last_webhook_at) from connections").await, 0);
    let mut batch = StoreBatch::of_webhooks();
    batch.push_conversation(tenant.conversation("7"));
    store.store_messages(&batch).await.unwrap();
    let touched = fixture.lines("select last_webhook_at, xmin from connections").await;
    assert!(!touched[0].starts_with("(,"));
    store.store_messages(&batch).await.unwrap();
    assert_eq!(fixture.lines("select last_webhook_at, xmin from connections").await, touched, "once a minute");
}

#[tokio::test]
async fn a_name_told_later_wins_and_the_same_telling_writes_nothing() {
    let mut fixture = Fixture::new().await;
    let tenant = fixture.tenant("100").await;
    let store = fixture.worker();
    let telling = |told_at, name: &str| {
        let mut batch = StoreBatch::new();
        let name = Some(ToldName { told_at: at(told_at), name: name.to_owned() });
        batch.push_conversation(ConversationUpsert { name, ..tenant.conversation("7") });
        batch
    };
    for (told_at, name) in [(1, "Lan"), (3, "Lan Anh"), (2, "Lan B")] {
        store.store_messages(&telling(told_at, name)).await.unwrap();
    }
    assert_eq!(fixture.lines("select name from contacts").await, ["(\"Lan Anh\")"]);

    let version = fixture.database.number("select xmin::text::bigint from contacts").await;
    store.store_messages(&telling(3, "Lan Anh")).await.unwrap();
    assert_eq!(fixture.database.number("select xmin::text::bigint from contacts").await, version);
}

#[tokio::test]
async fn a_poison_row_fails_its_batch_as_refused_and_nothing_of_the_batch_is_stored() {
    let mut fixture = Fixture::new().await;
    let tenant = fixture.tenant("100").await;
    let store = fixture.worker();
    let mut batch = tenant.message("7", "m_1", false, 1, "hello");
    // A connection that is not there: what a deleted Page's late webhook looks like.
    let poison = batch.push_conversation(ConversationUpsert {
        connection_id: pagekeeper_common::domain::ids::ConnectionId::new(999_999),
        ..tenant.conversation("8")
    });
    batch.push_message(message(poison, "m_2", false, 2, "poison"));
    let error = store.store_messages(&batch).await.unwrap_err();
    assert!(matches!(error, StoreError::Refused(_)) && error.is_about_the_data(), "{error:?}");
    assert_eq!(fixture.database.number("select count(*) from messages").await, 0);
    assert_eq!(fixture.database.number("select count(*) from contacts").await, 0);
}

#[tokio::test]
async fn nul_characters_are_taken_out_and_the_rest_is_stored() {
    let mut fixture = Fixture::new().await;
    let tenant = fixture.tenant("100").await;
    let mut batch = tenant.message("7", "m_1", false, 1, "he\0llo");
    let attachments =
        vec![Attachment { kind: "file".to_owned(), name: Some("a\0b.pdf".to_owned()), mime_type: None, size: None }];
    batch.push_message(MessageUpsert { attachments, text: Some("\0".to_owned()), ..message(0, "m_2", false, 2, "") });
    fixture.worker().store_messages(&batch).await.unwrap();
    assert_eq!(
        fixture.lines("select text, attachments->0->>'name' from messages order by mid").await,
        ["(hello,)", "(,ab.pdf)"]
    );
}

#[tokio::test]
async fn the_pages_own_message_answers_what_the_customer_wrote_before_it() {
    let mut fixture = Fixture::new().await;
    let tenant = fixture.tenant("100").await;
    let store = fixture.worker();
    for (mid, from_page, seconds) in [("m_3", false, 3), ("m_2", true, 2), ("m_1", false, 1)] {
        store.store_messages(&tenant.message("7", mid, from_page, seconds, mid)).await.unwrap();
    }
    let unread = "select count(*) from conversations where last_inbound_at > read_up_to and read_up_to = ";
    assert_eq!(fixture.database.number(&format!("{unread} '{}'", at(2))).await, 1);
    store.store_messages(&tenant.message("7", "m_4", true, 4, "answer")).await.unwrap();
    assert_eq!(
        fixture.database.number("select count(*) from conversations where last_inbound_at > read_up_to").await,
        0
    );
}

#[tokio::test]
async fn a_batch_cannot_reach_into_an_account_outside_its_transactions_scope() {
    let mut fixture = Fixture::new().await;
    let inside = fixture.tenant("100").await;
    let outside = fixture.tenant("200").await;
    let store = fixture.worker();
    let run = fixture.claimed_run(&inside).await;
    let batch = outside.message("7", "m_1", false, 1, "hello");
    let error = store.store_sync_page(&run, &batch, &crate::sync_runs::progress()).await.unwrap_err();
    assert!(matches!(error, StoreError::Forbidden(_)), "{error:?}");
    assert_eq!(fixture.database.number("select count(*) from messages").await, 0);
}
