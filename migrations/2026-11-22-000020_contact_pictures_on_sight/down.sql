drop function claim_contacts_to_ask_for(int);
revoke update (picture_due_at) on contacts from pagekeeper_gateway;
alter table contacts drop column picture_checked_at, drop column picture_due_at;
