-- The sync-workers that are alive, so that each can tell its share of the queues. Nothing depends on it but the balance.
create table workers (
    name text primary key,
    lease_until timestamptz not null
);
alter table workers owner to pagekeeper_owner;
grant select, insert, update, delete on workers to pagekeeper_sync_worker;
