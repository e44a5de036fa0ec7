drop function health_totals(interval, timestamptz);
drop function estimated_rows(regclass);
drop function claim_abandoned_runs(int);
drop function due_connections(timestamptz, int);
drop function claim_contacts_without_name(int);
drop function find_connections_by_page(text[]);
drop function membership_of(bigint, bigint);
drop function accounts_of_user(bigint);
drop function sign_in(text, text, text);
drop function find_api_key(bytea);
drop function end_session(bytea);
drop function find_session(bytea, interval);

drop policy lookup on accounts;
drop policy lookup on users;
drop policy lookup on memberships;
drop policy lookup on sessions;
drop policy lookup on api_keys;
drop policy lookup on connections;
drop policy lookup on credentials;
drop policy lookup on contacts;
drop policy lookup on conversations;
drop policy lookup on messages;
drop policy lookup on sync_runs;
drop policy lookup on outbox;
revoke all on accounts, users, memberships, sessions, api_keys, connections, contacts, conversations, messages,
    sync_runs, outbox, ingest_spool, quarantine from pagekeeper_lookup;
revoke select (id, account_id, kind, connection_id, expires_at, is_valid) on credentials from pagekeeper_lookup;
