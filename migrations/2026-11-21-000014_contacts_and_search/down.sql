drop function search_contacts(text, bigint, text, bigint, int);
drop function search_messages(text, bigint, timestamptz, bigint, int);
drop trigger contacts_deleted on contacts;
drop function contacts_deleted();
drop trigger contact_changed on contacts;
drop function contact_changed();
drop trigger messages_deleted on messages;
drop function messages_deleted();
drop trigger message_changed on message_changes;
drop function message_changed();
drop trigger message_text_changed on messages;
drop function message_text_changed();
drop function refresh_message_search(bigint[]);
drop function index_contacts(int);
drop function index_messages(int);
drop view searchable_messages;
drop policy lookup on message_changes;
revoke select on message_changes from pagekeeper_lookup;
drop table search_progress;
drop table contact_search;
drop table message_search;
drop function search_query(bigint, bigint, text, text, boolean);
drop function contact_lexemes(bigint, bigint, text, text, text, text[]);
drop function message_lexemes(bigint, bigint, text);
drop function cut_words(text);
drop function words_of(text);
drop function fold_text(text);
drop table contact_pictures;
drop table contact_edits;
alter table contacts
    drop column email,
    drop column phone,
    drop column tags,
    drop column notes,
    drop column custom_fields,
    drop column version,
    drop column edited_at,
    drop column picture_at;
