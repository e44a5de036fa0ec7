//! Why a login did not succeed. The browser is sent to a page that says what to do, never to a bare error.

use actix_web::HttpResponse;
use actix_web::http::header::LOCATION;
use pagekeeper_common::graph::{CodeFault, Decision, GraphError};
use pagekeeper_runtime::chain::Chain;

use crate::extract::api_error::ApiError;

/// `?error=` of the login page; the console has a sentence for each.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LoginError {
    #[error("the person declined")]
    Denied,
    #[error("the state is missing")]
    StateMissing,
    #[error("the state is none that we gave out")]
    StateInvalid,
    #[error("the state was used before")]
    StateUsed,
    #[error("the login was begun in another browser")]
    OtherBrowser,
    #[error("the login took too long")]
    Expired,
    #[error("Facebook has seen this code before")]
    CodeUsed,
    #[error("Facebook could not be asked")]
    FacebookUnavailable(#[source] Option<GraphError>),
    #[error("the Meta app's settings do not fit")]
    AppMisconfigured(#[source] Option<GraphError>),
    #[error("the login could not be stored")]
    NotStored(#[source] ApiError),
}

impl LoginError {
    fn slug(&self) -> &'static str {
        match self {
            Self::Denied => "denied",
            Self::StateMissing => "state_missing",
            Self::StateInvalid => "state_invalid",
            Self::StateUsed => "state_used",
            Self::OtherBrowser => "other_browser",
            Self::Expired => "expired",
            Self::CodeUsed => "code_used",
            Self::FacebookUnavailable(_) => "facebook_unavailable",
            Self::AppMisconfigured(_) => "app_misconfigured",
            Self::NotStored(_) => "unavailable",
        }
    }

    /// Whether the operator has to look, and not the person who logs in.
    fn is_ours(&self) -> bool {
        matches!(self, Self::AppMisconfigured(_) | Self::NotStored(_))
    }

    /// Sends the browser to the page that says what to do.
    pub(crate) fn page(&self) -> HttpResponse {
        let (reason, error) = (self.slug(), Chain(self));
        if self.is_ours() {
            tracing::error!(area = "login", reason, %error, "a login failed by our own fault");
        } else {
            tracing::info!(area = "login", reason, %error, "a login did not succeed");
        }
        HttpResponse::Found().insert_header((LOCATION, format!("/login?error={reason}"))).finish()
    }

    /// What the dialog answered in place of a code.
    pub(crate) fn of_dialog(error: &str) -> Self {
        match error {
            "access_denied" => Self::Denied,
            "temporarily_unavailable" | "server_error" => Self::FacebookUnavailable(None),
            _ => Self::AppMisconfigured(None),
        }
    }
}

impl From<GraphError> for LoginError {
    fn from(error: GraphError) -> Self {
        match error.decision {
            Decision::CodeRejected(CodeFault::Used) => Self::CodeUsed,
            Decision::CodeRejected(CodeFault::Expired) => Self::Expired,
            Decision::CodeRejected(CodeFault::Malformed) => Self::StateInvalid,
            Decision::CodeRejected(CodeFault::RedirectMismatch)
            | Decision::AppSecretProof
            | Decision::AppCredentials => Self::AppMisconfigured(Some(error)),
            _ => Self::FacebookUnavailable(Some(error)),
        }
    }
}

impl From<ApiError> for LoginError {
    fn from(error: ApiError) -> Self {
        Self::NotStored(error)
    }
}
