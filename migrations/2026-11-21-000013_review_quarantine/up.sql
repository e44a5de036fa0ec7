-- People look at the quarantine, replay it and drop from it: each account what is of its own Pages, operators all of it.
-- The rows have no account, so the account's functions compare with its connections, and take the account from the
-- transaction's scope and not from their caller.
grant delete on quarantine to pagekeeper_lookup;
-- Not concurrently: the table holds only what could not be stored, and its writers can wait.
create index quarantine_review on quarantine (owner_id, received_at, id);
create index quarantine_age on quarantine (received_at, id);

-- Oldest first, after the entry (`after_at`, `after_id`). A null leaves a condition out; `body` only where it is asked for.
create function quarantined_of_account(only_ids bigint[], only_owners text[], with_reason text, received_before timestamptz,
    after_at timestamptz, after_id bigint, most int, with_body boolean)
returns table (id bigint, reason text, object text, owner_id text, seen int, received_at timestamptz, size int, body bytea)
language sql stable security definer set search_path = public, pg_temp as $$
    select q.id, q.reason, q.object, q.owner_id, q.seen, q.received_at, octet_length(q.body), case when with_body then q.body end
    from quarantine q
    where q.owner_id in (
            select unnest(array[c.page_id, c.instagram_account_id]) from connections c
            where c.account_id = current_account_id() and c.state <> 'disconnected')
        and (only_ids is null or q.id = any (only_ids))
        and (only_owners is null or q.owner_id = any (only_owners))
        and (with_reason is null or position(lower(with_reason) in q.reason) > 0)
        and (received_before is null or q.received_at < received_before)
        and (after_at is null or (q.received_at, q.id) > (after_at, after_id))
    order by q.received_at, q.id limit most
$$;

create function quarantined_of_anybody(only_ids bigint[], only_owners text[], with_reason text, received_before timestamptz,
    after_at timestamptz, after_id bigint, most int, with_body boolean)
returns table (id bigint, reason text, object text, owner_id text, seen int, received_at timestamptz, size int, body bytea)
language sql stable security definer set search_path = public, pg_temp as $$
    select q.id, q.reason, q.object, q.owner_id, q.seen, q.received_at, octet_length(q.body), case when with_body then q.body end
    from quarantine q
    where (only_ids is null or q.id = any (only_ids))
        and (only_owners is null or q.owner_id = any (only_owners))
        and (with_reason is null or position(lower(with_reason) in q.reason) > 0)
        and (received_before is null or q.received_at < received_before)
        and (after_at is null or (q.received_at, q.id) > (after_at, after_id))
    order by q.received_at, q.id limit most
$$;

-- Only as it was seen: an entry that came again since then stays.
create function drop_quarantined_of_account(ids bigint[], as_seen int[]) returns bigint
language sql security definer set search_path = public, pg_temp as $$
    with dropped as (
        delete from quarantine q using unnest(ids, as_seen) as d (id, seen)
        where q.id = d.id and q.seen = d.seen and q.owner_id in (
            select unnest(array[c.page_id, c.instagram_account_id]) from connections c
            where c.account_id = current_account_id() and c.state <> 'disconnected')
        returning 1
    )
    select count(*) from dropped
$$;

create function drop_quarantined_of_anybody(ids bigint[], as_seen int[]) returns bigint
language sql security definer set search_path = public, pg_temp as $$
    with dropped as (
        delete from quarantine q using unnest(ids, as_seen) as d (id, seen)
        where q.id = d.id and q.seen = d.seen
        returning 1
    )
    select count(*) from dropped
$$;

-- Counted up to `most`, more of them cost more than anybody wants to know.
create function count_quarantined_of_account(most int) returns bigint
language sql stable security definer set search_path = public, pg_temp as $$
    select count(*) from (
        select from quarantine q where q.owner_id in (
            select unnest(array[c.page_id, c.instagram_account_id]) from connections c
            where c.account_id = current_account_id() and c.state <> 'disconnected')
        limit most
    ) few
$$;

create function count_quarantined_by_reason(reasons text[], most int) returns table (reason text, entries bigint)
language sql stable security definer set search_path = public, pg_temp as $$
    select r.reason, (select count(*) from (select from quarantine q where q.reason = r.reason limit most) few)
    from unnest(reasons) as r (reason)
$$;

do $$
declare
    lookup text;
begin
    foreach lookup in array array[
        'quarantined_of_account(bigint[], text[], text, timestamptz, timestamptz, bigint, int, boolean)',
        'quarantined_of_anybody(bigint[], text[], text, timestamptz, timestamptz, bigint, int, boolean)',
        'drop_quarantined_of_account(bigint[], int[])', 'drop_quarantined_of_anybody(bigint[], int[])',
        'count_quarantined_of_account(int)', 'count_quarantined_by_reason(text[], int)']
    loop
        execute format('alter function %s owner to pagekeeper_lookup', lookup);
        execute format('revoke all on function %s from public', lookup);
        execute format('grant execute on function %s to pagekeeper_gateway', lookup);
    end loop;
end
$$;
