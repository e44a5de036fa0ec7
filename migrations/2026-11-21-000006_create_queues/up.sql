-- Messages that must follow a database change, written in its transaction and published by a relay.
create table outbox (
    id bigint generated always as identity primary key,
    message_id uuid not null unique,
    account_id bigint,
    exchange text not null,
    routing_key text not null,
    type text not null,
    version int not null,
    traceparent text not null default '',
    body bytea not null,
    created_at timestamptz not null default now(),
    available_at timestamptz not null default now(),
    attempts int not null default 0
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0);
create index outbox_due on outbox (available_at, id);

-- Webhooks that arrived while the broker was away: encoded bundles, published from here later.
create table ingest_spool (
    id bigint generated always as identity primary key,
    bundle bytea not null,
    entries int not null,
    spooled_at timestamptz not null default now(),
    available_at timestamptz not null default now(),
    attempts int not null default 0
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0);
create index ingest_spool_due on ingest_spool (available_at, id);

-- Signed webhooks that could not be stored, with the reason. No account: a Page that is not connected has none.
create table quarantine (
    id bigint generated always as identity primary key,
    reason text not null check (reason in ('unparseable', 'unknown_object', 'not_understood', 'page_not_connected', 'refused_by_database')),
    -- Meta's id of the Page or Instagram account, where it could be read.
    owner_id text,
    -- The entry's bytes as they came, and their SHA-256: Meta's redelivery of the same entry is counted, not stored again.
    body bytea not null,
    digest bytea not null unique check (octet_length(digest) = 32),
    seen int not null default 1,
    received_at timestamptz not null,
    created_at timestamptz not null default now()
);
create index quarantine_owner on quarantine (owner_id, id) where reason = 'page_not_connected';
create index quarantine_reason on quarantine (reason, id);
