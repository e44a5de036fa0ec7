drop function silent_connections(int);
drop function due_full_connections(text[], timestamptz[], int);
drop function time_zones();
alter table connections drop column full_sync_at;
drop function trim_sync_history(timestamptz, timestamptz, timestamptz);
drop function graph_usage_of_account(bigint, timestamptz);
drop function claim_waiting_runs(int, bigint[]);
drop policy lookup on sync_statistics;
revoke delete on sync_runs from pagekeeper_lookup;
revoke update (state, phase, cancel_requested_at, ended_at, updated_at, version) on sync_runs from pagekeeper_gateway;
drop table graph_usage;
drop table sync_statistics;
alter table conversations drop column facebook_unread_count, drop column can_reply, drop column status_checked_at;
drop index sync_runs_parked;
drop index sync_runs_conversation;
drop index sync_runs_active_of_connection;
drop index sync_runs_one_of_a_kind;
drop index sync_runs_one_at_work_per_page;
delete from sync_runs where kind in ('full', 'details', 'contacts', 'messages', 'status', 'update_page') or state in ('parked', 'canceled');
alter table sync_runs
    drop column conversation_id, drop column request, drop column interactive, drop column attempts, drop column due_at,
    drop column cancel_requested_at, drop column rows_new, drop column rows_changed, drop column rows_same,
    drop column bytes, drop column errors,
    drop constraint sync_runs_kind_check,
    add constraint sync_runs_kind_check check (kind in ('connect', 'first', 'incremental', 'backfill')),
    drop constraint sync_runs_state_check,
    add constraint sync_runs_state_check check (state in ('queued', 'running', 'succeeded', 'failed'));
create unique index sync_runs_one_per_connection on sync_runs (account_id, connection_id)
    where state in ('queued', 'running') and connection_id is not null;
