alter table graph_budgets drop column background_blocked_until;
