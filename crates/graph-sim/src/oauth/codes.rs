//! Authorization codes: for one use, soon over, bound to their redirect address.

use std::collections::HashMap;

use crate::locks::Mutex;
use crate::world::ids::{BusinessIndex, PersonIndex};

#[derive(Debug, Default)]
pub(crate) struct Codes(Mutex<HashMap<String, Code>>);

/// Who a code was given to, which decides what must come with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CodeOrigin {
    Dialog,
    /// Has no redirect address, and none may be named with it.
    JsSdk,
    /// From `/oauth/client_code`: a browser of the person exchanges it, without the app's secret.
    Client,
    /// From a login for a Business: gives a token of a system user.
    SystemUser(BusinessIndex),
}

#[derive(Debug, Clone)]
struct Code {
    origin: CodeOrigin,
    person: PersonIndex,
    redirect_uri: String,
    expires_at: i64,
    used: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CodeRefused {
    Unknown,
    /// Subcode 36007.
    Expired,
    /// Subcode 36008.
    OtherRedirectUri,
    /// Subcode 36009.
    Used,
}

impl Codes {
    /// More are never of use at once; the oldest go.
    const KEPT: usize = 10_000;

    pub(crate) fn insert(
        &self,
        code: String,
        origin: CodeOrigin,
        person: PersonIndex,
        redirect_uri: String,
        expires_at: i64,
    ) {
        let mut codes = self.0.lock();
        if codes.len() >= Self::KEPT {
            let oldest = codes.iter().min_by_key(|(_, code)| code.expires_at).map(|(string, _)| string.clone());
            oldest.and_then(|oldest| codes.remove(&oldest));
        }
        codes.insert(code, Code { origin, person, redirect_uri, expires_at, used: false });
    }

    pub(crate) fn origin(&self, code: &str) -> Option<CodeOrigin> {
        self.0.lock().get(code).map(|code| code.origin)
    }

    pub(crate) fn redeem(
        &self,
        code: &str,
        redirect_uri: &str,
        now: i64,
    ) -> Result<(PersonIndex, CodeOrigin), CodeRefused> {
        let mut codes = self.0.lock();
        let code = codes.get_mut(code).ok_or(CodeRefused::Unknown)?;
        if code.used {
            return Err(CodeRefused::Used);
        }
        if code.expires_at <= now {
            return Err(CodeRefused::Expired);
        }
        if code.redirect_uri != redirect_uri {
            return Err(CodeRefused::OtherRedirectUri);
        }
        code.used = true;
        Ok((code.person, code.origin))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_for_one_use_at_its_own_address_and_in_time() {
        let codes = Codes::default();
        codes.insert("c".to_owned(), CodeOrigin::Dialog, PersonIndex(1), "http://localhost/cb".to_owned(), 100);
        assert_eq!(codes.redeem("x", "http://localhost/cb", 1), Err(CodeRefused::Unknown));
        assert_eq!(codes.redeem("c", "http://localhost/other", 1), Err(CodeRefused::OtherRedirectUri));
        assert_eq!(codes.redeem("c", "http://localhost/cb", 100), Err(CodeRefused::Expired));
        assert_eq!(codes.redeem("c", "http://localhost/cb", 99), Ok((PersonIndex(1), CodeOrigin::Dialog)));
        assert_eq!(codes.redeem("c", "http://localhost/cb", 99), Err(CodeRefused::Used));
    }
}
