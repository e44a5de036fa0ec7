drop table quarantine;
drop table ingest_spool;
drop table outbox;
