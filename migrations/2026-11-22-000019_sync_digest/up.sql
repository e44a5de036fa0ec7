-- What Facebook told last of the conversations at the watermark, as a digest: a Page whose list begins with the same is
-- unchanged, and nothing of it is compared with what is stored.
alter table connections add column sync_digest uuid;
