//! The migrations: up, down and up again; several at once.

use diesel_async::{AsyncConnection as _, AsyncMigrationHarness, AsyncPgConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness as _, embed_migrations};
use pagekeeper_store::migrations::{RolePasswords, migrate};
use pagekeeper_testkit::TestDatabase;

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations");

fn passwords() -> RolePasswords {
    // What the other tests of this run log in with: roles belong to the whole server.
    let password = || "pagekeeper-test".to_owned().into();
    RolePasswords { gateway: password(), webhook_ingest: password(), sync_worker: password() }
}

/// All that makes the schema: what a dump would hold, read from the catalogue.
async fn schema_of(database: &TestDatabase) -> Vec<String> {
    let mut connection = database.connect().await.unwrap();
    let mut all = Vec::new();
    for sql in [
        "select c.relname, c.relkind, c.relowner::regrole, c.relrowsecurity, c.relforcerowsecurity, c.reloptions, c.relacl
             from pg_class c where c.relnamespace = 'public'::regnamespace and c.relname not like '\\_\\_diesel%' order by 1",
        "select a.attrelid::regclass, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity,
             a.attcollation, a.attacl, pg_get_expr(d.adbin, d.adrelid)
             from pg_attribute a join pg_class c on c.oid = a.attrelid
             left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
             where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped
             order by 1, 2",
        "select k.conrelid::regclass, k.conname, pg_get_constraintdef(k.oid) from pg_constraint k
             where k.connamespace = 'public'::regnamespace order by 1, 2",
        "select indexdef from pg_indexes where schemaname = 'public' order by 1",
        "select tablename, policyname, roles, cmd, qual, with_check from pg_policies order by 1, 2",
        "select p.oid::regprocedure, p.proowner::regrole, p.prosecdef, p.proconfig, p.proacl, p.prosrc from pg_proc p
             where p.pronamespace = 'public'::regnamespace order by p.proname, p.pronargs",
        "select nspacl from pg_namespace where nspname = 'public'",
    ] {
        all.extend(crate::fixture::lines(&mut connection, sql).await);
    }
    all
}

#[tokio::test]
async fn down_takes_everything_away_and_up_again_makes_the_same_schema() {
    let database = TestDatabase::empty().await.unwrap();
    migrate(&database.admin_url(), &passwords()).await.unwrap();
    let first = schema_of(&database).await;
    assert!(first.len() > 100);

    let connection = AsyncPgConnection::establish(&database.admin_url()).await.unwrap();
    tokio::task::spawn_blocking(move || {
        AsyncMigrationHarness::new(connection).revert_all_migrations(MIGRATIONS).map(|reverted| reverted.len()).unwrap()
    })
    .await
    .unwrap();
    let left = database
        .number(
            "select (select count(*) from pg_class where relnamespace = 'public'::regnamespace and relname not like '\\_\\_diesel%')
                 + (select count(*) from pg_proc where pronamespace = 'public'::regnamespace)",
        )
        .await;
    assert_eq!(left, 0);

    migrate(&database.admin_url(), &passwords()).await.unwrap();
    assert_eq!(schema_of(&database).await, first);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_that_migrate_at_once_migrate_once() {
    let database = TestDatabase::empty().await.unwrap();
    let tasks: Vec<_> = (0..4)
        .map(|_| {
            let url = database.admin_url();
            tokio::spawn(async move { migrate(&url, &passwords()).await.unwrap().applied.len() })
        })
        .collect();
    let mut applied = Vec::new();
    for task in tasks {
        applied.push(task.await.unwrap());
    }
    applied.sort_unstable();
    assert_eq!(applied[..3], [0, 0, 0]);
    assert!(applied[3] > 5);
}
