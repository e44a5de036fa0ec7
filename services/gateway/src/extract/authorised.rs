//! Extractors that a handler takes instead of checking by hand. Each yields an [`AccountScope`], the only way to the
//! rows of an account, so that a handler without one cannot read any.

use std::future::{Ready, ready};
use std::marker::PhantomData;
use std::ops::Deref;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use pagekeeper_common::domain::account::Action;
use pagekeeper_runtime::problem::Problem;
use pagekeeper_store::scope::Work;
use pagekeeper_store::{AccountTx, SecretHash, Store};

use super::api_error::{Answer, ApiError};
use super::principal::{Credential, Principal};
use crate::state::State;

/// Something that a role or a scope allows, as a type.
pub(crate) trait Permission: 'static {
    const ACTION: Action;
}

macro_rules! permissions {
    ($($name:ident),+) => {$(
        #[derive(Debug)]
        pub(crate) struct $name;

        impl Permission for $name {
            const ACTION: Action = Action::$name;
        }
    )+};
}

permissions!(ReadInbox, EditContacts, ReadConnections, ManageConnections, ManageSettings);

/// The caller's account, and the caller.
pub(crate) struct AccountScope {
    pub principal: Principal,
    store: Store,
}

impl AccountScope {
    /// Runs a transaction that sees this account's rows and no others.
    pub(crate) async fn run<T, F>(&self, work: F) -> Answer<T>
    where
        F: AsyncFnOnce(&mut AccountTx) -> Answer<T> + Send,
        for<'tx> F: Work<&'tx mut AccountTx, Answer<T>, Running: Send>,
        T: Send,
    {
        self.store.account(self.principal.account, work).await
    }
}

/// A caller who may do what `P` says; else 403.
pub(crate) struct Authorised<P: Permission> {
    scope: AccountScope,
    permission: PhantomData<P>,
}

/// Any caller with valid credentials.
pub(crate) struct SignedIn(AccountScope);

/// A person at a browser: a session, not a token or a key; else 403.
pub(crate) struct InSession {
    scope: AccountScope,
    pub token_hash: SecretHash,
}

fn scope_of(request: &HttpRequest) -> Result<AccountScope, Problem> {
    // The layer `authenticate` has put it there, or has answered 401 already.
    let principal = request.extensions().get::<Principal>().cloned();
    let principal = principal.ok_or_else(|| Problem::unauthorized("sign in first"))?;
    let state = request.app_data::<web::Data<State>>().ok_or_else(Problem::not_found)?;
    Ok(AccountScope { principal, store: state.store.clone() })
}

impl<P: Permission> FromRequest for Authorised<P> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let authorised = scope_of(request).and_then(|scope| {
            scope.principal.may(P::ACTION).map_err(|reason| Problem::forbidden(reason.to_string()))?;
            Ok(Self { scope, permission: PhantomData })
        });
        ready(authorised.map_err(Into::into))
    }
}

impl FromRequest for SignedIn {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(scope_of(request).map(Self).map_err(Into::into))
    }
}

impl FromRequest for InSession {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let in_session = scope_of(request).and_then(|scope| match scope.principal.credential {
            Credential::Session { token_hash, .. } => Ok(Self { scope, token_hash }),
            _ => Err(Problem::forbidden("only a person who is signed in at the console may do this")),
        });
        ready(in_session.map_err(Into::into))
    }
}

impl<P: Permission> Deref for Authorised<P> {
    type Target = AccountScope;

    fn deref(&self) -> &AccountScope {
        &self.scope
    }
}

impl Deref for SignedIn {
    type Target = AccountScope;

    fn deref(&self) -> &AccountScope {
        &self.0
    }
}

impl Deref for InSession {
    type Target = AccountScope;

    fn deref(&self) -> &AccountScope {
        &self.scope
    }
}
