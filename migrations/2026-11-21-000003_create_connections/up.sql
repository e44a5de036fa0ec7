create table connections (
    id bigint generated always as identity primary key,
    account_id bigint not null references accounts on delete cascade,
    connection_type text not null default 'facebook' check (connection_type in ('facebook', 'instagram')),
    -- Meta's ids.
    page_id text not null,
    instagram_account_id text,
    instagram_username text,
    name text not null,
    username text,
    category text,
    about text,
    phone text,
    website text,
    fan_count bigint,
    picture bytea check (octet_length(picture) <= 65536),
    picture_type text,
    tasks text[] not null default '{}',
    state text not null check (state in ('connecting', 'connected', 'reauthorization_required', 'disconnected')),
    reason text,
    subscribed_at timestamptz,
    connected_at timestamptz not null default now(),
    disconnected_at timestamptz,
    last_synced_at timestamptz,
    -- Newest `updated_time` that a listing of its conversations has stored: an incremental sync stops there.
    sync_watermark timestamptz,
    last_webhook_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    unique (account_id, id),
    -- Connecting again revives the same connection with its history.
    unique (account_id, connection_type, page_id)
) with (fillfactor = 80);
-- A Page belongs to one account at a time; the first must disconnect to release it.
create unique index connections_one_account_per_page on connections (connection_type, page_id) where state <> 'disconnected';
create index connections_due on connections (last_synced_at) where state = 'connected';

-- Sealed tokens. The id is drawn before sealing, since the seal is bound to the row.
create sequence credentials_id;
create table credentials (
    id bigint primary key default nextval('credentials_id'),
    account_id bigint not null references accounts on delete cascade,
    kind text not null check (kind in ('user', 'page')),
    -- Whose grant it is: the person of a user token, and the person that a Page token was derived from.
    user_id bigint not null references users on delete cascade,
    connection_id bigint,
    -- Version byte, key id, nonce, ciphertext, tag; null once wiped.
    sealed bytea,
    -- A code exchange gives a short-lived token; the connect run exchanges it first.
    is_long_lived boolean not null default false,
    -- Null: it never expires (or Meta did not say).
    expires_at timestamptz,
    data_access_expires_at timestamptz,
    scopes text[] not null default '{}',
    is_valid boolean not null default true,
    checked_at timestamptz,
    -- Raised by each write-back: a refresh that lost its lease writes nothing.
    version bigint not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    foreign key (account_id, connection_id) references connections (account_id, id) on delete cascade,
    check ((kind = 'page') = (connection_id is not null))
) with (fillfactor = 80);
create unique index credentials_of_person on credentials (account_id, user_id) where kind = 'user';
create unique index credentials_of_page on credentials (account_id, connection_id, user_id) where kind = 'page';
create index credentials_user on credentials (user_id);
