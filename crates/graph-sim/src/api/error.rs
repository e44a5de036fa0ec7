//! Graph's error body, and each error this API answers with.
//!
//! Codes and texts: "Handling Errors" (Graph API), "Error Codes" (Messenger Platform), "Rate limiting".

use crate::json::{JsonStyle, JsonWriter};
use crate::limits::Throttled;
use crate::oauth::death::Death;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct GraphError {
    pub(crate) status: u16,
    pub(crate) kind: &'static str,
    pub(crate) message: String,
    pub(crate) code: i64,
    pub(crate) subcode: Option<i64>,
    pub(crate) is_transient: Option<bool>,
    /// `error_user_title` and `error_user_msg`: what a person may be shown.
    pub(crate) shown: Option<Box<(String, String)>>,
    /// Header `WWW-Authenticate`: the OAuth error's name.
    pub(crate) www_authenticate: Option<&'static str>,
}

impl GraphError {
    pub(crate) fn new(status: u16, code: i64, message: impl Into<String>) -> Self {
        Self {
            status,
            kind: "OAuthException",
            message: message.into(),
            code,
            subcode: None,
            is_transient: None,
            shown: None,
            www_authenticate: None,
        }
    }

    pub(crate) fn subcode(mut self, subcode: i64) -> Self {
        self.subcode = Some(subcode);
        self
    }

    fn kind(mut self, kind: &'static str) -> Self {
        self.kind = kind;
        self
    }

    pub(crate) fn shown(mut self, title: &str, message: &str) -> Self {
        self.shown = Some(Box::new((title.to_owned(), message.to_owned())));
        self
    }

    fn www_authenticate(mut self, error: &'static str) -> Self {
        self.www_authenticate = Some(error);
        self
    }

    pub(crate) fn token_missing() -> Self {
        Self::new(400, 104, "An access token is required to request this resource.").www_authenticate("invalid_request")
    }

    pub(crate) fn token_dead(death: Death) -> Self {
        let error = Self::new(400, 190, death.message()).www_authenticate("invalid_token");
        match death.subcode() {
            Some(subcode) => error.subcode(subcode),
            None => error,
        }
    }

    pub(crate) fn token_expired(expired_at: i64, now: i64) -> Self {
        let message = format!(
            "Error validating access token: Session has expired on {}. The current time is {}.",
            session_time(expired_at),
            session_time(now)
        );
        Self::new(400, 190, message).subcode(463).www_authenticate("invalid_token")
    }

    pub(crate) fn page_deleted() -> Self {
        Self::new(400, 190, "This Page access token belongs to a Page that has been deleted.")
            .www_authenticate("invalid_token")
    }

    /// 90 days after the person's last login. How Meta refuses is not documented.
    pub(crate) fn data_access_expired() -> Self {
        Self::new(403, 200, "(#200) The person's data access for this app has expired. They have to log in again.")
            .www_authenticate("invalid_request")
    }

    pub(crate) fn page_token_needed() -> Self {
        Self::new(400, 190, "(#190) This method must be called with a Page Access Token")
            .www_authenticate("invalid_token")
    }

    pub(crate) fn app_token_needed() -> Self {
        Self::new(400, 15, "(#15) This method must be called with an app access_token.")
    }

    pub(crate) fn user_token_needed() -> Self {
        Self::new(400, 2500, "An active access token must be used to query information about the current user.")
            .www_authenticate("invalid_request")
    }

    pub(crate) fn proof_missing() -> Self {
        Self::new(400, 100, "API calls from the server require an appsecret_proof argument")
            .kind("GraphMethodException")
    }

    pub(crate) fn proof_wrong() -> Self {
        Self::new(400, 100, "Invalid appsecret_proof provided in the API argument").kind("GraphMethodException")
    }

    pub(crate) fn permission_missing(permission: &str) -> Self {
        Self::new(403, 200, format!("(#200) Requires {permission} permission to manage the object."))
            .www_authenticate("invalid_request")
    }

    pub(crate) fn page_reading_not_allowed() -> Self {
        Self::new(
            400,
            100,
            "(#100) Object does not exist, cannot be loaded due to missing permission or reviewable feature, or does not \
             support this operation. This endpoint requires the 'pages_read_engagement' permission or the 'Page Public \
             Content Access' feature.",
        )
    }

    pub(crate) fn task_missing() -> Self {
        Self::new(
            403,
            200,
            "(#200) User does not have sufficient administrative permission for this action on this page.",
        )
        .www_authenticate("invalid_request")
    }

    pub(crate) fn nonexisting_field(field: &str, node_type: &str) -> Self {
        Self::new(400, 100, format!("(#100) Tried accessing nonexisting field ({field}) on node type ({node_type})"))
    }

    pub(crate) fn unsupported(method: &str, id: &str) -> Self {
        let message = format!(
            "Unsupported {method} request. Object with ID '{id}' does not exist, cannot be loaded due to missing \
             permissions, or does not support this operation. Please read the Graph API documentation at \
             https://developers.facebook.com/docs/graph-api"
        );
        Self::new(400, 100, message).subcode(33).kind("GraphMethodException")
    }

    pub(crate) fn unknown_path(path: &str) -> Self {
        Self::new(400, 2500, format!("Unknown path components: /{path}"))
    }

    pub(crate) fn syntax(problem: &str, position: usize) -> Self {
        Self::new(400, 2500, format!("Syntax error \"{problem}\" at character {position}."))
    }

    pub(crate) fn parameter(text: &str) -> Self {
        Self::new(400, 100, format!("(#100) {text}"))
    }

    pub(crate) fn invalid_cursor() -> Self {
        Self::new(400, 100, "(#100) The cursor specified is invalid for this endpoint")
    }

    pub(crate) fn profile_unavailable() -> Self {
        Self::new(400, 2_018_218, "(#2018218) No profile available for this user.")
    }

    pub(crate) fn profile_forbidden() -> Self {
        Self::new(400, 2_018_247, "(#2018247) Insufficient permission to access user profile.")
    }

    /// Of Instagram.
    pub(crate) fn consent_required() -> Self {
        Self::new(400, 230, "(#230) User consent is required to access user profile.")
    }

    pub(crate) fn no_matching_user() -> Self {
        Self::new(400, 100, "(#100) No matching user found").subcode(2_018_001)
    }

    /// Of the Instagram Platform, each with its subcode.
    pub(crate) fn instagram(code: i64, subcode: i64, message: &str) -> Self {
        Self::new(400, code, message).subcode(subcode)
    }

    pub(crate) fn already_replied() -> Self {
        Self::new(400, 10_900, "(#10900) Activity already replied to")
    }

    pub(crate) fn person_unavailable() -> Self {
        Self::new(400, 551, "(#551) This person isn't available right now.").subcode(1_545_041)
    }

    pub(crate) fn outside_window() -> Self {
        Self::new(
            400,
            10,
            "(#10) This message is sent outside of allowed window. Learn more about the new policy here: \
             https://developers.facebook.com/docs/messenger-platform/policy-overview",
        )
        .subcode(2_018_278)
    }

    /// Customers are none of those who have a role on an app in development.
    pub(crate) fn app_not_live() -> Self {
        let message = "(#200) Cannot message users who are not admins, developers or testers of the app until \
                       pages_messaging permission is reviewed and the app is live.";
        Self::new(403, 200, message).subcode(2_018_028)
    }

    /// Also said of a customer who has blocked the business.
    pub(crate) fn service_unavailable() -> Self {
        let error = Self::new(500, 2, "(#2) Service temporarily unavailable");
        Self { is_transient: Some(true), ..error }
    }

    pub(crate) fn thread_controlled() -> Self {
        Self::new(403, 2_018_300, "(#2018300) Message not sent: another app is controlling this thread now.")
    }

    /// The same on Instagram.
    pub(crate) fn outside_instagram_window() -> Self {
        Self { subcode: Some(2_534_022), ..Self::outside_window() }
    }

    pub(crate) fn message_and_action() -> Self {
        Self::new(400, 100, "(#100) message and sender_action cannot be sent together").subcode(2_018_014)
    }

    pub(crate) fn attachment_not_fetched() -> Self {
        Self::new(400, 100, "(#100) Failed to fetch the file from the url").subcode(2_018_008)
    }

    pub(crate) fn bad_attachment_id() -> Self {
        Self::new(400, 100, "(#100) Attachment id is invalid").subcode(2_018_074)
    }

    pub(crate) fn message_deleted() -> Self {
        Self::new(400, 9_000_001, "(#9000001) This Message has been deleted by the user or the business")
    }

    pub(crate) fn reduce_data() -> Self {
        Self::new(500, 1, "Please reduce the amount of data you're asking for, then retry your request")
    }

    pub(crate) fn body_too_large() -> Self {
        Self::new(413, 100, "(#100) The request is too large")
    }

    pub(crate) fn throttled(throttled: Throttled) -> Self {
        match throttled {
            Throttled::App => Self::new(403, 4, "(#4) Application request limit reached"),
            Throttled::User => Self::new(403, 17, "(#17) User request limit reached"),
            Throttled::CustomRate => Self::new(400, 613, "(#613) Calls to this api have exceeded the rate limit."),
            Throttled::Pages => Self::new(400, 80_001, business_limit_text(80_001, "Page")),
            Throttled::Messenger => Self::new(400, 80_006, business_limit_text(80_006, "Messenger")),
        }
    }

    pub(crate) fn body(&self, style: JsonStyle, trace_id: &str) -> Vec<u8> {
        let mut writer = JsonWriter::new(style);
        writer.object(|writer| {
            writer.key("error");
            writer.object(|writer| {
                writer.string_member("message", &self.message);
                writer.string_member("type", self.kind);
                writer.number_member("code", self.code);
                if let Some(subcode) = self.subcode {
                    writer.number_member("error_subcode", subcode);
                }
                if let Some(is_transient) = self.is_transient {
                    writer.boolean_member("is_transient", is_transient);
                }
                if let Some((title, message)) = self.shown.as_deref() {
                    writer.string_member("error_user_title", title);
                    writer.string_member("error_user_msg", message);
                }
                writer.string_member("fbtrace_id", trace_id);
            });
        });
        writer.into_bytes()
    }
}

fn business_limit_text(code: i64, account: &str) -> String {
    format!(
        "(#{code}) There have been too many calls to this {account} account. Wait a bit and try again. For more info, \
         please refer to https://developers.facebook.com/docs/graph-api/overview/rate-limiting."
    )
}

/// `Wednesday, 16-Jul-25 12:00:00 PDT` in Meta's texts; UTC here.
fn session_time(at: i64) -> String {
    chrono::DateTime::<chrono::Utc>::from_timestamp(at, 0)
        .map_or_else(String::new, |at| at.format("%A, %d-%b-%y %H:%M:%S UTC").to_string())
}
