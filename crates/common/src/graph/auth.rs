//! What a call carries to be allowed.

use std::fmt;

use ring::hmac;

use crate::domain::token::AccessToken;

/// A token with its `appsecret_proof`, which shows that the caller also knows the app's secret: a stolen token alone
/// is then worth nothing (Graph API, "Secure requests").
#[derive(Clone)]
pub struct GraphAuth {
    token: AccessToken,
    proof: String,
}

impl GraphAuth {
    pub(super) fn new(token: AccessToken, app_secret: &hmac::Key) -> Self {
        let proof = hex::encode(hmac::sign(app_secret, token.expose().as_bytes()));
        Self { token, proof }
    }

    pub(super) fn token(&self) -> &AccessToken {
        &self.token
    }

    pub(super) fn proof(&self) -> &str {
        &self.proof
    }
}

impl fmt::Debug for GraphAuth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("GraphAuth(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proof(secret: &str, token: &str) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        GraphAuth::new(AccessToken::new(token), &key).proof
    }

    #[test]
    fn the_proof_is_that_of_other_clients() {
        assert_eq!(proof("test", "test"), "88cd2108b5347d973cf39cdf9053d7dd42704876d8c9a9bd8e2d168259d3ddf7");
        assert_eq!(
            proof("PRIE7$oG2uS-Yf17kEnUEpi5hvW/#AFo", "helloWorld"),
            "cb064987988fcd658470d6a24f1c68f6d7982c80ab9efb08cb8c84ef88fd03e1"
        );
        assert_eq!(
            proof("test-app-secret", "EAAtesttoken"),
            "62f73cbe7b318721f6695dcd7ce46d9a60b2134d6e69eb38057c6db0608019a8"
        );
    }

    #[test]
    fn neither_token_nor_proof_prints() {
        let key = hmac::Key::new(hmac::HMAC_SHA256, b"test");
        assert_eq!(format!("{:?}", GraphAuth::new(AccessToken::new("test"), &key)), "GraphAuth(…)");
    }
}
