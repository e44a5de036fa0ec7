create table sync_runs (
    id bigint generated always as identity primary key,
    account_id bigint not null references accounts on delete cascade,
    -- The connect run above a first sync.
    parent_id bigint,
    connection_id bigint,
    -- Whose user token a connect run uses.
    user_id bigint references users on delete set null,
    kind text not null check (kind in ('connect', 'first', 'incremental', 'backfill')),
    state text not null default 'queued' check (state in ('queued', 'running', 'succeeded', 'failed')),
    phase text not null default 'waiting',
    -- Where it goes on after a crash; saved with each page of data.
    cursor jsonb not null default '{}',
    -- What a person sees while it runs.
    expected_conversations int,
    conversations int not null default 0,
    conversations_changed int not null default 0,
    messages int not null default 0,
    contacts int not null default 0,
    calls int not null default 0,
    throttled_ms bigint not null default 0,
    -- For a connect run: the Pages that were not connected, each with its reason.
    result jsonb,
    error text,
    -- Who works on it. Without an owner the lease covers the command on its way through the queue; past its end the
    -- command or its worker is lost, and the run is queued anew.
    lease_owner text,
    lease_until timestamptz not null default now() + interval '2 minutes',
    -- Raised by each claim: a worker that lost its lease writes nothing.
    version bigint not null default 1,
    created_at timestamptz not null default now(),
    started_at timestamptz,
    ended_at timestamptz,
    updated_at timestamptz not null default now(),
    unique (account_id, id),
    foreign key (account_id, parent_id) references sync_runs (account_id, id) on delete cascade,
    foreign key (account_id, connection_id) references connections (account_id, id) on delete cascade
) with (fillfactor = 80);
-- Never two at once for one Page.
create unique index sync_runs_one_per_connection on sync_runs (account_id, connection_id) where state in ('queued', 'running') and connection_id is not null;
create unique index sync_runs_one_connect_per_person on sync_runs (account_id, user_id) where state in ('queued', 'running') and kind = 'connect';
create index sync_runs_children on sync_runs (account_id, parent_id);
create index sync_runs_recent on sync_runs (account_id, created_at desc, id desc);
create index sync_runs_of_connection on sync_runs (account_id, connection_id, created_at desc);
create index sync_runs_abandoned on sync_runs (lease_until) where state in ('queued', 'running');
create index sync_runs_failed on sync_runs (ended_at) where state = 'failed';
create index sync_runs_user on sync_runs (user_id);

-- What Meta's limits leave, per app and per Page, shared by all workers.
create table graph_budgets (
    -- `page:<id>:conversations`, `page:<id>`, `app:<id>`
    bucket text primary key,
    -- Calls that may go now; grows back with time, up to the bucket's size.
    tokens double precision not null,
    refilled_at timestamptz not null default now(),
    -- Meta told us to wait until then.
    blocked_until timestamptz,
    -- The highest of the percentages in Meta's last usage header.
    usage_percent int not null default 0
) with (fillfactor = 50);

-- One firer among all replicas for each schedule.
create table schedules (
    name text primary key,
    due_at timestamptz not null,
    lease_owner text,
    lease_until timestamptz
);
