//! Sealed columns: AES-256-GCM, bound to the row.
//!
//! Layout: version (1 byte, 1), key id (4 bytes, big endian), nonce (12), ciphertext, tag (16). The additional data name
//! table, column, row and account, so that a sealed value copied to another row does not open. Several keys may be
//! known: the first seals, all open, which is how a key is rotated.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use pagekeeper_common::domain::ids::AccountId;
use pagekeeper_common::domain::token::AccessToken;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom, SystemRandom};
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

const VERSION: u8 = 1;
const KEY_ID_LENGTH: usize = 4;
const KEY_LENGTH: usize = 32;
const HEADER_LENGTH: usize = 1 + KEY_ID_LENGTH + NONCE_LEN;

/// The keys that a service knows. The first one seals.
pub struct KeyRing {
    keys: Vec<Key>,
    random: SystemRandom,
}

struct Key {
    id: u32,
    key: LessSafeKey,
}

/// Which column of which row a sealed value belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub table: &'static str,
    pub column: &'static str,
    pub row: i64,
    pub account: AccountId,
}

/// Why there are no keys to start with. Nothing of a key is repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidKeys {
    #[error("no key is given; make one with: openssl rand -base64 32")]
    Missing,
    #[error("a key must be written as number:base64, like 1:q83v…, several of them separated by commas")]
    Format,
    #[error("a key must be 32 bytes in base64; make one with: openssl rand -base64 32")]
    Length,
    #[error("two keys have the same number")]
    SameNumber,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    #[error("the system gives no random numbers")]
    Random,
    #[error("a sealed value is too short, or of a version that is not known")]
    Malformed,
    #[error("a value was sealed with key {0}, which is not given")]
    UnknownKey(u32),
    #[error("a sealed value was changed, or belongs to another row")]
    NotAuthentic,
}

impl KeyRing {
    /// Reads keys written as `id:base64,…`; the first one seals from now on.
    pub fn parse(keys: &SecretString) -> Result<Self, InvalidKeys> {
        let entries = keys.expose_secret().split(',').map(str::trim).filter(|entry| !entry.is_empty());
        let keys = entries.map(Key::parse).collect::<Result<Vec<_>, _>>()?;
        if keys.is_empty() {
            return Err(InvalidKeys::Missing);
        }
        let mut ids: Vec<u32> = keys.iter().map(|key| key.id).collect();
        ids.sort_unstable();
        ids.dedup();
        if ids.len() != keys.len() {
            return Err(InvalidKeys::SameNumber);
        }
        Ok(Self { keys, random: SystemRandom::new() })
    }

    pub fn seal(&self, token: &AccessToken, place: &Place) -> Result<Vec<u8>, SealError> {
        let key = self.keys.first().ok_or(SealError::UnknownKey(0))?;
        let mut nonce = [0; NONCE_LEN];
        self.random.fill(&mut nonce).map_err(|_unspecified| SealError::Random)?;
        let mut content = Zeroizing::new(token.expose().as_bytes().to_vec());
        let tag = key
            .key
            .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), place.additional_data(), &mut content)
            .map_err(|_unspecified| SealError::NotAuthentic)?;

        let mut sealed = Vec::with_capacity(HEADER_LENGTH + content.len() + tag.as_ref().len());
        sealed.push(VERSION);
        sealed.extend_from_slice(&key.id.to_be_bytes());
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(&content);
        sealed.extend_from_slice(tag.as_ref());
        Ok(sealed)
    }

    pub fn open(&self, sealed: &[u8], place: &Place) -> Result<AccessToken, SealError> {
        let (version, rest) = sealed.split_first().ok_or(SealError::Malformed)?;
        let (key_id, rest) = rest.split_first_chunk::<KEY_ID_LENGTH>().ok_or(SealError::Malformed)?;
        let (nonce, content) = rest.split_first_chunk::<NONCE_LEN>().ok_or(SealError::Malformed)?;
        if *version != VERSION {
            return Err(SealError::Malformed);
        }
        let key_id = u32::from_be_bytes(*key_id);
        let key = self.keys.iter().find(|key| key.id == key_id).ok_or(SealError::UnknownKey(key_id))?;
        let mut content = Zeroizing::new(content.to_vec());
        let clear = key
            .key
            .open_in_place(Nonce::assume_unique_for_key(*nonce), place.additional_data(), &mut content)
            .map_err(|_unspecified| SealError::NotAuthentic)?;
        let clear = std::str::from_utf8(clear).map_err(|_not_utf8| SealError::NotAuthentic)?;
        Ok(AccessToken::new(clear))
    }
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.keys.iter().map(|key| key.id)).finish()
    }
}

impl Key {
    fn parse(entry: &str) -> Result<Self, InvalidKeys> {
        let (id, key) = entry.split_once(':').ok_or(InvalidKeys::Format)?;
        let id = id.trim().parse().map_err(|_not_a_number| InvalidKeys::Format)?;
        let bytes = Zeroizing::new(STANDARD.decode(key.trim()).map_err(|_not_base64| InvalidKeys::Format)?);
        if bytes.len() != KEY_LENGTH {
            return Err(InvalidKeys::Length);
        }
        let key = UnboundKey::new(&AES_256_GCM, &bytes).map_err(|_unspecified| InvalidKeys::Length)?;
        Ok(Self { id, key: LessSafeKey::new(key) })
    }
}

impl Place {
    fn additional_data(&self) -> Aad<String> {
        Aad::from(format!("v1|{}|{}|{}|{}", self.table, self.column, self.row, self.account))
    }
}

#[cfg(test)]
mod tests;
