-- What nobody waits for goes from this bucket no earlier: a limit is nearly used, and what is left is for people.
alter table graph_budgets add column background_blocked_until timestamptz;
