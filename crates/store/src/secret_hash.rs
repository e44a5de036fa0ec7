//! Secrets that come back to us (a session's cookie, an API key, a login's `state`): only their hash is stored.

use ring::digest::{SHA256, digest};

/// SHA-256 of a secret with at least 128 random bits; nothing slower is needed for those.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SecretHash([u8; 32]);

impl SecretHash {
    pub fn of(secret: &[u8]) -> Self {
        let mut hash = [0; 32];
        hash.copy_from_slice(digest(&SHA256, secret).as_ref());
        Self(hash)
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}
