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
end
$$;

drop function claim_media_copies(int, interval);
drop table message_media;
drop function remove_copies();
drop table media_removals;
