//! Searching contacts and messages (SPEC E5): what is found, what is not, and by which index.

use std::time::Duration;

use diesel_async::{AsyncConnection as _, AsyncPgConnection, SimpleAsyncConnection as _};
use pagekeeper_common::domain::contact_edit::ContactChange;
use pagekeeper_common::domain::folding::words;
use pagekeeper_common::domain::ids::ConnectionId;
use pagekeeper_store::contacts::{self, ContactLine, ContactSearch};
use pagekeeper_store::conversations::PageStart;
use pagekeeper_store::messages::{self, FoundMessage, MessageSearch};
use pagekeeper_store::testing::count_scans;
use pagekeeper_store::{AccountTx, Store, StoreError, SystemTx, search_index};
use pagekeeper_testkit::{Poll, wait_for};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

use crate::fixture::{Fixture, Tenant, message};

const LIMIT: Duration = Duration::from_mins(1);

/// Looks until all that is committed is taken up: transactions of other tests on the same server may hold it up.
async fn take_up(fixture: &Fixture) {
    let worker = fixture.worker();
    wait_for("messages and contacts to be searchable", LIMIT, async || {
        worker
            .system(async |tx: &mut SystemTx| {
                search_index::index_messages(tx, 700).await?;
                search_index::index_contacts(tx, 700).await
            })
            .await
            .unwrap();
        let missing = fixture
            .database
            .number(
                "select (select coalesce(max(id), 0) from messages) + (select coalesce(max(id), 0) from contacts)
                     - (select sum(indexed_up_to) from search_progress)::bigint",
            )
            .await;
        Poll::when((missing == 0).then_some(()), missing.to_string())
    })
    .await;
}

fn for_words(words: &str) -> MessageSearch {
    MessageSearch { words: words.to_owned(), connection_id: None, after: None, limit: 100 }
}

async fn find(store: &Store, tenant: &Tenant, search: &MessageSearch) -> Vec<FoundMessage> {
    store.account(tenant.account_id, async |tx: &mut AccountTx| messages::search(tx, search).await).await.unwrap()
}

async fn mids(store: &Store, tenant: &Tenant, words: &str) -> Vec<String> {
    find(store, tenant, &for_words(words)).await.into_iter().map(|found| found.mid.into_string()).collect()
}

fn for_contacts(words: Option<&str>) -> ContactSearch {
    ContactSearch { words: words.map(str::to_owned), limit: 100, ..ContactSearch::default() }
}

async fn find_contacts(store: &Store, tenant: &Tenant, search: &ContactSearch) -> Vec<ContactLine> {
    store.account(tenant.account_id, async |tx: &mut AccountTx| contacts::search(tx, search).await).await.unwrap()
}

async fn psids(store: &Store, tenant: &Tenant, words: &str) -> Vec<String> {
    let found = find_contacts(store, tenant, &for_contacts(Some(words))).await;
    found.into_iter().map(|contact| contact.psid.into_string()).collect()
}

async fn named_contacts(fixture: &Fixture, tenant: &Tenant, names: &[&str]) {
    for (number, name) in names.iter().enumerate() {
        let (account, connection) = (tenant.account_id, tenant.connection_id);
        let sql = format!(
            "insert into contacts (account_id, connection_id, psid, name) values ({account}, {connection}, '{number}', '{}')",
            name.replace('\'', "''")
        );
        fixture.database.execute(&sql).await;
    }
}

/// Any text of words in three languages, with and without accents and capitals, and all kinds of things between them.
fn texts() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "Xin",
        "chào",
        "chao",
        "Đà",
        "da",
        "Nẵng",
        "nang",
        "Ưu",
        "đãi",
        "smørrebrød",
        "SMORREBROD",
        "Ærø",
        "aero",
        "Århus",
        "A\u{30a}rhus",
        "straße",
        "café",
        "cafe\u{301}",
        "xinchao",
        "n",
        "42",
        "4",
        "лан",
        "1e5",
        "o'clock",
        "rock-n-roll",
        "lan.anh@gmail.com",
        "https://x.example/áo?q=1",
        "ﬁn",
        "Ｈi",
        "日本",
        "ไทย",
    ]);
    let between = prop::sample::select(vec![
        " ", ", ", "!", "\n", " 👍 ", "/", "\t-- ", "'", "\\", ":*", " & ", "<->", "(", "\u{a0}",
    ]);
    prop::collection::vec((word, between), 1..7)
        .prop_map(|parts| parts.into_iter().flat_map(|(word, between)| [word, between]).collect())
}

fn some<S: Strategy>(runner: &mut TestRunner, strategy: &S, count: usize) -> Vec<S::Value> {
    (0..count).map(|_| strategy.new_tree(runner).unwrap().current()).collect()
}

/// What the index must find, by reading everything.
fn naive(text: &str, query: &str) -> bool {
    let (said, asked) = (words(text), words(query));
    let Some((last, whole)) = asked.split_last() else { return false };
    whole.iter().all(|word| said.contains(word)) && said.iter().any(|word| word.starts_with(last.as_str()))
}

#[tokio::test]
async fn a_search_finds_what_a_scan_that_ignores_accents_finds() {
    // E5
    let mut fixture = Fixture::new().await;
    let tenant = fixture.tenant("100").await;
    let mut runner = TestRunner::deterministic();
    let said = some(&mut runner, &texts(), 400);
    let mut batch = tenant.message("7", "m_0", false, 0, &said[0]);
    for (number, text) in (0i64..).zip(&said).skip(1) {
        batch.push_message(message(0, &format!("m_{number}"), false, number, text));
    }
    fixture.worker().store_messages(&batch).await.unwrap();
    assert_eq!(fixture.database.number("select count(*) from message_search").await, 0, "storing does not wait for it");
    take_up(&fixture).await;
    let store = fixture.gateway();
    let mut hits = 0;
    for query in some(&mut runner, &texts(), 150).iter().map(|query| query.chars().take(14).collect::<String>()) {
        let mut expected: Vec<String> = (0..said.len())
            .filter(|number| naive(&said[*number], &query))
            .map(|number| format!("m_{number}"))
            .collect();
        expected.reverse();
        let found = find(&store, &tenant, &MessageSearch { limit: 200, ..for_words(&query) }).await;
        let found: Vec<_> = found.into_iter().map(|found| found.mid.into_string()).collect();
        expected.truncate(200);
        assert_eq!(found, expected, "{query:?} = {:?}", words(&query));
        hits += found.len();
    }
    assert!(hits > 500, "{hits}");
}

#[tokio::test]
async fn a_contact_is_found_by_any_part_of_its_name_address_or_number() {
    // E5
    let mut fixture = Fixture::new().await;
    let tenant = fixture.tenant("100").await;
    named_contacts(&fixture, &tenant, &["Nguyễn Thị Lan", "Søren Ærøgård", "Freja Holm", "Đặng Văn A", ""]).await;
    take_up(&fixture).await;
    let store = fixture.gateway();
    for (query, expected) in [
        ("nguyen", &["0"][..]),
        ("NGUYỄN", &["0"]),
        ("uyê", &["0"]),
        ("lan thi", &["0"]),
        ("aerog", &["1"]),
        ("ROGAR", &["1"]),
        ("øre", &["1"]),
        ("holm", &["2"]),
        ("dang a", &["3"]),
        ("e", &["2", "1", "0"]),
        ("holm x", &[]),
        ("%", &[]),
        ("_", &[]),
        ("", &[]),
    ] {
        assert_eq!(psids(&store, &tenant, query).await, expected, "{query:?}");
    }
    // All of them where nothing is asked for, in pages.
    let first = find_contacts(&store, &tenant, &ContactSearch { limit: 2, ..for_contacts(None) }).await;
    let after = first.last().map(ContactLine::cursor);
    let rest = find_contacts(&store, &tenant, &ContactSearch { after, ..for_contacts(None) }).await;
    let all: Vec<_> = first.iter().chain(&rest).map(|contact| contact.psid.as_str()).collect();
    assert_eq!(all, ["4", "3", "2", "1", "0"]);

    // By what was edited at once.
    let change = ContactChange {
        email: Some(Some("freja.holm@example.dk".to_owned())),
        phone: Some(Some("+45 12 34-56".to_owned())),
        tags: Some(vec!["it's \\ a 'tag'".to_owned()]),
        ..ContactChange::default()
    };
    let freja = rest.iter().chain(&first).find(|contact| contact.psid.as_str() == "2").unwrap().id;
    store
        .account(tenant.account_id, async |tx: &mut AccountTx| {
            contacts::edit(tx, freja, tenant.owner, &change, None).await
        })
        .await
        .unwrap();
    for query in ["example.dk", "xample", "freja.holm@example.dk", "23456", "12 34", "451234"] {
        assert_eq!(psids(&store, &tenant, query).await, ["2"], "{query}");
    }
    let tagged = |tag: &str| ContactSearch { tag: Some(tag.to_owned()), ..for_contacts(None) };
    assert_eq!(find_contacts(&store, &tenant, &tagged("it's \\ a 'tag'")).await.len(), 1);
    for tag in ["it", "", "'", "\\", "it's \\ a 'tag", "x:*"] {
        assert!(find_contacts(&store, &tenant, &tagged(tag)).await.is_empty(), "{tag}");
    }
    let of = |connection| ContactSearch { connection_id: Some(connection), ..for_contacts(Some("freja")) };
    assert_eq!(find_contacts(&store, &tenant, &of(tenant.connection_id)).await.len(), 1);
    assert!(find_contacts(&store, &tenant, &of(ConnectionId::new(1 << 40))).await.is_empty());

    fixture.database.execute("delete from contacts where psid = '2'").await;
    assert!(psids(&store, &tenant, "freja").await.is_empty());
    assert_eq!(fixture.database.number("select count(*) from contact_search").await, 4);
}

#[tokio::test]
async fn another_accounts_words_are_never_found() {
    // A13
    let mut fixture = Fixture::new().await;
    let (ours, theirs) = (fixture.tenant("100").await, fixture.tenant("200").await);
    let worker = fixture.worker();
    for (tenant, text) in [(&ours, "hello world"), (&theirs, "hello secret")] {
        worker.store_messages(&tenant.message("7", "m_1", false, 1, text)).await.unwrap();
    }
    fixture.database.execute("update contacts set name = 'Name of ' || account_id").await;
    take_up(&fixture).await;
    let store = fixture.gateway();
    let theirs_here = MessageSearch { connection_id: Some(theirs.connection_id), ..for_words("hello") };
    assert!(find(&store, &ours, &theirs_here).await.is_empty());
    assert_eq!(find(&store, &ours, &for_words("hello")).await.len(), 1);
    assert!(find(&store, &ours, &for_words("secret")).await.is_empty());
    // As the words stand in the index.
    let forged = format!("{}.secret", theirs.account_id);
    assert!(find(&store, &ours, &for_words(&forged)).await.is_empty());
    let found = find_contacts(&store, &ours, &for_contacts(Some("name of"))).await;
    assert_eq!(found.iter().map(|contact| contact.connection_id).collect::<Vec<_>>(), [ours.connection_id]);

    let mut connection = AsyncPgConnection::establish(&fixture.database.url_as("pagekeeper_gateway")).await.unwrap();
    for sql in [
        "select * from search_messages('hello', null, null, null, 9)",
        "select * from search_contacts('n', null, null, null, 9)",
    ] {
        let error = connection.batch_execute(sql).await.unwrap_err();
        assert!(error.to_string().contains("unrecognized configuration parameter"), "{error}");
    }
    for sql in [
        "select * from message_search",
        "select * from contact_search",
        "select * from searchable_messages",
        "select index_messages(1)",
        "select refresh_message_search('{1}')",
    ] {
        let error = connection.batch_execute(sql).await.unwrap_err();
        assert!(error.to_string().contains("permission denied"), "{sql}: {error}");
    }
}

#[tokio::test]
async fn no_query_is_an_error() {
    let mut fixture = Fixture::new().await;
    let tenant = fixture.tenant("100").await;
    fixture.worker().store_messages(&tenant.message("7", "m_1", false, 1, "a b c")).await.unwrap();
    take_up(&fixture).await;
    let store = fixture.gateway();
    let long = "x".repeat(20_000);
    for query in [
        "", " ", "'", "''", "\\", "\\'", "!", "&", "|", "a &", "(", ":*", "a:*b", "<->", "\0", "a\0b", "%s", "$1",
        "');--", "1.a", "👍", "\u{301}", &long,
    ] {
        let found = find(&store, &tenant, &for_words(query)).await.len();
        assert_eq!(found == 1, naive("a b c", &query.replace('\0', "")), "{query:?}");
        find_contacts(&store, &tenant, &for_contacts(Some(query))).await;
    }
}

#[tokio::test]
async fn words_longer_than_the_index_takes_are_cut_and_keep_nothing_else_back() {
    let mut fixture = Fixture::new().await;
    let tenant = fixture.tenant("100").await;
    let text = format!("before {} after", "ế".repeat(6_000));
    fixture.worker().store_messages(&tenant.message("7", "m_1", false, 1, &text)).await.unwrap();
    fixture
        .database
        .execute(&format!("update contacts set name = '{}', email = '{}'", "x".repeat(3_000), "y".repeat(3_000)))
        .await;
    take_up(&fixture).await;
    for query in ["before", "after", "eeeee"] {
        assert_eq!(mids(&fixture.gateway(), &tenant, query).await, ["m_1"], "{query}");
    }
    assert_eq!(psids(&fixture.gateway(), &tenant, "xxx").await, ["7"]);
}

#[tokio::test]
async fn a_text_that_changes_is_found_by_its_new_words_and_one_that_goes_by_none() {
    let mut fixture = Fixture::new().await;
    let tenant = fixture.tenant("100").await;
    let mut batch = tenant.message("7", "m_1", false, 1, "a first");
    batch.push_message(message(0, "m_2", false, 2, "another first"));
    fixture.worker().store_messages(&batch).await.unwrap();
    take_up(&fixture).await;
    let store = fixture.gateway();
    assert_eq!(mids(&store, &tenant, "first").await, ["m_2", "m_1"]);
    // Stored again with a text that counts as later.
    fixture.worker().store_messages(&tenant.message("7", "m_1", false, 1, "a second")).await.unwrap();
    assert_eq!(
        (mids(&store, &tenant, "first").await, mids(&store, &tenant, "second").await),
        (vec!["m_2".to_owned()], vec!["m_1".to_owned()])
    );
    fixture.database.execute("update messages set text = null where mid = 'm_1'").await;
    assert!(mids(&store, &tenant, "second").await.is_empty());
    fixture.database.execute("delete from messages where mid = 'm_2'").await;
    assert!(mids(&store, &tenant, "first").await.is_empty());
}

#[tokio::test]
async fn an_edited_message_is_found_by_its_new_text_and_one_that_was_taken_back_not_at_all() {
    // D6
    let mut fixture = Fixture::new().await;
    let tenant = fixture.tenant("100").await;
    let mut batch = tenant.message("7", "m_1", false, 1, "first");
    for number in 2..=4 {
        batch.push_message(message(0, &format!("m_{number}"), false, number, "first"));
    }
    fixture.worker().store_messages(&batch).await.unwrap();
    let change = async |mid: &str, column: &str, value: &str| {
        let (account, connection) = (tenant.account_id, tenant.connection_id);
        let sql = format!(
            "insert into message_changes (account_id, connection_id, mid, text_at, {column})
             values ({account}, {connection}, '{mid}', now(), {value})"
        );
        fixture.database.execute(&sql).await;
    };
    // Before it is taken up, and after.
    change("m_1", "deleted_at", "now()").await;
    take_up(&fixture).await;
    let store = fixture.gateway();
    assert_eq!(mids(&store, &tenant, "first").await, ["m_4", "m_3", "m_2"]);
    change("m_2", "text", "'second'").await;
    change("m_3", "deleted_at", "now()").await;
    change("m_4", "absent_at", "now()").await;
    assert!(mids(&store, &tenant, "first").await.is_empty());
    let found = find(&store, &tenant, &for_words("second")).await;
    assert_eq!(found.iter().map(|found| found.text.as_deref()).collect::<Vec<_>>(), [Some("second")]);
}

#[tokio::test]
async fn a_message_that_is_committed_late_is_not_passed_over() {
    let mut fixture = Fixture::new().await;
    let tenant = fixture.tenant("100").await;
    let worker = fixture.worker();
    worker.store_messages(&tenant.message("7", "m_0", false, 1, "hello")).await.unwrap();
    let mut slow = fixture.database.connect().await.unwrap();
    slow.batch_execute(
        "begin; insert into messages (account_id, connection_id, conversation_id, mid, from_page, sent_at, text)
         select account_id, connection_id, id, 'm_late', false, now(), 'hello' from conversations",
    )
    .await
    .unwrap();
    worker.store_messages(&tenant.message("7", "m_1", false, 1, "hello")).await.unwrap();
    for _ in 0..5 {
        worker.system(async |tx: &mut SystemTx| search_index::index_messages(tx, 100).await).await.unwrap();
    }
    assert!(!mids(&fixture.gateway(), &tenant, "hello").await.contains(&"m_1".to_owned()));
    slow.batch_execute("commit").await.unwrap();
    take_up(&fixture).await;
    assert_eq!(mids(&fixture.gateway(), &tenant, "hello").await.len(), 3);
}

#[tokio::test]
async fn pages_show_each_message_once_also_within_one_second() {
    let mut fixture = Fixture::new().await;
    let tenant = fixture.tenant("100").await;
    let mut batch = tenant.message("7", "m_0", false, 0, "hello");
    for number in 1..23 {
        batch.push_message(message(0, &format!("m_{number}"), false, number / 5, "hello there"));
    }
    fixture.worker().store_messages(&batch).await.unwrap();
    take_up(&fixture).await;
    let store = fixture.gateway();
    let all = find(&store, &tenant, &for_words("hel")).await;
    assert_eq!(all.len(), 23);
    assert!(all.is_sorted_by_key(|found| std::cmp::Reverse((found.sent_at, found.id))));
    let mut walked = Vec::new();
    let mut page = MessageSearch { limit: 4, ..for_words("hel") };
    loop {
        let found = find(&store, &tenant, &page).await;
        page.after = found.last().map(FoundMessage::cursor);
        if found.is_empty() {
            break;
        }
        walked.extend(found);
    }
    assert_eq!(walked, all);
}

#[tokio::test]
async fn the_inbox_a_thread_and_both_searches_are_read_from_their_indexes_under_the_policies() {
    // E5
    let mut fixture = Fixture::new().await;
    let tenant = fixture.tenant("100").await;
    fixture.large_inbox(&tenant, 20_000).await;
    fixture.database.execute("update messages set text = 'hello number ' || substr(mid, 3, length(mid) - 4)").await;
    take_up(&fixture).await;
    fixture.database.execute("vacuum analyze message_search, contact_search, messages, contacts, conversations").await;
    let conversation = fixture.database.number("select id from conversations where psid = '19000'").await;
    let scans = async |indexes: &[&str], tables: &[&str], work: Work| {
        fixture
            .gateway()
            .account(tenant.account_id, async |tx: &mut AccountTx| {
                let found = match work {
                    Work::Thread => {
                        let id = pagekeeper_common::domain::ids::ConversationId::new(conversation);
                        messages::list(tx, id, PageStart::Newest, 50).await?.len()
                    }
                    Work::Messages(words) => messages::search(tx, &for_words(words)).await?.len(),
                    Work::Contacts(words) => contacts::search(tx, &for_contacts(Some(words))).await?.len(),
                };
                assert!(found > 0, "{work:?}");
                for index in indexes {
                    assert!(count_scans(tx, index).await? > 0, "{work:?} does not read {index}");
                }
                for table in tables {
                    assert_eq!(count_scans(tx, table).await?, 0, "{work:?} reads all of {table}");
                }
                Ok::<_, StoreError>(())
            })
            .await
            .unwrap();
    };
    let tables = ["messages", "message_search", "contact_search", "contacts", "conversations"];
    scans(&["messages_thread"], &tables, Work::Thread).await;
    scans(&["message_search_words"], &tables, Work::Messages("number 1234")).await;
    // A word that stands in every message: the newest ones are read, and not the index of words.
    scans(&["message_search_newest"], &[&tables[..], &["message_search_words"]].concat(), Work::Messages("hello"))
        .await;
    scans(&["contact_search_words"], &tables, Work::Contacts("mer 1234")).await;
    scans(&["contact_search_pkey"], &[&tables[..], &["contact_search_words"]].concat(), Work::Contacts("custom")).await;
}

#[derive(Debug, Clone, Copy)]
enum Work {
    Thread,
    Messages(&'static str),
    Contacts(&'static str),
}
