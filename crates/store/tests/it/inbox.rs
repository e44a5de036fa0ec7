//! The inbox and its threads: keyset pages in both directions, unread counts, and the plans behind them.

use chrono::Utc;
use pagekeeper_common::domain::cursor::KeysetCursor;
use pagekeeper_common::domain::ids::{ConnectionId, ConversationId};
use pagekeeper_store::conversations::{self, Conversation, InboxPage, PageStart, UNREAD_CAP};
use pagekeeper_store::testing::{count_scans, explain_inbox};
use pagekeeper_store::{AccountTx, Store, StoreError, messages};

use crate::fixture::{Fixture, Tenant, message};

fn newest(limit: u32) -> InboxPage {
    InboxPage { connection_id: None, unread_only: false, from: PageStart::Newest, limit }
}

async fn list(store: &Store, tenant: &Tenant, page: InboxPage) -> Vec<Conversation> {
    store.account(tenant.account_id, async |tx: &mut AccountTx| conversations::list(tx, &page).await).await.unwrap()
}

async fn plan(store: &Store, tenant: &Tenant, page: InboxPage) -> String {
    store.account(tenant.account_id, async |tx: &mut AccountTx| explain_inbox(tx, &page).await).await.unwrap()
}

/// All pages from the newest to the oldest, one after another.
async fn walk(store: &Store, tenant: &Tenant, first: InboxPage) -> Vec<ConversationId> {
    let mut seen = Vec::new();
    let mut page = first;
    loop {
        let conversations = list(store, tenant, page).await;
        seen.extend(conversations.iter().map(|conversation| conversation.id));
        match conversations.last() {
            Some(last) => page.from = PageStart::OlderThan(last.cursor()),
            None => return seen,
        }
    }
}

#[tokio::test]
async fn pages_in_both_directions_show_each_conversation_once_also_within_one_second() {
    let mut fixture = Fixture::new().await;
    let tenant = fixture.tenant("100").await;
    let (gateway, worker) = (fixture.gateway(), fixture.worker());
    for number in 0..23 {
        // Five in each second.
        let batch = tenant.message(&format!("{}", 700 + number), &format!("m_{number}"), false, number / 5, "hello");
        worker.store_messages(&batch).await.unwrap();
    }
    let all: Vec<_> = list(&gateway, &tenant, newest(100)).await.iter().map(|conversation| conversation.id).collect();
    assert_eq!(all.len(), 23);
    assert_eq!(walk(&gateway, &tenant, newest(4)).await, all);
    let of_connection = InboxPage { connection_id: Some(tenant.connection_id), ..newest(4) };
    assert_eq!(walk(&gateway, &tenant, of_connection).await, all);
    assert_eq!(walk(&gateway, &tenant, InboxPage { unread_only: true, ..newest(4) }).await, all);
    let other = InboxPage { connection_id: Some(ConnectionId::new(1)), ..newest(4) };
    assert!(walk(&gateway, &tenant, other).await.is_empty());

    let page = list(&gateway, &tenant, newest(12)).await;
    let upwards = PageStart::NewerThan(page[10].cursor());
    let above: Vec<_> = list(&gateway, &tenant, InboxPage { from: upwards, ..newest(4) }).await;
    assert_eq!(above.iter().map(|conversation| conversation.id).collect::<Vec<_>>(), all[6..10]);
}

#[tokio::test]
async fn unread_messages_are_counted_up_to_99_plus_and_reading_ends_it() {
    let mut fixture = Fixture::new().await;
    let tenant = fixture.tenant("100").await;
    let (gateway, worker) = (fixture.gateway(), fixture.worker());
    let mut batch = tenant.message("7", "m_0", true, 0, "welcome");
    for number in 1..=3 {
        batch.push_message(message(0, &format!("m_{number}"), false, number, "hello"));
    }
    worker.store_messages(&batch).await.unwrap();
    let shown = &list(&gateway, &tenant, newest(10)).await[0];
    assert_eq!((shown.unread, shown.last_message_from_page, shown.snippet.as_deref()), (3, false, Some("hello")));
    assert_eq!(shown.contact_name, None);

    for number in 4..200 {
        batch.push_message(message(0, &format!("m_{number}"), false, number, "hello"));
    }
    worker.store_messages(&batch).await.unwrap();
    assert_eq!(list(&gateway, &tenant, newest(10)).await[0].unread, UNREAD_CAP);
    // Somebody reads it, while one more message arrives.
    let seen = list(&gateway, &tenant, newest(10)).await[0].last_message_at;
    worker.store_messages(&tenant.message("7", "m_late", false, 1000, "one more")).await.unwrap();
    let (first, again, unread) = gateway
        .account(tenant.account_id, async |tx: &mut AccountTx| {
            assert_eq!(conversations::count_unread(tx, None).await?, 1);
            assert_eq!(conversations::count_unread(tx, Some(tenant.connection_id)).await?, 1);
            let first = conversations::mark_read(tx, shown.id, seen).await?;
            let again = conversations::mark_read(tx, shown.id, seen).await?;
            Ok::<_, StoreError>((first, again, conversations::count_unread(tx, None).await?))
        })
        .await
        .unwrap();
    assert_eq!((first, again, unread), (true, false, 1));
    let shown = &list(&gateway, &tenant, newest(10)).await[0];
    assert_eq!(shown.unread, 1, "what arrived while somebody read stays unread");
    let read = gateway
        .account(tenant.account_id, async |tx: &mut AccountTx| {
            conversations::mark_read(tx, shown.id, shown.last_message_at).await
        })
        .await
        .unwrap();
    assert!(read);
    assert_eq!(list(&gateway, &tenant, newest(10)).await[0].unread, 0);
    assert!(list(&gateway, &tenant, InboxPage { unread_only: true, ..newest(10) }).await.is_empty());
}

#[tokio::test]
async fn a_thread_pages_in_both_directions() {
    let mut fixture = Fixture::new().await;
    let tenant = fixture.tenant("100").await;
    let (gateway, worker) = (fixture.gateway(), fixture.worker());
    let mut batch = tenant.message("7", "m_0", false, 0, "hello");
    for number in 1..10 {
        batch.push_message(message(0, &format!("m_{number}"), number % 2 == 0, number / 3, "hello"));
    }
    let conversation = worker.store_messages(&batch).await.unwrap().changed[0].conversation_id;
    let page = async |from, limit| {
        gateway
            .account(tenant.account_id, async |tx: &mut AccountTx| messages::list(tx, conversation, from, limit).await)
            .await
            .unwrap()
    };
    let all = page(PageStart::Newest, 50).await;
    assert_eq!(all.len(), 10);
    assert!(all.is_sorted_by_key(|message| std::cmp::Reverse((message.sent_at, message.id))));
    let older = page(PageStart::OlderThan(all[3].cursor()), 3).await;
    assert_eq!(older, all[4..7]);
    let newer = page(PageStart::NewerThan(all[6].cursor()), 3).await;
    assert_eq!(newer, all[3..6]);
}

#[tokio::test]
async fn each_list_is_read_from_an_index_in_its_order_under_the_policies() {
    let mut fixture = Fixture::new().await;
    let tenant = fixture.tenant("100").await;
    fixture.large_inbox(&tenant, 20_000).await;
    let from = list(&fixture.gateway(), &tenant, newest(1)).await[0].cursor();
    for connection_id in [None, Some(tenant.connection_id)] {
        for unread_only in [false, true] {
            for from in [PageStart::Newest, PageStart::OlderThan(from), PageStart::NewerThan(from)] {
                let page = InboxPage { connection_id, unread_only, from, limit: 50 };
                let plan = plan(&fixture.gateway(), &tenant, page).await;
                assert!(plan.contains("Index Scan"), "{page:?}\n{plan}");
                assert!(!plan.contains("Seq Scan"), "{page:?}\n{plan}");
                let condition = plan.lines().find(|line| line.contains("Index Cond")).unwrap();
                assert!(condition.contains("app.account_id"), "the policy is an index condition: {page:?}\n{plan}");
                // The outermost sort sorts one page; the inner one would sort the whole inbox.
                assert!(plan.matches("Sort Key").count() <= 1, "{page:?}\n{plan}");
            }
        }
    }
}

#[tokio::test]
async fn a_thread_is_read_from_its_index_under_the_policies() {
    let mut fixture = Fixture::new().await;
    let tenant = fixture.tenant("100").await;
    fixture.large_inbox(&tenant, 20_000).await;
    let gateway = fixture.gateway();
    let conversation = list(&gateway, &tenant, newest(1)).await[0].id;
    for from in [PageStart::Newest, PageStart::OlderThan(KeysetCursor { at: Utc::now(), id: i64::MAX })] {
        let read = async |tx: &mut AccountTx| {
            let thread = messages::list(tx, conversation, from, 50).await?;
            assert_eq!(thread.len(), 2);
            assert!(count_scans(tx, "messages_thread").await? > 0);
            assert_eq!(count_scans(tx, "messages").await?, 0, "it reads the whole table");
            Ok::<_, StoreError>(())
        };
        gateway.account(tenant.account_id, read).await.unwrap();
    }
}
