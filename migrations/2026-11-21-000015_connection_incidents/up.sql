-- When a Page's webhooks were not heard although something had happened there: what was done, and what had been missed.
create table connection_incidents (
    id bigint generated always as identity primary key,
    account_id bigint not null,
    connection_id bigint not null,
    kind text not null check (kind in ('unsubscribed', 'silent')),
    found_at timestamptz not null default now(),
    -- The last that was heard before, and the newest that had happened unheard.
    heard_at timestamptz,
    happened_at timestamptz not null,
    -- What the sync that found it filled in.
    conversations int not null,
    messages int not null,
    -- Whether Facebook took the subscription again.
    subscribed_again boolean not null,
    foreign key (account_id, connection_id) references connections (account_id, id) on delete cascade
);
create index connection_incidents_of_connection on connection_incidents (account_id, connection_id, id desc);
alter table connection_incidents owner to pagekeeper_owner;
alter table connection_incidents enable row level security, force row level security;
create policy gateway on connection_incidents to pagekeeper_gateway using (account_id = current_account_id());
create policy sync_worker on connection_incidents to pagekeeper_sync_worker
    using (account_id = any ((select current_account_ids())::bigint[]));
grant select on connection_incidents to pagekeeper_gateway;
grant select, insert on connection_incidents to pagekeeper_sync_worker;
