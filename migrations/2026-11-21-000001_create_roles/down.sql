drop function current_account_ids();
drop function current_account_id();
-- The roles stay: other databases of this server may use them.
