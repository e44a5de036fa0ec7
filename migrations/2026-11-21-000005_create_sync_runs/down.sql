drop table schedules;
drop table graph_budgets;
drop table sync_runs;
