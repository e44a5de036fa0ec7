create table accounts (
    id bigint generated always as identity primary key,
    name text not null check (length(name) between 1 and 120),
    language text not null default 'en' check (language in ('en', 'vi', 'da')),
    time_zone text not null default 'UTC',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);

-- People. A person may be a member of several accounts.
create table users (
    id bigint generated always as identity primary key,
    -- App-scoped id; null for people without Facebook.
    facebook_user_id text unique,
    name text not null,
    email text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);

create table memberships (
    account_id bigint not null references accounts on delete cascade,
    user_id bigint not null references users on delete cascade,
    role text not null check (role in ('owner', 'admin', 'agent', 'shop_manager')),
    created_at timestamptz not null default now(),
    primary key (account_id, user_id)
);
create index memberships_user on memberships (user_id);

-- A browser's session: 256 random bits in a cookie, only their SHA-256 here.
create table sessions (
    id bigint generated always as identity primary key,
    account_id bigint not null references accounts on delete cascade,
    user_id bigint not null references users on delete cascade,
    token_hash bytea not null unique check (octet_length(token_hash) = 32),
    created_at timestamptz not null default now(),
    last_seen_at timestamptz not null default now(),
    -- The absolute end; the idle end is counted from last_seen_at.
    expires_at timestamptz not null
);
create index sessions_account on sessions (account_id);
create index sessions_user on sessions (user_id);

-- A login on its way through Facebook: `state` is single use and bound to the browser by a cookie.
create table login_attempts (
    state_hash bytea primary key check (octet_length(state_hash) = 32),
    browser_hash bytea not null check (octet_length(browser_hash) = 32),
    -- Where to go afterwards: a path of ours.
    return_to text not null,
    -- The session that asked to connect more Pages; null for a login.
    session_id bigint references sessions on delete cascade,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    used_at timestamptz
);
create index login_attempts_session on login_attempts (session_id);
create index login_attempts_expires on login_attempts (expires_at);

create table api_keys (
    id bigint generated always as identity primary key,
    account_id bigint not null references accounts on delete cascade,
    -- The key acts as this person, within its scopes.
    user_id bigint not null references users on delete cascade,
    name text not null check (length(name) between 1 and 120),
    -- The first characters, by which people recognise a key.
    prefix text not null,
    key_hash bytea not null unique check (octet_length(key_hash) = 32),
    scopes text[] not null,
    created_at timestamptz not null default now(),
    expires_at timestamptz,
    last_used_at timestamptz,
    revoked_at timestamptz
);
create index api_keys_account on api_keys (account_id, created_at desc, id desc);
create index api_keys_user on api_keys (user_id);
