//! Rows that sync-worker would have written.

use pagekeeper_testkit::TestDatabase;

/// One connected Page with one conversation of an account.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Page {
    pub connection: i64,
    pub contact: i64,
    pub conversation: i64,
}

/// The newest message of [`a_page`]'s conversation.
pub(crate) const NEWEST: &str = "2026-11-20T12:02:00Z";

/// Three messages: two of the customer's, unread, after one of the Page's.
pub(crate) async fn a_page(database: &TestDatabase, account: i64, page_id: &str) -> Page {
    let connection = database
        .number(&format!(
            "select id from connections where account_id = {account} and page_id = '{page_id}'
             union all select nextval('connections_id_seq') limit 1"
        ))
        .await;
    database
        .execute(&format!(
            "insert into connections (id, account_id, page_id, name, state, picture, picture_type, subscribed_at)
             overriding system value
             values ({connection}, {account}, '{page_id}', 'Café {page_id}', 'connected', '\\x89504e47', 'image/png', now());
             insert into contacts (account_id, connection_id, psid, name, profile_checked_at)
             values ({account}, {connection}, 'p1', 'Freja Holm', now());
             insert into conversations (account_id, connection_id, psid, contact_id, last_message_at, last_message_mid,
                 snippet, last_inbound_at, read_up_to)
             select {account}, {connection}, 'p1', id, '{NEWEST}', 'm3', 'A table for four?', '{NEWEST}', '2026-11-20T12:00:00Z'
             from contacts where account_id = {account} and connection_id = {connection};
             insert into messages (account_id, connection_id, conversation_id, mid, from_page, sent_at, text, attachments)
             select {account}, {connection}, v.id, m.mid, m.mid = 'm1', m.sent_at::timestamptz, m.text, m.attachments::jsonb
             from conversations v, (values ('m1', '2026-11-20T12:00:00Z', 'Welcome', null),
                 ('m2', '2026-11-20T12:01:00Z', 'Hello', '[{{\"type\":\"image\",\"size\":9}}]'), ('m3', '{NEWEST}', 'A table for four?', null))
                 as m (mid, sent_at, text, attachments)
             where v.account_id = {account} and v.connection_id = {connection}",
        ))
        .await;
    let of = |table: &str| {
        format!(
            "select id from {table} where account_id = {account} and connection_id = {connection} order by id limit 1"
        )
    };
    Page {
        connection,
        contact: database.number(&of("contacts")).await,
        conversation: database.number(&of("conversations")).await,
    }
}

/// Edits, deletions and reactions of [`a_page`]'s messages, events of its conversation, and two posts.
pub(crate) async fn what_became_of_the_page(database: &TestDatabase, page: Page) {
    let connection = page.connection;
    let owner = "select account_id, id, n.* from connections c, (values";
    database
        .execute(&format!(
            "insert into message_changes (account_id, connection_id, mid, text, text_at, edits, deleted_at)
             {owner} ('m2', 'Hello there', '2026-11-20T12:05:00Z'::timestamptz, 1, null),
                 ('m3', null, null, 0, '2026-11-20T12:09:00Z'::timestamptz)) n where c.id = {connection};
             insert into message_reactions (account_id, connection_id, mid, from_page, name, emoji, at)
             {owner} ('m1', false, 'love', '❤', now()), ('m2', true, null, null, now())) n where c.id = {connection};
             insert into conversation_marks (account_id, connection_id, psid, delivered_up_to, handled_by_app, handled_at)
             {owner} ('p1', '2026-11-20T12:00:30Z'::timestamptz, '263902037430900', now())) n where c.id = {connection};
             insert into conversation_events (account_id, connection_id, psid, kind, at, key, detail)
             {owner} ('p1', 'referral', '2026-11-20T11:00:00Z'::timestamptz, 'k1', '{{}}'::jsonb),
                 ('p1', 'postback', '2026-11-20T11:01:00Z', 'k2', '{{\"title\": \"Start\"}}'),
                 ('p1', 'label', '2026-11-20T11:02:00Z', 'k3', '{{\"is_on\": true}}'),
                 ('p2', 'label', '2026-11-20T11:03:00Z', 'k4', '{{}}')) n where c.id = {connection};
             insert into posts (account_id, connection_id, post_id, author_id, author_name, message, posted_at, hidden_at)
             {owner} ('111_1', null, null, null, '2026-11-20T10:00:00Z'::timestamptz, null),
                 ('111_2', '111', 'Café', 'Open', '2026-11-20T11:00:00Z', now())) n where c.id = {connection};
             insert into comments (account_id, connection_id, comment_id, post_id, parent_id, message, posted_at, removed_at)
             {owner} ('2_1', '111_2', null, 'How much?', '2026-11-20T11:01:00Z'::timestamptz, null),
                 ('2_2', '111_2', '2_1', 'Ten', '2026-11-20T11:02:00Z', null),
                 ('2_3', '111_2', null, null, '2026-11-20T11:03:00Z', now())) n where c.id = {connection};
             insert into post_reactions (account_id, connection_id, post_id, comment_id, author_id, is_on, at)
             {owner} ('111_2', '', '7', true, now()), ('111_2', '', '8', false, now()),
                 ('111_2', '2_1', '7', true, now())) n where c.id = {connection}"
        ))
        .await;
}

/// So many more conversations, one a minute, the first one the newest.
pub(crate) async fn more_conversations(database: &TestDatabase, account: i64, connection: i64, count: u32) {
    database
        .execute(&format!(
            "insert into contacts (account_id, connection_id, psid, name)
             select {account}, {connection}, 'c' || n, 'Customer ' || n from generate_series(1, {count}) n;
             insert into conversations (account_id, connection_id, psid, contact_id, last_message_at, last_message_mid, snippet)
             select {account}, {connection}, c.psid, c.id, '2026-11-19T12:00:00Z'::timestamptz - substr(c.psid, 2)::int * interval '1 minute',
                 'm', 'Hi' from contacts c where c.account_id = {account} and c.connection_id = {connection} and c.psid like 'c%'",
        ))
        .await;
}

/// Ends each active run of the account, as a worker would.
pub(crate) async fn end_runs(database: &TestDatabase, account: i64, state: &str, result: &str) {
    database
        .execute(&format!(
            "update sync_runs set state = '{state}', phase = 'done', started_at = now(), ended_at = now() + interval '2.5 s', result = '{result}'
             where account_id = {account} and state in ('queued', 'running')",
        ))
        .await;
}

/// Makes the person of account `member` a member of account `account` too.
pub(crate) async fn join(database: &TestDatabase, account: i64, member: i64, role: &str) {
    database
        .execute(&format!(
            "insert into memberships (account_id, user_id, role)
             select {account}, user_id, '{role}' from memberships where account_id = {member} and role = 'owner'"
        ))
        .await;
}

/// Our copy of a contact's picture.
pub(crate) async fn contact_picture(database: &TestDatabase, account: i64, contact: i64) {
    database
        .execute(&format!(
            "insert into contact_pictures (account_id, contact_id, picture, picture_type)
             values ({account}, {contact}, '\\x89504e47', 'image/png');
             update contacts set picture_at = now() where id = {contact}",
        ))
        .await;
}

/// Where the first attachment of a message is kept.
pub(crate) async fn media(database: &TestDatabase, message: i64, url: &str) {
    database
        .execute(&format!(
            "insert into message_media (account_id, connection_id, mid, position, url, url_told_at)
             select account_id, connection_id, mid, 0, '{url}', now() from messages where id = {message}
             on conflict (account_id, connection_id, mid, position) do update set url = excluded.url, url_told_at = now()",
        ))
        .await;
}
