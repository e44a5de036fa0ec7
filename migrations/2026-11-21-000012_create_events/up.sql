-- What webhooks tell beside messages. Each table is keyed by Meta's ids and takes the greatest of what it is told, so an
-- event may come before its message, late, or twice.

-- What became of a message after it was sent.
create table message_changes (
    account_id bigint not null,
    connection_id bigint not null,
    mid text collate "C" not null,
    -- The newest edit; null of a message that was taken back.
    text text,
    text_at timestamptz,
    edits int not null default 0,
    -- Its sender took it back.
    deleted_at timestamptz,
    -- A listing of its thread did not have it any more.
    absent_at timestamptz,
    primary key (account_id, connection_id, mid),
    foreign key (account_id, connection_id) references connections (account_id, id) on delete cascade
) with (fillfactor = 90);
-- Small, since few are taken back: each stored message is looked up here.
create index message_changes_deleted on message_changes (account_id, connection_id, mid) where deleted_at is not null;

create index message_changes_absent on message_changes (account_id, connection_id) where absent_at is not null;

-- One of each side; without name and emoji it was taken back.
create table message_reactions (
    account_id bigint not null,
    connection_id bigint not null,
    mid text collate "C" not null,
    from_page boolean not null,
    name text,
    emoji text,
    at timestamptz not null,
    primary key (account_id, connection_id, mid, from_page),
    foreign key (account_id, connection_id) references connections (account_id, id) on delete cascade
) with (fillfactor = 90);

-- How far a conversation has come: what the customer received and read, and which app answers.
create table conversation_marks (
    account_id bigint not null,
    connection_id bigint not null,
    psid text collate "C" not null,
    delivered_up_to timestamptz,
    seen_up_to timestamptz,
    handled_by_app text,
    handled_at timestamptz,
    primary key (account_id, connection_id, psid),
    foreign key (account_id, connection_id) references connections (account_id, id) on delete cascade
) with (fillfactor = 80);

-- What happened in a conversation, or to the Page (`psid is null`), and is not a message.
create table conversation_events (
    id bigint generated always as identity primary key,
    account_id bigint not null,
    connection_id bigint not null,
    psid text collate "C",
    kind text collate "C" not null,
    at timestamptz not null,
    -- Made of all the rest: the same event told twice has the same key.
    key text collate "C" not null,
    detail jsonb not null default '{}',
    created_at timestamptz not null default now(),
    unique (account_id, connection_id, key),
    foreign key (account_id, connection_id) references connections (account_id, id) on delete cascade
);
create index conversation_events_thread on conversation_events (account_id, connection_id, psid, at desc, id desc);

-- A Page's posts and an Instagram account's media, also those of which only a comment is known.
create table posts (
    id bigint generated always as identity primary key,
    account_id bigint not null,
    connection_id bigint not null,
    -- Of a post of a Page, or of a medium on Instagram.
    post_id text collate "C" not null,
    kind text collate "C",
    author_id text collate "C",
    author_name text collate "C",
    -- Message and whether it is published: as of `content_at`.
    message text,
    is_published boolean not null default true,
    content_at timestamptz,
    -- The earliest time at which it was there.
    posted_at timestamptz not null,
    edited_at timestamptz,
    removed_at timestamptz,
    -- Hidden while this is later than `shown_at`.
    hidden_at timestamptz,
    shown_at timestamptz,
    -- It names the account; somebody else's.
    is_mention boolean not null default false,
    insights jsonb,
    insights_at timestamptz,
    created_at timestamptz not null default now(),
    unique (account_id, connection_id, post_id),
    foreign key (account_id, connection_id) references connections (account_id, id) on delete cascade
) with (fillfactor = 90);
create index posts_newest on posts (account_id, posted_at desc, id desc);
create index posts_newest_of_connection on posts (account_id, connection_id, posted_at desc, id desc);

create table comments (
    id bigint generated always as identity primary key,
    account_id bigint not null,
    connection_id bigint not null,
    comment_id text collate "C" not null,
    post_id text collate "C",
    -- The comment that it answers.
    parent_id text collate "C",
    author_id text collate "C",
    author_name text collate "C",
    message text,
    content_at timestamptz,
    posted_at timestamptz not null,
    edited_at timestamptz,
    removed_at timestamptz,
    hidden_at timestamptz,
    shown_at timestamptz,
    -- Below a live video.
    is_live boolean not null default false,
    is_mention boolean not null default false,
    created_at timestamptz not null default now(),
    unique (account_id, connection_id, comment_id),
    foreign key (account_id, connection_id) references connections (account_id, id) on delete cascade
) with (fillfactor = 90);
create index comments_of_post on comments (account_id, connection_id, post_id, posted_at desc, id desc);

-- One of each person to a post, or to a comment below it (else empty).
create table post_reactions (
    account_id bigint not null,
    connection_id bigint not null,
    post_id text collate "C" not null,
    comment_id text collate "C" not null default '',
    author_id text collate "C" not null,
    author_name text collate "C",
    is_on boolean not null,
    -- Null where Meta says no more than "like".
    kind text collate "C",
    at timestamptz not null,
    primary key (account_id, connection_id, post_id, comment_id, author_id),
    foreign key (account_id, connection_id) references connections (account_id, id) on delete cascade
) with (fillfactor = 90);

-- When a webhook last said that the Page's own details changed: they are to be read again.
alter table connections add column details_changed_at timestamptz;
create index connections_by_instagram_account on connections (instagram_account_id)
    where connection_type = 'instagram' and state <> 'disconnected';

alter table messages
    -- When Graph told this text; null: as the webhook told it when it was sent.
    add column text_told_at timestamptz,
    -- Graph told another text than was known.
    add column text_edited boolean not null default false;

-- `page` or `instagram`; null of what was kept before this was written down.
alter table quarantine add column object text;

do $$
declare
    relation regclass;
begin
    foreach relation in array array['message_changes', 'message_reactions', 'conversation_marks', 'conversation_events',
        'posts', 'comments', 'post_reactions']::regclass[]
    loop
        execute format('alter table %s owner to pagekeeper_owner', relation);
        execute format('alter table %s enable row level security, force row level security', relation);
        execute format('grant select on %s to pagekeeper_gateway', relation);
        execute format('grant select, insert, update on %s to pagekeeper_sync_worker', relation);
        execute format('create policy gateway on %s to pagekeeper_gateway using (account_id = current_account_id())', relation);
        execute format('create policy sync_worker on %s to pagekeeper_sync_worker
            using (account_id = any ((select current_account_ids())::bigint[]))', relation);
    end loop;
end
$$;

-- Whose Pages and Instagram accounts these are. What was disconnected belongs to nobody.
create function find_connections_by_owner(page_ids text[], instagram_ids text[])
returns table (object text, owner_id text, page_id text, connection_id bigint, account_id bigint, state text)
language sql stable security definer set search_path = public, pg_temp as $$
    select 'page', c.page_id, c.page_id, c.id, c.account_id, c.state from connections c
    where c.connection_type = 'facebook' and c.page_id = any (page_ids) and c.state <> 'disconnected'
    union all
    select 'instagram', c.instagram_account_id, c.page_id, c.id, c.account_id, c.state from connections c
    where c.connection_type = 'instagram' and c.instagram_account_id = any (instagram_ids) and c.state <> 'disconnected'
$$;
alter function find_connections_by_owner(text[], text[]) owner to pagekeeper_lookup;
revoke all on function find_connections_by_owner(text[], text[]) from public;
grant execute on function find_connections_by_owner(text[], text[]) to pagekeeper_sync_worker;

-- Whether a message's text was told later than another. Of the same text the first telling counts, so that a sync that
-- finds what is known writes nothing, and every order of arrival ends alike. No time: when the message was sent.
create function is_later_text(text text, told_at timestamptz, than_text text, than_told_at timestamptz)
returns boolean language sql immutable
    return text is not null and (than_text is null or case
        when text = than_text then coalesce(told_at, '-infinity') < coalesce(than_told_at, '-infinity')
        else (coalesce(told_at, '-infinity'), text collate "C") > (coalesce(than_told_at, '-infinity'), than_text collate "C")
    end);

-- Whether an edit to another text is known between two tellings of the same text: the edit back was missed.
create function is_edited_between(account bigint, connection bigint, message text, known text, since timestamptz, until timestamptz)
returns boolean language sql stable
    return exists (
        select from message_changes c
        where c.account_id = account and c.connection_id = connection and c.mid = message
            and c.text <> known and c.text_at > coalesce(since, '-infinity') and c.text_at < until);

-- What a person took back is not kept. The conversations' rows come first, as everywhere.
create function blank_messages(accounts bigint[], connections bigint[], mids text[])
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
end
$$;

-- Stores a batch of conversations and their messages: one statement, so one transaction in one round trip.
--
-- `people_*` has one element per conversation, sorted by (account, connection, psid) and without duplicates; `message_*`
-- one per message, sorted by (account, connection, mid) and without duplicates, `message_person` being the position of
-- its conversation. All batches lock in this order, so two at once wait for each other, but never in a circle.
--
-- Everything commutes (the greatest wins): batches may come in any order, twice, or at once. What is stored already
-- writes no new row version. Answers what really changed.
--
-- `by_webhook` says that Facebook sent them by itself, which is what a Page's `last_webhook_at` tells; `told_at` is when
-- Graph was asked for them, which a webhook's original has not.
--
-- The plan is made for few rows and kept: index lookups, whatever the statistics of a young table say.
create function store_messages(
    by_webhook boolean, told_at timestamptz,
    people_account bigint[], people_connection bigint[], people_psid text[],
    people_name text[], people_named_at timestamptz[], people_thread text[],
    people_last_at timestamptz[], people_last_mid text[], people_last_from_page boolean[], people_snippet text[],
    people_inbound_at timestamptz[], people_read_up_to timestamptz[],
    message_person int[], message_mid text[], message_from_page boolean[], message_sent_at timestamptz[],
    message_text text[], message_attachments jsonb[], message_app text[], message_reply_to text[],
    out new_contacts bigint[], out new_messages bigint, out changed_accounts bigint[], out changed_conversations bigint[],
    -- Rows of conversations and messages.
    out new_rows bigint, out changed_rows bigint)
language plpgsql
set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
declare
    conversation_ids bigint[];
    -- Conversations whose own row changed, and those with changed messages: a conversation may be in both.
    by_row_account bigint[];
    by_row bigint[];
    by_message_account bigint[];
    by_message bigint[];
    -- Positions of messages that were taken back.
    taken_back bigint[];
begin
    -- The accounts of the batch, unless the caller's transaction already says which ones it may touch.
    if coalesce(current_setting('app.account_ids', true), '') = '' then
        perform set_config('app.account_ids', (select array_agg(distinct a) from unnest(people_account) a)::text, true);
    end if;

    -- What was taken back is not stored again, whoever tells it late.
    select array_agg(n.position) into taken_back
    from unnest(message_person, message_mid) with ordinality as n (person, mid, position)
    cross join lateral (
        select from message_changes c
        where c.account_id = people_account[n.person] and c.connection_id = people_connection[n.person]
            and c.mid = n.mid and c.deleted_at is not null offset 0
    ) c;
    if taken_back is not null then
        message_text := array(select case when n.position = any (taken_back) then null else n.text end
            from unnest(message_text) with ordinality as n (text, position) order by n.position);
        message_attachments := array(select case when n.position = any (taken_back) then null else n.attachments end
            from unnest(message_attachments) with ordinality as n (attachments, position) order by n.position);
        people_snippet := array(select case when exists (
                select from unnest(taken_back) as t (position)
                where message_person[t.position] = p.position and message_mid[t.position] = people_last_mid[p.position])
            then null else p.snippet end
            from unnest(people_snippet) with ordinality as p (snippet, position) order by p.position);
        perform blank_messages(array_agg(people_account[message_person[t.position]]),
            array_agg(people_connection[message_person[t.position]]), array_agg(message_mid[t.position]))
        from unnest(taken_back) as t (position);
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

    -- Contacts that are new, or whose name was told later than the one we have. Here and below each one is looked up by
    -- itself (`offset 0`, and the settings above): a plan that was made while the tables were small would read all of them.
    with written as (
        insert into contacts as c (account_id, connection_id, psid, name, profile_checked_at)
        select p.account_id, p.connection_id, p.psid, p.name, p.named_at
        from unnest(people_account, people_connection, people_psid, people_name, people_named_at)
            as p (account_id, connection_id, psid, name, named_at)
        left join lateral (
            select k.id, k.name, k.profile_checked_at from contacts k
            where k.account_id = p.account_id and k.connection_id = p.connection_id and k.psid = p.psid offset 0
        ) known on true
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
        cross join lateral (
            select k.id from contacts k
            where k.account_id = p.account_id and k.connection_id = p.connection_id and k.psid = p.psid offset 0
        ) c
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
        returning v.account_id, v.id, xmax = 0 as is_new
    )
    select array_agg(w.account_id), array_agg(w.id), count(*) filter (where w.is_new), count(*) filter (where not w.is_new)
    into by_row_account, by_row, new_rows, changed_rows from written w;

    select array_agg(v.id order by p.position) into conversation_ids
    from unnest(people_account, people_connection, people_psid) with ordinality
        as p (account_id, connection_id, psid, position)
    cross join lateral (
        select k.id from conversations k
        where k.account_id = p.account_id and k.connection_id = p.connection_id and k.psid = p.psid offset 0
    ) v;

    with written as (
        insert into messages as m (account_id, connection_id, conversation_id, mid, from_page, sent_at, text, text_told_at,
            attachments, app_id, reply_to_mid)
        select people_account[n.person], people_connection[n.person], conversation_ids[n.person], n.mid, n.from_page,
            n.sent_at, n.text, case when n.text is not null then told_at end, n.attachments, n.app_id, n.reply_to
        from unnest(message_person, message_mid, message_from_page, message_sent_at, message_text, message_attachments,
                message_app, message_reply_to)
            as n (person, mid, from_page, sent_at, text, attachments, app_id, reply_to)
        on conflict (account_id, connection_id, mid) do update set
            sent_at = greatest(m.sent_at, excluded.sent_at),
            text = case when is_later_text(excluded.text, excluded.text_told_at, m.text, m.text_told_at)
                then excluded.text else m.text end,
            text_told_at = case when is_later_text(excluded.text, excluded.text_told_at, m.text, m.text_told_at)
                    or excluded.text = m.text and excluded.text_told_at > coalesce(m.text_told_at, '-infinity')
                        and is_edited_between(m.account_id, m.connection_id, m.mid, m.text, m.text_told_at, excluded.text_told_at)
                then excluded.text_told_at else m.text_told_at end,
            text_edited = m.text_edited
                or excluded.text <> m.text and excluded.text_told_at is distinct from m.text_told_at,
            attachments = greatest(m.attachments, excluded.attachments),
            app_id = greatest(m.app_id collate "C", excluded.app_id collate "C"),
            reply_to_mid = greatest(m.reply_to_mid collate "C", excluded.reply_to_mid collate "C")
            where excluded.sent_at > m.sent_at
                or is_later_text(excluded.text, excluded.text_told_at, m.text, m.text_told_at)
                or not m.text_edited and excluded.text <> m.text and excluded.text_told_at is distinct from m.text_told_at
                or excluded.attachments > coalesce(m.attachments, 'null')
                or excluded.app_id collate "C" > coalesce(m.app_id, '') collate "C"
                or excluded.reply_to_mid collate "C" > coalesce(m.reply_to_mid, '') collate "C"
                or excluded.text = m.text and excluded.text_told_at > coalesce(m.text_told_at, '-infinity')
                    and is_edited_between(m.account_id, m.connection_id, m.mid, m.text, m.text_told_at, excluded.text_told_at)
        returning m.account_id, m.conversation_id, xmax = 0 as is_new
    ), changed as (
        select w.account_id, w.conversation_id, count(*) filter (where w.is_new) as added,
            count(*) filter (where not w.is_new) as changed
        from written w group by w.account_id, w.conversation_id
    )
    select coalesce(sum(c.added), 0), array_agg(c.account_id), array_agg(c.conversation_id),
        new_rows + coalesce(sum(c.added), 0), changed_rows + coalesce(sum(c.changed), 0)
    into new_messages, by_message_account, by_message, new_rows, changed_rows from changed c;

    select coalesce(array_agg(c.account_id), '{}'), coalesce(array_agg(c.id), '{}')
    into changed_accounts, changed_conversations
    from (select distinct u.account_id, u.id
          from unnest(by_row_account || by_message_account, by_row || by_message) as u (account_id, id)) c;
end
$$;

-- Posts, comments and their reactions; the same law.
create function store_posts(told_posts jsonb, told_comments jsonb, told_reactions jsonb)
returns void language plpgsql
set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
begin
    if jsonb_array_length(told_posts) > 0 then
        insert into posts as p (account_id, connection_id, post_id, kind, author_id, author_name, message, is_published,
            content_at, posted_at, edited_at, removed_at, hidden_at, shown_at, is_mention, insights, insights_at)
        select n.account_id, n.connection_id, n.post_id, n.kind, n.author_id, n.author_name,
            case when n.removed_at is null then n.message end, n.is_published and n.removed_at is null, n.content_at,
            n.posted_at, n.edited_at, n.removed_at, n.hidden_at, n.shown_at, n.is_mention, n.insights, n.insights_at
        from jsonb_to_recordset(told_posts) as n (account_id bigint, connection_id bigint, post_id text, kind text,
            author_id text, author_name text, message text, is_published boolean, content_at timestamptz,
            posted_at timestamptz, edited_at timestamptz, removed_at timestamptz, hidden_at timestamptz,
            shown_at timestamptz, is_mention boolean, insights jsonb, insights_at timestamptz)
        on conflict (account_id, connection_id, post_id) do update set
            kind = greatest(p.kind, excluded.kind),
            author_id = greatest(p.author_id, excluded.author_id),
            author_name = greatest(p.author_name, excluded.author_name),
            message = case when p.removed_at is not null or excluded.removed_at is not null then null
                when (excluded.content_at, coalesce(excluded.message, '') collate "C", excluded.is_published)
                    > (coalesce(p.content_at, '-infinity'), coalesce(p.message, '') collate "C", p.is_published)
                then excluded.message else p.message end,
            is_published = case when p.removed_at is not null or excluded.removed_at is not null then false
                when (excluded.content_at, coalesce(excluded.message, '') collate "C", excluded.is_published)
                    > (coalesce(p.content_at, '-infinity'), coalesce(p.message, '') collate "C", p.is_published)
                then excluded.is_published else p.is_published end,
            content_at = greatest(p.content_at, excluded.content_at),
            posted_at = least(p.posted_at, excluded.posted_at),
            edited_at = greatest(p.edited_at, excluded.edited_at),
            removed_at = greatest(p.removed_at, excluded.removed_at),
            hidden_at = greatest(p.hidden_at, excluded.hidden_at),
            shown_at = greatest(p.shown_at, excluded.shown_at),
            is_mention = p.is_mention or excluded.is_mention,
            insights = case when (excluded.insights_at, excluded.insights) > (coalesce(p.insights_at, '-infinity'), coalesce(p.insights, 'null'))
                then excluded.insights else p.insights end,
            insights_at = greatest(p.insights_at, excluded.insights_at)
            where excluded.kind > coalesce(p.kind, '')
                or excluded.author_id > coalesce(p.author_id, '')
                or excluded.author_name > coalesce(p.author_name, '')
                or excluded.content_at > coalesce(p.content_at, '-infinity')
                or p.removed_at is null and excluded.content_at = p.content_at
                    and (coalesce(excluded.message, '') collate "C", excluded.is_published)
                        > (coalesce(p.message, '') collate "C", p.is_published)
                or excluded.posted_at < p.posted_at
                or excluded.edited_at > coalesce(p.edited_at, '-infinity')
                or excluded.removed_at > coalesce(p.removed_at, '-infinity')
                or excluded.hidden_at > coalesce(p.hidden_at, '-infinity')
                or excluded.shown_at > coalesce(p.shown_at, '-infinity')
                or excluded.is_mention and not p.is_mention
                or (excluded.insights_at, excluded.insights) > (coalesce(p.insights_at, '-infinity'), coalesce(p.insights, 'null'));
    end if;

    if jsonb_array_length(told_comments) > 0 then
        insert into comments as c (account_id, connection_id, comment_id, post_id, parent_id, author_id, author_name, message,
            content_at, posted_at, edited_at, removed_at, hidden_at, shown_at, is_live, is_mention)
        select n.account_id, n.connection_id, n.comment_id, n.post_id, n.parent_id, n.author_id, n.author_name,
            case when n.removed_at is null then n.message end, n.content_at, n.posted_at, n.edited_at, n.removed_at,
            n.hidden_at, n.shown_at, n.is_live, n.is_mention
        from jsonb_to_recordset(told_comments) as n (account_id bigint, connection_id bigint, comment_id text, post_id text,
            parent_id text, author_id text, author_name text, message text, content_at timestamptz, posted_at timestamptz,
            edited_at timestamptz, removed_at timestamptz, hidden_at timestamptz, shown_at timestamptz, is_live boolean,
            is_mention boolean)
        on conflict (account_id, connection_id, comment_id) do update set
            post_id = greatest(c.post_id, excluded.post_id),
            parent_id = greatest(c.parent_id, excluded.parent_id),
            author_id = greatest(c.author_id, excluded.author_id),
            author_name = greatest(c.author_name, excluded.author_name),
            message = case when c.removed_at is not null or excluded.removed_at is not null then null
                when (excluded.content_at, coalesce(excluded.message, '') collate "C")
                    > (coalesce(c.content_at, '-infinity'), coalesce(c.message, '') collate "C")
                then excluded.message else c.message end,
            content_at = greatest(c.content_at, excluded.content_at),
            posted_at = least(c.posted_at, excluded.posted_at),
            edited_at = greatest(c.edited_at, excluded.edited_at),
            removed_at = greatest(c.removed_at, excluded.removed_at),
            hidden_at = greatest(c.hidden_at, excluded.hidden_at),
            shown_at = greatest(c.shown_at, excluded.shown_at),
            is_live = c.is_live or excluded.is_live,
            is_mention = c.is_mention or excluded.is_mention
            where excluded.post_id > coalesce(c.post_id, '')
                or excluded.parent_id > coalesce(c.parent_id, '')
                or excluded.author_id > coalesce(c.author_id, '')
                or excluded.author_name > coalesce(c.author_name, '')
                or excluded.content_at > coalesce(c.content_at, '-infinity')
                or c.removed_at is null and excluded.content_at = c.content_at
                    and excluded.message collate "C" > coalesce(c.message, '') collate "C"
                or excluded.posted_at < c.posted_at
                or excluded.edited_at > coalesce(c.edited_at, '-infinity')
                or excluded.removed_at > coalesce(c.removed_at, '-infinity')
                or excluded.hidden_at > coalesce(c.hidden_at, '-infinity')
                or excluded.shown_at > coalesce(c.shown_at, '-infinity')
                or excluded.is_live and not c.is_live
                or excluded.is_mention and not c.is_mention;
    end if;

    if jsonb_array_length(told_reactions) > 0 then
        insert into post_reactions as r (account_id, connection_id, post_id, comment_id, author_id, author_name, is_on, kind, at)
        select n.account_id, n.connection_id, n.post_id, n.comment_id, n.author_id, n.author_name, n.is_on, n.kind, n.at
        from jsonb_to_recordset(told_reactions) as n (account_id bigint, connection_id bigint, post_id text, comment_id text,
            author_id text, author_name text, is_on boolean, kind text, at timestamptz)
        on conflict (account_id, connection_id, post_id, comment_id, author_id) do update set
            author_name = greatest(r.author_name, excluded.author_name),
            is_on = case when (excluded.at, excluded.is_on, coalesce(excluded.kind, '') collate "C")
                > (r.at, r.is_on, coalesce(r.kind, '') collate "C") then excluded.is_on else r.is_on end,
            kind = case when (excluded.at, excluded.is_on, coalesce(excluded.kind, '') collate "C")
                > (r.at, r.is_on, coalesce(r.kind, '') collate "C") then excluded.kind else r.kind end,
            at = greatest(r.at, excluded.at)
            where excluded.author_name > coalesce(r.author_name, '')
                or (excluded.at, excluded.is_on, coalesce(excluded.kind, '') collate "C")
                    > (r.at, r.is_on, coalesce(r.kind, '') collate "C");
    end if;
end
$$;

-- Stores what is not a message: lists of rows, each sorted by its key and without duplicates. Everything commutes, as in
-- `store_messages`, and what is stored already writes no new row version. Answers the conversations that look different.
--
-- `connection_ids`: whose webhooks these are. A plan for few rows, which are looked up by their keys.
create function store_events(
    connection_ids bigint[], changes jsonb, reactions jsonb, marks jsonb, events jsonb,
    told_posts jsonb, told_comments jsonb, told_reactions jsonb, details jsonb,
    out changed_accounts bigint[], out changed_conversations bigint[])
language plpgsql
set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
declare
    -- Messages and customers whose conversations look different.
    mid_account bigint[] := '{}';
    mid_connection bigint[] := '{}';
    mids text[] := '{}';
    psid_account bigint[] := '{}';
    psid_connection bigint[] := '{}';
    psids text[] := '{}';
begin
    update connections c set last_webhook_at = now()
    from (
        select id from connections
        where id = any (connection_ids)
            and (last_webhook_at is null or last_webhook_at < now() - interval '1 minute')
        order by id for no key update skip locked
    ) silent
    where c.id = silent.id;

    update connections c set details_changed_at = greatest(c.details_changed_at, told.at)
    from (
        select l.id, n.at from jsonb_to_recordset(details) as n (connection_id bigint, at timestamptz)
        join connections l on l.id = n.connection_id and coalesce(l.details_changed_at, '-infinity') < n.at
        order by l.id for no key update of l
    ) told
    where c.id = told.id;

    if jsonb_array_length(changes) > 0 then
        with written as (
            insert into message_changes as c (account_id, connection_id, mid, text, text_at, edits, deleted_at)
            select n.account_id, n.connection_id, n.mid, case when n.deleted_at is null then n.text end, n.text_at, n.edits,
                n.deleted_at
            from jsonb_to_recordset(changes) as n (account_id bigint, connection_id bigint, mid text, text text,
                text_at timestamptz, edits int, deleted_at timestamptz)
            on conflict (account_id, connection_id, mid) do update set
                text = case when least(c.deleted_at, excluded.deleted_at) is not null then null
                    when (excluded.text_at, excluded.text collate "C")
                        > (coalesce(c.text_at, '-infinity'), coalesce(c.text, '') collate "C") then excluded.text
                    else c.text end,
                text_at = greatest(c.text_at, excluded.text_at),
                edits = greatest(c.edits, excluded.edits),
                deleted_at = least(c.deleted_at, excluded.deleted_at)
                where excluded.text_at > coalesce(c.text_at, '-infinity')
                    or excluded.text_at = c.text_at and c.deleted_at is null and excluded.text collate "C" > c.text collate "C"
                    or excluded.edits > c.edits
                    or excluded.deleted_at < coalesce(c.deleted_at, 'infinity')
            returning c.account_id, c.connection_id, c.mid
        )
        select coalesce(array_agg(w.account_id), '{}'), coalesce(array_agg(w.connection_id), '{}'), coalesce(array_agg(w.mid), '{}')
        into mid_account, mid_connection, mids from written w;

        perform blank_messages(array_agg(n.account_id), array_agg(n.connection_id), array_agg(n.mid))
        from jsonb_to_recordset(changes) as n (account_id bigint, connection_id bigint, mid text, deleted_at timestamptz)
        where n.deleted_at is not null;
    end if;

    if jsonb_array_length(reactions) > 0 then
        with written as (
            insert into message_reactions as r (account_id, connection_id, mid, from_page, name, emoji, at)
            select n.account_id, n.connection_id, n.mid, n.from_page, n.name, n.emoji, n.at
            from jsonb_to_recordset(reactions) as n (account_id bigint, connection_id bigint, mid text, from_page boolean,
                name text, emoji text, at timestamptz)
            on conflict (account_id, connection_id, mid, from_page) do update
                set name = excluded.name, emoji = excluded.emoji, at = excluded.at
                where (excluded.at, coalesce(excluded.emoji, '') collate "C", coalesce(excluded.name, '') collate "C")
                    > (r.at, coalesce(r.emoji, '') collate "C", coalesce(r.name, '') collate "C")
            returning r.account_id, r.connection_id, r.mid
        )
        select mid_account || coalesce(array_agg(w.account_id), '{}'), mid_connection || coalesce(array_agg(w.connection_id), '{}'),
            mids || coalesce(array_agg(w.mid), '{}')
        into mid_account, mid_connection, mids from written w;
    end if;

    if jsonb_array_length(marks) > 0 then
        with written as (
            insert into conversation_marks as k (account_id, connection_id, psid, delivered_up_to, seen_up_to, handled_by_app,
                handled_at)
            select n.account_id, n.connection_id, n.psid, n.delivered_up_to, n.seen_up_to, n.handled_by_app, n.handled_at
            from jsonb_to_recordset(marks) as n (account_id bigint, connection_id bigint, psid text,
                delivered_up_to timestamptz, seen_up_to timestamptz, handled_by_app text, handled_at timestamptz)
            on conflict (account_id, connection_id, psid) do update set
                delivered_up_to = greatest(k.delivered_up_to, excluded.delivered_up_to),
                seen_up_to = greatest(k.seen_up_to, excluded.seen_up_to),
                handled_by_app = case when (excluded.handled_at, coalesce(excluded.handled_by_app, '') collate "C")
                        > (coalesce(k.handled_at, '-infinity'), coalesce(k.handled_by_app, '') collate "C")
                    then excluded.handled_by_app else k.handled_by_app end,
                handled_at = greatest(k.handled_at, excluded.handled_at)
                where excluded.delivered_up_to > coalesce(k.delivered_up_to, '-infinity')
                    or excluded.seen_up_to > coalesce(k.seen_up_to, '-infinity')
                    or (excluded.handled_at, coalesce(excluded.handled_by_app, '') collate "C")
                        > (coalesce(k.handled_at, '-infinity'), coalesce(k.handled_by_app, '') collate "C")
            returning k.account_id, k.connection_id, k.psid
        )
        select coalesce(array_agg(w.account_id), '{}'), coalesce(array_agg(w.connection_id), '{}'), coalesce(array_agg(w.psid), '{}')
        into psid_account, psid_connection, psids from written w;
    end if;

    if jsonb_array_length(events) > 0 then
        with written as (
            insert into conversation_events as e (account_id, connection_id, psid, kind, at, key, detail)
            select n.account_id, n.connection_id, n.psid, n.kind, n.at, n.key, n.detail
            from jsonb_to_recordset(events) as n (account_id bigint, connection_id bigint, psid text, kind text,
                at timestamptz, key text, detail jsonb)
            on conflict (account_id, connection_id, key) do nothing
            returning e.account_id, e.connection_id, e.psid
        )
        select psid_account || coalesce(array_agg(w.account_id), '{}'),
            psid_connection || coalesce(array_agg(w.connection_id), '{}'), psids || coalesce(array_agg(w.psid), '{}')
        into psid_account, psid_connection, psids from written w where w.psid is not null;
    end if;

    perform store_posts(told_posts, told_comments, told_reactions);

    select coalesce(array_agg(c.account_id), '{}'), coalesce(array_agg(c.id), '{}')
    into changed_accounts, changed_conversations
    from (
        select m.account_id, m.conversation_id as id
        from unnest(mid_account, mid_connection, mids) as n (account_id, connection_id, mid)
        cross join lateral (
            select k.account_id, k.conversation_id from messages k
            where k.account_id = n.account_id and k.connection_id = n.connection_id and k.mid = n.mid offset 0
        ) m
        union
        select v.account_id, v.id
        from unnest(psid_account, psid_connection, psids) as n (account_id, connection_id, psid)
        cross join lateral (
            select k.account_id, k.id from conversations k
            where k.account_id = n.account_id and k.connection_id = n.connection_id and k.psid = n.psid offset 0
        ) v
    ) c;
end
$$;

-- What a listing of a thread tells beside its messages, asked for at that time: `mids` are all that there are from `starts`
-- until before `ends`, and those in `detailed` have the reactions that are told and no others. What is stored and not
-- listed is gone, unless it is a minute old, or a pressed button, which Graph may not count as a message.
create function store_listings(asked_at timestamptz, listings jsonb, reactions jsonb,
    out changed_accounts bigint[], out changed_conversations bigint[])
language plpgsql
set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
declare
    absent_account bigint[];
    absent_connection bigint[];
    absent text[];
    back_account bigint[];
    back_connection bigint[];
    back text[];
    felt_account bigint[];
    felt_connection bigint[];
    felt text[];
    calm_account bigint[];
    calm_connection bigint[];
    calm text[];
begin
    with written as (
        insert into message_changes as c (account_id, connection_id, mid, absent_at)
        select distinct m.account_id, m.connection_id, m.mid, asked_at
        from jsonb_to_recordset(listings) as l (account_id bigint, connection_id bigint, psid text, starts timestamptz,
            ends timestamptz, mids text[])
        cross join lateral (
            -- One that is as new as this transaction has only what is listed.
            select v.id from conversations v
            where v.account_id = l.account_id and v.connection_id = l.connection_id and v.psid = l.psid
                and v.created_at < now() offset 0
        ) v
        cross join lateral (
            select m.account_id, m.connection_id, m.mid, m.sent_at from messages m
            where m.account_id = l.account_id and m.conversation_id = v.id
                and m.sent_at >= l.starts and m.sent_at < least(l.ends, asked_at - interval '1 minute')
                and m.mid <> all (l.mids) offset 0
        ) m
        where not exists (
            select from conversation_events e
            where e.account_id = m.account_id and e.connection_id = m.connection_id and e.psid = l.psid
                and e.at = m.sent_at and e.kind = 'postback')
        order by m.account_id, m.connection_id, m.mid
        on conflict (account_id, connection_id, mid) do update set absent_at = excluded.absent_at
            where c.absent_at is null and c.deleted_at is null
        returning c.account_id, c.connection_id, c.mid
    )
    select array_agg(w.account_id), array_agg(w.connection_id), array_agg(w.mid)
    into absent_account, absent_connection, absent from written w;

    -- Hardly any Page has messages that are gone: then there is nothing to look for.
    if exists (
        select from (
            select distinct l.account_id, l.connection_id
            from jsonb_to_recordset(listings) as l (account_id bigint, connection_id bigint)
        ) l
        cross join lateral (
            select from message_changes g
            where g.account_id = l.account_id and g.connection_id = l.connection_id and g.absent_at is not null limit 1
        ) g
    ) then
        with written as (
            update message_changes c set absent_at = null
            from (
                select l.account_id, l.connection_id, n.mid
                from jsonb_to_recordset(listings) as l (account_id bigint, connection_id bigint, mids text[]),
                    unnest(l.mids) as n (mid)
                order by l.account_id, l.connection_id, n.mid collate "C"
            ) n
            cross join lateral (
                select g.account_id, g.connection_id, g.mid from message_changes g
                where g.account_id = n.account_id and g.connection_id = n.connection_id and g.mid = n.mid
                    and g.absent_at < asked_at offset 0 for no key update
            ) here
            where c.account_id = here.account_id and c.connection_id = here.connection_id and c.mid = here.mid
            returning c.account_id, c.connection_id, c.mid
        )
        select array_agg(w.account_id), array_agg(w.connection_id), array_agg(w.mid)
        into back_account, back_connection, back from written w;
    end if;

    -- Emoji are the same with and without the sign that asks for colours.
    with written as (
        insert into message_reactions as r (account_id, connection_id, mid, from_page, emoji, at)
        select n.account_id, n.connection_id, n.mid, n.from_page, n.emoji, asked_at
        from jsonb_to_recordset(reactions) as n (account_id bigint, connection_id bigint, mid text, from_page boolean, emoji text)
        on conflict (account_id, connection_id, mid, from_page) do update set name = null, emoji = excluded.emoji, at = excluded.at
            where excluded.at > r.at
                and replace(coalesce(r.emoji, ''), U&'\FE0F', '') <> replace(excluded.emoji, U&'\FE0F', '')
        returning r.account_id, r.connection_id, r.mid
    )
    select array_agg(w.account_id), array_agg(w.connection_id), array_agg(w.mid)
    into felt_account, felt_connection, felt from written w;

    with written as (
        update message_reactions r set name = null, emoji = null, at = asked_at
        from (
            select l.account_id, l.connection_id, n.mid
            from jsonb_to_recordset(listings) as l (account_id bigint, connection_id bigint, detailed text[]),
                unnest(l.detailed) as n (mid)
            order by l.account_id, l.connection_id, n.mid collate "C"
        ) n
        cross join lateral (
            select g.account_id, g.connection_id, g.mid, g.from_page from message_reactions g
            where g.account_id = n.account_id and g.connection_id = n.connection_id and g.mid = n.mid
                and g.at < asked_at and coalesce(g.emoji, g.name) is not null
                and not exists (
                    select from jsonb_to_recordset(reactions) as t (account_id bigint, connection_id bigint, mid text, from_page boolean)
                    where t.account_id = g.account_id and t.connection_id = g.connection_id and t.mid = g.mid
                        and t.from_page = g.from_page)
            order by g.from_page offset 0 for no key update
        ) gone
        where r.account_id = gone.account_id and r.connection_id = gone.connection_id and r.mid = gone.mid
            and r.from_page = gone.from_page
        returning r.account_id, r.connection_id, r.mid
    )
    select array_agg(w.account_id), array_agg(w.connection_id), array_agg(w.mid)
    into calm_account, calm_connection, calm from written w;

    select coalesce(array_agg(c.account_id), '{}'), coalesce(array_agg(c.conversation_id), '{}')
    into changed_accounts, changed_conversations
    from (
        select distinct m.account_id, m.conversation_id
        from unnest(absent_account || back_account || felt_account || calm_account,
                absent_connection || back_connection || felt_connection || calm_connection, absent || back || felt || calm)
            as n (account_id, connection_id, mid)
        cross join lateral (
            select m.account_id, m.conversation_id from messages m
            where m.account_id = n.account_id and m.connection_id = n.connection_id and m.mid = n.mid offset 0
        ) m
    ) c;
end
$$;

do $$
declare
    ours regprocedure;
begin
    for ours in
        select p.oid from pg_proc p where p.pronamespace = 'public'::regnamespace
            and (p.proname in ('is_later_text', 'is_edited_between', 'blank_messages', 'store_posts', 'store_events', 'store_listings')
                or p.proname = 'store_messages' and p.pronargs = 22)
    loop
        execute format('alter function %s owner to pagekeeper_owner', ours);
        execute format('revoke all on function %s from public', ours);
        execute format('grant execute on function %s to pagekeeper_sync_worker', ours);
    end loop;
end
$$;
