//! The fields of a Page that an app can subscribe to ("Page" reference of Webhooks, Business SDK).

use crate::world::surface::Surface;

pub(crate) struct UnknownField(pub(crate) String);

/// Separated by commas, or a JSON array.
pub(crate) fn parse(surface: Surface, text: &str) -> Result<Vec<String>, UnknownField> {
    let known_fields = match surface {
        Surface::Messenger => FIELDS,
        Surface::Instagram => INSTAGRAM_FIELDS,
    };
    let fields: Vec<String> = serde_json::from_str(text)
        .unwrap_or_else(|_plain_list| text.split(',').map(|field| field.trim().to_owned()).collect());
    let mut known = Vec::new();
    for field in fields.into_iter().filter(|field| !field.is_empty()) {
        if !known_fields.contains(&field.as_str()) {
            return Err(UnknownField(field));
        }
        if !known.contains(&field) {
            known.push(field);
        }
    }
    Ok(known)
}

/// "Webhooks" of the Instagram Platform.
const INSTAGRAM_FIELDS: &[&str] = &[
    "comments",
    "live_comments",
    "mentions",
    "message_edit",
    "message_reactions",
    "messages",
    "messaging_handover",
    "messaging_optins",
    "messaging_postbacks",
    "messaging_referral",
    "messaging_seen",
    "standby",
    "story_insights",
];

const FIELDS: &[&str] = &[
    "messages",
    "message_deliveries",
    "message_echoes",
    "message_edits",
    "message_reactions",
    "message_reads",
    "message_context",
    "message_mention",
    "messaging_account_linking",
    "messaging_appointments",
    "messaging_checkout_updates",
    "messaging_customer_information",
    "messaging_direct_sends",
    "messaging_fblogin_account_linking",
    "messaging_feedback",
    "messaging_game_plays",
    "messaging_handovers",
    "messaging_in_thread_lead_form_submit",
    "messaging_integrity",
    "messaging_optins",
    "messaging_optouts",
    "messaging_payments",
    "messaging_policy_enforcement",
    "messaging_postbacks",
    "messaging_pre_checkouts",
    "messaging_referrals",
    "message_template_status_update",
    "marketing_message_delivery_failed",
    "response_feedback",
    "send_cart",
    "standby",
    "inbox_labels",
    "calls",
    "call_permission_reply",
    "conversations",
    "feed",
    "mention",
    "ratings",
    "leadgen",
    "live_videos",
    "videos",
    "about",
    "bio",
    "category",
    "description",
    "email",
    "hours",
    "location",
    "name",
    "page_change_proposal",
    "page_upcoming_change",
    "phone",
    "picture",
    "product_review",
    "story_poll_response",
    "story_share",
    "website",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_come_with_commas_or_as_json() {
        let parse = |text| parse(Surface::Messenger, text);
        assert_eq!(parse("messages, feed,messages").ok().unwrap(), ["messages", "feed"]);
        assert_eq!(parse(r#"["messages"]"#).ok().unwrap(), ["messages"]);
        assert!(parse("messages,nonsense").is_err());
    }
}
