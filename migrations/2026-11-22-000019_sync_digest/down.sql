alter table connections drop column sync_digest;
