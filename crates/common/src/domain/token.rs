//! Access tokens.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

/// One of Meta's tokens in the clear. It lives in memory only: it cannot be printed or serialised, and is wiped when dropped.
#[derive(Clone)]
pub struct AccessToken(SecretString);

impl AccessToken {
    pub fn new(token: impl Into<String>) -> Self {
        Self(SecretString::from(token.into()))
    }

    /// For the one place that puts it into a request or seals it.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessToken(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_does_not_print() {
        assert_eq!(format!("{:?}", AccessToken::new("EAAsecret")), "AccessToken(…)");
    }
}
