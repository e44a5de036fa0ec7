//! An API key as its owner sees it: `pk_` and 256 random bits.

use pagekeeper_store::SecretHash;

use crate::auth::secret_token::{RandomFailed, SecretToken};

/// By which a key is told from an access token, and found by scanners of leaked secrets.
pub(crate) const START: &str = "pk_";

/// Enough to recognise a key in a list, not enough to guess one.
const SHOWN: usize = START.len() + 6;

/// A new key; shown once, never stored.
pub(crate) struct ApiKey(String);

impl ApiKey {
    pub(crate) fn draw() -> Result<Self, RandomFailed> {
        Ok(Self(format!("{START}{}", SecretToken::draw()?.expose())))
    }

    pub(crate) fn into_text(self) -> String {
        self.0
    }

    /// The first characters, which stay visible.
    pub(crate) fn prefix(&self) -> String {
        self.0.chars().take(SHOWN).collect()
    }

    /// What is stored.
    pub(crate) fn hash(&self) -> SecretHash {
        SecretHash::of(self.0.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_shows_nine_characters_of_forty_six() {
        let key = ApiKey::draw().unwrap();
        assert_eq!(key.prefix().len(), 9);
        assert!(key.prefix().starts_with("pk_"));
        assert_eq!(key.into_text().len(), 46);
    }
}
