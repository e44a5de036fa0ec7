//! Secrets in memory: a type that does not print, and a comparison that takes the same time wherever two texts differ.

use ring::digest::{SHA256, digest};
pub use secrecy::{ExposeSecret, SecretString};

/// Whether `given` is the secret. The digests are compared, not the texts: the time taken then says nothing about the
/// secret, neither its length nor how much of it was right.
pub fn is_equal(secret: &SecretString, given: &str) -> bool {
    let expected = digest(&SHA256, secret.expose_secret().as_bytes());
    let given = digest(&SHA256, given.as_bytes());
    expected.as_ref().iter().zip(given.as_ref()).fold(0, |difference, (a, b)| difference | (a ^ b)) == 0
}
