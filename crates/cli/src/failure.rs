//! Why a command did not do what it was asked to. Each text is one line that says what to do.

use std::process::ExitCode;

#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("PAGEKEEPER_URL is not set: give it the gateway's address, like https://pagekeeper.example")]
    NoUrl,
    #[error("PAGEKEEPER_URL is not an address: it must look like https://pagekeeper.example, without user or password")]
    InvalidUrl,
    #[error("PAGEKEEPER_TOKEN is not set: make an API key in the console under Settings and give it that")]
    NoToken,
    #[error("PAGEKEEPER_TOKEN is no token: it holds characters that no token has")]
    InvalidToken,
    #[error("cannot reach the gateway at {0}: {1}; is PAGEKEEPER_URL right, and the gateway running?")]
    Unreachable(String, String),
    #[error("the gateway does not accept PAGEKEEPER_TOKEN: make a new API key in the console under Settings")]
    Unauthorised,
    #[error("the gateway does not accept PAGEKEEPER_TOKEN: with --operator it must be the gateway's cron secret")]
    UnauthorisedOperator,
    #[error("this is not allowed: {0}")]
    Forbidden(String),
    #[error("there is nothing with the id {0}: it is done already, or another account's; `list` shows what is there")]
    NotFound(String),
    #[error("the gateway refuses this: {0}")]
    Refused(String),
    #[error("the gateway is busy ({detail}): try again in {seconds} s")]
    Busy { detail: String, seconds: u64 },
    #[error("the answer is none of a gateway's ({0}): is PAGEKEEPER_URL right?")]
    NotAGateway(String),
    #[error("say which: ids, a filter (--queue, --page, --reason, --older-than) or --all")]
    NothingChosen,
    #[error("ids and filters do not go together: give one of both")]
    TooMuchChosen,
    #[error("this cannot be undone and nobody is here to ask: add --yes")]
    NotConfirmable,
    #[error("nothing was dropped")]
    NotConfirmed,
    #[error("cannot write: {0}")]
    Output(#[from] std::io::Error),
}

impl Failure {
    pub(crate) fn exit_code(&self) -> ExitCode {
        let is_the_call = matches!(
            self,
            Self::NoUrl
                | Self::InvalidUrl
                | Self::NoToken
                | Self::InvalidToken
                | Self::NothingChosen
                | Self::TooMuchChosen
                | Self::NotConfirmable
        );
        ExitCode::from(if is_the_call { 2 } else { 1 })
    }
}
