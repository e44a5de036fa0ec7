//! `appsecret_proof` ("Secure requests" of the Graph API guides).

use ring::hmac;

/// Seconds that the form with `appsecret_time` is valid.
const VALID_S: i64 = 300;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ProofRefused {
    Missing,
    Wrong,
}

pub(crate) struct Proof<'a> {
    pub(crate) given: Option<&'a str>,
    pub(crate) time: Option<&'a str>,
    pub(crate) required: bool,
}

impl Proof<'_> {
    /// A proof that is given must be right, needed or not.
    pub(crate) fn check(&self, app_secret: &str, access_token: &str, now: i64) -> Result<(), ProofRefused> {
        let Some(proof) = self.given else {
            return if self.required { Err(ProofRefused::Missing) } else { Ok(()) };
        };
        let message = match self.time {
            None => access_token.to_owned(),
            Some(time) => {
                let issued: i64 = time.parse().map_err(|_not_a_number| ProofRefused::Wrong)?;
                if now.abs_diff(issued) > VALID_S.unsigned_abs() {
                    return Err(ProofRefused::Wrong);
                }
                format!("{access_token}|{time}")
            }
        };
        let given = hex::decode(proof).map_err(|_not_hex| ProofRefused::Wrong)?;
        let key = hmac::Key::new(hmac::HMAC_SHA256, app_secret.as_bytes());
        hmac::verify(&key, message.as_bytes(), &given).map_err(|_unequal| ProofRefused::Wrong)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_vectors_pass() {
        let proof = |proof| Proof { given: Some(proof), time: None, required: true };
        let restfb = proof("88cd2108b5347d973cf39cdf9053d7dd42704876d8c9a9bd8e2d168259d3ddf7");
        assert_eq!(restfb.check("test", "test", 0), Ok(()));
        assert_eq!(restfb.check("test", "other", 0), Err(ProofRefused::Wrong));
        let restfb = proof("cb064987988fcd658470d6a24f1c68f6d7982c80ab9efb08cb8c84ef88fd03e1");
        assert_eq!(restfb.check("PRIE7$oG2uS-Yf17kEnUEpi5hvW/#AFo", "helloWorld", 0), Ok(()));
    }

    #[test]
    fn a_proof_with_a_time_holds_for_five_minutes() {
        let proof = Proof {
            given: Some("c96197c5af8f72f072f497b7ee5c0015e9d62a6d8d29f34dc3523e545529da4e"),
            time: Some("1790000000"),
            required: true,
        };
        assert_eq!(proof.check("test-app-secret", "EAAtesttoken", 1_790_000_299), Ok(()));
        assert_eq!(proof.check("test-app-secret", "EAAtesttoken", 1_790_000_301), Err(ProofRefused::Wrong));
        let none = Proof { given: None, time: None, required: true };
        assert_eq!(none.check("s", "t", 0), Err(ProofRefused::Missing));
    }
}
