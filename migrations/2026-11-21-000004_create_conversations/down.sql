drop table messages;
drop table conversations;
drop table contacts;
