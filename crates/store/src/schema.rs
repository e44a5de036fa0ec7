//! The tables, in the form of `diesel print-schema`; a test compares it with the database.

pub(crate) mod sql_types {
    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "tsvector"))]
    pub struct Tsvector;
}

diesel::table! {
    accounts (id) {
        id -> Int8,
        name -> Text,
        language -> Text,
        time_zone -> Text,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    api_keys (id) {
        id -> Int8,
        account_id -> Int8,
        user_id -> Int8,
        name -> Text,
        prefix -> Text,
        key_hash -> Bytea,
        scopes -> Array<Text>,
        created_at -> Timestamptz,
        expires_at -> Nullable<Timestamptz>,
        last_used_at -> Nullable<Timestamptz>,
        revoked_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    comments (id) {
        id -> Int8,
        account_id -> Int8,
        connection_id -> Int8,
        comment_id -> Text,
        post_id -> Nullable<Text>,
        parent_id -> Nullable<Text>,
        author_id -> Nullable<Text>,
        author_name -> Nullable<Text>,
        message -> Nullable<Text>,
        content_at -> Nullable<Timestamptz>,
        posted_at -> Timestamptz,
        edited_at -> Nullable<Timestamptz>,
        removed_at -> Nullable<Timestamptz>,
        hidden_at -> Nullable<Timestamptz>,
        shown_at -> Nullable<Timestamptz>,
        is_live -> Bool,
        is_mention -> Bool,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    connection_incidents (id) {
        id -> Int8,
        account_id -> Int8,
        connection_id -> Int8,
        kind -> Text,
        found_at -> Timestamptz,
        heard_at -> Nullable<Timestamptz>,
        happened_at -> Timestamptz,
        conversations -> Int4,
        messages -> Int4,
        subscribed_again -> Bool,
    }
}

diesel::table! {
    connections (id) {
        id -> Int8,
        account_id -> Int8,
        connection_type -> Text,
        page_id -> Text,
        instagram_account_id -> Nullable<Text>,
        instagram_username -> Nullable<Text>,
        name -> Text,
        username -> Nullable<Text>,
        category -> Nullable<Text>,
        about -> Nullable<Text>,
        phone -> Nullable<Text>,
        website -> Nullable<Text>,
        fan_count -> Nullable<Int8>,
        picture -> Nullable<Bytea>,
        picture_type -> Nullable<Text>,
        tasks -> Array<Text>,
        state -> Text,
        reason -> Nullable<Text>,
        subscribed_at -> Nullable<Timestamptz>,
        connected_at -> Timestamptz,
        disconnected_at -> Nullable<Timestamptz>,
        last_synced_at -> Nullable<Timestamptz>,
        sync_watermark -> Nullable<Timestamptz>,
        last_webhook_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        full_sync_at -> Nullable<Timestamptz>,
        details_changed_at -> Nullable<Timestamptz>,
        sync_digest -> Nullable<Uuid>,
    }
}

diesel::table! {
    contact_edits (id) {
        id -> Int8,
        account_id -> Int8,
        contact_id -> Int8,
        user_id -> Nullable<Int8>,
        at -> Timestamptz,
        changes -> Jsonb,
    }
}

diesel::table! {
    contact_pictures (account_id, contact_id) {
        account_id -> Int8,
        contact_id -> Int8,
        picture -> Bytea,
        picture_type -> Text,
        stored_at -> Timestamptz,
    }
}

diesel::table! {
    use diesel::sql_types::Int8;
    use super::sql_types::Tsvector;

    contact_search (account_id, contact_id) {
        account_id -> Int8,
        contact_id -> Int8,
        words -> Tsvector,
    }
}

diesel::table! {
    contacts (id) {
        id -> Int8,
        account_id -> Int8,
        connection_id -> Int8,
        psid -> Text,
        name -> Nullable<Text>,
        profile_checked_at -> Nullable<Timestamptz>,
        profile_due_at -> Timestamptz,
        profile_failures -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        email -> Nullable<Text>,
        phone -> Nullable<Text>,
        tags -> Array<Text>,
        notes -> Nullable<Text>,
        custom_fields -> Jsonb,
        version -> Int8,
        edited_at -> Nullable<Timestamptz>,
        picture_at -> Nullable<Timestamptz>,
        picture_checked_at -> Nullable<Timestamptz>,
        picture_due_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    conversation_events (id) {
        id -> Int8,
        account_id -> Int8,
        connection_id -> Int8,
        psid -> Nullable<Text>,
        kind -> Text,
        at -> Timestamptz,
        key -> Text,
        detail -> Jsonb,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    conversation_marks (account_id, connection_id, psid) {
        account_id -> Int8,
        connection_id -> Int8,
        psid -> Text,
        delivered_up_to -> Nullable<Timestamptz>,
        seen_up_to -> Nullable<Timestamptz>,
        handled_by_app -> Nullable<Text>,
        handled_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    conversations (id) {
        id -> Int8,
        account_id -> Int8,
        connection_id -> Int8,
        psid -> Text,
        contact_id -> Int8,
        thread_id -> Nullable<Text>,
        last_message_at -> Timestamptz,
        last_message_mid -> Text,
        last_message_from_page -> Bool,
        snippet -> Nullable<Text>,
        last_inbound_at -> Nullable<Timestamptz>,
        read_up_to -> Timestamptz,
        created_at -> Timestamptz,
        facebook_unread_count -> Nullable<Int4>,
        can_reply -> Nullable<Bool>,
        status_checked_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    credentials (id) {
        id -> Int8,
        account_id -> Int8,
        kind -> Text,
        user_id -> Int8,
        connection_id -> Nullable<Int8>,
        sealed -> Nullable<Bytea>,
        is_long_lived -> Bool,
        expires_at -> Nullable<Timestamptz>,
        data_access_expires_at -> Nullable<Timestamptz>,
        scopes -> Array<Text>,
        is_valid -> Bool,
        checked_at -> Nullable<Timestamptz>,
        version -> Int8,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    graph_budgets (bucket) {
        bucket -> Text,
        tokens -> Float8,
        refilled_at -> Timestamptz,
        blocked_until -> Nullable<Timestamptz>,
        usage_percent -> Int4,
        background_blocked_until -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    graph_usage (bucket, minute) {
        bucket -> Text,
        minute -> Timestamptz,
        calls -> Int4,
        errors -> Int4,
        throttled_ms -> Int8,
        percent -> Int4,
    }
}

diesel::table! {
    ingest_spool (id) {
        id -> Int8,
        bundle -> Bytea,
        entries -> Int4,
        spooled_at -> Timestamptz,
        available_at -> Timestamptz,
        attempts -> Int4,
    }
}

diesel::table! {
    login_attempts (state_hash) {
        state_hash -> Bytea,
        browser_hash -> Bytea,
        return_to -> Text,
        session_id -> Nullable<Int8>,
        created_at -> Timestamptz,
        expires_at -> Timestamptz,
        used_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    media_removals (id) {
        id -> Int8,
        account_id -> Int8,
        copy_key -> Uuid,
        gone_at -> Timestamptz,
        due_at -> Timestamptz,
    }
}

diesel::table! {
    memberships (account_id, user_id) {
        account_id -> Int8,
        user_id -> Int8,
        role -> Text,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    message_changes (account_id, connection_id, mid) {
        account_id -> Int8,
        connection_id -> Int8,
        mid -> Text,
        text -> Nullable<Text>,
        text_at -> Nullable<Timestamptz>,
        edits -> Int4,
        deleted_at -> Nullable<Timestamptz>,
        absent_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    message_reactions (account_id, connection_id, mid, from_page) {
        account_id -> Int8,
        connection_id -> Int8,
        mid -> Text,
        from_page -> Bool,
        name -> Nullable<Text>,
        emoji -> Nullable<Text>,
        at -> Timestamptz,
    }
}

diesel::table! {
    use diesel::sql_types::{Int8, Timestamptz};
    use super::sql_types::Tsvector;

    message_search (account_id, message_id) {
        account_id -> Int8,
        message_id -> Int8,
        sent_at -> Timestamptz,
        words -> Tsvector,
    }
}

diesel::table! {
    message_media (account_id, connection_id, mid, position) {
        account_id -> Int8,
        connection_id -> Int8,
        mid -> Text,
        position -> Int4,
        url -> Text,
        url_told_at -> Timestamptz,
        copy_key -> Nullable<Uuid>,
        copied_at -> Nullable<Timestamptz>,
        copied_type -> Nullable<Text>,
        copied_bytes -> Nullable<Int8>,
        copy_tries -> Int4,
        copy_due_at -> Timestamptz,
    }
}

diesel::table! {
    messages (id) {
        id -> Int8,
        account_id -> Int8,
        connection_id -> Int8,
        conversation_id -> Int8,
        mid -> Text,
        from_page -> Bool,
        sent_at -> Timestamptz,
        text -> Nullable<Text>,
        attachments -> Nullable<Jsonb>,
        app_id -> Nullable<Text>,
        reply_to_mid -> Nullable<Text>,
        created_at -> Timestamptz,
        text_told_at -> Nullable<Timestamptz>,
        text_edited -> Bool,
    }
}

diesel::table! {
    outbox (id) {
        id -> Int8,
        message_id -> Uuid,
        account_id -> Nullable<Int8>,
        exchange -> Text,
        routing_key -> Text,
        #[sql_name = "type"]
        type_ -> Text,
        version -> Int4,
        traceparent -> Text,
        body -> Bytea,
        created_at -> Timestamptz,
        available_at -> Timestamptz,
        attempts -> Int4,
        failure -> Nullable<Text>,
        failed_attempts -> Int4,
    }
}

diesel::table! {
    post_reactions (account_id, connection_id, post_id, comment_id, author_id) {
        account_id -> Int8,
        connection_id -> Int8,
        post_id -> Text,
        comment_id -> Text,
        author_id -> Text,
        author_name -> Nullable<Text>,
        is_on -> Bool,
        kind -> Nullable<Text>,
        at -> Timestamptz,
    }
}

diesel::table! {
    posts (id) {
        id -> Int8,
        account_id -> Int8,
        connection_id -> Int8,
        post_id -> Text,
        kind -> Nullable<Text>,
        author_id -> Nullable<Text>,
        author_name -> Nullable<Text>,
        message -> Nullable<Text>,
        is_published -> Bool,
        content_at -> Nullable<Timestamptz>,
        posted_at -> Timestamptz,
        edited_at -> Nullable<Timestamptz>,
        removed_at -> Nullable<Timestamptz>,
        hidden_at -> Nullable<Timestamptz>,
        shown_at -> Nullable<Timestamptz>,
        is_mention -> Bool,
        insights -> Nullable<Jsonb>,
        insights_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    quarantine (id) {
        id -> Int8,
        reason -> Text,
        owner_id -> Nullable<Text>,
        body -> Bytea,
        digest -> Bytea,
        seen -> Int4,
        received_at -> Timestamptz,
        created_at -> Timestamptz,
        object -> Nullable<Text>,
    }
}

diesel::table! {
    schedules (name) {
        name -> Text,
        due_at -> Timestamptz,
        lease_owner -> Nullable<Text>,
        lease_until -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    search_progress (subject) {
        subject -> Text,
        indexed_up_to -> Int8,
        next_up_to -> Int8,
        next_horizon -> Int8,
    }
}

diesel::table! {
    sessions (id) {
        id -> Int8,
        account_id -> Int8,
        user_id -> Int8,
        token_hash -> Bytea,
        created_at -> Timestamptz,
        last_seen_at -> Timestamptz,
        expires_at -> Timestamptz,
    }
}

diesel::table! {
    sync_runs (id) {
        id -> Int8,
        account_id -> Int8,
        parent_id -> Nullable<Int8>,
        connection_id -> Nullable<Int8>,
        user_id -> Nullable<Int8>,
        kind -> Text,
        state -> Text,
        phase -> Text,
        cursor -> Jsonb,
        expected_conversations -> Nullable<Int4>,
        conversations -> Int4,
        conversations_changed -> Int4,
        messages -> Int4,
        contacts -> Int4,
        calls -> Int4,
        throttled_ms -> Int8,
        result -> Nullable<Jsonb>,
        error -> Nullable<Text>,
        lease_owner -> Nullable<Text>,
        lease_until -> Timestamptz,
        version -> Int8,
        created_at -> Timestamptz,
        started_at -> Nullable<Timestamptz>,
        ended_at -> Nullable<Timestamptz>,
        updated_at -> Timestamptz,
        conversation_id -> Nullable<Int8>,
        request -> Nullable<Jsonb>,
        interactive -> Bool,
        attempts -> Int4,
        due_at -> Timestamptz,
        cancel_requested_at -> Nullable<Timestamptz>,
        rows_new -> Int8,
        rows_changed -> Int8,
        rows_same -> Int8,
        bytes -> Int8,
        errors -> Int4,
    }
}

diesel::table! {
    sync_statistics (account_id, connection_id, hour) {
        account_id -> Int8,
        connection_id -> Int8,
        hour -> Timestamptz,
        runs -> Int4,
        runs_failed -> Int4,
        duration_ms -> Int8,
        calls -> Int4,
        errors -> Int4,
        throttled_ms -> Int8,
        bytes -> Int8,
        rows_new -> Int8,
        rows_changed -> Int8,
        rows_same -> Int8,
    }
}

diesel::table! {
    users (id) {
        id -> Int8,
        facebook_user_id -> Nullable<Text>,
        name -> Text,
        email -> Nullable<Text>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    workers (name) {
        name -> Text,
        lease_until -> Timestamptz,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    accounts,
    api_keys,
    connection_incidents,
    connections,
    contacts,
    conversations,
    credentials,
    graph_budgets,
    graph_usage,
    ingest_spool,
    login_attempts,
    memberships,
    messages,
    outbox,
    quarantine,
    schedules,
    sessions,
    sync_runs,
    sync_statistics,
    users,
    workers,
);
