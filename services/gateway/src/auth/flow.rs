//! A login from the return of the browser to the session: which steps, in which order.
//!
//! The only calls to Facebook that the gateway makes are here: the exchange of the code and `/me`. Everything else is
//! the connect run's, from the token that is sealed here.

use pagekeeper_common::domain::account::DISPLAY_NAME_MAX;
use pagekeeper_common::domain::ids::{AccountId, RunId, SessionId, UserId};
use pagekeeper_common::graph::{GrantedToken, Person};
use pagekeeper_store::credentials::{self, NewUserToken, TokenFacts};
use pagekeeper_store::login_attempts::{self, LoginAttempt, RefusedState};
use pagekeeper_store::{AccountTx, SecretHash, SystemTx, accounts, sessions};

use super::login_error::LoginError;
use super::return_to::ReturnTo;
use super::secret_token::SecretToken;
use crate::extract::api_error::{Answer, ApiError};
use crate::live::hub::Hint;
use crate::state::State;
use crate::sync::start::start_connect;

/// A name that Facebook did not give.
const UNNAMED: &str = "Facebook user";

/// What a browser brings back from Facebook.
pub(crate) struct Arrival {
    pub(crate) code: Option<String>,
    pub(crate) state: Option<String>,
    pub(crate) error: Option<String>,
    pub(crate) browser: Option<SecretToken>,
    pub(crate) session: Option<SecretToken>,
}

/// A login that succeeded.
pub(crate) struct LoggedIn {
    pub(crate) session: SecretToken,
    pub(crate) return_to: ReturnTo,
    /// The connect run, where one could be started.
    pub(crate) run: Option<RunId>,
}

/// The person, and the account that they work in now.
#[derive(Clone, Copy)]
pub(crate) struct Member {
    pub(crate) user: UserId,
    pub(crate) account: AccountId,
}

pub(crate) async fn finish_login(state: &State, arrival: Arrival) -> Result<LoggedIn, LoginError> {
    let attempt = use_attempt(state, &arrival).await?;
    if let Some(error) = &arrival.error {
        return Err(LoginError::of_dialog(error));
    }
    let code = arrival.code.as_deref().ok_or(LoginError::FacebookUnavailable(None))?;
    let token = state.graph.exchange_code(code, &state.redirect_uri()).await?.value;
    let person = state.graph.me(&state.graph.auth(&token.token)).await?.value;

    let member = sign_in(state, &person, attempt.session_id, arrival.session.as_ref()).await?;
    let session = open_session(state, member, arrival.session.as_ref()).await?;
    // The person is in, whatever becomes of the Pages.
    let run = match connect(state, member, &token).await {
        Ok(run) => Some(run),
        Err(error) => {
            tracing::error!(area = "auto_connect", user.id = %member.user, %error, "auto-connect could not be started");
            None
        }
    };
    tracing::info!(area = "login", account.id = %member.account, user.id = %member.user, "Authentication successful!");
    Ok(LoggedIn { session, return_to: ReturnTo::parse(&attempt.return_to).unwrap_or_default(), run })
}

/// The state is used up by this, whatever follows.
async fn use_attempt(state: &State, arrival: &Arrival) -> Result<LoginAttempt, LoginError> {
    let given = arrival.state.as_deref().filter(|state| !state.is_empty()).ok_or(LoginError::StateMissing)?;
    let state_hash = SecretToken::presented(given).ok_or(LoginError::StateInvalid)?.hash();
    // A browser without the cookie is another one.
    let browser_hash = arrival.browser.as_ref().map_or_else(|| SecretHash::of(b""), SecretToken::hash);
    let used = state
        .store
        .system(async move |tx: &mut SystemTx| {
            login_attempts::use_once(tx, &state_hash, &browser_hash).await.map_err(ApiError::from)
        })
        .await?;
    used.map_err(|refused| match refused {
        RefusedState::Unknown => LoginError::StateInvalid,
        RefusedState::AlreadyUsed => LoginError::StateUsed,
        RefusedState::OtherBrowser => LoginError::OtherBrowser,
        RefusedState::Expired => LoginError::Expired,
    })
}

/// Who has come, and into which account: the session's, if the same person began the login in it, else their own first.
async fn sign_in(
    state: &State,
    person: &Person,
    attempt_session: Option<SessionId>,
    cookie: Option<&SecretToken>,
) -> Answer<Member> {
    let facebook_user = person.id.clone();
    let name = display_name(person.name.as_deref());
    let email = person.email.clone();
    let cookie_hash = cookie.map(SecretToken::hash);
    let idle = state.config.sessions.idle();
    state
        .store
        .system(async move |tx: &mut SystemTx| {
            let signed_in = accounts::sign_in(tx, &facebook_user, &name, email.as_deref()).await?;
            let own = Member { user: signed_in.user_id, account: signed_in.account_id };
            let Some(hash) = cookie_hash else { return Ok(own) };
            let Some(session) = sessions::find(tx, &hash, idle).await? else { return Ok(own) };
            let is_same = Some(session.id) == attempt_session && session.user_id == own.user;
            let is_member = is_same && accounts::find_role(tx, own.user, session.account_id).await?.is_some();
            Ok::<_, ApiError>(if is_member { Member { account: session.account_id, ..own } } else { own })
        })
        .await
}

/// A new session, with a new secret; the one before ends.
pub(crate) async fn open_session(state: &State, member: Member, before: Option<&SecretToken>) -> Answer<SecretToken> {
    let secret = SecretToken::draw().map_err(|error| pagekeeper_runtime::problem::Problem::internal(&error))?;
    let (hash, lifetime) = (secret.hash(), state.config.sessions.absolute());
    state
        .store
        .account(member.account, async move |tx: &mut AccountTx| {
            sessions::create(tx, member.user, &hash, lifetime).await.map_err(ApiError::from)
        })
        .await?;
    if let Some(before) = before {
        end_session(state, before.hash()).await?;
    }
    Ok(secret)
}

/// Ends a session and its streams.
pub(crate) async fn end_session(state: &State, token_hash: SecretHash) -> Answer<()> {
    let ended = state
        .store
        .system(async move |tx: &mut SystemTx| sessions::end(tx, &token_hash).await.map_err(ApiError::from))
        .await?;
    if let Some(ended) = ended {
        state.hub.publish(ended.account_id, Hint::SessionEnded { session: ended.id });
    }
    Ok(())
}

/// Seals the short-lived token and asks for its Pages to be connected, both or neither.
async fn connect(state: &State, member: Member, token: &GrantedToken) -> Answer<RunId> {
    let (account, user) = (member.account, member.user);
    tracing::info!(area = "auto_connect", account.id = %account, user.id = %user, "Triggering auto-connect for Facebook pages...");
    let expires_at = token.expires_in.map(|lifetime| state.now() + lifetime);
    let keys = &state.keys;
    let facts = TokenFacts { expires_at, ..TokenFacts::default() };
    let token = NewUserToken { account_id: member.account, user_id: member.user, token: token.token.clone(), facts };
    let run = state
        .store
        .account(account, async |tx: &mut AccountTx| {
            credentials::store_user_token(tx, keys, &token).await?;
            Ok::<_, ApiError>(start_connect(tx, user).await?)
        })
        .await?;
    state.bell.ring();
    Ok(run)
}

/// Facebook's names have no limits that we know of; ours do.
fn display_name(name: Option<&str>) -> String {
    let printable: String =
        name.unwrap_or_default().chars().filter(|c| !c.is_control()).take(DISPLAY_NAME_MAX).collect();
    let trimmed = printable.trim();
    if trimmed.is_empty() { UNNAMED.to_owned() } else { trimmed.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_persons_name_is_made_to_fit() {
        assert_eq!(display_name(Some(" Linh\u{0} Trần ")), "Linh Trần");
        assert_eq!(display_name(Some(&"x".repeat(500))).chars().count(), DISPLAY_NAME_MAX);
        assert_eq!(display_name(Some(" \u{7} ")), UNNAMED);
        assert_eq!(display_name(None), UNNAMED);
    }
}
