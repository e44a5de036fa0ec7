//! The totals of the health page (SPEC I1).

use std::time::{Duration, Instant};

use chrono::{TimeDelta, Utc};
use pagekeeper_common::domain::token::AccessToken;
use pagekeeper_store::credentials::{self, NewUserToken, TokenFacts};
use pagekeeper_store::{AccountTx, SystemTx, health};

use crate::fixture::{Fixture, keys};

#[tokio::test]
async fn totals_count_what_needs_somebody() {
    let mut fixture = Fixture::new().await;
    let tenant = fixture.tenant("100").await;
    fixture.tenant("200").await;
    let worker = fixture.worker();
    worker.store_messages(&tenant.message("7", "m_1", false, 1, "hello")).await.unwrap();
    let gateway = fixture.gateway();
    // The short-lived token of a login is no news: it is exchanged at once.
    let agent = fixture.rows.member(tenant.account_id, "Minh", "agent").await;
    for (user_id, is_long_lived) in [(tenant.owner, true), (agent, false)] {
        let expires_at = Some(Utc::now() + TimeDelta::days(3));
        let facts = TokenFacts { is_long_lived, expires_at, ..TokenFacts::default() };
        let token = NewUserToken { account_id: tenant.account_id, user_id, token: AccessToken::new("t"), facts };
        gateway
            .account(tenant.account_id, async |tx: &mut AccountTx| {
                credentials::store_user_token(tx, &keys(), &token).await
            })
            .await
            .unwrap();
    }
    fixture
        .database
        .execute(
            "update connections set state = 'reauthorization_required' where page_id = '200';
             update connections set last_synced_at = now() - interval '3 hours' where page_id = '100'",
        )
        .await;
    let totals = gateway
        .system(async |tx: &mut SystemTx| {
            health::totals(tx, Duration::from_hours(24 * 7), Utc::now() - TimeDelta::hours(2)).await
        })
        .await
        .unwrap();
    assert_eq!((totals.pages_connected, totals.pages_needing_login, totals.pages_stale), (1, 1, 1));
    assert_eq!((totals.tokens_expiring, totals.tokens_invalid), (1, 0));
    assert!(totals.oldest_sync_at.unwrap() < Utc::now() - TimeDelta::minutes(179));
    assert_eq!((totals.conversations, totals.contacts, totals.messages), (1, 1, 1));
    assert_eq!((totals.outbox_waiting, totals.spool_waiting, totals.quarantined, totals.runs_active), (0, 0, 0, 0));
}

#[tokio::test]
async fn totals_of_a_large_database_are_estimates_and_cheap() {
    let mut fixture = Fixture::new().await;
    let tenant = fixture.tenant("100").await;
    fixture.large_inbox(&tenant, 12_000).await;
    let gateway = fixture.gateway();
    let totals = async || {
        gateway
            .system(async |tx: &mut SystemTx| health::totals(tx, Duration::from_secs(1), Utc::now()).await)
            .await
            .unwrap()
    };
    let counted = totals().await;
    assert!((11_500..=12_500).contains(&counted.conversations), "{}", counted.conversations);
    let started = Instant::now();
    totals().await;
    assert!(started.elapsed() < Duration::from_millis(500), "{:?}", started.elapsed());
}
