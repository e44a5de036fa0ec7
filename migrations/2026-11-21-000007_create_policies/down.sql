drop policy relay on outbox;
do $$
declare
    policy record;
    relation regclass;
begin
    for policy in select schemaname, tablename, policyname from pg_policies where policyname in ('gateway', 'sync_worker') loop
        execute format('drop policy %I on %I.%I', policy.policyname, policy.schemaname, policy.tablename);
    end loop;
    for relation in
        select c.oid from pg_class c
        where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.relname <> '__diesel_schema_migrations'
    loop
        execute format('alter table %s disable row level security, no force row level security', relation);
        execute format('alter table %s owner to current_user', relation);
        execute format('revoke all on %s from pagekeeper_gateway, pagekeeper_webhook_ingest, pagekeeper_sync_worker', relation);
    end loop;
end
$$;
revoke all on __diesel_schema_migrations from pagekeeper_gateway, pagekeeper_webhook_ingest, pagekeeper_sync_worker;
revoke select (id, account_id, kind, user_id, connection_id, is_long_lived, expires_at, data_access_expires_at, scopes,
    is_valid, checked_at, version, created_at, updated_at) on credentials from pagekeeper_gateway;
revoke all on sequence credentials_id from pagekeeper_gateway, pagekeeper_sync_worker;
alter sequence credentials_id owner to current_user;
alter function current_account_id() owner to current_user;
alter function current_account_ids() owner to current_user;
