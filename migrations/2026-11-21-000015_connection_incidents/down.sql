drop table connection_incidents;
