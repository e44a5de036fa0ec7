//! Access tokens: opaque strings and what is known of each.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Deserialize, Serialize};

use super::death::Death;
use crate::locks::RwLock;
use crate::world::draw::Draw;
use crate::world::ids::{BusinessIndex, PageIndex, PersonIndex};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum TokenKind {
    User,
    Page(PageIndex),
    /// What a Business gives to the app; acts with the grant of the person who logged in.
    SystemUser(BusinessIndex),
}

/// A user's or a Page's token. The app's own is `{app-id}|{app-secret}` and is not stored.
#[derive(Debug, Clone)]
#[expect(clippy::struct_field_names, reason = "access_token is Meta's word")]
pub(crate) struct Token {
    pub(crate) access_token: String,
    pub(crate) kind: TokenKind,
    /// Whose login it comes from.
    pub(crate) person: PersonIndex,
    /// All times in seconds.
    pub(crate) issued_at: i64,
    /// `None`: never.
    pub(crate) expires_at: Option<i64>,
    pub(crate) long_lived: bool,
    pub(crate) death: Option<Death>,
}

/// A token as the journal keeps it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct StoredToken {
    pub(crate) access_token: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) page_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) business_id: Option<String>,
    pub(crate) person_id: String,
    pub(crate) issued_at: i64,
    pub(crate) expires_at: Option<i64>,
    pub(crate) long_lived: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) death: Option<Death>,
}

#[derive(Debug)]
pub(crate) struct Tokens {
    draw: Draw,
    minted: AtomicU64,
    by_string: RwLock<HashMap<String, Arc<Token>>>,
    /// The Page tokens made from a user token: asking again gives the same string.
    derived: RwLock<HashMap<(String, PageIndex), String>>,
}

/// Which tokens a kill meets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TokenSelector {
    One(String),
    /// All of a person's login; only those for one Page where given.
    Of {
        person: PersonIndex,
        page: Option<PageIndex>,
    },
    OfPage(PageIndex),
}

impl Tokens {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            draw: Draw::seeded(seed).named("tokens"),
            minted: AtomicU64::new(0),
            by_string: RwLock::default(),
            derived: RwLock::default(),
        }
    }

    pub(crate) fn find(&self, access_token: &str) -> Option<Arc<Token>> {
        self.by_string.read().get(access_token).cloned()
    }

    /// A new string; Meta warns against assuming a length.
    pub(crate) fn fresh_string(&self, prefix: &str) -> String {
        const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        loop {
            let draw = self.draw.at(self.minted.fetch_add(1, Ordering::Relaxed));
            let length = 120 + draw.at(0).below(80);
            let drawn = (1..=length).filter_map(|position| draw.at(position).pick(ALPHABET));
            let string: String = prefix.chars().chain(drawn.map(|byte| char::from(*byte))).collect();
            if !self.by_string.read().contains_key(&string) {
                return string;
            }
        }
    }

    pub(crate) fn insert(&self, token: Token) -> Arc<Token> {
        let token = Arc::new(token);
        self.by_string.write().insert(token.access_token.clone(), token.clone());
        token
    }

    pub(crate) fn derived_from(&self, user_token: &str, page: PageIndex) -> Option<Arc<Token>> {
        let string = self.derived.read().get(&(user_token.to_owned(), page)).cloned()?;
        self.find(&string).filter(|token| token.death.is_none())
    }

    pub(crate) fn remember_derived(&self, user_token: &str, page: PageIndex, page_token: &str) {
        self.derived.write().insert((user_token.to_owned(), page), page_token.to_owned());
    }

    /// The user token that a Page token was made from.
    pub(crate) fn origin(&self, page_token: &str) -> Option<String> {
        self.derived
            .read()
            .iter()
            .find(|(_, derived)| *derived == page_token)
            .map(|((user_token, _), _)| user_token.clone())
    }

    /// Returns the strings of the tokens that were alive and died.
    pub(crate) fn kill(&self, selector: &TokenSelector, death: Death) -> Vec<String> {
        let mut killed = Vec::new();
        for (string, token) in self.by_string.write().iter_mut() {
            if selector.meets(token) && token.death.is_none() {
                *token = Arc::new(Token { death: Some(death), ..Token::clone(token) });
                killed.push(string.clone());
            }
        }
        killed
    }

    pub(crate) fn all(&self) -> Vec<Arc<Token>> {
        let mut all: Vec<_> = self.by_string.read().values().cloned().collect();
        all.sort_unstable_by_key(|token| (token.issued_at, token.access_token.clone()));
        all
    }
}

impl TokenSelector {
    fn meets(&self, token: &Token) -> bool {
        match self {
            Self::One(string) => token.access_token == *string,
            Self::Of { person, page: None } => token.person == *person,
            Self::Of { person, page: Some(page) } => token.person == *person && token.kind == TokenKind::Page(*page),
            Self::OfPage(page) => token.kind == TokenKind::Page(*page),
        }
    }
}
