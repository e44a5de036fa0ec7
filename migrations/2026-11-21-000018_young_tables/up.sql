-- PostgreSQL takes its first statistics of a table up to a minute after rows came, and keeps plans that it made for the
-- empty one until then. A Page's first sync stores most of its rows in that minute: so the first statistics are taken here.
create function analyze_young_tables() returns int
language plpgsql security definer set search_path = public, pg_temp as $$
declare
    young text;
    analyzed int := 0;
begin
    for young in
        select format('%I', c.relname) from pg_class c
        where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.reltuples = -1
            and c.relowner = 'pagekeeper_owner'::regrole and pg_relation_size(c.oid) > 0
        order by c.relname
    loop
        execute 'analyze ' || young;
        analyzed := analyzed + 1;
    end loop;
    return analyzed;
end
$$;
alter function analyze_young_tables() owner to pagekeeper_owner;
revoke all on function analyze_young_tables() from public;
grant execute on function analyze_young_tables() to pagekeeper_sync_worker;
