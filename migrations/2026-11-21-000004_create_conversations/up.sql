-- Meta's ids compare byte by byte (collation C): so do the services that sort them, and indexes are smaller and faster.

-- A customer, as one Page sees them. `profile_checked_at is null` is the work list for fetching names.
create table contacts (
    id bigint generated always as identity primary key,
    account_id bigint not null,
    connection_id bigint not null,
    psid text collate "C" not null,
    name text,
    -- When Graph last told the name: the newest telling wins.
    profile_checked_at timestamptz,
    -- When the name may be asked for (again).
    profile_due_at timestamptz not null default now(),
    profile_failures int not null default 0,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    unique (account_id, connection_id, psid),
    unique (account_id, id),
    foreign key (account_id, connection_id) references connections (account_id, id) on delete cascade
) with (fillfactor = 90);
create index contacts_without_name on contacts (profile_due_at) where profile_checked_at is null;

-- A conversation is one Page and one customer. Webhooks carry no thread id; a sync fills it in.
create table conversations (
    id bigint generated always as identity primary key,
    account_id bigint not null,
    connection_id bigint not null,
    psid text collate "C" not null,
    contact_id bigint not null,
    thread_id text collate "C",
    -- The newest message: its time, its id (which decides between equal times), its direction and the start of its text.
    last_message_at timestamptz not null,
    last_message_mid text collate "C" not null default '',
    last_message_from_page boolean not null default false,
    snippet text,
    -- The customer's newest message: the conversation is unread while it is newer than `read_up_to`.
    last_inbound_at timestamptz,
    -- The greatest of the Page's newest message, our own mark-read, and what a first sync implied.
    read_up_to timestamptz not null default 'epoch',
    created_at timestamptz not null default now(),
    unique (account_id, connection_id, psid),
    unique (account_id, id),
    foreign key (account_id, connection_id) references connections (account_id, id) on delete cascade,
    foreign key (account_id, contact_id) references contacts (account_id, id) on delete cascade
) with (fillfactor = 90);
create unique index conversations_thread on conversations (account_id, connection_id, thread_id) where thread_id is not null;
create index conversations_inbox on conversations (account_id, last_message_at desc, id desc);
create index conversations_inbox_of_connection on conversations (account_id, connection_id, last_message_at desc, id desc);
create index conversations_unread on conversations (account_id, last_message_at desc, id desc) where last_inbound_at > read_up_to;
create index conversations_contact on conversations (account_id, contact_id);

create table messages (
    id bigint generated always as identity primary key,
    account_id bigint not null,
    connection_id bigint not null,
    conversation_id bigint not null,
    mid text collate "C" not null,
    from_page boolean not null,
    -- Webhooks give milliseconds, Graph seconds: the greater of both.
    sent_at timestamptz not null,
    text text,
    -- [{"type","name"?,"mime_type"?,"size"?}]; media themselves are not stored.
    attachments jsonb,
    -- The app that sent an echo.
    app_id text,
    reply_to_mid text,
    created_at timestamptz not null default now(),
    unique (account_id, connection_id, mid),
    foreign key (account_id, conversation_id) references conversations (account_id, id) on delete cascade
);
create index messages_thread on messages (account_id, conversation_id, sent_at desc, id desc);
alter table messages set (autovacuum_vacuum_insert_scale_factor = 0.05);
