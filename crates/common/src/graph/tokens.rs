//! Tokens: made from a login's code, made to last, and looked into.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::client::GraphClient;
use super::error::{Decision, GraphError, TokenDeath, WireError};
use super::request::{Answer, Call};
use crate::domain::ids::FacebookUserId;
use crate::domain::token::AccessToken;
use crate::lenient::{self, Decode, List};

/// A token that was just given.
#[derive(Debug, Clone)]
pub struct GrantedToken {
    pub token: AccessToken,
    /// Often absent, which does not mean "never": [`GraphClient::debug_token`] knows.
    pub expires_in: Option<Duration>,
}

/// What Meta knows of a token.
#[derive(Debug, Clone)]
pub struct TokenInfo {
    pub is_valid: bool,
    /// `USER`, `PAGE`, …
    pub kind: Option<String>,
    pub app_id: Option<String>,
    pub user_id: Option<FacebookUserId>,
    /// The Page, of a Page's token.
    pub profile_id: Option<String>,
    pub expires_at: TokenExpiry,
    /// The second clock: 90 days after the person was last active the app loses access to their data, whatever the
    /// token says; only a login winds it up again.
    pub data_access_expires_at: Option<DateTime<Utc>>,
    pub issued_at: Option<DateTime<Utc>>,
    pub scopes: Vec<String>,
    pub granular_scopes: Vec<GranularScope>,
    /// Why it is not valid.
    pub failure: Option<Decision>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenExpiry {
    Never,
    At(DateTime<Utc>),
    Unknown,
}

/// A permission, and the Pages or accounts that the person ticked for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GranularScope {
    pub scope: String,
    /// Absent where the permission is not limited to a list.
    pub target_ids: Option<Vec<String>>,
}

impl GraphClient {
    /// Turns a login's code into a token. `redirect_uri` must be that of the dialog, byte for byte.
    pub async fn exchange_code(&self, code: &str, redirect_uri: &str) -> Result<Answer<GrantedToken>, GraphError> {
        let call = Call::post("exchange_code", &["oauth", "access_token"])
            .form("client_id", self.app_id())
            .form("client_secret", self.app_secret())
            .form("redirect_uri", redirect_uri)
            .form("code", code);
        self.send_and(call, GrantedToken::read).await
    }

    /// Turns a person's token, which must still be valid, into one that lasts about sixty days. The new one replaces
    /// the old one.
    pub async fn exchange_for_long_lived(&self, token: &AccessToken) -> Result<Answer<GrantedToken>, GraphError> {
        let call = Call::post("exchange_for_long_lived", &["oauth", "access_token"])
            .form("grant_type", "fb_exchange_token")
            .form("client_id", self.app_id())
            .form("client_secret", self.app_secret())
            .form("fb_exchange_token", token.expose());
        self.send_and(call, GrantedToken::read).await
    }

    /// Looks into a token, with the app's own token. A dead one is not an error here but the answer.
    pub async fn debug_token(&self, token: &AccessToken) -> Result<Answer<TokenInfo>, GraphError> {
        let auth = self.app_auth();
        // The only token that goes into an address: the call is documented for GET alone.
        let call = Call::get("debug_token", &["debug_token"]).auth(&auth).query("input_token", token.expose());
        self.send_and(call, |body| lenient::answer::<WireDebug>(body)?.data.map(TokenInfo::from)).await
    }
}

#[derive(Deserialize)]
struct WireToken {
    #[serde(default, deserialize_with = "lenient::text")]
    access_token: Option<String>,
    #[serde(default, deserialize_with = "lenient::number")]
    expires_in: Option<u64>,
}

impl GrantedToken {
    fn read(body: &[u8]) -> Option<Self> {
        let wire: WireToken = lenient::answer(body)?;
        let token = AccessToken::new(wire.access_token?);
        Some(Self { token, expires_in: wire.expires_in.map(Duration::from_secs) })
    }
}

#[derive(Deserialize)]
struct WireDebug {
    #[serde(default, deserialize_with = "lenient::object")]
    data: Option<WireInfo>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WireInfo {
    #[serde(deserialize_with = "lenient::truth")]
    is_valid: Option<bool>,
    #[serde(rename = "type", deserialize_with = "lenient::text")]
    kind: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    app_id: Option<String>,
    #[serde(deserialize_with = "lenient::id")]
    user_id: Option<FacebookUserId>,
    #[serde(deserialize_with = "lenient::text")]
    profile_id: Option<String>,
    #[serde(deserialize_with = "lenient::signed")]
    expires_at: Option<i64>,
    #[serde(deserialize_with = "lenient::signed")]
    data_access_expires_at: Option<i64>,
    #[serde(deserialize_with = "lenient::signed")]
    issued_at: Option<i64>,
    #[serde(deserialize_with = "lenient::words")]
    scopes: Vec<String>,
    granular_scopes: List<GranularScope>,
    #[serde(deserialize_with = "lenient::object")]
    error: Option<WireError>,
}

#[derive(Deserialize)]
pub(crate) struct WireGranularScope {
    #[serde(default, deserialize_with = "lenient::text")]
    scope: Option<String>,
    #[serde(default, deserialize_with = "lenient::optional_words")]
    target_ids: Option<Vec<String>>,
}

impl Decode for GranularScope {
    type Wire = WireGranularScope;

    fn decode(wire: WireGranularScope) -> Option<Self> {
        Some(Self { scope: wire.scope?, target_ids: wire.target_ids })
    }
}

impl From<WireInfo> for TokenInfo {
    fn from(wire: WireInfo) -> Self {
        let is_valid = wire.is_valid.unwrap_or_default();
        let said = wire.error.map(|error| error.failure(&super::usage::Usage::default()).decision);
        let failure = (!is_valid).then(|| said.unwrap_or(Decision::TokenDead(TokenDeath::Invalid)));
        Self {
            is_valid,
            kind: wire.kind,
            app_id: wire.app_id,
            user_id: wire.user_id,
            profile_id: wire.profile_id,
            expires_at: TokenExpiry::of(wire.expires_at),
            data_access_expires_at: wire.data_access_expires_at.and_then(moment),
            issued_at: wire.issued_at.and_then(moment),
            scopes: wire.scopes,
            granular_scopes: wire.granular_scopes.entries,
            failure,
        }
    }
}

impl TokenExpiry {
    fn of(seconds: Option<i64>) -> Self {
        match seconds {
            Some(0) => Self::Never,
            Some(seconds) => moment(seconds).map_or(Self::Unknown, Self::At),
            None => Self::Unknown,
        }
    }
}

/// Zero stands for "not applicable".
fn moment(seconds: i64) -> Option<DateTime<Utc>> {
    (seconds > 0).then(|| DateTime::from_timestamp(seconds, 0)).flatten()
}
