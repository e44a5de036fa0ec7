-- A sync tells customers' names, not their pictures, and a call for each of a Page's 100,000 customers would spend its
-- limits for days. So a picture is fetched once somebody looks at its contact.
alter table contacts
    -- When Facebook was last asked for the picture.
    add column picture_checked_at timestamptz,
    -- Somebody misses the picture: when it may be asked for (again).
    add column picture_due_at timestamptz;

create index contacts_without_picture on contacts (picture_due_at) where picture_due_at is not null;

grant update (picture_due_at) on contacts to pagekeeper_gateway;

-- Contacts of connected Pages that are to be asked for: those without a name first, then those whose picture somebody
-- misses. Claimed for two minutes: a worker that dies gives them back. Takes the place of claim_contacts_without_name,
-- which stays until no worker calls it any more.
create function claim_contacts_to_ask_for(most int)
returns table (contact_id bigint, account_id bigint, connection_id bigint, psid text)
language sql security definer set search_path = public, pg_temp as $$
    with nameless as (
        select due.id from contacts due
        join connections owner on owner.id = due.connection_id and owner.state = 'connected'
        where due.profile_checked_at is null and due.profile_due_at <= now()
        order by due.profile_due_at limit most
        for update of due skip locked
    ), unseen as (
        select due.id from contacts due
        join connections owner on owner.id = due.connection_id and owner.state = 'connected'
        where due.picture_due_at <= now() and due.profile_checked_at is not null
        order by due.picture_due_at limit most - (select count(*) from nameless)
        for update of due skip locked
    )
    update contacts c
    set profile_due_at = case when c.profile_checked_at is null then now() + interval '2 minutes' else c.profile_due_at end,
        picture_due_at = case when c.picture_due_at is not null then now() + interval '2 minutes' end
    from (select id from nameless union all select id from unseen) claimed
    where c.id = claimed.id
    returning c.id, c.account_id, c.connection_id, c.psid
$$;
alter function claim_contacts_to_ask_for(int) owner to pagekeeper_lookup;
revoke all on function claim_contacts_to_ask_for(int) from public;
grant execute on function claim_contacts_to_ask_for(int) to pagekeeper_sync_worker;
