//! The quarantine as people see it: each account its own Pages' entries, an operator all of them. (C9)

use pagekeeper_store::quarantine::review::{self, QuarantineFilter, QuarantinedEntry};
use pagekeeper_store::quarantine::{self, NewQuarantined, QuarantineReason};
use pagekeeper_store::{AccountTx, Store, SystemTx, sync_runs};

use crate::fixture::{Fixture, Tenant, at};

fn entry(body: &str, owner: Option<&str>, reason: QuarantineReason, seconds: i64) -> NewQuarantined {
    let owner_id = owner.map(str::to_owned);
    NewQuarantined {
        reason,
        object: Some("page".to_owned()),
        owner_id,
        body: body.as_bytes().to_vec(),
        received_at: at(seconds),
    }
}

async fn keep(fixture: &Fixture, entries: &[NewQuarantined]) {
    let worker = fixture.worker();
    worker.system(async |tx: &mut SystemTx| quarantine::insert(tx, entries).await).await.unwrap();
}

async fn seen_by(gateway: &Store, tenant: &Tenant, filter: &QuarantineFilter, limit: u32) -> Vec<QuarantinedEntry> {
    let list = async |tx: &mut AccountTx| review::list(tx, filter, limit, true).await;
    gateway.account(tenant.account_id, list).await.unwrap()
}

fn bodies(entries: &[QuarantinedEntry]) -> Vec<&str> {
    entries.iter().map(|entry| std::str::from_utf8(entry.body.as_deref().unwrap()).unwrap()).collect()
}

#[tokio::test]
async fn an_account_sees_and_drops_what_is_of_its_own_pages_and_nothing_else() {
    let mut fixture = Fixture::new().await;
    let (one, other) = (fixture.tenant("100").await, fixture.tenant("200").await);
    let refused = QuarantineReason::RefusedByDatabase;
    keep(
        &fixture,
        &[
            entry("mine", Some("100"), refused, 1),
            entry("of its Instagram account", Some("100900"), QuarantineReason::NotUnderstood, 2),
            entry("theirs", Some("200"), refused, 3),
            entry("of nobody", Some("300"), QuarantineReason::PageNotConnected, 4),
            entry("garbage", None, QuarantineReason::Unparseable, 5),
        ],
    )
    .await;
    fixture.database.execute("update connections set instagram_account_id = '100900' where page_id = '100'").await;
    let gateway = fixture.gateway();
    let all = QuarantineFilter::default();
    let mine = seen_by(&gateway, &one, &all, 10).await;
    assert_eq!(bodies(&mine), ["mine", "of its Instagram account"]);
    let theirs = seen_by(&gateway, &other, &all, 10).await;
    assert_eq!(bodies(&theirs), ["theirs"]);
    // By its id or its Page it is no more to be had.
    let by_id = QuarantineFilter { ids: Some(vec![theirs[0].id]), ..QuarantineFilter::default() };
    let by_page = QuarantineFilter { owners: Some(vec!["200".to_owned()]), ..QuarantineFilter::default() };
    assert!(seen_by(&gateway, &one, &by_id, 10).await.is_empty());
    assert!(seen_by(&gateway, &one, &by_page, 10).await.is_empty());
    let drop = async |tenant: &Tenant, entries: &[QuarantinedEntry]| {
        let dropping = async |tx: &mut AccountTx| review::drop_as_seen(tx, entries).await;
        gateway.account(tenant.account_id, dropping).await.unwrap()
    };
    assert_eq!(drop(&one, &theirs).await, 0);
    assert_eq!(drop(&one, &mine[..1]).await, 1);
    assert_eq!(gateway.account(one.account_id, async |tx: &mut AccountTx| review::count(tx).await).await.unwrap(), 1);

    // A Page that was disconnected belongs to nobody.
    fixture.database.execute("update connections set state = 'disconnected' where page_id = '200'").await;
    assert!(seen_by(&gateway, &other, &all, 10).await.is_empty());

    let everything = async |tx: &mut SystemTx| review::list(tx, &all, 10, false).await;
    let everything = gateway.system(everything).await.unwrap();
    assert_eq!(everything.len(), 4);
    assert!(everything.iter().all(|entry| entry.body.is_none() && entry.size > 0));
    let counts = gateway.system(async |tx: &mut SystemTx| review::count_by_reason(tx).await).await.unwrap();
    let counts: Vec<u64> = counts.into_iter().map(|(_, count)| count).collect();
    assert_eq!(counts, [1, 0, 1, 1, 1]);
    let drop_all = async |tx: &mut SystemTx| review::drop_as_seen(tx, &everything).await;
    assert_eq!(gateway.system(drop_all).await.unwrap(), 4);
}

#[tokio::test]
async fn it_is_paged_without_gaps_and_filtered_by_reason_and_age() {
    let mut fixture = Fixture::new().await;
    let tenant = fixture.tenant("100").await;
    let gateway = fixture.gateway();
    // Ten of one POST arrive at the same microsecond.
    let entries: Vec<_> = (0..25)
        .map(|number| {
            let reason =
                if number % 5 == 0 { QuarantineReason::NotUnderstood } else { QuarantineReason::RefusedByDatabase };
            entry(&number.to_string(), Some("100"), reason, number / 10)
        })
        .collect();
    keep(&fixture, &entries).await;
    let (mut filter, mut found) = (QuarantineFilter::default(), Vec::new());
    loop {
        let page = seen_by(&gateway, &tenant, &filter, 7).await;
        let Some(last) = page.last() else { break };
        filter.after = Some((last.received_at, last.id));
        found.extend(page);
    }
    let ids: std::collections::BTreeSet<i64> = found.iter().map(|entry| entry.id).collect();
    assert_eq!((found.len(), ids.len()), (25, 25));
    assert!(found.is_sorted_by_key(|entry| (entry.received_at, entry.id)));

    let reason = QuarantineFilter { reason: Some("NOT_under".to_owned()), ..QuarantineFilter::default() };
    assert_eq!(seen_by(&gateway, &tenant, &reason, 50).await.len(), 5);
    let old = QuarantineFilter { received_before: Some(at(1)), ..QuarantineFilter::default() };
    assert_eq!(seen_by(&gateway, &tenant, &old, 50).await.len(), 10);
}

#[tokio::test]
async fn what_came_again_since_it_was_seen_is_not_dropped() {
    let mut fixture = Fixture::new().await;
    let tenant = fixture.tenant("100").await;
    let again = [entry("one", Some("100"), QuarantineReason::RefusedByDatabase, 1)];
    keep(&fixture, &again).await;
    let gateway = fixture.gateway();
    let seen = seen_by(&gateway, &tenant, &QuarantineFilter::default(), 10).await;
    keep(&fixture, &again).await;
    let dropping = async |tx: &mut AccountTx| review::drop_as_seen(tx, &seen).await;
    assert_eq!(gateway.account(tenant.account_id, dropping).await.unwrap(), 0);
    assert_eq!(fixture.database.number("select count(*) from quarantine").await, 1);
}

#[tokio::test]
async fn runs_tell_their_page_within_their_account() {
    let mut fixture = Fixture::new().await;
    let (one, other) = (fixture.tenant("100").await, fixture.tenant("200").await);
    let (mine, theirs) = (fixture.claimed_run(&one).await, fixture.claimed_run(&other).await);
    let runs = [mine.run_id, theirs.run_id];
    let find = async |tx: &mut AccountTx| sync_runs::connections_of(tx, &runs).await;
    let found = fixture.gateway().account(one.account_id, find).await.unwrap();
    assert_eq!(found, [(mine.run_id, one.connection_id)]);
}
