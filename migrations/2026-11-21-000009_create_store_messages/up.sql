-- Whether one message comes after another as a conversation's newest. A conversation that has no message yet (empty mid)
-- gives way to any; equal times are decided by the id, so that every order of arrival ends alike.
create function is_newer_message(at timestamptz, mid text, snippet text, than_at timestamptz, than_mid text, than_snippet text)
returns boolean language sql immutable
    return (mid <> '', at, mid collate "C", coalesce(snippet, '') collate "C")
        > (than_mid <> '', than_at, than_mid collate "C", coalesce(than_snippet, '') collate "C");

-- Stores a batch of conversations and their messages: one statement, so one transaction in one round trip.
--
-- `people_*` has one element per conversation, sorted by (account, connection, psid) and without duplicates; `message_*`
-- one per message, sorted by (account, connection, mid) and without duplicates, `message_person` being the position of
-- its conversation. All batches lock in this order, so two at once wait for each other, but never in a circle.
--
-- Everything commutes (the greatest wins): batches may come in any order, twice, or at once. What is stored already
-- writes no new row version. Answers what really changed.
--
-- `by_webhook` says that Facebook sent them by itself, which is what a Page's `last_webhook_at` tells.
--
-- The plan is made for few rows and kept: index lookups, whatever the statistics of a young table say.
create function store_messages(
    by_webhook boolean,
    people_account bigint[], people_connection bigint[], people_psid text[],
    people_name text[], people_named_at timestamptz[], people_thread text[],
    people_last_at timestamptz[], people_last_mid text[], people_last_from_page boolean[], people_snippet text[],
    people_inbound_at timestamptz[], people_read_up_to timestamptz[],
    message_person int[], message_mid text[], message_from_page boolean[], message_sent_at timestamptz[],
    message_text text[], message_attachments jsonb[], message_app text[], message_reply_to text[],
    out new_contacts bigint[], out new_messages bigint, out changed_accounts bigint[], out changed_conversations bigint[])
language plpgsql set plan_cache_mode = force_generic_plan as $$
declare
    conversation_ids bigint[];
    -- Conversations whose own row changed, and those with changed messages: a conversation may be in both.
    by_row_account bigint[];
    by_row bigint[];
    by_message_account bigint[];
    by_message bigint[];
begin
    -- The accounts of the batch, unless the caller's transaction already says which ones it may touch.
    if coalesce(current_setting('app.account_ids', true), '') = '' then
        perform set_config('app.account_ids', (select array_agg(distinct a) from unnest(people_account) a)::text, true);
    end if;

    -- When a Page's webhooks came last, to the minute. Whoever finds the row taken leaves it: that one writes it too.
    if by_webhook then
        update connections c set last_webhook_at = now()
        from (
            select id from connections
            where id = any (people_connection)
                and (last_webhook_at is null or last_webhook_at < now() - interval '1 minute')
            order by id for no key update skip locked
        ) silent
        where c.id = silent.id;
    end if;

    -- Contacts that are new, or whose name was told later than the one we have.
    with written as (
        insert into contacts as c (account_id, connection_id, psid, name, profile_checked_at)
        select p.account_id, p.connection_id, p.psid, p.name, p.named_at
        from unnest(people_account, people_connection, people_psid, people_name, people_named_at)
            as p (account_id, connection_id, psid, name, named_at)
        left join contacts known on known.account_id = p.account_id and known.connection_id = p.connection_id and known.psid = p.psid
        where known.id is null
            or p.name is not null and (known.profile_checked_at is null
                or (p.named_at, p.name collate "C") > (known.profile_checked_at, coalesce(known.name, '') collate "C"))
        order by p.account_id, p.connection_id, p.psid collate "C"
        on conflict (account_id, connection_id, psid) do update
            set name = excluded.name, profile_checked_at = excluded.profile_checked_at, updated_at = now()
            where excluded.name is not null and (c.profile_checked_at is null
                or (excluded.profile_checked_at, excluded.name collate "C") > (c.profile_checked_at, coalesce(c.name, '') collate "C"))
        returning c.id, xmax = 0 as is_new
    )
    select coalesce(array_agg(w.id) filter (where w.is_new), '{}') into new_contacts from written w;

    with written as (
        insert into conversations as v (account_id, connection_id, psid, contact_id, thread_id,
            last_message_at, last_message_mid, last_message_from_page, snippet, last_inbound_at, read_up_to)
        select p.account_id, p.connection_id, p.psid, c.id, p.thread_id,
            p.last_at, p.last_mid, p.last_from_page, p.snippet, p.inbound_at, coalesce(p.read_up_to, 'epoch')
        from unnest(people_account, people_connection, people_psid, people_thread, people_last_at, people_last_mid,
                people_last_from_page, people_snippet, people_inbound_at, people_read_up_to)
            as p (account_id, connection_id, psid, thread_id, last_at, last_mid, last_from_page, snippet, inbound_at, read_up_to)
        join contacts c on c.account_id = p.account_id and c.connection_id = p.connection_id and c.psid = p.psid
        order by p.account_id, p.connection_id, p.psid collate "C"
        on conflict (account_id, connection_id, psid) do update set
            thread_id = greatest(v.thread_id, excluded.thread_id),
            last_message_at = case when is_newer_message(excluded.last_message_at, excluded.last_message_mid, excluded.snippet,
                v.last_message_at, v.last_message_mid, v.snippet) then excluded.last_message_at else v.last_message_at end,
            last_message_mid = case when is_newer_message(excluded.last_message_at, excluded.last_message_mid, excluded.snippet,
                v.last_message_at, v.last_message_mid, v.snippet) then excluded.last_message_mid else v.last_message_mid end,
            last_message_from_page = case when is_newer_message(excluded.last_message_at, excluded.last_message_mid, excluded.snippet,
                v.last_message_at, v.last_message_mid, v.snippet) then excluded.last_message_from_page else v.last_message_from_page end,
            snippet = case when is_newer_message(excluded.last_message_at, excluded.last_message_mid, excluded.snippet,
                v.last_message_at, v.last_message_mid, v.snippet) then excluded.snippet else v.snippet end,
            last_inbound_at = greatest(v.last_inbound_at, excluded.last_inbound_at),
            read_up_to = greatest(v.read_up_to, excluded.read_up_to)
            where excluded.read_up_to > v.read_up_to
                or excluded.last_inbound_at > coalesce(v.last_inbound_at, '-infinity')
                or excluded.thread_id > coalesce(v.thread_id, '')
                or is_newer_message(excluded.last_message_at, excluded.last_message_mid, excluded.snippet,
                    v.last_message_at, v.last_message_mid, v.snippet)
        returning v.account_id, v.id
    )
    select array_agg(w.account_id), array_agg(w.id) into by_row_account, by_row from written w;

    select array_agg(v.id order by p.position) into conversation_ids
    from unnest(people_account, people_connection, people_psid) with ordinality
        as p (account_id, connection_id, psid, position)
    join conversations v on v.account_id = p.account_id and v.connection_id = p.connection_id and v.psid = p.psid;

    with written as (
        insert into messages as m (account_id, connection_id, conversation_id, mid, from_page, sent_at, text, attachments,
            app_id, reply_to_mid)
        select people_account[n.person], people_connection[n.person], conversation_ids[n.person], n.mid, n.from_page,
            n.sent_at, n.text, n.attachments, n.app_id, n.reply_to
        from unnest(message_person, message_mid, message_from_page, message_sent_at, message_text, message_attachments,
                message_app, message_reply_to)
            as n (person, mid, from_page, sent_at, text, attachments, app_id, reply_to)
        on conflict (account_id, connection_id, mid) do update set
            sent_at = greatest(m.sent_at, excluded.sent_at),
            text = greatest(m.text collate "C", excluded.text collate "C"),
            attachments = greatest(m.attachments, excluded.attachments),
            app_id = greatest(m.app_id collate "C", excluded.app_id collate "C"),
            reply_to_mid = greatest(m.reply_to_mid collate "C", excluded.reply_to_mid collate "C")
            where excluded.sent_at > m.sent_at
                or excluded.text collate "C" > coalesce(m.text, '') collate "C"
                or excluded.attachments > coalesce(m.attachments, 'null')
                or excluded.app_id collate "C" > coalesce(m.app_id, '') collate "C"
                or excluded.reply_to_mid collate "C" > coalesce(m.reply_to_mid, '') collate "C"
        returning m.account_id, m.conversation_id, xmax = 0 as is_new
    ), changed as (
        select w.account_id, w.conversation_id, count(*) filter (where w.is_new) as added
        from written w group by w.account_id, w.conversation_id
    )
    select coalesce(sum(c.added), 0), array_agg(c.account_id), array_agg(c.conversation_id)
    into new_messages, by_message_account, by_message from changed c;

    select coalesce(array_agg(c.account_id), '{}'), coalesce(array_agg(c.id), '{}')
    into changed_accounts, changed_conversations
    from (select distinct u.account_id, u.id
          from unnest(by_row_account || by_message_account, by_row || by_message) as u (account_id, id)) c;
end
$$;

do $$
declare
    signature regprocedure := (select p.oid from pg_proc p where p.proname = 'store_messages');
begin
    execute format('alter function %s owner to pagekeeper_owner', signature);
    execute format('revoke all on function %s from public', signature);
    execute format('grant execute on function %s to pagekeeper_sync_worker', signature);
end
$$;
alter function is_newer_message(timestamptz, text, text, timestamptz, text, text) owner to pagekeeper_owner;
