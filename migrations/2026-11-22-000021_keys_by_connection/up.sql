-- A connection belongs to one account, so its id and Meta's make a key. Keys that begin with the account were one of
-- several indexes that do, and a plan made for a small table, or for an account that had few rows by the last
-- statistics, read all of the account's rows by another one of them. No other index begins with the connection: whatever
-- the statistics, a row is looked up by its own key. (The tables are locked while the indexes are built.)
alter table contacts drop constraint contacts_account_id_connection_id_psid_key, add unique (connection_id, psid);
alter table conversations drop constraint conversations_account_id_connection_id_psid_key, add unique (connection_id, psid);
alter table message_media drop constraint message_media_account_id_connection_id_mid_fkey;
alter table messages drop constraint messages_account_id_connection_id_mid_key, add unique (connection_id, mid);
alter table message_media
    add foreign key (connection_id, mid) references messages (connection_id, mid) on delete cascade,
    add foreign key (account_id, connection_id) references connections (account_id, id) on delete cascade;
create index message_media_message on message_media (connection_id, mid);

-- Both ways to store messages name these keys, and no others.
do $$
declare
    store regprocedure;
begin
    for store in select p.oid from pg_proc p where p.proname = 'store_messages' and p.pronamespace = 'public'::regnamespace loop
        execute replace(replace(pg_get_functiondef(store),
            'on conflict (account_id, connection_id, psid)', 'on conflict (connection_id, psid)'),
            'on conflict (account_id, connection_id, mid)', 'on conflict (connection_id, mid)');
    end loop;
end
$$;
