-- What people know of a customer, beside what Facebook tells.
alter table contacts
    add column email text,
    add column phone text,
    -- Sorted, each one once.
    add column tags text[] not null default '{}',
    add column notes text,
    -- {"name": text, number or boolean}
    add column custom_fields jsonb not null default '{}',
    -- Raised by each edit: who edits an older one can be told.
    add column version bigint not null default 1,
    add column edited_at timestamptz,
    -- When the picture was stored; null without one.
    add column picture_at timestamptz;

-- Who changed what: nothing that somebody wrote is lost by what another wrote after it.
create table contact_edits (
    id bigint generated always as identity primary key,
    account_id bigint not null,
    contact_id bigint not null,
    -- Null once the person is gone.
    user_id bigint references users on delete set null,
    at timestamptz not null default now(),
    -- {"field": {"old": …, "new": …}}; a custom field's name is "custom_fields.name".
    changes jsonb not null,
    foreign key (account_id, contact_id) references contacts (account_id, id) on delete cascade
);
create index contact_edits_of_contact on contact_edits (account_id, contact_id, at desc, id desc);
create index contact_edits_user on contact_edits (user_id);
create index contact_edits_contact on contact_edits (account_id, contact_id);

-- Our copies: Meta's addresses of pictures expire.
create table contact_pictures (
    account_id bigint not null,
    contact_id bigint not null,
    picture bytea not null check (octet_length(picture) <= 65536),
    picture_type text not null,
    stored_at timestamptz not null default now(),
    primary key (account_id, contact_id),
    foreign key (account_id, contact_id) references contacts (account_id, id) on delete cascade
);
-- Pictures are compressed already.
alter table contact_pictures alter column picture set storage external;

-- Searching.
--
-- The words of messages and contacts stand in tables of their own, which are filled behind the rows that they come from:
-- an index of words costs several times what storing a message does. Each word carries its account (`12.hello`), so that
-- one look into the index finds rows of one account only, however many others there are.

-- Letters as they are compared: small, without accents. `common::domain::folding` says the same in Rust. These functions
-- are not strict, so that PostgreSQL puts them into the statement that calls them: filling the tables rests on their speed.
create function fold_text(input text) returns text language sql immutable parallel safe
    return case when octet_length(input) = char_length(input) then lower(input) else
        lower(replace(replace(replace(replace(replace(translate(regexp_replace(normalize(input, NFKD), '[\u0300-\u036f]', '', 'g'),
            'đĐøØłŁðÐħĦŧŦı', 'ddoollddhhtti'), 'æ', 'ae'), 'Æ', 'ae'), 'œ', 'oe'), 'Œ', 'oe'), 'ß', 'ss')) end;

-- The words of a text, in their order, with one space between two.
create function words_of(input text) returns text language sql immutable parallel safe
    return btrim(regexp_replace(fold_text(input),
        '[^0-9a-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u1fff\u2c00-\u2dff\u3005-\u3007\u3040-\ud7ff\uf900-\ufdff\ufe70-\ufefc\U00010000-\U0001efff\U00020000-\U0003ffff]+',
        ' ', 'g'));

-- No word is longer than 200 letters: PostgreSQL takes none of more than 2,046 bytes.
create function cut_words(words text) returns text language sql immutable parallel safe
    return case when octet_length(words) <= 2000 then words else regexp_replace(words, '([^ ]{200})[^ ]+', '\1', 'g') end;

-- A message is found by whole words, and by its connection.
create function message_lexemes(account bigint, connection bigint, input text) returns tsvector
language sql immutable parallel safe
    return (account || '.' || replace(cut_words(words_of(left(input, 10000))), ' ', ' ' || account || '.')
        || ' ' || account || '@' || connection)::tsvector;

-- A contact is found by any part of a word: the ends of each word are indexed, and looked up by their beginnings.
create function contact_lexemes(account bigint, connection bigint, name text, email text, phone text, tags text[]) returns tsvector
language plpgsql immutable parallel safe as $$
declare
    words text[] := string_to_array(words_of(left(concat_ws(' ', name, email), 1000)), ' ')
        || coalesce(regexp_replace(phone, '[^0-9]', '', 'g'), '');
    lexemes text := account || '@' || connection;
    word text;
begin
    foreach word in array words[:40] loop
        for place in 1..least(length(word), 60) loop
            lexemes := lexemes || ' ' || account || '.' || substr(word, place, 60);
        end loop;
    end loop;
    return lexemes::tsvector || array_to_tsvector(array(select account || '#' || tag from unnest(tags) tag));
end
$$;

-- What is looked for; null where nothing is asked for. Of a message's words the last one may be unfinished, of a contact's
-- all (`parts`).
create function search_query(account bigint, connection bigint, input text, tag text, parts boolean) returns tsquery
language sql immutable parallel safe as $$
    select string_agg('''' || replace(replace(term, '\', '\\'), '''', '''''') || '''' || open, ' & ')::tsquery from (
        select account || '.' || word as term, case when parts or place = max(place) over () then ':*' else '' end as open
        from regexp_split_to_table(nullif(cut_words(words_of(left(input, 200))), ''), ' ') with ordinality as w (word, place)
        union select account || '#' || tag, '' where tag is not null
        union select account || '@' || connection, '' where connection is not null
    ) terms
$$;

create table message_search (
    account_id bigint not null,
    message_id bigint not null,
    sent_at timestamptz not null,
    words tsvector not null,
    primary key (account_id, message_id)
);
create index message_search_newest on message_search (account_id, sent_at desc, message_id desc);
-- What waits to be merged into the index is read by each search: it is kept short.
create index message_search_words on message_search using gin (words) with (gin_pending_list_limit = 256);

create table contact_search (
    account_id bigint not null,
    contact_id bigint not null,
    words tsvector not null,
    primary key (account_id, contact_id)
);
create index contact_search_words on contact_search using gin (words) with (gin_pending_list_limit = 256);

-- How far the two are filled. Ids are drawn before they are committed, so a later one may be visible first: the ids up to
-- `next_up_to` are complete once all transactions before `next_horizon` have ended.
create table search_progress (
    subject text primary key check (subject in ('messages', 'contacts')),
    indexed_up_to bigint not null default 0,
    next_up_to bigint not null default 0,
    next_horizon bigint not null default 0
);
insert into search_progress (subject) values ('messages'), ('contacts');

-- What may be found, and by which text. What is deleted or edited later than it was stored is taken account of here, and
-- nowhere else; whatever changes what this shows calls `refresh_message_search`.
create view searchable_messages as
    select m.id, m.account_id, m.connection_id, m.sent_at,
        case when c.text_at > coalesce(m.text_told_at, '-infinity') then coalesce(c.text, m.text) else m.text end as text
    from messages m
    left join message_changes c on c.account_id = m.account_id and c.connection_id = m.connection_id and c.mid = m.mid
    where m.text is not null and coalesce(c.deleted_at, c.absent_at) is null;

-- Takes up the next portion of messages that are not yet searchable, at most so many; answers whether there may be more.
create function index_messages(most int, out has_more boolean)
language plpgsql security definer set search_path = public, pg_temp as $$
declare
    progress search_progress;
    up_to bigint;
begin
    select * into progress from search_progress where subject = 'messages' for update skip locked;
    has_more := found and progress.indexed_up_to < progress.next_up_to
        and pg_snapshot_xmin(pg_current_snapshot())::text::bigint >= progress.next_horizon;
    if has_more then
        select max(portion.id) into up_to from (
            select m.id from messages m where m.id > progress.indexed_up_to and m.id <= progress.next_up_to
            order by m.id limit most
        ) portion;
        insert into message_search (account_id, message_id, sent_at, words)
        select m.account_id, m.id, m.sent_at, message_lexemes(m.account_id, m.connection_id, m.text)
        from searchable_messages m where m.id > progress.indexed_up_to and m.id <= up_to
        order by m.id
        on conflict (account_id, message_id) do nothing;
        progress.indexed_up_to := coalesce(up_to, progress.next_up_to);
        update search_progress set indexed_up_to = progress.indexed_up_to where subject = 'messages';
    end if;
    if progress.indexed_up_to = progress.next_up_to then
        update search_progress set next_horizon = pg_snapshot_xmax(pg_current_snapshot())::text::bigint, next_up_to = newest.id
        from (select max(m.id) as id from messages m) newest
        where subject = 'messages' and newest.id > next_up_to;
        has_more := has_more and found;
    end if;
end
$$;

-- The same for contacts.
create function index_contacts(most int, out has_more boolean)
language plpgsql security definer set search_path = public, pg_temp as $$
declare
    progress search_progress;
    up_to bigint;
begin
    select * into progress from search_progress where subject = 'contacts' for update skip locked;
    has_more := found and progress.indexed_up_to < progress.next_up_to
        and pg_snapshot_xmin(pg_current_snapshot())::text::bigint >= progress.next_horizon;
    if has_more then
        select max(portion.id) into up_to from (
            select c.id from contacts c where c.id > progress.indexed_up_to and c.id <= progress.next_up_to
            order by c.id limit most
        ) portion;
        -- One that is there was changed since, and is newer.
        insert into contact_search (account_id, contact_id, words)
        select c.account_id, c.id, contact_lexemes(c.account_id, c.connection_id, c.name, c.email, c.phone, c.tags)
        from contacts c where c.id > progress.indexed_up_to and c.id <= up_to
        order by c.id
        on conflict (account_id, contact_id) do nothing;
        progress.indexed_up_to := coalesce(up_to, progress.next_up_to);
        update search_progress set indexed_up_to = progress.indexed_up_to where subject = 'contacts';
    end if;
    if progress.indexed_up_to = progress.next_up_to then
        update search_progress set next_horizon = pg_snapshot_xmax(pg_current_snapshot())::text::bigint, next_up_to = newest.id
        from (select max(c.id) as id from contacts c) newest
        where subject = 'contacts' and newest.id > next_up_to;
        has_more := has_more and found;
    end if;
end
$$;

-- Messages whose text changed, or that went, after they were taken up: a row without words keeps them from being taken up
-- again. For triggers only.
create function refresh_message_search(ids bigint[]) returns void
language sql security definer set search_path = public, pg_temp as $$
    insert into message_search as s (account_id, message_id, sent_at, words)
    select m.account_id, m.id, m.sent_at, coalesce(message_lexemes(f.account_id, f.connection_id, f.text), '')
    from messages m left join searchable_messages f on f.id = m.id
    where m.id = any (ids) order by m.id
    on conflict (account_id, message_id) do update set words = excluded.words where s.words <> excluded.words
$$;

create function message_text_changed() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
begin
    perform refresh_message_search(array[new.id]);
    return null;
end
$$;
create trigger message_text_changed after update on messages
    for each row when (old.text is distinct from new.text
        or new.text_edited and old.text_told_at is distinct from new.text_told_at)
    execute function message_text_changed();

create function message_changed() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
begin
    perform refresh_message_search(array(
        select m.id from messages m
        where m.account_id = new.account_id and m.connection_id = new.connection_id and m.mid = new.mid));
    return null;
end
$$;
create trigger message_changed after insert or update on message_changes for each row execute function message_changed();

create function messages_deleted() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
begin
    delete from message_search s using gone where s.account_id = gone.account_id and s.message_id = gone.id;
    return null;
end
$$;
create trigger messages_deleted after delete on messages referencing old table as gone
    for each statement execute function messages_deleted();

-- A contact is found by its new name or address at once.
create function contact_changed() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
begin
    insert into contact_search as s (account_id, contact_id, words)
    values (new.account_id, new.id, contact_lexemes(new.account_id, new.connection_id, new.name, new.email, new.phone, new.tags))
    on conflict (account_id, contact_id) do update set words = excluded.words;
    return null;
end
$$;
create trigger contact_changed after update of name, email, phone, tags on contacts
    for each row when ((old.name, old.email, old.phone, old.tags) is distinct from (new.name, new.email, new.phone, new.tags))
    execute function contact_changed();

create function contacts_deleted() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
begin
    delete from contact_search s using gone where s.account_id = gone.account_id and s.contact_id = gone.id;
    return null;
end
$$;
create trigger contacts_deleted after delete on contacts referencing old table as gone
    for each statement execute function contacts_deleted();

-- The searches. Under a policy no text condition can use an index, so these two look past the policies: in the account of
-- the transaction's scope, whatever the caller says, and they answer ids only. The rows behind the ids are read under the
-- policies as ever.
--
-- Frequent words are looked for among the newest rows, from where they are soon enough; for the others the index of words
-- is read. PostgreSQL cannot choose: it takes each unfinished word for a frequent one. So a sample of the newest rows
-- tells, and neither way reads more than it should: where the newest rows have misled, the index of words is read.
create function search_messages(input text, of_connection bigint, before_at timestamptz, before_id bigint, most int)
returns table (message_id bigint, sent_at timestamptz)
language plpgsql stable security definer rows 50
set search_path = public, pg_temp set max_parallel_workers_per_gather = 0 set jit = off as $$
declare
    account bigint := current_account_id();
    query tsquery := search_query(account, of_connection, input, null, false);
    wanted int := least(most, 200);
    until_at timestamptz := coalesce(before_at, 'infinity');
    until_id bigint := coalesce(before_id, 0);
    ids bigint[];
    times timestamptz[];
    sample int;
begin
    if coalesce(words_of(input), '') = '' then
        return;
    end if;
    foreach sample in array array[1000, 100000] loop
        select array_agg(found.id), array_agg(found.at) into ids, times from (
            select newest.message_id as id, newest.sent_at as at from (
                select s.message_id, s.sent_at, s.words from message_search s
                where s.account_id = account and (s.sent_at, s.message_id) < (until_at, until_id)
                order by s.sent_at desc, s.message_id desc limit sample
            ) newest
            where newest.words @@ query order by newest.sent_at desc, newest.message_id desc limit wanted
        ) found;
        exit when coalesce(cardinality(ids), 0) not between 2 and wanted - 1;
    end loop;
    if coalesce(cardinality(ids), 0) < wanted then
        return query with found as materialized (
            select s.message_id as id, s.sent_at as at from message_search s where s.words @@ query and s.account_id = account
        )
        select f.id, f.at from found f where (f.at, f.id) < (until_at, until_id) order by f.at desc, f.id desc limit wanted;
    else
        return query select * from unnest(ids, times);
    end if;
end
$$;

-- From the newest contact to the oldest; all of them where nothing is asked for.
create function search_contacts(input text, of_connection bigint, tag text, before_id bigint, most int)
returns table (contact_id bigint)
language plpgsql stable security definer rows 50
set search_path = public, pg_temp set max_parallel_workers_per_gather = 0 set jit = off as $$
declare
    account bigint := current_account_id();
    query tsquery := search_query(account, of_connection, input, tag, true);
    wanted int := least(most, 200);
    until_id bigint := coalesce(before_id, 9223372036854775807);
    ids bigint[];
    sample int;
begin
    if input is not null and words_of(input) = '' then
        return;
    end if;
    foreach sample in array array[1000, 100000] loop
        select array_agg(found.id) into ids from (
            select newest.contact_id as id from (
                select s.contact_id, s.words from contact_search s where s.account_id = account and s.contact_id < until_id
                order by s.contact_id desc limit sample
            ) newest
            where query is null or newest.words @@ query order by newest.contact_id desc limit wanted
        ) found;
        exit when query is null or coalesce(cardinality(ids), 0) not between 2 and wanted - 1;
    end loop;
    if query is not null and coalesce(cardinality(ids), 0) < wanted then
        return query with found as materialized (
            select s.contact_id as id from contact_search s where s.words @@ query and s.account_id = account
        )
        select f.id from found f where f.id < until_id order by f.id desc limit wanted;
    else
        return query select * from unnest(ids);
    end if;
end
$$;

-- Rights, policies, owners.
do $$
declare
    relation text;
begin
    foreach relation in array array['contact_edits', 'contact_pictures', 'message_search', 'contact_search'] loop
        execute format('alter table %I owner to pagekeeper_owner', relation);
        execute format('alter table %I enable row level security, force row level security', relation);
    end loop;
    alter table search_progress owner to pagekeeper_owner;
    alter view searchable_messages owner to pagekeeper_lookup;
end
$$;
grant select on contact_edits, contact_pictures to pagekeeper_gateway;
grant insert on contact_edits to pagekeeper_gateway;
grant update (email, phone, tags, notes, custom_fields, version, edited_at, updated_at) on contacts to pagekeeper_gateway;
grant select, insert, update on contact_pictures to pagekeeper_sync_worker;
grant select, insert, update, delete on message_search, contact_search to pagekeeper_lookup;
grant select, update on search_progress to pagekeeper_lookup;
grant select on message_changes to pagekeeper_lookup;

create policy gateway on contact_edits to pagekeeper_gateway using (account_id = current_account_id());
create policy gateway on contact_pictures to pagekeeper_gateway using (account_id = current_account_id());
create policy sync_worker on contact_pictures to pagekeeper_sync_worker
    using (account_id = any ((select current_account_ids())::bigint[]));
create policy lookup on message_changes to pagekeeper_lookup using (true);
create policy lookup on message_search to pagekeeper_lookup using (true);
create policy lookup on contact_search to pagekeeper_lookup using (true);

do $$
declare
    plain text;
    lookup text;
begin
    foreach plain in array array[
        'fold_text(text)', 'words_of(text)', 'cut_words(text)', 'message_lexemes(bigint, bigint, text)',
        'contact_lexemes(bigint, bigint, text, text, text, text[])', 'search_query(bigint, bigint, text, text, boolean)']
    loop
        execute format('alter function %s owner to pagekeeper_owner', plain);
    end loop;
    foreach lookup in array array[
        'index_messages(int)', 'index_contacts(int)', 'refresh_message_search(bigint[])', 'message_text_changed()',
        'message_changed()',
        'messages_deleted()', 'contact_changed()', 'contacts_deleted()',
        'search_messages(text, bigint, timestamptz, bigint, int)', 'search_contacts(text, bigint, text, bigint, int)']
    loop
        execute format('alter function %s owner to pagekeeper_lookup', lookup);
        execute format('revoke all on function %s from public', lookup);
    end loop;
end
$$;
grant execute on function index_messages(int), index_contacts(int) to pagekeeper_sync_worker;
grant execute on function search_messages(text, bigint, timestamptz, bigint, int),
    search_contacts(text, bigint, text, bigint, int) to pagekeeper_gateway;
