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

-- As before; and what a person took back cannot be fetched any more.
create or replace function blank_messages(accounts bigint[], connections bigint[], mids text[])
returns void language plpgsql set plan_cache_mode = force_generic_plan as $$
declare
    gone bigint[];
    conversation_ids bigint[];
begin
    select array_agg(m.id), array_agg(m.conversation_id) into gone, conversation_ids
    from unnest(accounts, connections, mids) as n (account_id, connection_id, mid)
    join messages m on m.account_id = n.account_id and m.connection_id = n.connection_id and m.mid = n.mid;
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
