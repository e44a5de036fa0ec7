//! Meta's codes and what they mean for us, as data. Each row names the page of Meta's documentation it is taken from.

use super::{CodeFault, Decision, ThrottleScope, TokenDeath};

/// One case. The first row that fits is the one that counts, so narrow rows stand before wide ones.
pub(super) struct Row {
    codes: (i64, i64),
    subcode: Subcode,
    /// Words that the message must hold, for cases that Meta gives no code of their own.
    words: Option<&'static str>,
    decision: Decision,
    /// The page of Meta's documentation.
    #[cfg_attr(not(test), expect(dead_code, reason = "for the reader, and for the test that asks it of each row"))]
    source: &'static str,
}

#[derive(Clone, Copy)]
enum Subcode {
    Any,
    Is(i64),
}

pub(super) fn find(code: i64, subcode: Option<i64>, message: &str) -> Option<Decision> {
    let row = TABLE.iter().find(|row| {
        (row.codes.0..=row.codes.1).contains(&code)
            && row.words.is_none_or(|words| message.contains(words))
            && match row.subcode {
                Subcode::Any => true,
                Subcode::Is(expected) => subcode == Some(expected),
            }
    });
    row.map(|row| row.decision)
}

const ERRORS: &str = "Graph API: Handling errors";
const LIMITS: &str = "Graph API: Rate limiting";
const LOGIN: &str = "Facebook Login: Manually build a login flow";
const MESSENGER: &str = "Messenger Platform: Common error codes";
const SECURE: &str = "Graph API: Secure requests";
const INSTAGRAM: &str = "Instagram Platform: Error codes";
const PROFILE: &str = "Messenger Platform: User profile";

const fn throttled(scope: ThrottleScope) -> Decision {
    Decision::Throttled { scope, retry_after: None }
}

const fn subcode(code: i64, subcode: i64, decision: Decision, source: &'static str) -> Row {
    Row { codes: (code, code), subcode: Subcode::Is(subcode), words: None, decision, source }
}

const fn words(code: i64, words: &'static str, decision: Decision, source: &'static str) -> Row {
    Row { codes: (code, code), subcode: Subcode::Any, words: Some(words), decision, source }
}

const fn code(code: i64, decision: Decision, source: &'static str) -> Row {
    range(code, code, decision, source)
}

const fn range(from: i64, to: i64, decision: Decision, source: &'static str) -> Row {
    Row { codes: (from, to), subcode: Subcode::Any, words: None, decision, source }
}

const fn dead(why: TokenDeath) -> Decision {
    Decision::TokenDead(why)
}

#[rustfmt::skip]
const TABLE: &[Row] = &[
    // Tokens. Code 102 is the older name of 190.
    subcode(190, 458, dead(TokenDeath::AppRemoved), ERRORS),
    subcode(190, 459, dead(TokenDeath::Checkpoint), ERRORS),
    subcode(190, 460, dead(TokenDeath::PasswordChanged), ERRORS),
    subcode(190, 463, Decision::TokenExpired, ERRORS),
    subcode(190, 464, dead(TokenDeath::Unconfirmed), ERRORS),
    subcode(190, 467, dead(TokenDeath::LoggedOut), ERRORS),
    subcode(190, 490, dead(TokenDeath::Checkpoint), MESSENGER),
    subcode(190, 492, dead(TokenDeath::RoleLost), ERRORS),
    subcode(102, 458, dead(TokenDeath::AppRemoved), ERRORS),
    subcode(102, 460, dead(TokenDeath::PasswordChanged), ERRORS),
    subcode(102, 463, Decision::TokenExpired, ERRORS),
    // The subcode is sometimes missing; the sentences are those of the documentation.
    words(190, "Session has expired", Decision::TokenExpired, ERRORS),
    words(190, "has not authorized application", dead(TokenDeath::AppRemoved), ERRORS),
    words(190, "changed their password", dead(TokenDeath::PasswordChanged), ERRORS),
    words(190, "checkpoint", dead(TokenDeath::Checkpoint), ERRORS),
    words(190, "not a confirmed user", dead(TokenDeath::Unconfirmed), ERRORS),
    words(190, "must be an administrator of the page", dead(TokenDeath::RoleLost), MESSENGER),
    words(190, "belongs to a Page that has been deleted", Decision::Gone, MESSENGER),
    code(190, dead(TokenDeath::Invalid), ERRORS),
    code(102, dead(TokenDeath::Invalid), ERRORS),
    code(450, dead(TokenDeath::Invalid), ERRORS),
    code(452, dead(TokenDeath::Invalid), ERRORS),

    // The app itself.
    words(1, "client secret", Decision::AppCredentials, LOGIN),
    words(100, "client secret", Decision::AppCredentials, LOGIN),
    words(1, "appsecret_proof", Decision::AppSecretProof, SECURE),
    words(100, "appsecret_proof", Decision::AppSecretProof, SECURE),
    words(100, "app secret proof", Decision::AppSecretProof, SECURE),
    words(104, "appsecret_proof", Decision::AppSecretProof, SECURE),

    // The login's code.
    subcode(100, 36007, Decision::CodeRejected(CodeFault::Expired), LOGIN),
    subcode(100, 36008, Decision::CodeRejected(CodeFault::RedirectMismatch), LOGIN),
    subcode(100, 36009, Decision::CodeRejected(CodeFault::Used), LOGIN),
    words(100, "Invalid verification code", Decision::CodeRejected(CodeFault::Malformed), LOGIN),
    words(100, "authorization code has expired", Decision::CodeRejected(CodeFault::Expired), LOGIN),
    words(100, "authorization code has been used", Decision::CodeRejected(CodeFault::Used), LOGIN),
    words(100, "redirect_uri", Decision::CodeRejected(CodeFault::RedirectMismatch), LOGIN),

    // Limits. Those per person come first: waiting does not help there.
    subcode(4, 2_207_051, Decision::PolicyBlocked, INSTAGRAM),
    subcode(4, 2_018_354, Decision::PolicyBlocked, MESSENGER),
    subcode(9, 2_018_352, Decision::PolicyBlocked, MESSENGER),
    subcode(613, 1_893_016, Decision::PolicyBlocked, MESSENGER),
    code(4, throttled(ThrottleScope::App), LIMITS),
    code(17, throttled(ThrottleScope::User), LIMITS),
    code(32, throttled(ThrottleScope::Page), LIMITS),
    code(341, throttled(ThrottleScope::App), ERRORS),
    code(613, throttled(ThrottleScope::Endpoint), LIMITS),
    code(80_001, throttled(ThrottleScope::Page), LIMITS),
    code(80_006, throttled(ThrottleScope::Page), LIMITS),
    range(80_000, 80_014, throttled(ThrottleScope::Business), LIMITS),

    // Publishing on Instagram. What was not taken is not published; what is not ready may be tried again.
    subcode(9, 2_207_042, throttled(ThrottleScope::Business), INSTAGRAM),
    subcode(9_007, 2_207_027, Decision::NotReady, INSTAGRAM),
    subcode(24, 2_207_006, Decision::Gone, INSTAGRAM),
    subcode(24, 2_207_008, Decision::Gone, INSTAGRAM),
    subcode(-2, 2_207_020, Decision::Gone, INSTAGRAM),
    subcode(-2, 2_207_003, Decision::Transient, INSTAGRAM),
    subcode(-1, 2_207_001, Decision::Transient, INSTAGRAM),
    subcode(-1, 2_207_032, Decision::Transient, INSTAGRAM),
    subcode(-1, 2_207_053, Decision::Transient, INSTAGRAM),
    subcode(25, 2_207_050, Decision::PolicyBlocked, INSTAGRAM),
    subcode(1, 2_207_057, Decision::BadRequest, INSTAGRAM),
    subcode(352, 2_207_026, Decision::BadRequest, INSTAGRAM),
    subcode(9_004, 2_207_052, Decision::BadRequest, INSTAGRAM),
    range(36_000, 36_004, Decision::BadRequest, INSTAGRAM),

    // Meta's own trouble.
    words(1, "reduce the amount of data", Decision::HalveLimit, ERRORS),
    words(100, "reduce the amount of data", Decision::HalveLimit, ERRORS),
    subcode(2, 2_018_344, Decision::PolicyBlocked, MESSENGER),
    subcode(324, 2_069_019, Decision::Transient, MESSENGER),
    range(1, 2, Decision::Transient, ERRORS),

    // Writing to people.
    subcode(10, 2_018_278, Decision::WindowClosed, MESSENGER),
    subcode(10, 2_018_065, Decision::WindowClosed, MESSENGER),
    subcode(10, 2_534_022, Decision::WindowClosed, MESSENGER),
    subcode(10, 2_018_108, Decision::RecipientUnreachable, MESSENGER),
    subcode(10, 1_893_063, Decision::PolicyBlocked, MESSENGER),
    subcode(10, 2_018_336, Decision::PolicyBlocked, MESSENGER),
    subcode(10, 1_404_170, Decision::PolicyBlocked, MESSENGER),
    subcode(10, 1_893_015, Decision::PolicyBlocked, MESSENGER),
    subcode(10, 2_534_077, Decision::PolicyBlocked, MESSENGER),
    subcode(100, 2_018_001, Decision::RecipientUnreachable, MESSENGER),
    subcode(200, 1_545_041, Decision::RecipientUnreachable, MESSENGER),
    code(551, Decision::RecipientUnreachable, MESSENGER),
    code(368, Decision::PolicyBlocked, ERRORS),
    code(2022, Decision::PolicyBlocked, MESSENGER),
    code(10_903, Decision::RecipientUnreachable, MESSENGER),
    code(10_904, Decision::PolicyBlocked, MESSENGER),
    code(2_018_171, Decision::PolicyBlocked, MESSENGER),
    code(2_018_300, Decision::PolicyBlocked, MESSENGER),
    code(2_018_321, Decision::PolicyBlocked, MESSENGER),

    // Objects and profiles. The long numbers of profiles come as code or as subcode of 100.
    subcode(100, 33, Decision::Gone, ERRORS),
    subcode(100, 2_018_218, Decision::Gone, PROFILE),
    subcode(100, 2_018_247, Decision::PermissionMissing, PROFILE),
    code(2_018_218, Decision::Gone, PROFILE),
    code(2_018_247, Decision::PermissionMissing, PROFILE),
    code(9_000_001, Decision::Gone, MESSENGER),
    code(9_010, Decision::Gone, INSTAGRAM),

    // Permissions.
    words(100, "requires the '", Decision::PermissionMissing, ERRORS),
    code(3, Decision::PermissionMissing, ERRORS),
    code(36_103, Decision::PermissionMissing, INSTAGRAM),
    code(10, Decision::PermissionMissing, ERRORS),
    range(200, 299, Decision::PermissionMissing, ERRORS),

    // Calls that are wrong.
    code(12, Decision::BadRequest, ERRORS),
    code(15, Decision::BadRequest, ERRORS),
    code(100, Decision::BadRequest, ERRORS),
    code(104, Decision::BadRequest, ERRORS),
    code(504, Decision::BadRequest, MESSENGER),
    code(506, Decision::BadRequest, ERRORS),
    code(2500, Decision::BadRequest, ERRORS),
    code(10_303, Decision::BadRequest, MESSENGER),
    code(10_900, Decision::BadRequest, MESSENGER),
    code(1_609_005, Decision::BadRequest, ERRORS),
    // Calls by voice, which nothing here makes.
    range(2_018_389, 2_018_396, Decision::BadRequest, MESSENGER),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_row_is_reached_and_names_its_source() {
        for row in TABLE {
            let subcode = match row.subcode {
                Subcode::Is(subcode) => Some(subcode),
                Subcode::Any => None,
            };
            let message = row.words.map(|words| format!("(#1) Before {words} after.")).unwrap_or_default();
            let reached = (row.codes.0..=row.codes.1).any(|code| find(code, subcode, &message) == Some(row.decision));
            assert!(reached, "{:?} {subcode:?} {:?} is hidden by a row before it", row.codes, row.words);
            assert!(row.source.contains(": "), "{:?}", row.codes);
        }
    }

    #[test]
    fn a_code_that_nobody_has_seen_is_not_guessed() {
        assert_eq!(find(424_242, None, "Something new"), None);
        assert_eq!(find(0, Some(33), ""), None);
    }

    #[test]
    fn an_unknown_subcode_falls_back_to_its_code() {
        assert_eq!(find(190, Some(999), "odd"), Some(Decision::TokenDead(TokenDeath::Invalid)));
        assert_eq!(find(613, Some(1996), "odd"), Some(throttled(ThrottleScope::Endpoint)));
        assert_eq!(find(4, Some(1_349_210), "odd"), Some(throttled(ThrottleScope::App)));
    }
}
