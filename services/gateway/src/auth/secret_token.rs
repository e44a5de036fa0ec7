//! Secrets that we hand out: sessions, login states, API keys. 256 random bits; only their SHA-256 is stored, which for
//! random bits needs neither salt nor stretching.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use pagekeeper_store::SecretHash;
use ring::rand::{SecureRandom, SystemRandom};

/// 32 bytes in base64 without padding.
const TEXT_LENGTH: usize = 43;

/// A secret that was just drawn, or one that a caller presented. It does not print.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct SecretToken(String);

/// The operating system gave no random numbers.
#[derive(Debug, thiserror::Error)]
#[error("the system's random number generator failed")]
pub(crate) struct RandomFailed;

impl SecretToken {
    pub(crate) fn draw() -> Result<Self, RandomFailed> {
        let mut bytes = [0; 32];
        SystemRandom::new().fill(&mut bytes).map_err(|_unspecified| RandomFailed)?;
        Ok(Self(URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// What a caller presented; none where it cannot be one of ours, so that the database is not asked.
    pub(crate) fn presented(text: &str) -> Option<Self> {
        let fits =
            text.len() == TEXT_LENGTH && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        fits.then(|| Self(text.to_owned()))
    }

    /// For the cookie, the address or the answer that carries it to its owner.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }

    /// What is stored.
    pub(crate) fn hash(&self) -> SecretHash {
        SecretHash::of(self.0.as_bytes())
    }
}

impl fmt::Debug for SecretToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretToken(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_found_again_by_its_hash_and_does_not_print() {
        let token = SecretToken::draw().unwrap();
        let presented = SecretToken::presented(token.expose()).unwrap();
        assert!(presented.hash() == token.hash());
        assert!(SecretToken::draw().unwrap().hash() != token.hash());
        assert_eq!(format!("{token:?}"), "SecretToken(…)");
    }

    #[test]
    fn what_cannot_be_a_token_is_not_looked_up() {
        for text in ["", "short", &"a".repeat(44), &"!".repeat(43), &"ä".repeat(43)] {
            assert_eq!(SecretToken::presented(text), None);
        }
    }
}
