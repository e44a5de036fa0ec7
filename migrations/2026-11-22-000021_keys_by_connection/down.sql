drop index message_media_message;
alter table message_media drop constraint message_media_account_id_connection_id_fkey,
    drop constraint message_media_connection_id_mid_fkey;
alter table messages drop constraint messages_connection_id_mid_key, add unique (account_id, connection_id, mid);
alter table message_media
    add foreign key (account_id, connection_id, mid) references messages (account_id, connection_id, mid) on delete cascade;
alter table conversations drop constraint conversations_connection_id_psid_key, add unique (account_id, connection_id, psid);
alter table contacts drop constraint contacts_connection_id_psid_key, add unique (account_id, connection_id, psid);

do $$
declare
    store regprocedure;
begin
    for store in select p.oid from pg_proc p where p.proname = 'store_messages' and p.pronamespace = 'public'::regnamespace loop
        execute replace(replace(pg_get_functiondef(store),
            'on conflict (connection_id, psid)', 'on conflict (account_id, connection_id, psid)'),
            'on conflict (connection_id, mid)', 'on conflict (account_id, connection_id, mid)');
    end loop;
end
$$;
