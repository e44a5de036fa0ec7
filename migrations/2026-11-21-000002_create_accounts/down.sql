drop table api_keys;
drop table login_attempts;
drop table sessions;
drop table memberships;
drop table users;
drop table accounts;
