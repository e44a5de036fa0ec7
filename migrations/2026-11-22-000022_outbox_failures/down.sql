alter table outbox drop column failure, drop column failed_attempts;
