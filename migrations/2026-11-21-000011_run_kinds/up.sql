-- Runs of a part of a Page, runs that wait behind others of their Page, and what each run has done.

alter table sync_runs
    drop constraint sync_runs_kind_check,
    add constraint sync_runs_kind_check check (kind in (
        'connect', 'first', 'incremental', 'backfill', 'full', 'details', 'contacts', 'messages', 'status', 'update_page')),
    drop constraint sync_runs_state_check,
    add constraint sync_runs_state_check check (state in ('queued', 'running', 'succeeded', 'failed', 'parked', 'canceled')),
    -- The one conversation that it is about.
    add column conversation_id bigint,
    -- What is to be written to Facebook.
    add column request jsonb,
    -- Somebody waits for it.
    add column interactive boolean not null default false,
    -- Tries in a row that failed for a reason that may pass.
    add column attempts int not null default 0,
    -- A queued run may start from then on: it is staggered, or was put off.
    add column due_at timestamptz not null default now(),
    add column cancel_requested_at timestamptz,
    add column rows_new bigint not null default 0,
    add column rows_changed bigint not null default 0,
    add column rows_same bigint not null default 0,
    -- Of Facebook's answers.
    add column bytes bigint not null default 0,
    -- Calls that failed, also those that were made again.
    add column errors int not null default 0,
    add foreign key (account_id, conversation_id) references conversations (account_id, id) on delete cascade;

-- Runs over a whole Page go one at a time; those that are queued wait for the one at work. Two requests for the same
-- thing are one run.
drop index sync_runs_one_per_connection;
create unique index sync_runs_one_at_work_per_page on sync_runs (account_id, connection_id)
    where state = 'running' and kind in ('first', 'incremental', 'backfill', 'full');
create unique index sync_runs_one_of_a_kind on sync_runs (account_id, connection_id, kind, coalesce(conversation_id, 0))
    where state in ('queued', 'running') and connection_id is not null and kind <> 'update_page';
create index sync_runs_active_of_connection on sync_runs (account_id, connection_id) where state in ('queued', 'running');
create index sync_runs_conversation on sync_runs (account_id, conversation_id) where conversation_id is not null;
create index sync_runs_parked on sync_runs (account_id, ended_at) where state = 'parked';

-- When a full sync of it was last asked for by the clock.
alter table connections add column full_sync_at timestamptz;
grant update (full_sync_at) on connections to pagekeeper_gateway;

-- What Facebook said of a conversation when somebody asked.
alter table conversations
    add column facebook_unread_count int,
    add column can_reply boolean,
    add column status_checked_at timestamptz;

-- What syncs have done, by Page and hour.
create table sync_statistics (
    account_id bigint not null,
    connection_id bigint not null,
    hour timestamptz not null,
    runs int not null default 0,
    runs_failed int not null default 0,
    duration_ms bigint not null default 0,
    calls int not null default 0,
    errors int not null default 0,
    throttled_ms bigint not null default 0,
    bytes bigint not null default 0,
    rows_new bigint not null default 0,
    rows_changed bigint not null default 0,
    rows_same bigint not null default 0,
    primary key (account_id, connection_id, hour),
    foreign key (account_id, connection_id) references connections (account_id, id) on delete cascade
) with (fillfactor = 70);
create index sync_statistics_hour on sync_statistics (account_id, hour);

-- Calls to Facebook by limit and minute. No tenant's rows: `app:<id>` is shared, `page:<id>` is told to whoever has the Page.
create table graph_usage (
    bucket text not null,
    minute timestamptz not null,
    calls int not null default 0,
    errors int not null default 0,
    throttled_ms bigint not null default 0,
    -- The highest of the percentages in Meta's usage headers.
    percent int not null default 0,
    primary key (bucket, minute)
) with (fillfactor = 70);
create index graph_usage_minute on graph_usage (minute);

alter table sync_statistics owner to pagekeeper_owner;
alter table graph_usage owner to pagekeeper_owner;
alter table sync_statistics enable row level security, force row level security;
create policy gateway on sync_statistics to pagekeeper_gateway using (account_id = current_account_id());
create policy sync_worker on sync_statistics to pagekeeper_sync_worker
    using (account_id = any ((select current_account_ids())::bigint[]));
grant select on sync_statistics to pagekeeper_gateway;
grant select, insert, update on sync_statistics to pagekeeper_sync_worker;
grant select, insert, update, delete on graph_usage to pagekeeper_sync_worker;
grant update (state, phase, cancel_requested_at, ended_at, updated_at, version) on sync_runs to pagekeeper_gateway;

-- Runs that nobody holds and whose time has come, also those whose worker died or whose command was lost. Accounts take
-- turns, so that one with many Pages does not keep the others waiting; what somebody waits for goes first. A run over a
-- whole Page stays where it is while another is at work on that Page.
create function claim_waiting_runs(most int, except_accounts bigint[]) returns table (run_id bigint, account_id bigint, interactive boolean)
language sql security definer set search_path = public, pg_temp as $$
    update sync_runs r
    set lease_owner = null, lease_until = now() + interval '2 minutes', version = version + 1, updated_at = now()
    from (
        select w.id from (
            select w.id, row_number() over (partition by w.account_id order by w.interactive desc, w.due_at, w.id) as turn,
                w.interactive, w.due_at
            from (
                select * from sync_runs lost
                where lost.state in ('queued', 'running') and lost.lease_until < now() and lost.due_at <= now()
                order by lost.lease_until limit 5000
            ) w
            where not (w.account_id = any (except_accounts) and not w.interactive)
                and not (w.state = 'queued' and w.kind in ('first', 'incremental', 'backfill', 'full') and exists (
                    select from sync_runs other
                    where other.account_id = w.account_id and other.connection_id = w.connection_id
                        and other.state = 'running' and other.kind in ('first', 'incremental', 'backfill', 'full')))
        ) w
        order by w.interactive desc, w.turn, w.due_at, w.id limit most
    ) chosen
    where r.id = chosen.id
        and r.id in (
            select again.id from sync_runs again
            where again.id = chosen.id and again.state in ('queued', 'running') and again.lease_until < now()
            for update skip locked)
    returning r.id, r.account_id, r.interactive
$$;

-- What calls to Facebook of this account's Pages, and of the app, came to since a time.
create function graph_usage_of_account(account bigint, since timestamptz)
returns table (bucket text, connection_id bigint, minute timestamptz, calls int, errors int, throttled_ms bigint, percent int)
language sql stable security definer set search_path = public, pg_temp as $$
    select u.bucket, c.id, u.minute, u.calls, u.errors, u.throttled_ms, u.percent
    from connections c
    join graph_usage u on u.bucket = 'page:' || c.page_id
    where c.account_id = account and account = current_account_id() and c.connection_type = 'facebook'
        and c.state <> 'disconnected' and u.minute >= since
    union all
    select u.bucket, null, u.minute, u.calls, u.errors, u.throttled_ms, u.percent
    from graph_usage u
    where account = current_account_id() and u.bucket like 'app:%' and u.minute >= since
    order by 1, 3
$$;

-- Forgets what is too old to be of use: runs that ended, and usage by the minute. Statistics by the hour stay for a year.
create function trim_sync_history(runs_before timestamptz, usage_before timestamptz, statistics_before timestamptz)
returns void language sql security definer set search_path = public, pg_temp as $$
    delete from sync_runs r where r.id in (
        select old.id from sync_runs old
        where old.ended_at < runs_before and old.state <> 'parked' and old.kind <> 'connect' order by old.id limit 5000);
    delete from graph_usage u where u.minute < usage_before;
    delete from sync_statistics s where s.hour < statistics_before;
$$;

-- Connected Pages whose account's clock has passed the hour of the full sync since they last had one. A time zone and when
-- that hour was there last: which zones there are is asked first, since names are the gateway's to understand.
create function time_zones() returns table (time_zone text)
language sql stable security definer set search_path = public, pg_temp as $$
    select distinct a.time_zone from accounts a
$$;
create function due_full_connections(zones text[], passed_at timestamptz[], most int)
returns table (connection_id bigint, account_id bigint, page_id text)
language sql stable security definer set search_path = public, pg_temp as $$
    select c.id, c.account_id, c.page_id
    from unnest(zones, passed_at) as z (time_zone, passed_at)
    join accounts a on a.time_zone = z.time_zone
    join connections c on c.account_id = a.id
    where c.state = 'connected' and coalesce(c.full_sync_at, c.connected_at) < z.passed_at
    order by c.full_sync_at nulls first, c.id limit most
$$;

-- Connected Pages whose webhooks have not been heard for longer than they usually are silent: ten times the mean time
-- between two conversations of the last week, at least a quarter of an hour and at most six. One look in a quarter of an hour.
create function silent_connections(most int) returns table (connection_id bigint, account_id bigint, page_id text)
language sql stable security definer set search_path = public, pg_temp as $$
    select c.id, c.account_id, c.page_id
    from connections c
    cross join lateral (
        select count(*) as conversations from (
            select from conversations v
            where v.account_id = c.account_id and v.connection_id = c.id and v.last_message_at > now() - interval '7 days'
            limit 1000) recent
    ) week
    where c.state = 'connected' and week.conversations > 0
        and greatest(c.last_webhook_at, c.subscribed_at, c.last_synced_at) < now() - interval '15 minutes'
        and greatest(c.last_webhook_at, c.subscribed_at) < now()
            - least(greatest(interval '7 days' / week.conversations * 10, interval '15 minutes'), interval '6 hours')
    order by c.last_synced_at nulls first limit most
$$;

grant delete on sync_runs to pagekeeper_lookup;
grant select, delete on graph_usage, sync_statistics to pagekeeper_lookup;
create policy lookup on sync_statistics to pagekeeper_lookup using (true);
do $$
declare
    lookup text;
begin
    foreach lookup in array array['claim_waiting_runs(int, bigint[])', 'graph_usage_of_account(bigint, timestamptz)',
        'trim_sync_history(timestamptz, timestamptz, timestamptz)', 'time_zones()',
        'due_full_connections(text[], timestamptz[], int)', 'silent_connections(int)']
    loop
        execute format('alter function %s owner to pagekeeper_lookup', lookup);
        execute format('revoke all on function %s from public', lookup);
    end loop;
end
$$;
grant execute on function claim_waiting_runs(int, bigint[]), trim_sync_history(timestamptz, timestamptz, timestamptz)
    to pagekeeper_sync_worker;
grant execute on function graph_usage_of_account(bigint, timestamptz), time_zones(),
    due_full_connections(text[], timestamptz[], int), silent_connections(int) to pagekeeper_gateway;
