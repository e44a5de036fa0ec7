//! The permissions that the dialog knows, with what it says about each.

/// Name as in `scope`, and the dialog's sentence.
pub(crate) const PERMISSIONS: &[(&str, &str)] = &[
    ("public_profile", "Name and profile picture"),
    ("email", "Email address"),
    ("pages_show_list", "Show a list of the Pages you manage"),
    ("pages_read_engagement", "Read content posted on the Page"),
    ("pages_read_user_content", "Read user content on your Page"),
    ("pages_manage_posts", "Create and manage content on your Page"),
    ("pages_manage_engagement", "Manage comments on your Page"),
    ("pages_manage_metadata", "Manage accounts, settings and webhooks for a Page"),
    ("pages_messaging", "Manage and access Page conversations in Messenger"),
    ("business_management", "Manage your business"),
    ("read_insights", "Access your Page and app insights"),
    ("instagram_basic", "Access profile and posts from the Instagram account connected to your Page"),
    ("instagram_content_publish", "Upload media and create posts for the Instagram account connected to your Page"),
    ("instagram_manage_comments", "Manage comments for the Instagram account connected to your Page"),
    ("instagram_manage_insights", "Access insights for the Instagram account connected to your Page"),
    ("instagram_manage_messages", "Manage and access messages for the Instagram account connected to your Page"),
];

/// Granted with every login and not to be declined.
pub(crate) const PUBLIC_PROFILE: &str = "public_profile";

pub(crate) fn is_known(permission: &str) -> bool {
    PERMISSIONS.iter().any(|(name, _)| *name == permission)
}

/// `scope` is separated by commas or spaces.
pub(crate) fn parse_scope(scope: &str) -> Vec<String> {
    let mut permissions = vec![PUBLIC_PROFILE.to_owned()];
    for permission in scope.split([',', ' ']).map(str::trim).filter(|permission| !permission.is_empty()) {
        if !permissions.iter().any(|known| known == permission) {
            permissions.push(permission.to_owned());
        }
    }
    permissions
}
