-- Roles belong to the whole server; several databases on one server share them.
do $$
declare
    role_name text;
begin
    -- pagekeeper_owner owns the tables. pagekeeper_lookup owns the functions that read across accounts.
    foreach role_name in array array['pagekeeper_owner', 'pagekeeper_lookup'] loop
        begin
            execute format('create role %I nologin nosuperuser nobypassrls', role_name);
        exception when duplicate_object or unique_violation then
            null; -- It was there, or another database's migration has just made it.
        end;
    end loop;
    foreach role_name in array array['pagekeeper_gateway', 'pagekeeper_webhook_ingest', 'pagekeeper_sync_worker'] loop
        begin
            execute format('create role %I login nosuperuser nobypassrls', role_name);
        exception when duplicate_object or unique_violation then
            null;
        end;
    end loop;
end
$$;

do $$
declare
    role_name text;
begin
    foreach role_name in array array['pagekeeper_gateway', 'pagekeeper_webhook_ingest', 'pagekeeper_sync_worker'] loop
        execute format('grant connect on database %I to %I', current_database(), role_name);
    end loop;
end
$$;

revoke create on schema public from public;
grant usage on schema public to pagekeeper_gateway, pagekeeper_webhook_ingest, pagekeeper_sync_worker, pagekeeper_lookup;
grant usage, create on schema public to pagekeeper_owner;

-- The scope of a transaction. Strict on purpose: a query without a scope is a bug and fails, instead of finding nothing.
create function current_account_id() returns bigint language sql stable
    return current_setting('app.account_id')::bigint;

create function current_account_ids() returns bigint[] language sql stable
    return current_setting('app.account_ids')::bigint[];
