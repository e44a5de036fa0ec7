do $$
declare
    ours regprocedure;
begin
    for ours in
        select p.oid from pg_proc p where p.pronamespace = 'public'::regnamespace
            and (p.proname in ('is_later_text', 'is_edited_between', 'blank_messages', 'store_posts', 'store_events', 'store_listings')
                or p.proname = 'store_messages' and p.pronargs = 22)
    loop
        execute format('drop function %s', ours);
    end loop;
end
$$;
drop function find_connections_by_owner(text[], text[]);
alter table quarantine drop column object;
alter table messages drop column text_told_at, drop column text_edited;
drop index connections_by_instagram_account;
alter table connections drop column details_changed_at;
drop table post_reactions, comments, posts, conversation_events, conversation_marks, message_reactions, message_changes;
