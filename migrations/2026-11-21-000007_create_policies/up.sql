-- Everything belongs to a role that nobody logs in with.
do $$
declare
    relation regclass;
begin
    for relation in
        select c.oid from pg_class c
        where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.relname <> '__diesel_schema_migrations'
    loop
        execute format('alter table %s owner to pagekeeper_owner', relation);
    end loop;
end
$$;
alter sequence credentials_id owner to pagekeeper_owner;
alter function current_account_id() owner to pagekeeper_owner;
alter function current_account_ids() owner to pagekeeper_owner;

-- Each service waits for its schema's version.
grant select on __diesel_schema_migrations to pagekeeper_gateway, pagekeeper_webhook_ingest, pagekeeper_sync_worker;

-- What each role may do at all. Tokens are written by the gateway (at a login), and read by nobody but the worker.
grant select on accounts to pagekeeper_gateway;
grant update (name, language, time_zone, updated_at) on accounts to pagekeeper_gateway;
grant select on users, memberships to pagekeeper_gateway;
grant select, insert, delete on sessions to pagekeeper_gateway;
grant select, insert, update, delete on login_attempts to pagekeeper_gateway;
grant select, insert on api_keys to pagekeeper_gateway;
grant update (revoked_at) on api_keys to pagekeeper_gateway;
grant select on connections, contacts, conversations, messages to pagekeeper_gateway;
grant update (state, reason, disconnected_at, updated_at) on connections to pagekeeper_gateway;
grant update (read_up_to) on conversations to pagekeeper_gateway;
grant usage on sequence credentials_id to pagekeeper_gateway;
grant insert, update on credentials to pagekeeper_gateway;
grant select (id, account_id, kind, user_id, connection_id, is_long_lived, expires_at, data_access_expires_at, scopes,
    is_valid, checked_at, version, created_at, updated_at) on credentials to pagekeeper_gateway;
grant select, insert on sync_runs to pagekeeper_gateway;
grant select, insert, update, delete on outbox to pagekeeper_gateway;
-- The gateway fires the schedules.
grant select, insert, update on schedules to pagekeeper_gateway;

grant select, insert, update on connections, contacts, conversations, messages, sync_runs to pagekeeper_sync_worker;
grant usage on sequence credentials_id to pagekeeper_sync_worker;
grant select, insert, update, delete on credentials to pagekeeper_sync_worker;
grant select, insert, update, delete on graph_budgets, outbox, quarantine to pagekeeper_sync_worker;

grant select, insert, update, delete on ingest_spool to pagekeeper_webhook_ingest;

-- Forced: even the owner is bound. The policies name their roles, so that one never widens another.
alter table accounts enable row level security, force row level security;
alter table users enable row level security, force row level security;
alter table memberships enable row level security, force row level security;
alter table sessions enable row level security, force row level security;
alter table api_keys enable row level security, force row level security;
alter table connections enable row level security, force row level security;
alter table credentials enable row level security, force row level security;
alter table contacts enable row level security, force row level security;
alter table conversations enable row level security, force row level security;
alter table messages enable row level security, force row level security;
alter table sync_runs enable row level security, force row level security;
alter table outbox enable row level security, force row level security;

-- The gateway acts for one person in one account.
create policy gateway on accounts to pagekeeper_gateway using (id = current_account_id());
create policy gateway on users to pagekeeper_gateway
    using (exists (select from memberships m where m.account_id = current_account_id() and m.user_id = users.id));
create policy gateway on memberships to pagekeeper_gateway using (account_id = current_account_id());
create policy gateway on sessions to pagekeeper_gateway using (account_id = current_account_id());
create policy gateway on api_keys to pagekeeper_gateway using (account_id = current_account_id());
create policy gateway on connections to pagekeeper_gateway using (account_id = current_account_id());
create policy gateway on credentials to pagekeeper_gateway using (account_id = current_account_id());
create policy gateway on contacts to pagekeeper_gateway using (account_id = current_account_id());
create policy gateway on conversations to pagekeeper_gateway using (account_id = current_account_id());
create policy gateway on messages to pagekeeper_gateway using (account_id = current_account_id());
create policy gateway on sync_runs to pagekeeper_gateway using (account_id = current_account_id());

-- A worker's batch spans accounts: those in its list, no others. The list is read once per statement (a sub-select),
-- not parsed again for each row.
create policy sync_worker on connections to pagekeeper_sync_worker
    using (account_id = any ((select current_account_ids())::bigint[]));
create policy sync_worker on credentials to pagekeeper_sync_worker
    using (account_id = any ((select current_account_ids())::bigint[]));
create policy sync_worker on contacts to pagekeeper_sync_worker
    using (account_id = any ((select current_account_ids())::bigint[]));
create policy sync_worker on conversations to pagekeeper_sync_worker
    using (account_id = any ((select current_account_ids())::bigint[]));
create policy sync_worker on messages to pagekeeper_sync_worker
    using (account_id = any ((select current_account_ids())::bigint[]));
create policy sync_worker on sync_runs to pagekeeper_sync_worker
    using (account_id = any ((select current_account_ids())::bigint[]));

-- The outbox holds ids and no content of a tenant, and a relay publishes for all accounts.
create policy relay on outbox to pagekeeper_gateway, pagekeeper_sync_worker using (true);
