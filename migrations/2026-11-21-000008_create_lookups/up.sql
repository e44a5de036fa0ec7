-- Reads before an account is known, and across accounts: the only exceptions to row-level security. They belong to
-- pagekeeper_lookup, whose policies let it see all of just these tables; each may be called by the roles named with it.
grant select, update, delete on sessions to pagekeeper_lookup;
grant select, update on api_keys, contacts, sync_runs to pagekeeper_lookup;
grant select, insert, update on users to pagekeeper_lookup;
grant select, insert on accounts, memberships to pagekeeper_lookup;
grant select on connections, conversations, messages, outbox, ingest_spool, quarantine to pagekeeper_lookup;
grant select (id, account_id, kind, connection_id, is_long_lived, expires_at, is_valid) on credentials to pagekeeper_lookup;

create policy lookup on accounts to pagekeeper_lookup using (true);
create policy lookup on users to pagekeeper_lookup using (true);
create policy lookup on memberships to pagekeeper_lookup using (true);
create policy lookup on sessions to pagekeeper_lookup using (true);
create policy lookup on api_keys to pagekeeper_lookup using (true);
create policy lookup on connections to pagekeeper_lookup using (true);
create policy lookup on credentials to pagekeeper_lookup using (true);
create policy lookup on contacts to pagekeeper_lookup using (true);
create policy lookup on conversations to pagekeeper_lookup using (true);
create policy lookup on messages to pagekeeper_lookup using (true);
create policy lookup on sync_runs to pagekeeper_lookup using (true);
create policy lookup on outbox to pagekeeper_lookup using (true);

-- A session by its cookie's hash, unless it ended. Being seen is written once a minute.
create function find_session(hash bytea, idle interval)
returns table (session_id bigint, account_id bigint, user_id bigint, role text, created_at timestamptz, expires_at timestamptz)
language sql security definer set search_path = public, pg_temp as $$
    with seen as (
        update sessions set last_seen_at = now()
        where token_hash = hash and expires_at > now() and last_seen_at > now() - idle
            and last_seen_at < now() - interval '1 minute'
    )
    select s.id, s.account_id, s.user_id, m.role, s.created_at, s.expires_at
    from sessions s
    join memberships m on m.account_id = s.account_id and m.user_id = s.user_id
    where s.token_hash = hash and s.expires_at > now() and s.last_seen_at > now() - idle
$$;

create function end_session(hash bytea) returns table (session_id bigint, account_id bigint)
language sql security definer set search_path = public, pg_temp as $$
    delete from sessions s where s.token_hash = hash returning s.id, s.account_id
$$;

create function find_api_key(hash bytea)
returns table (api_key_id bigint, account_id bigint, user_id bigint, role text, scopes text[])
language sql security definer set search_path = public, pg_temp as $$
    with used as (
        update api_keys set last_used_at = now()
        where key_hash = hash and revoked_at is null and (expires_at is null or expires_at > now())
            and (last_used_at is null or last_used_at < now() - interval '1 minute')
    )
    select k.id, k.account_id, k.user_id, m.role, k.scopes
    from api_keys k
    join memberships m on m.account_id = k.account_id and m.user_id = k.user_id
    where k.key_hash = hash and k.revoked_at is null and (k.expires_at is null or k.expires_at > now())
$$;

-- A person who comes back from Facebook. The first time makes an account and its owner; two first times at once make one.
create function sign_in(facebook_id text, person_name text, person_email text,
    out user_id bigint, out account_id bigint, out is_first boolean)
language plpgsql security definer set search_path = public, pg_temp as $$
begin
    insert into users as u (facebook_user_id, name, email) values (facebook_id, person_name, person_email)
    on conflict (facebook_user_id) do update
        set name = excluded.name, email = coalesce(excluded.email, u.email), updated_at = now()
    returning u.id into user_id;

    select m.account_id into account_id from memberships m
    where m.user_id = sign_in.user_id order by m.created_at, m.account_id limit 1;
    is_first := not found;
    if is_first then
        insert into accounts as a (name) values (coalesce(nullif(left(trim(person_name), 120), ''), 'Pagekeeper'))
        returning a.id into account_id;
        insert into memberships (account_id, user_id, role) values (sign_in.account_id, sign_in.user_id, 'owner');
    end if;
end
$$;

create function accounts_of_user(member bigint) returns table (account_id bigint, name text, role text)
language sql stable security definer set search_path = public, pg_temp as $$
    select a.id, a.name, m.role from memberships m join accounts a on a.id = m.account_id
    where m.user_id = member order by m.created_at, a.id
$$;

create function membership_of(member bigint, account bigint) returns table (role text)
language sql stable security definer set search_path = public, pg_temp as $$
    select m.role from memberships m where m.user_id = member and m.account_id = account
$$;

-- Whose Pages these are. A Page that was disconnected belongs to nobody.
create function find_connections_by_page(page_ids text[])
returns table (page_id text, connection_id bigint, account_id bigint, state text)
language sql stable security definer set search_path = public, pg_temp as $$
    select c.page_id, c.id, c.account_id, c.state from connections c
    where c.connection_type = 'facebook' and c.page_id = any (page_ids) and c.state <> 'disconnected'
$$;

-- Contacts whose names are still to be fetched. Claimed for two minutes: a worker that dies gives them back.
create function claim_contacts_without_name(most int)
returns table (contact_id bigint, account_id bigint, connection_id bigint, psid text)
language sql security definer set search_path = public, pg_temp as $$
    update contacts c set profile_due_at = now() + interval '2 minutes'
    from (
        select due.id from contacts due
        join connections owner on owner.id = due.connection_id and owner.state = 'connected'
        where due.profile_checked_at is null and due.profile_due_at <= now()
        order by due.profile_due_at limit most
        for update of due skip locked
    ) claimed
    where c.id = claimed.id
    returning c.id, c.account_id, c.connection_id, c.psid
$$;

-- Connected Pages that nobody synced since `stale_before`, the longest waiting first. One that a run is at work on is
-- among them: whoever starts a run for it joins that one.
create function due_connections(stale_before timestamptz, most int)
returns table (connection_id bigint, account_id bigint, page_id text)
language sql stable security definer set search_path = public, pg_temp as $$
    select c.id, c.account_id, c.page_id from connections c
    where c.state = 'connected' and (c.last_synced_at is null or c.last_synced_at < stale_before)
    order by c.last_synced_at nulls first limit most
$$;

-- Runs whose worker died, or whose command was lost. Whoever claims one sends its command again.
create function claim_abandoned_runs(most int) returns table (run_id bigint, account_id bigint, kind text)
language sql security definer set search_path = public, pg_temp as $$
    update sync_runs r
    set lease_owner = null, lease_until = now() + interval '2 minutes', version = version + 1, updated_at = now()
    from (
        select lost.id from sync_runs lost
        where lost.state in ('queued', 'running') and lost.lease_until < now()
        order by lost.lease_until limit most
        for update skip locked
    ) claimed
    where r.id = claimed.id
    returning r.id, r.account_id, r.kind
$$;

-- The system's totals for the health page. Big tables are counted by the planner's estimate.
create function estimated_rows(relation regclass) returns bigint
language plpgsql stable security definer set search_path = public, pg_temp as $$
declare
    estimate bigint := (select c.reltuples::bigint from pg_class c where c.oid = relation);
    counted bigint;
begin
    if estimate > 10000 then
        return estimate;
    end if;
    execute format('select count(*) from (select from %s limit 10001) few', relation) into counted;
    return counted;
end
$$;

create function health_totals(token_warning interval, stale_before timestamptz,
    out pages_connected bigint, out pages_needing_login bigint, out pages_stale bigint, out oldest_sync_at timestamptz,
    out tokens_expiring bigint, out tokens_invalid bigint,
    out conversations bigint, out contacts bigint, out messages bigint,
    out runs_active bigint, out runs_failed_today bigint,
    out outbox_waiting bigint, out spool_waiting bigint, out quarantined bigint)
language plpgsql stable security definer set search_path = public, pg_temp as $$
begin
    select count(*) filter (where c.state in ('connected', 'connecting')),
        count(*) filter (where c.state = 'reauthorization_required'),
        count(*) filter (where c.state = 'connected' and coalesce(c.last_synced_at, c.connected_at) < stale_before),
        min(coalesce(c.last_synced_at, c.connected_at)) filter (where c.state = 'connected')
    into pages_connected, pages_needing_login, pages_stale, oldest_sync_at
    from connections c where c.state <> 'disconnected';

    select count(*) filter (where t.is_valid and t.expires_at < now() + token_warning), count(*) filter (where not t.is_valid)
    into tokens_expiring, tokens_invalid
    from credentials t
    -- A person's short-lived token is exchanged within minutes; that it ends soon is no news.
    where t.kind = 'user' and t.is_long_lived
        or t.kind = 'page' and exists (select from connections c where c.id = t.connection_id and c.state <> 'disconnected');

    conversations := estimated_rows('conversations');
    contacts := estimated_rows('contacts');
    messages := estimated_rows('messages');
    outbox_waiting := estimated_rows('outbox');
    spool_waiting := estimated_rows('ingest_spool');
    quarantined := estimated_rows('quarantine');

    select count(*) into runs_active from sync_runs r where r.state in ('queued', 'running');
    select count(*) into runs_failed_today from sync_runs r
    where r.state = 'failed' and r.ended_at > now() - interval '1 day';
end
$$;

do $$
declare
    lookup text;
begin
    foreach lookup in array array[
        'find_session(bytea, interval)', 'end_session(bytea)', 'find_api_key(bytea)', 'sign_in(text, text, text)',
        'accounts_of_user(bigint)', 'membership_of(bigint, bigint)', 'find_connections_by_page(text[])',
        'claim_contacts_without_name(int)', 'due_connections(timestamptz, int)', 'claim_abandoned_runs(int)',
        'estimated_rows(regclass)', 'health_totals(interval, timestamptz)']
    loop
        execute format('alter function %s owner to pagekeeper_lookup', lookup);
        execute format('revoke all on function %s from public', lookup);
    end loop;
end
$$;
grant execute on function find_session(bytea, interval), end_session(bytea), find_api_key(bytea), sign_in(text, text, text),
    accounts_of_user(bigint), membership_of(bigint, bigint), due_connections(timestamptz, int),
    health_totals(interval, timestamptz) to pagekeeper_gateway;
grant execute on function find_connections_by_page(text[]), claim_contacts_without_name(int),
    due_connections(timestamptz, int), claim_abandoned_runs(int) to pagekeeper_sync_worker;
