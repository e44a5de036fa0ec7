drop table credentials;
drop sequence credentials_id;
drop table connections;
