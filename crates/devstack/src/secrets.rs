//! The stack's own secrets, made at the first start and kept in `secrets.json`, readable by its owner only.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;

use anyhow::{Context as _, Result, anyhow};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::rand::{SecureRandom as _, SystemRandom};
use serde::{Deserialize, Serialize};

use crate::folder::DevFolder;

/// All of them protect simulated data on one machine.
#[derive(Clone, Serialize, Deserialize)]
pub struct Secrets {
    pub app_id: String,
    pub app_secret: String,
    pub verify_token: String,
    pub cron_secret: String,
    /// `id:base64` of the key that seals tokens.
    pub seal_key: String,
    /// Signs the gateway's short-lived tokens.
    pub signing_key: String,
    /// The demo person's API key.
    pub api_token: String,
}

impl Secrets {
    pub fn load_or_make(folder: &DevFolder) -> Result<Self> {
        let file = folder.join("secrets.json");
        if let Ok(text) = fs::read(&file) {
            return serde_json::from_slice(&text)
                .with_context(|| format!("{} cannot be read: start with --fresh", file.display()));
        }
        let secrets = Self::make()?;
        let mut out = fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&file)
            .with_context(|| format!("cannot write {}", file.display()))?;
        out.write_all(&serde_json::to_vec_pretty(&secrets)?)?;
        Ok(secrets)
    }

    pub fn make() -> Result<Self> {
        Ok(Self {
            app_id: "1234567890123456".to_owned(),
            app_secret: random_hex(16)?,
            verify_token: random_hex(16)?,
            cron_secret: random_hex(24)?,
            seal_key: format!("1:{}", STANDARD.encode(random::<32>()?)),
            signing_key: STANDARD.encode(random::<32>()?),
            api_token: format!("pk_{}", random_hex(32)?),
        })
    }
}

fn random<const LENGTH: usize>() -> Result<[u8; LENGTH]> {
    let mut bytes = [0; LENGTH];
    SystemRandom::new().fill(&mut bytes).map_err(|_unspecified| anyhow!("the system gives no random numbers"))?;
    Ok(bytes)
}

fn random_hex(length: usize) -> Result<String> {
    let bytes = random::<64>()?;
    Ok(hex::encode(bytes.get(..length).unwrap_or(&bytes)))
}
