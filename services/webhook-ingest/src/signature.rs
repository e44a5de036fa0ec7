//! Meta's signature over a webhook: HMAC-SHA256 of the body exactly as it came, keyed with the app's secret.

use hex::FromHex;
use ring::hmac;
use secrecy::{ExposeSecret, SecretString};

/// The header that carries it. The older `X-Hub-Signature` (SHA-1) is not looked at.
pub const SIGNATURE_HEADER: &str = "x-hub-signature-256";

const SCHEME: &[u8] = b"sha256=";

/// Why a webhook is not Meta's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    #[error("the header X-Hub-Signature-256 is missing")]
    Missing,
    #[error("the header X-Hub-Signature-256 must be `sha256=` and 64 hexadecimal digits, once")]
    Malformed,
    #[error("the signature does not match the body")]
    Forged,
}

/// A well-formed signature that is still to be checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature([u8; 32]);

impl Signature {
    /// Reads the values of [`SIGNATURE_HEADER`]; two of them could disagree, so there must be one.
    pub fn from_header_values<'a>(values: impl IntoIterator<Item = &'a [u8]>) -> Result<Self, SignatureError> {
        let mut values = values.into_iter();
        let value = values.next().ok_or(SignatureError::Missing)?;
        let digits = value.strip_prefix(SCHEME).ok_or(SignatureError::Malformed)?;
        match (<[u8; 32]>::from_hex(digits), values.next()) {
            (Ok(tag), None) => Ok(Self(tag)),
            _ => Err(SignatureError::Malformed),
        }
    }
}

/// The app secrets that sign webhooks: the one in use, and the one it replaces while Meta still signs with that.
pub struct AppSecrets {
    keys: Vec<hmac::Key>,
}

impl AppSecrets {
    pub fn new(secrets: &[SecretString]) -> Self {
        let key = |secret: &SecretString| hmac::Key::new(hmac::HMAC_SHA256, secret.expose_secret().as_bytes());
        Self { keys: secrets.iter().map(key).collect() }
    }

    /// Compares in constant time, in the order of the configuration.
    pub fn verify(&self, body: &[u8], signature: &Signature) -> Result<(), SignatureError> {
        let is_signed = self.keys.iter().any(|key| hmac::verify(key, body, &signature.0).is_ok());
        is_signed.then_some(()).ok_or(SignatureError::Forged)
    }
}
