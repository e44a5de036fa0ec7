//! What becomes of messages, conversations and posts: the same law as that of messages (SPEC C10, D3, D6).

#![expect(clippy::indexing_slicing, clippy::large_enum_variant, reason = "a test fails at once, and holds few of them")]

use chrono::{DateTime, SubsecRound as _, TimeDelta, Utc};
use pagekeeper_common::domain::ids::{ConnectionId, ConversationId, Mid, Psid};
use pagekeeper_store::conversations::{self, InboxPage, PageStart};
use pagekeeper_store::events::{
    Author, CommentTold, ConversationEvent, Emotion, EventBatch, Observation, PostReaction, PostTold, StoryFigures,
    WallAct,
};
use pagekeeper_store::messages::{Attachment, ListedReaction, Message, MessageUpsert, StoreBatch, ThreadListing};
use pagekeeper_store::{AccountTx, Store, StoreError, messages};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use serde_json::json;

use crate::fixture::{Fixture, Tenant, at, message};

const PEOPLE: u8 = 3;

/// One thing that Meta told.
#[derive(Debug, Clone)]
enum Told {
    /// By a webhook.
    Message(u8),
    /// By a sync that asked then: what is true at that time.
    Snapshot(u8, i64),
    Event(Observation),
}

/// What happens to a message, in seconds after it was sent; no two texts are the same.
#[derive(Debug, Clone)]
struct Life {
    number: u8,
    edits: Vec<i64>,
    deleted: Option<i64>,
    reactions: Vec<(bool, i64, Option<u8>)>,
    snapshots: Vec<i64>,
}

fn life(number: u8) -> impl Strategy<Value = Life> {
    (
        prop::collection::btree_set(10i64..100, 0..4),
        prop::option::weighted(0.2, 100i64..120),
        prop::collection::vec((any::<bool>(), 10i64..100, prop::option::of(0u8..4)), 0..4),
        prop::collection::vec(5i64..130, 0..3),
    )
        .prop_map(move |(edits, deleted, reactions, snapshots)| Life {
            number,
            edits: edits.into_iter().collect(),
            deleted,
            reactions,
            snapshots,
        })
}

impl Life {
    fn mid(&self) -> Mid {
        Mid::parse(format!("m_{}", self.number)).unwrap()
    }

    fn sent_at(number: u8) -> DateTime<Utc> {
        at(0) + TimeDelta::milliseconds(i64::from(number) * 370)
    }

    fn when(&self, seconds: i64) -> DateTime<Utc> {
        Self::sent_at(self.number) + TimeDelta::seconds(seconds)
    }

    /// Greater texts come before lesser ones as often as after.
    fn text(number: u8, version: usize) -> String {
        let first = ["m", "z", "a", "q"][(version + usize::from(number)) % 4];
        format!("{first}: message {number}, version {version}")
    }

    fn version_at(&self, seconds: i64) -> usize {
        self.edits.iter().filter(|edit| **edit <= seconds).count()
    }

    fn told(&self) -> Vec<Told> {
        let edits = self.edits.iter().enumerate().map(|(index, seconds)| Observation::Edited {
            mid: self.mid(),
            text: Self::text(self.number, index + 1),
            edits: u32::try_from(index + 1).unwrap(),
            at: self.when(*seconds),
        });
        let deleted = self.deleted.map(|seconds| Observation::Deleted { mid: self.mid(), at: self.when(seconds) });
        let reactions = self.reactions.iter().map(|(from_page, seconds, emotion)| Observation::Reacted {
            mid: self.mid(),
            from_page: *from_page,
            emotion: emotion.map(|number| Emotion { name: Some("other".to_owned()), emoji: Some(number.to_string()) }),
            at: self.when(*seconds),
        });
        let listed = self.snapshots.iter().filter(|seconds| self.deleted.is_none_or(|deleted| **seconds < deleted));
        let mut told = vec![Told::Message(self.number)];
        told.extend(listed.map(|seconds| Told::Snapshot(self.number, *seconds)));
        told.extend(edits.chain(deleted).chain(reactions).map(Told::Event));
        told
    }
}

/// What concerns no message.
fn other_event() -> impl Strategy<Value = Observation> {
    let psid = (0..PEOPLE).prop_map(|person| Psid::parse(format!("99{person}")).unwrap());
    prop_oneof![
        (psid.clone(), 0i64..90).prop_map(|(psid, s)| Observation::Delivered { psid, up_to: at(s) }),
        (psid.clone(), 0i64..90).prop_map(|(psid, s)| Observation::Seen { psid, up_to: at(s) }),
        (psid.clone(), 0i64..20, prop::option::of(0u8..3)).prop_map(|(psid, s, app)| Observation::Handled {
            psid,
            app_id: app.map(|app| app.to_string()),
            at: at(s),
        }),
        (prop::option::of(psid), 0i64..20, 0u8..2).prop_map(|(psid, s, number)| {
            let detail = json!({ "payload\0": format!("GO\0{number}") });
            Observation::Happened(ConversationEvent { psid, kind: "postback", at: at(s), detail })
        }),
        (0u8..4, act(), 0i64..6, any::<bool>(), 0u8..3).prop_map(|(post, act, s, is_published, text)| {
            Observation::Post(post_told(post, act, s, is_published, text))
        }),
        (0u8..6, act(), 0i64..6, 0u8..3)
            .prop_map(|(comment, act, s, text)| { Observation::Comment(comment_told(comment, act, s, text)) }),
        (0u8..3, any::<bool>(), 0u8..2, act(), 0i64..6, prop::option::of(0u8..2)).prop_map(
            |(post, on_comment, author, act, s, kind)| {
                Observation::PostReaction(PostReaction {
                    post_id: format!("100_{post}"),
                    comment_id: on_comment.then(|| format!("{post}_9")),
                    author: Some(Author { id: format!("77{author}"), name: None }),
                    act,
                    kind: kind.map(|kind| ["like", "love"][usize::from(kind)].to_owned()),
                    at: at(s),
                })
            }
        ),
        (0i64..50).prop_map(|s| Observation::DetailsChanged { at: at(s) }),
    ]
}

fn act() -> impl Strategy<Value = WallAct> {
    prop_oneof![
        4 => Just(WallAct::Added),
        3 => Just(WallAct::Edited),
        1 => Just(WallAct::Removed),
        1 => Just(WallAct::Hidden),
        1 => Just(WallAct::Shown),
        1 => Just(WallAct::Named),
    ]
}

fn post_told(post: u8, act: WallAct, seconds: i64, is_published: bool, text: u8) -> PostTold {
    let reach = Some(u64::try_from(seconds).unwrap());
    let figures =
        StoryFigures { reach, replies: None, exits: None, taps_forward: None, taps_back: None, impressions: None };
    PostTold {
        post_id: format!("100_{post}"),
        act,
        at: at(seconds),
        kind: (text > 0).then(|| "status".to_owned()),
        author: (text > 1).then(|| Author { id: "100".to_owned(), name: Some("Our Page\0".to_owned()) }),
        message: (text > 0).then(|| format!("post {text}")),
        is_published,
        is_mention: text == 2,
        figures: (act == WallAct::Named).then_some(figures),
    }
}

fn comment_told(comment: u8, act: WallAct, seconds: i64, text: u8) -> CommentTold {
    CommentTold {
        comment_id: format!("{}_{comment}", comment % 4),
        act,
        at: at(seconds),
        post_id: Some(format!("100_{}", comment % 4)),
        parent_id: (comment > 3).then(|| "1_1".to_owned()),
        author: (act != WallAct::Removed).then(|| Author { id: "771".to_owned(), name: Some("Ada".to_owned()) }),
        message: (act != WallAct::Removed).then(|| format!("comment {text}")),
        is_live: false,
        is_mention: false,
    }
}

fn push_message(batch: &mut StoreBatch, tenant: &Tenant, life: &Life, version: usize, from_graph: bool) {
    let number = life.number;
    let conversation = batch.push_conversation(tenant.conversation(&format!("99{}", number % PEOPLE)));
    let sent_at = Life::sent_at(number);
    let image = Attachment { kind: "image".to_owned(), name: None, mime_type: None, size: None };
    batch.push_message(MessageUpsert {
        sent_at: if from_graph { sent_at.trunc_subsecs(0) } else { sent_at },
        attachments: if number.is_multiple_of(4) { vec![image] } else { Vec::new() },
        ..message(conversation, life.mid().as_str(), number.is_multiple_of(2), 0, &Life::text(number, version))
    });
}

/// Batches as a worker makes them: webhooks together, each page of a sync by itself.
async fn store_all(store: &Store, tenant: &Tenant, lives: &[Life], told: &[Told], size: usize) {
    for part in told.chunks(size) {
        let (mut messages, mut events) = (StoreBatch::of_webhooks(), EventBatch::default());
        events.push_connection(tenant.account_id, tenant.connection_id);
        for one in part {
            match one {
                Told::Message(number) => push_message(&mut messages, tenant, &lives[usize::from(*number)], 0, false),
                Told::Event(event) => events.push(tenant.account_id, tenant.connection_id, event),
                Told::Snapshot(number, seconds) => {
                    let life = &lives[usize::from(*number)];
                    let mut page = StoreBatch::of_sync(life.when(*seconds));
                    push_message(&mut page, tenant, life, life.version_at(*seconds), true);
                    store.store_messages(&page).await.unwrap();
                }
            }
        }
        store.store_webhooks(&messages, &events).await.unwrap();
    }
}

async fn stored_rows(fixture: &Fixture, tenant: &Tenant) -> Vec<String> {
    let mut rows = Vec::new();
    for (columns, table, order) in [
        ("psid, last_message_at, last_message_mid, snippet, last_inbound_at, read_up_to", "conversations", "psid"),
        ("mid, sent_at, text, text_told_at, text_edited, attachments", "messages", "mid"),
        ("mid, text, text_at, edits, deleted_at", "message_changes", "mid"),
        ("mid, from_page, name, emoji, at", "message_reactions", "mid, from_page"),
        ("psid, delivered_up_to, seen_up_to, handled_by_app, handled_at", "conversation_marks", "psid"),
        ("psid, kind, at, key, detail", "conversation_events", "key"),
        (
            "post_id, kind, author_id, author_name, message, is_published, content_at, posted_at, edited_at, removed_at,
             hidden_at, shown_at, is_mention, insights, insights_at",
            "posts",
            "post_id",
        ),
        (
            "comment_id, post_id, parent_id, author_id, author_name, message, content_at, posted_at, edited_at, removed_at,
             hidden_at, shown_at",
            "comments",
            "comment_id",
        ),
        ("post_id, comment_id, author_id, is_on, kind, at", "post_reactions", "post_id, comment_id, author_id"),
        ("details_changed_at", "connections", "id"),
    ] {
        let of_connection = if table == "connections" { "id" } else { "connection_id" };
        let sql = format!(
            "select '{table}', {columns} from {table} where {of_connection} = {} order by {order}",
            tenant.connection_id
        );
        rows.extend(fixture.lines(&sql).await);
    }
    rows
}

async fn thread(store: &Store, tenant: &Tenant, conversation: ConversationId) -> Vec<Message> {
    let list = async |tx: &mut AccountTx| messages::list(tx, conversation, PageStart::Newest, 200).await;
    store.account(tenant.account_id, list).await.unwrap()
}

async fn inbox(store: &Store, tenant: &Tenant) -> Vec<conversations::Conversation> {
    let page = InboxPage { connection_id: None, unread_only: false, from: PageStart::Newest, limit: 50 };
    store.account(tenant.account_id, async |tx: &mut AccountTx| conversations::list(tx, &page).await).await.unwrap()
}

/// The lives of some messages and everything that is told, in the order of events.
fn history() -> impl Strategy<Value = (Vec<Life>, Vec<Told>)> {
    let lives: Vec<_> = (0..24u8).map(life).collect();
    (lives, prop::collection::vec(other_event(), 60..160)).prop_map(|(lives, others)| {
        let mut told: Vec<Told> = lives.iter().flat_map(Life::told).collect();
        told.extend(others.into_iter().map(Told::Event));
        (lives, told)
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn any_order_duplication_and_batching_of_what_happens_gives_the_same_rows() {
    let mut fixture = Fixture::new().await;
    let (store, gateway) = (fixture.worker(), fixture.gateway());
    let mut runner = TestRunner::deterministic();
    for case in 0..5 {
        let (lives, told) = history().new_tree(&mut runner).unwrap().current();
        let mut shuffled = |told: Vec<Told>| Just(told).prop_shuffle().new_tree(&mut runner).unwrap().current();
        let doubled: Vec<_> = told.iter().chain(told.iter().step_by(3)).cloned().collect();
        let mut expected: Option<Vec<String>> = None;
        for (variant, (told, size)) in [
            (told.clone(), 1000),
            (shuffled(told.clone()), 17),
            (shuffled(doubled.clone()), 60),
            (shuffled(doubled), 1),
        ]
        .into_iter()
        .enumerate()
        {
            let tenant = fixture.tenant(&format!("8{case}{variant}")).await;
            store_all(&store, &tenant, &lives, &told, size).await;
            let rows = stored_rows(&fixture, &tenant).await;
            assert!(rows.len() > 60);
            match &expected {
                None => expected = Some(rows),
                Some(expected) => {
                    for (expected, row) in expected.iter().zip(&rows) {
                        assert_eq!(expected, row, "case {case}, variant {variant}");
                    }
                    assert_eq!(expected.len(), rows.len());
                }
            }
            texts_are_those_told_last(&gateway, &tenant, &lives).await;
        }
    }
}

async fn texts_are_those_told_last(gateway: &Store, tenant: &Tenant, lives: &[Life]) {
    for conversation in inbox(gateway, tenant).await {
        let thread = thread(gateway, tenant, conversation.id).await;
        for message in &thread {
            let number: usize = message.mid.as_str().trim_start_matches("m_").parse().unwrap();
            let life = &lives[number];
            let last = Life::text(life.number, life.edits.len());
            assert_eq!(message.text, life.deleted.is_none().then_some(last), "{life:?}");
            assert_eq!(message.deleted_at, life.deleted.map(|seconds| life.when(seconds)));
            assert_eq!(message.edited_at.is_some(), life.deleted.is_none() && !life.edits.is_empty(), "{life:?}");
            assert!(life.deleted.is_none() || message.attachments.is_empty());
        }
        assert_eq!(conversation.snippet, thread[0].text);
    }
}

#[tokio::test]
async fn a_sync_finds_what_was_edited_and_writes_nothing_where_nothing_was() {
    let mut fixture = Fixture::new().await;
    let tenant = fixture.tenant("100").await;
    let (store, gateway) = (fixture.worker(), fixture.gateway());
    let conversation = store.store_messages(&tenant.message("7", "m_1", false, 1, "helo")).await.unwrap().changed[0];
    let page = |asked_at, text: &str| {
        let mut batch = StoreBatch::of_sync(at(asked_at));
        let index = batch.push_conversation(tenant.conversation("7"));
        batch.push_message(message(index, "m_1", false, 1, text));
        batch
    };
    let version = "select xmin::text::bigint from messages";
    let before = fixture.database.number(version).await;
    assert!(store.store_messages(&page(100, "helo")).await.unwrap().changed.is_empty());
    assert_eq!(fixture.database.number(version).await, before);
    assert_eq!(thread(&gateway, &tenant, conversation.conversation_id).await[0].edited_at, None);

    assert_eq!(store.store_messages(&page(200, "hello")).await.unwrap().changed, [conversation]);
    let edited = &thread(&gateway, &tenant, conversation.conversation_id).await[0];
    assert_eq!((edited.text.as_deref(), edited.edited_at), (Some("hello"), Some(at(200))));
    assert_eq!(inbox(&gateway, &tenant).await[0].snippet.as_deref(), Some("hello"));
    let before = fixture.database.number(version).await;
    // Redelivered, and synced again.
    store.store_messages(&tenant.message("7", "m_1", false, 1, "helo")).await.unwrap();
    store.store_messages(&page(300, "hello")).await.unwrap();
    assert_eq!(fixture.database.number(version).await, before);
}

#[tokio::test]
async fn a_missed_edit_back_is_repaired_by_the_next_sync() {
    let mut fixture = Fixture::new().await;
    let tenant = fixture.tenant("100").await;
    let (store, gateway) = (fixture.worker(), fixture.gateway());
    let conversation = store.store_messages(&tenant.message("7", "m_1", false, 1, "four")).await.unwrap().changed[0];
    let edit = Observation::Edited { mid: Mid::parse("m_1").unwrap(), text: "five".to_owned(), edits: 1, at: at(50) };
    let changed = store_event(&store, &tenant, &edit).await.unwrap();
    assert_eq!(changed, [conversation.conversation_id]);
    assert_eq!(thread(&gateway, &tenant, changed[0]).await[0].text.as_deref(), Some("five"));
    let mut page = StoreBatch::of_sync(at(100));
    let index = page.push_conversation(tenant.conversation("7"));
    page.push_message(message(index, "m_1", false, 1, "four"));
    store.store_messages(&page).await.unwrap();
    assert_eq!(thread(&gateway, &tenant, changed[0]).await[0].text.as_deref(), Some("four"));
}

#[tokio::test]
async fn what_a_listing_does_not_have_any_more_is_shown_as_gone_until_it_is_listed_again() {
    let mut fixture = Fixture::new().await;
    let tenant = fixture.tenant("100").await;
    let (store, gateway) = (fixture.worker(), fixture.gateway());
    let mut batch = tenant.message("7", "m_0", false, 0, "before the page");
    for (mid, second) in [("m_1", 10), ("m_2", 20), ("m_3", 30), ("m_4", 970), ("m_button", 25)] {
        batch.push_message(message(0, mid, false, second, mid));
    }
    let conversation = store.store_messages(&batch).await.unwrap().changed[0];
    let psid = Some(Psid::parse("7").unwrap());
    let pressed = ConversationEvent { psid, kind: "postback", at: at(25), detail: json!({}) };
    store_event(&store, &tenant, &Observation::Happened(pressed)).await.unwrap();

    let listed = |asked_at: i64, mids: &[&str]| {
        let mids: Vec<_> = mids.iter().map(|mid| Mid::parse(*mid).unwrap()).collect();
        let mut batch = StoreBatch::of_sync(at(asked_at));
        let conversation = batch.push_conversation(tenant.conversation("7"));
        let (from, to) = (at(5), at(asked_at));
        batch.push_listing(ThreadListing {
            conversation,
            from,
            to,
            detailed: mids.clone(),
            mids,
            reactions: Vec::new(),
        });
        batch
    };
    let gone = async || {
        let thread = thread(&gateway, &tenant, conversation.conversation_id).await;
        let gone: Vec<_> = thread.iter().filter(|message| message.deleted_at.is_some()).collect();
        assert!(gone.iter().all(|message| message.text.is_none()));
        gone.iter().map(|message| message.mid.as_str().to_owned()).collect::<Vec<_>>()
    };
    // What was sent within the last minute may not have been listed yet.
    let changed = store.store_messages(&listed(1_000, &["m_1", "m_3"])).await.unwrap().changed;
    assert_eq!((changed, gone().await), (vec![conversation], vec!["m_2".to_owned()]));
    assert!(store.store_messages(&listed(1_001, &["m_1", "m_3"])).await.unwrap().changed.is_empty());
    let changed = store.store_messages(&listed(1_002, &["m_1", "m_2", "m_3", "m_4"])).await.unwrap().changed;
    assert_eq!((changed, gone().await), (vec![conversation], Vec::<String>::new()));
    // Its text was never lost.
    let kept = "select count(*) from messages where mid = 'm_2' and text = 'm_2'";
    assert_eq!(fixture.database.number(kept).await, 1);
}

#[tokio::test]
async fn a_listing_tells_the_reactions_of_its_messages() {
    let mut fixture = Fixture::new().await;
    let tenant = fixture.tenant("100").await;
    let (store, gateway) = (fixture.worker(), fixture.gateway());
    let conversation = store.store_messages(&tenant.message("7", "m_1", false, 1, "hello")).await.unwrap().changed[0];
    let mid = Mid::parse("m_1").unwrap();
    let listed = |asked_at: i64, emoji: &[(bool, &str)]| {
        let mut batch = StoreBatch::of_sync(at(asked_at));
        let conversation = batch.push_conversation(tenant.conversation("7"));
        let reaction = |(from_page, emoji): &(bool, &str)| ListedReaction {
            mid: mid.clone(),
            from_page: *from_page,
            emoji: (*emoji).to_owned(),
        };
        let (mids, reactions) = (vec![mid.clone()], emoji.iter().map(reaction).collect());
        let detailed = mids.clone();
        batch.push_listing(ThreadListing { conversation, from: at(0), to: at(asked_at), mids, detailed, reactions });
        batch
    };
    let emotion = Some(Emotion { name: Some("love".to_owned()), emoji: Some("\u{2764}\u{fe0f}".to_owned()) });
    let love = Observation::Reacted { mid: mid.clone(), from_page: false, emotion, at: at(5) };
    store_event(&store, &tenant, &love).await.unwrap();
    let shown = async || {
        let thread = thread(&gateway, &tenant, conversation.conversation_id).await;
        let reactions = thread[0].reactions.iter();
        reactions.map(|one| (one.from_page, one.name.clone(), one.emoji.clone().unwrap())).collect::<Vec<_>>()
    };
    // The same without the sign for colours; the name is known by the webhook alone.
    assert!(store.store_messages(&listed(10, &[(false, "\u{2764}")])).await.unwrap().changed.is_empty());
    assert_eq!(shown().await, [(false, Some("love".to_owned()), "\u{2764}\u{fe0f}".to_owned())]);
    assert_eq!(store.store_messages(&listed(11, &[(true, "👍")])).await.unwrap().changed, [conversation]);
    assert_eq!(shown().await, [(true, None, "👍".to_owned())]);
    // A webhook that tells of what was before comes too late.
    store_event(&store, &tenant, &love).await.unwrap();
    assert_eq!(shown().await.len(), 1);
    assert_eq!(store.store_messages(&listed(12, &[])).await.unwrap().changed, [conversation]);
    assert!(shown().await.is_empty());
}

async fn store_event(store: &Store, tenant: &Tenant, told: &Observation) -> Result<Vec<ConversationId>, StoreError> {
    let mut events = EventBatch::default();
    events.push_connection(tenant.account_id, tenant.connection_id);
    events.push(tenant.account_id, tenant.connection_id, told);
    let stored = store.store_webhooks(&StoreBatch::of_webhooks(), &events).await?;
    Ok(stored.changed.iter().map(|changed| changed.conversation_id).collect())
}

#[tokio::test]
async fn nothing_of_what_a_person_took_back_is_kept() {
    let mut fixture = Fixture::new().await;
    let tenant = fixture.tenant("100").await;
    let (store, gateway) = (fixture.worker(), fixture.gateway());
    let secret = || {
        let mut batch = tenant.message("7", "m_1", false, 1, "my secret");
        let image =
            Attachment { kind: "image".to_owned(), name: Some("secret.jpg".into()), mime_type: None, size: None };
        batch.push_message(MessageUpsert { attachments: vec![image], ..message(0, "m_1", false, 1, "my secret") });
        batch
    };
    let mid = Mid::parse("m_1").unwrap();
    let edited = Observation::Edited { mid: mid.clone(), text: "a secret too".into(), edits: 1, at: at(2) };
    let deleted = Observation::Deleted { mid: mid.clone(), at: at(3) };
    let kept = async || {
        let mut kept = 0;
        for table in ["messages", "conversations", "message_changes"] {
            kept +=
                fixture.database.number(&format!("select count(*) from {table} t where t::text like '%secret%'")).await;
        }
        kept
    };
    store.store_messages(&secret()).await.unwrap();
    store_event(&store, &tenant, &edited).await.unwrap();
    assert_eq!(kept().await, 3);
    let changed = store_event(&store, &tenant, &deleted).await.unwrap();
    assert_eq!(kept().await, 0);
    // Told again, late, in any way.
    store.store_messages(&secret()).await.unwrap();
    store_event(&store, &tenant, &edited).await.unwrap();
    let stored = store.store_webhooks(&secret(), &EventBatch::default()).await.unwrap();
    assert_eq!((kept().await, stored.changed.len()), (0, 0));
    let shown = &thread(&gateway, &tenant, changed[0]).await[0];
    assert_eq!((shown.text.as_deref(), shown.attachments.len(), shown.deleted_at), (None, 0, Some(at(3))));
    assert_eq!(inbox(&gateway, &tenant).await[0].snippet, None);
}

#[tokio::test]
async fn a_batch_is_stored_whole_or_not_at_all_and_a_repetition_changes_nothing() {
    let mut fixture = Fixture::new().await;
    let tenant = fixture.tenant("100").await;
    let store = fixture.worker();
    let seen = Observation::Seen { psid: Psid::parse("7").unwrap(), up_to: at(5) };
    let mut events = EventBatch::default();
    events.push_connection(tenant.account_id, tenant.connection_id);
    events.push(tenant.account_id, tenant.connection_id, &seen);
    // A connection that is not there: what a deleted Page's late webhook looks like.
    let mut poisoned = events.clone();
    poisoned.push(tenant.account_id, ConnectionId::new(999_999), &seen);
    let messages = tenant.message("7", "m_1", false, 1, "hello");
    let error = store.store_webhooks(&messages, &poisoned).await.unwrap_err();
    assert!(error.is_about_the_data(), "{error:?}");
    assert_eq!(fixture.database.number("select count(*) from messages").await, 0);

    assert_eq!(store.store_webhooks(&messages, &events).await.unwrap().changed.len(), 1);
    let row = fixture.lines("select ctid, xmin from conversation_marks").await;
    assert!(store.store_webhooks(&messages, &events).await.unwrap().changed.is_empty());
    assert_eq!(fixture.lines("select ctid, xmin from conversation_marks").await, row);
    assert_eq!(fixture.database.number("select count(last_webhook_at) from connections").await, 1);
}
