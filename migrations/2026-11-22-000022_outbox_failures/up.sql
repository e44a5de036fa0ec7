-- Of a message that goes to where the parked ones are: why no further try can help, and how often it was tried.
alter table outbox add column failure text, add column failed_attempts int not null default 0;
