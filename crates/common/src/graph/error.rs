//! Errors as decisions: what to do next, read from the body before the status. Meta's message is used to tell cases
//! apart and then forgotten: it may quote a token, a name or what a customer wrote.

mod table;

use std::fmt;
use std::time::Duration;

use reqwest::StatusCode;
use serde::Deserialize;

use super::usage::Usage;
use crate::domain::connection::ConnectionReason;
use crate::lenient;

/// A call that did not succeed.
#[derive(Debug, thiserror::Error)]
#[error("Graph: {}{}", decision.label(), meta.as_deref().map(MetaError::label).unwrap_or_default())]
pub struct GraphError {
    pub decision: Decision,
    /// What Meta said, where it said something.
    pub meta: Option<Box<MetaError>>,
    /// The HTTP status, where there was an answer. Meta's statuses are unreliable: decide on `decision`.
    pub status: Option<u16>,
    pub usage: Usage,
    pub calls: u32,
    #[source]
    pub(super) source: Option<reqwest::Error>,
}

impl From<Decision> for GraphError {
    /// A decision without an answer of Meta's, counted as one call.
    fn from(decision: Decision) -> Self {
        Self { decision, meta: None, status: None, usage: Usage::default(), calls: 1, source: None }
    }
}

/// The parts of Meta's error that are safe to log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetaError {
    pub code: i64,
    pub subcode: Option<i64>,
    pub is_transient: bool,
    /// For Meta's support.
    pub trace_id: Option<String>,
    /// `error_user_msg`.
    pub told: Option<ToldToPerson>,
}

/// What Meta wrote for the person who asked. It may quote what they entered, so it is never logged: it is for their eyes.
#[derive(Clone, PartialEq, Eq)]
pub struct ToldToPerson(String);

impl ToldToPerson {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ToldToPerson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ToldToPerson(…)")
    }
}

impl MetaError {
    fn label(&self) -> String {
        match self.subcode {
            Some(subcode) => format!(" (code {}/{subcode})", self.code),
            None => format!(" (code {})", self.code),
        }
    }
}

/// What the caller does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// The token's time is over: a new one is needed, by exchange or by login.
    TokenExpired,
    /// The token will never work again, or not until the person has acted.
    TokenDead(TokenDeath),
    /// The person has not granted, or no longer, what this call needs.
    PermissionMissing,
    /// The proof is wrong or missing: the token is another app's, or the secret was changed.
    AppSecretProof,
    /// The app's own id and secret do not fit.
    AppCredentials,
    /// Too many calls; calls made meanwhile only lengthen it.
    Throttled { scope: ThrottleScope, retry_after: Option<Duration> },
    /// The object does not exist, or not for this token.
    Gone,
    /// Outside the time in which the customer may be written to.
    WindowClosed,
    /// The customer cannot or does not want to be reached.
    RecipientUnreachable,
    /// Meta's policies forbid it, for now or for good; trying again makes it worse.
    PolicyBlocked,
    /// What is to be published is still being worked on: the same again in a while.
    NotReady,
    /// Meta's fault for the moment. A write may still have happened.
    Transient,
    /// Too much was asked for at once: ask for half.
    HalveLimit,
    /// The call is wrong; sending it again gives the same.
    BadRequest,
    /// The login's code is of no use: the person logs in again.
    CodeRejected(CodeFault),
    /// Answered without an error and without success.
    Refused,
    /// An error with a code that we do not know.
    Unknown,
    /// An answer that is neither what was asked for nor an error: HTML, cut off, empty, too long.
    Unreadable,
    /// No answer. A write may still have happened.
    Network(NetworkFault),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenDeath {
    AppRemoved,
    PasswordChanged,
    /// The person no longer has a role on the Page.
    RoleLost,
    /// The person must first log in at facebook.com.
    Checkpoint,
    /// The person's account is not confirmed.
    Unconfirmed,
    LoggedOut,
    /// Invalid for a reason that Meta does not give.
    Invalid,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ThrottleScope {
    App,
    User,
    Page,
    /// One kind of call of one Page, such as the Conversations API.
    Endpoint,
    /// Another business use case: Instagram, ads.
    Business,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeFault {
    Used,
    Expired,
    RedirectMismatch,
    Malformed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NetworkFault {
    Timeout,
    Connect,
    /// The connection ended before the answer did.
    Broken,
}

impl Decision {
    /// A short name for metrics and logs.
    pub fn label(self) -> &'static str {
        match self {
            Self::TokenExpired => "token_expired",
            Self::TokenDead(_) => "token_dead",
            Self::PermissionMissing => "permission_missing",
            Self::AppSecretProof => "app_secret_proof",
            Self::AppCredentials => "app_credentials",
            Self::Throttled { .. } => "throttled",
            Self::Gone => "gone",
            Self::WindowClosed => "window_closed",
            Self::RecipientUnreachable => "recipient_unreachable",
            Self::PolicyBlocked => "policy_blocked",
            Self::NotReady => "not_ready",
            Self::Transient => "transient",
            Self::HalveLimit => "halve_limit",
            Self::BadRequest => "bad_request",
            Self::CodeRejected(_) => "code_rejected",
            Self::Refused => "refused",
            Self::Unknown => "unknown",
            Self::Unreadable => "unreadable",
            Self::Network(_) => "network",
        }
    }

    /// Whether the same call may succeed later (a read, that is: a write may already have happened).
    pub fn is_worth_retrying(self) -> bool {
        matches!(
            self,
            Self::Throttled { .. }
                | Self::NotReady
                | Self::Transient
                | Self::HalveLimit
                | Self::Unreadable
                | Self::Network(_)
        )
    }

    /// Whether a write that was answered so may have happened all the same. It is not sent again before somebody has looked
    /// for its effect (a message: its echo, or the newest ones of the thread): Meta has no key against doubles, and answers
    /// with errors to what it did.
    ///
    /// Only what Meta documents as a refusal is no doubt, and what never reached it.
    pub fn leaves_a_write_in_doubt(self) -> bool {
        match self {
            Self::Transient
            | Self::HalveLimit
            | Self::Refused
            | Self::Unknown
            | Self::Unreadable
            | Self::Network(NetworkFault::Timeout | NetworkFault::Broken) => true,
            Self::Network(NetworkFault::Connect)
            | Self::TokenExpired
            | Self::TokenDead(_)
            | Self::PermissionMissing
            | Self::AppSecretProof
            | Self::AppCredentials
            | Self::Throttled { .. }
            | Self::Gone
            | Self::WindowClosed
            | Self::RecipientUnreachable
            | Self::PolicyBlocked
            | Self::NotReady
            | Self::BadRequest
            | Self::CodeRejected(_) => false,
        }
    }

    /// Whether the token is at fault, so that another one may help.
    pub fn is_token_failure(self) -> bool {
        matches!(self, Self::TokenExpired | Self::TokenDead(_))
    }

    /// Why a connection does not work, in the words of the console.
    pub fn connection_reason(self) -> ConnectionReason {
        match self {
            Self::TokenExpired => ConnectionReason::TokenExpired,
            Self::TokenDead(TokenDeath::AppRemoved) => ConnectionReason::AppRemoved,
            Self::TokenDead(TokenDeath::PasswordChanged) => ConnectionReason::PasswordChanged,
            Self::TokenDead(TokenDeath::RoleLost) => ConnectionReason::RoleLost,
            Self::TokenDead(TokenDeath::Checkpoint | TokenDeath::Unconfirmed) => ConnectionReason::Checkpoint,
            Self::TokenDead(TokenDeath::LoggedOut | TokenDeath::Invalid) => ConnectionReason::TokenInvalid,
            Self::PermissionMissing => ConnectionReason::PermissionMissing,
            Self::Gone => ConnectionReason::PageGone,
            Self::AppSecretProof
            | Self::AppCredentials
            | Self::Throttled { .. }
            | Self::WindowClosed
            | Self::RecipientUnreachable
            | Self::PolicyBlocked
            | Self::NotReady
            | Self::Transient
            | Self::HalveLimit
            | Self::BadRequest
            | Self::CodeRejected(_)
            | Self::Refused
            | Self::Unknown
            | Self::Unreadable
            | Self::Network(_) => ConnectionReason::FacebookUnavailable,
        }
    }
}

/// What an answer said of a failure.
pub(super) struct Failure {
    pub(super) decision: Decision,
    pub(super) meta: Option<Box<MetaError>>,
}

impl Failure {
    pub(super) fn of(decision: Decision) -> Self {
        Self { decision, meta: None }
    }
}

#[derive(Deserialize)]
struct WireBody {
    #[serde(default, deserialize_with = "lenient::object")]
    error: Option<WireError>,
}

/// Meta's error object, as documented in "Handling errors" and in `debug_token`, where the subcode has another name.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct WireError {
    #[serde(deserialize_with = "lenient::text")]
    message: Option<String>,
    #[serde(deserialize_with = "lenient::signed")]
    code: Option<i64>,
    #[serde(deserialize_with = "lenient::signed")]
    error_subcode: Option<i64>,
    #[serde(deserialize_with = "lenient::signed")]
    subcode: Option<i64>,
    #[serde(deserialize_with = "lenient::truth")]
    is_transient: Option<bool>,
    #[serde(deserialize_with = "lenient::text")]
    fbtrace_id: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    error_user_msg: Option<String>,
}

/// Characters of a message for a person.
const LONGEST_TOLD: usize = 500;

impl WireError {
    pub(super) fn failure(self, usage: &Usage) -> Failure {
        let meta = MetaError {
            code: self.code.unwrap_or_default(),
            subcode: self.error_subcode.or(self.subcode),
            is_transient: self.is_transient.unwrap_or_default(),
            told: self
                .error_user_msg
                .filter(|told| !told.trim().is_empty())
                .map(|told| ToldToPerson(told.trim().chars().take(LONGEST_TOLD).collect())),
            trace_id: self.fbtrace_id.filter(|id| id.len() <= 64 && id.bytes().all(|byte| byte.is_ascii_graphic())),
        };
        let decision = decide(&meta, self.message.as_deref().unwrap_or_default(), usage);
        Failure { decision, meta: Some(Box::new(meta)) }
    }
}

/// The failure that an answer holds, also where its status says that all is well. An answer of another status than
/// success without Meta's error object comes from a proxy or a broken server.
pub(super) fn failure_of_body(body: &[u8], status: StatusCode, usage: &Usage) -> Option<Failure> {
    let error = lenient::answer::<WireBody>(body).and_then(|body| body.error);
    match error {
        Some(error) => Some(error.failure(usage)),
        None if status.is_success() => None,
        None if status == StatusCode::TOO_MANY_REQUESTS => {
            let retry_after = usage.regain_access();
            Some(Failure::of(Decision::Throttled { scope: ThrottleScope::App, retry_after }))
        }
        None if status.is_server_error() => Some(Failure::of(Decision::Transient)),
        None => Some(Failure::of(Decision::Unreadable)),
    }
}

/// A throttle before all, since waiting includes trying again later; then what Meta calls transient, even where the
/// code says that the token is invalid (seen in the wild); then subcode, code, and the message where Meta gives no
/// code for the case.
fn decide(meta: &MetaError, message: &str, usage: &Usage) -> Decision {
    let known = table::find(meta.code, meta.subcode, message);
    match known {
        Some(Decision::Throttled { scope, .. }) => Decision::Throttled { scope, retry_after: usage.regain_access() },
        Some(Decision::HalveLimit) => Decision::HalveLimit,
        _ if meta.is_transient => Decision::Transient,
        Some(decision) => decision,
        None => Decision::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decided(code: i64, subcode: Option<i64>, is_transient: bool, status: u16) -> Decision {
        let body = serde_json::json!({ "error": {
            "message": "Something", "code": code, "error_subcode": subcode, "is_transient": is_transient,
        } });
        let status = StatusCode::from_u16(status).unwrap();
        failure_of_body(body.to_string().as_bytes(), status, &Usage::default()).unwrap().decision
    }

    proptest! {
        #[test]
        fn what_the_table_does_not_name_leaves_a_write_in_doubt(
            code in prop_oneof![-10i64..1_000, 0i64..3_000_000, any::<i64>()],
            subcode in proptest::option::of(0i64..3_000_000),
            is_transient: bool,
            status in 200u16..600,
        ) {
            let decision = decided(code, subcode, is_transient, status);
            let is_named = table::find(code, subcode, "Something").is_some();
            prop_assert!(is_named || decision.leaves_a_write_in_doubt(), "{code}/{subcode:?}: {decision:?}");
        }

        #[test]
        fn what_meta_calls_transient_leaves_a_write_in_doubt_but_for_throttles(code in 0i64..100_000) {
            let decision = decided(code, None, true, 500);
            let is_throttled = matches!(decision, Decision::Throttled { .. });
            prop_assert!(is_throttled || decision.leaves_a_write_in_doubt(), "{code}: {decision:?}");
        }

        #[test]
        fn an_answer_that_is_no_error_of_meta_leaves_a_write_in_doubt(body: Vec<u8>, status in 400u16..600) {
            let failure = failure_of_body(&body, StatusCode::from_u16(status).unwrap(), &Usage::default());
            let decision = failure.map(|failure| failure.decision).unwrap();
            prop_assert!(
                decision.leaves_a_write_in_doubt() || matches!(decision, Decision::Throttled { .. }),
                "{decision:?}"
            );
        }
    }
}
