drop function count_quarantined_by_reason(text[], int);
drop function count_quarantined_of_account(int);
drop function drop_quarantined_of_anybody(bigint[], int[]);
drop function drop_quarantined_of_account(bigint[], int[]);
drop function quarantined_of_anybody(bigint[], text[], text, timestamptz, timestamptz, bigint, int, boolean);
drop function quarantined_of_account(bigint[], text[], text, timestamptz, timestamptz, bigint, int, boolean);
drop index quarantine_age;
drop index quarantine_review;
revoke delete on quarantine from pagekeeper_lookup;
