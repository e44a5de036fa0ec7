-- Where Meta keeps what came with a message. Whoever has such an address can read the file until it expires, so it is
-- never told to anybody; a fresh one is asked for when somebody wants to see the file.
create table message_media (
    account_id bigint not null,
    connection_id bigint not null,
    mid text collate "C" not null,
    -- In the message's list of attachments, from 0.
    position int not null check (position between 0 and 49),
    url text not null,
    url_told_at timestamptz not null,
    -- The copy in our own store, where copies are wanted: its name, which is drawn before it is made; since when it is
    -- there, as what, and its length in bytes.
    copy_key uuid,
    copied_at timestamptz,
    copied_type text,
    copied_bytes bigint,
    copy_tries int not null default 0,
    -- When the next try is due.
    copy_due_at timestamptz not null default now(),
    primary key (account_id, connection_id, mid, position),
    foreign key (account_id, connection_id, mid) references messages (account_id, connection_id, mid) on delete cascade
);
alter table message_media owner to pagekeeper_owner;
alter table message_media enable row level security, force row level security;
create policy gateway on message_media to pagekeeper_gateway using (account_id = current_account_id());
create policy sync_worker on message_media to pagekeeper_sync_worker
    using (account_id = any ((select current_account_ids())::bigint[]));
grant select on message_media to pagekeeper_gateway;
grant select, insert, update, delete on message_media to pagekeeper_sync_worker;

create unique index message_media_copies on message_media (copy_key) where copy_key is not null;
create index message_media_to_copy on message_media (copy_due_at) where copied_at is null and copy_tries < 8;

-- Copies whose file nobody may see any more. One may be on its way still: each is deleted once more after a while.
create table media_removals (
    id bigint generated always as identity primary key,
    account_id bigint not null,
    copy_key uuid not null,
    gone_at timestamptz not null default now(),
    due_at timestamptz not null default now()
);
create index media_removals_due on media_removals (due_at);
alter table media_removals owner to pagekeeper_owner;
alter table media_removals enable row level security, force row level security;
create policy lookup on media_removals to pagekeeper_lookup using (true);
create policy sync_worker on media_removals to pagekeeper_sync_worker using (true);
grant insert on media_removals to pagekeeper_lookup;
grant select, update, delete on media_removals to pagekeeper_sync_worker;

create function remove_copies() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
begin
    insert into media_removals (account_id, copy_key)
    select g.account_id, g.copy_key from gone g where g.copy_key is not null;
    return null;
end
$$;
alter function remove_copies() owner to pagekeeper_lookup;
revoke all on function remove_copies() from public;
create trigger remove_copies after delete on message_media referencing old table as gone
    for each statement execute function remove_copies();

-- Files of any account that are to be copied now. Each is out of reach for `lease`, and is tried later and later.
create function claim_media_copies(most int, lease interval)
returns table (account_id bigint, message_id bigint, "position" int, url text, copy_key uuid)
language sql security definer set search_path = public, pg_temp as $$
    with due as (
        select a.account_id, a.connection_id, a.mid, a.position from message_media a
        where a.copied_at is null and a.copy_tries < 8 and a.copy_due_at <= now()
        order by a.copy_due_at limit most for no key update skip locked
    ), claimed as (
        update message_media a set copy_key = coalesce(a.copy_key, gen_random_uuid()), copy_tries = a.copy_tries + 1,
            copy_due_at = now() + lease * (1 << a.copy_tries)
        from due d
        where a.account_id = d.account_id and a.connection_id = d.connection_id and a.mid = d.mid and a.position = d.position
        returning a.account_id, a.connection_id, a.mid, a.position, a.url, a.copy_key
    )
    select c.account_id, m.id, c.position, c.url, c.copy_key
    from claimed c join messages m on m.account_id = c.account_id and m.connection_id = c.connection_id and m.mid = c.mid
$$;
alter function claim_media_copies(int, interval) owner to pagekeeper_lookup;
revoke all on function claim_media_copies(int, interval) from public;
create policy lookup on message_media to pagekeeper_lookup using (true);
grant select, update on message_media to pagekeeper_lookup;
grant execute on function claim_media_copies(int, interval) to pagekeeper_sync_worker;

-- As before; and what a person took back cannot be fetched any more.
create or replace function blank_messages(accounts bigint[], connections bigint[], mids text[])
returns void language plpgsql
set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
declare
    gone bigint[];
    conversation_ids bigint[];
begin
    select array_agg(m.id), array_agg(m.conversation_id) into gone, conversation_ids
    from unnest(accounts, connections, mids) as n (account_id, connection_id, mid)
    cross join lateral (
        select k.id, k.conversation_id from messages k
        where k.account_id = n.account_id and k.connection_id = n.connection_id and k.mid = n.mid offset 0
    ) m;
    if gone is null then
        return;
    end if;
    update conversations v set snippet = null
    from (
        select l.id from conversations l
        where l.id = any (conversation_ids) and l.last_message_mid = any (mids) and l.snippet is not null
        order by l.account_id, l.connection_id, l.psid for no key update
    ) locked
    where v.id = locked.id;
    update messages m set text = null, text_told_at = null, text_edited = false, attachments = null
    from (
        select l.id from messages l
        where l.id = any (gone) and (l.text is not null or l.attachments is not null)
        order by l.account_id, l.connection_id, l.mid for no key update
    ) locked
    where m.id = locked.id;
    delete from message_media a
    using (
        select l.account_id, l.connection_id, l.mid, l.position
        from unnest(accounts, connections, mids) as n (account_id, connection_id, mid)
        join message_media l on l.account_id = n.account_id and l.connection_id = n.connection_id and l.mid = n.mid
        order by l.account_id, l.connection_id, l.mid, l.position for update of l
    ) locked
    where a.account_id = locked.account_id and a.connection_id = locked.connection_id and a.mid = locked.mid
        and a.position = locked.position;
end
$$;
