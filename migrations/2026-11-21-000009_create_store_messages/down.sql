do $$
begin
    execute format('drop function %s', (select p.oid::regprocedure from pg_proc p where p.proname = 'store_messages'));
end
$$;
drop function is_newer_message(timestamptz, text, text, timestamptz, text, text);
