//! Row-level security: the second wall under every query (SPEC A13; each table, each role).

use diesel::sql_query;
use diesel_async::{AsyncConnection as _, AsyncPgConnection, RunQueryDsl as _, SimpleAsyncConnection as _};
use pagekeeper_store::migrations::roles;
use pagekeeper_store::{AccountTx, AccountsTx, StoreError, connections, conversations, messages};

use crate::fixture::Fixture;

const SERVICES: [&str; 3] = [roles::GATEWAY, roles::WEBHOOK_INGEST, roles::SYNC_WORKER];

#[tokio::test]
async fn every_table_with_an_account_has_its_policies_forced_and_one_for_each_role_that_may_use_it() {
    let fixture = Fixture::new().await;
    let unprotected = fixture
        .lines(
            "select c.relname from pg_class c
             where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace
                 and (c.relname in ('accounts', 'users') or exists (
                     select from pg_attribute a where a.attrelid = c.oid and a.attname = 'account_id' and not a.attisdropped))
                 and not (c.relrowsecurity and c.relforcerowsecurity)",
        )
        .await;
    assert!(unprotected.is_empty(), "{unprotected:?}");
    let without_policy = fixture
        .lines(
            "select distinct c.relname, r.rolname from pg_class c
             cross join pg_roles r
             where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace and c.relrowsecurity
                 and r.rolname like 'pagekeeper\\_%' and r.rolname <> 'pagekeeper_owner'
                 and has_any_column_privilege(r.oid, c.oid, 'select, insert, update')
                 and not exists (select from pg_policy p where p.polrelid = c.oid and r.oid = any (p.polroles))",
        )
        .await;
    assert!(without_policy.is_empty(), "{without_policy:?}");
    let for_everybody = fixture.lines("select tablename from pg_policies where 'public' = any (roles)").await;
    assert!(for_everybody.is_empty(), "{for_everybody:?}");
}

#[tokio::test]
async fn the_services_roles_own_nothing_and_are_not_privileged() {
    let fixture = Fixture::new().await;
    for role in SERVICES {
        let owned = format!(
            "select (select count(*) from pg_class where relowner = '{role}'::regrole)
                 + (select count(*) from pg_proc where proowner = '{role}'::regrole)"
        );
        assert_eq!(fixture.database.number(&owned).await, 0, "{role}");
        let privileged = format!(
            "select count(*) from pg_roles where rolname = '{role}' and (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb)"
        );
        assert_eq!(fixture.database.number(&privileged).await, 0, "{role}");
        let granted_roles = format!("select count(*) from pg_auth_members where member = '{role}'::regrole");
        assert_eq!(fixture.database.number(&granted_roles).await, 0, "{role}");
    }
}

#[tokio::test]
async fn the_lookup_functions_are_the_only_exceptions_to_the_policies() {
    let fixture = Fixture::new().await;
    let functions = fixture
        .lines(
            "select p.proname from pg_proc p where p.pronamespace = 'public'::regnamespace and p.prosecdef order by p.proname",
        )
        .await;
    let known = [
        "accounts_of_user",
        "analyze_young_tables",
        "claim_abandoned_runs",
        "claim_contacts_to_ask_for",
        "claim_contacts_without_name",
        "claim_media_copies",
        "claim_waiting_runs",
        "contact_changed",
        "contacts_deleted",
        "count_quarantined_by_reason",
        "count_quarantined_of_account",
        "drop_quarantined_of_account",
        "drop_quarantined_of_anybody",
        "due_connections",
        "due_full_connections",
        "end_session",
        "estimated_rows",
        "find_api_key",
        "find_connections_by_owner",
        "find_connections_by_page",
        "find_session",
        "graph_usage_of_account",
        "health_totals",
        "index_contacts",
        "index_messages",
        "membership_of",
        "message_changed",
        "message_text_changed",
        "messages_deleted",
        "quarantined_of_account",
        "quarantined_of_anybody",
        "refresh_message_search",
        "remove_copies",
        "search_contacts",
        "search_messages",
        "sign_in",
        "silent_connections",
        "time_zones",
        "trim_sync_history",
    ];
    assert_eq!(functions, known.map(|name| format!("({name})")));
    // Statistics are the owner's to take: it is the only one, and is told nothing.
    let unsafe_ones = fixture
        .lines(
            "select p.proname from pg_proc p
             where p.pronamespace = 'public'::regnamespace and p.prosecdef
                 and (p.proowner <> 'pagekeeper_lookup'::regrole and (p.proname, p.pronargs) <> ('analyze_young_tables', 0) or has_function_privilege('pagekeeper_webhook_ingest', p.oid, 'execute')
                     or not coalesce(p.proconfig, '{}') @> array['search_path=public, pg_temp'])",
        )
        .await;
    assert!(unsafe_ones.is_empty(), "{unsafe_ones:?}");
}

/// One that begins with its columns; or with those beside the account, which only one account's rows have.
#[tokio::test]
async fn every_foreign_key_has_an_index() {
    let fixture = Fixture::new().await;
    let without_index = fixture
        .lines(
            "select k.conrelid::regclass, k.conname from pg_constraint k
             cross join lateral (
                 select array_agg(a.attnum) filter (where a.attname <> 'account_id') as attnums
                 from pg_attribute a where a.attrelid = k.conrelid and a.attnum = any (k.conkey)
             ) beside_account
             where k.contype = 'f' and not exists (
                 select from pg_index i, unnest(array[k.conkey::text, beside_account.attnums::text]) as key (attnums)
                 where i.indrelid = k.conrelid
                     and (string_to_array(i.indkey::text, ' ')::int2[])[1:cardinality(key.attnums::int2[])] @> key.attnums::int2[]
                     and (string_to_array(i.indkey::text, ' ')::int2[])[1:cardinality(key.attnums::int2[])] <@ key.attnums::int2[])",
        )
        .await;
    assert!(without_index.is_empty(), "{without_index:?}");
}

#[tokio::test]
async fn a_query_without_a_scope_fails_instead_of_finding_nothing() {
    let mut fixture = Fixture::new().await;
    fixture.tenant("100").await;
    for role in [roles::GATEWAY, roles::SYNC_WORKER] {
        let mut connection = AsyncPgConnection::establish(&fixture.database.url_as(role)).await.unwrap();
        let error = sql_query("select * from connections").execute(&mut connection).await.unwrap_err();
        assert!(error.to_string().contains("unrecognized configuration parameter"), "{error}");
        // After a transaction with a scope, the setting is an empty text.
        connection
            .batch_execute("begin; select set_config('app.account_id', '1', true), set_config('app.account_ids', '{1}', true); commit")
            .await
            .unwrap();
        let error = sql_query("select * from connections").execute(&mut connection).await.unwrap_err();
        let text = error.to_string();
        assert!(text.contains("invalid input syntax") || text.contains("malformed array literal"), "{text}");
    }
}

#[tokio::test]
async fn a_role_without_business_in_a_table_may_not_even_ask() {
    let mut fixture = Fixture::new().await;
    fixture.tenant("100").await;
    let denied = [
        (roles::WEBHOOK_INGEST, "select * from connections"),
        (roles::WEBHOOK_INGEST, "select * from messages"),
        (roles::WEBHOOK_INGEST, "select * from credentials"),
        (roles::WEBHOOK_INGEST, "select * from outbox"),
        (roles::WEBHOOK_INGEST, "select * from find_connections_by_page('{100}')"),
        (roles::GATEWAY, "select sealed from credentials"),
        (roles::GATEWAY, "select * from quarantine"),
        (roles::GATEWAY, "select * from ingest_spool"),
        (roles::GATEWAY, "select * from workers"),
        (roles::GATEWAY, "insert into messages default values"),
        (roles::SYNC_WORKER, "select * from sessions"),
        (roles::SYNC_WORKER, "select * from api_keys"),
        (roles::SYNC_WORKER, "select * from users"),
        (roles::SYNC_WORKER, "truncate messages"),
        (roles::SYNC_WORKER, "create table own (id int)"),
        (roles::SYNC_WORKER, "select * from find_session('x', '1 h')"),
    ];
    for (role, sql) in denied {
        let mut connection = AsyncPgConnection::establish(&fixture.database.url_as(role)).await.unwrap();
        connection
            .batch_execute(
                "begin; select set_config('app.account_id', '1', true), set_config('app.account_ids', '{1}', true)",
            )
            .await
            .unwrap();
        let error = sql_query(sql).execute(&mut connection).await.unwrap_err();
        assert!(error.to_string().contains("permission denied"), "{role}: {sql}: {error}");
    }
}

#[tokio::test]
async fn another_accounts_rows_are_invisible_and_cannot_be_written() {
    let mut fixture = Fixture::new().await;
    let ours = fixture.tenant("100").await;
    let theirs = fixture.tenant("200").await;
    let worker = fixture.worker();
    for tenant in [&ours, &theirs] {
        worker.store_messages(&tenant.message("7", "m_1", false, 1, "hello")).await.unwrap();
    }
    let conversation = pagekeeper_common::domain::ids::ConversationId::new(
        fixture
            .database
            .number(&format!("select id from conversations where account_id = {}", theirs.account_id))
            .await,
    );

    let seen: Vec<_> = fixture
        .gateway()
        .account(ours.account_id, async |tx: &mut AccountTx| {
            assert!(connections::find(tx, theirs.connection_id).await?.is_none());
            assert!(connections::find_by_page(tx, &theirs.page_id).await?.is_none());
            assert!(conversations::find(tx, conversation).await?.is_none());
            assert!(messages::list(tx, conversation, conversations::PageStart::Newest, 50).await?.is_empty());
            assert!(!conversations::mark_read(tx, conversation, chrono::Utc::now()).await?);
            assert!(!connections::disconnect(tx, theirs.connection_id).await?);
            connections::list(tx).await
        })
        .await
        .unwrap();
    assert_eq!(seen.iter().map(|connection| connection.id).collect::<Vec<_>>(), [ours.connection_id]);

    // A worker's batch may hold several accounts, and reaches no other.
    let mut connection = AsyncPgConnection::establish(&fixture.database.url_as(roles::SYNC_WORKER)).await.unwrap();
    let scope = format!("begin; select set_config('app.account_ids', '{{{}}}', true)", ours.account_id);
    connection.batch_execute(&scope).await.unwrap();
    let updated = sql_query("update connections set name = 'taken over'").execute(&mut connection).await.unwrap();
    assert_eq!(updated, 1);
    let insert = format!(
        "insert into contacts (account_id, connection_id, psid) values ({}, {}, '8')",
        theirs.account_id, theirs.connection_id
    );
    let error = sql_query(insert).execute(&mut connection).await.unwrap_err();
    assert!(error.to_string().contains("violates row-level security policy"), "{error}");
    let both = worker
        .accounts(&[ours.account_id, theirs.account_id], async |tx: &mut AccountsTx| connections::list(tx).await)
        .await
        .unwrap();
    assert_eq!(both.len(), 2);
}

#[tokio::test]
async fn a_row_cannot_point_at_another_accounts_row() {
    let mut fixture = Fixture::new().await;
    let ours = fixture.tenant("100").await;
    let theirs = fixture.tenant("200").await;
    let mut batch = pagekeeper_store::messages::StoreBatch::new();
    batch.push_conversation(pagekeeper_store::messages::ConversationUpsert {
        connection_id: theirs.connection_id,
        ..ours.conversation("7")
    });
    let error = fixture.worker().store_messages(&batch).await.unwrap_err();
    assert!(matches!(error, StoreError::Refused(_)), "{error:?}");
}
