//! Meta's errors as they come, and what they mean. (G7)

use std::time::Duration;

use pagekeeper_common::domain::connection::ConnectionReason;
use pagekeeper_common::graph::{Decision, GraphError, ThrottleScope, TokenDeath};

use crate::fake::{FakeGraph, Reply, TOKEN};

async fn error_of(reply: Reply) -> GraphError {
    let graph = FakeGraph::start([reply]).await;
    graph.client.me(&graph.auth()).await.unwrap_err()
}

fn body(code: i64, more: &str, message: &str) -> String {
    format!(
        r#"{{"error":{{"message":"{message}","type":"OAuthException","code":{code}{more},"fbtrace_id":"EJplcsCHuLu"}}}}"#
    )
}

fn throttled(scope: ThrottleScope) -> Decision {
    Decision::Throttled { scope, retry_after: None }
}

#[tokio::test]
async fn documented_errors_become_decisions() {
    use TokenDeath::{AppRemoved, Checkpoint, Invalid, PasswordChanged, RoleLost, Unconfirmed};
    let expired = "Error validating access token: Session has expired on Wednesday, 14-Feb-18 18:00:00 PST. The current time is Thursday.";
    let changed = "Error validating access token: The session has been invalidated because the user changed their password or Facebook has changed the session for security reasons.";
    let removed = "Error validating access token: The user has not authorized application 805638479520745.";
    let cases = [
        (190, r#","error_subcode":463"#, expired, Decision::TokenExpired),
        (190, "", expired, Decision::TokenExpired),
        (190, r#","error_subcode":460"#, changed, Decision::TokenDead(PasswordChanged)),
        (190, "", changed, Decision::TokenDead(PasswordChanged)),
        (190, "", removed, Decision::TokenDead(AppRemoved)),
        (190, "", "The user is enrolled in a blocking, logged-in checkpoint", Decision::TokenDead(Checkpoint)),
        (
            190,
            "",
            "Sessions for the user are not allowed because the user is not a confirmed user.",
            Decision::TokenDead(Unconfirmed),
        ),
        (
            190,
            "",
            "The user must be an administrator of the page in order to impersonate it.",
            Decision::TokenDead(RoleLost),
        ),
        (190, "", "This Page access token belongs to a Page that has been deleted.", Decision::Gone),
        (190, r#","error_subcode":"492""#, "x", Decision::TokenDead(RoleLost)),
        (190, "", "Invalid OAuth access token.", Decision::TokenDead(Invalid)),
        (100, r#","error_subcode":33"#, "Unsupported get request. Object with ID '1' does not exist", Decision::Gone),
        (100, "", "(#100) Tried accessing nonexisting field (foo) on node type (Page)", Decision::BadRequest),
        (100, "", "API calls from the server require an appsecret_proof argument", Decision::AppSecretProof),
        (100, "", "Invalid appsecret_proof provided in the API argument", Decision::AppSecretProof),
        (
            100,
            "",
            "This endpoint requires the 'pages_read_engagement' permission or the 'Page Public Content Access' feature",
            Decision::PermissionMissing,
        ),
        (10, "", "(#10) Application does not have permission for this action", Decision::PermissionMissing),
        (299, "", "x", Decision::PermissionMissing),
        (10, r#","error_subcode":2018278"#, "outside the window", Decision::WindowClosed),
        (551, "", "This person isn't available right now.", Decision::RecipientUnreachable),
        (368, "", "temporarily blocked", Decision::PolicyBlocked),
        (4, r#","error_subcode":1349210,"is_transient":true"#, "x", throttled(ThrottleScope::App)),
        (17, "", "x", throttled(ThrottleScope::User)),
        (32, "", "(#32) Page request limit reached", throttled(ThrottleScope::Page)),
        (613, "", "(#613) Calls to this api have exceeded the rate limit.", throttled(ThrottleScope::Endpoint)),
        (80001, "", "x", throttled(ThrottleScope::Page)),
        (80004, "", "x", throttled(ThrottleScope::Business)),
        (2, r#","is_transient":true"#, "An unexpected error has occurred.", Decision::Transient),
        (1, "", "An unknown error occurred", Decision::Transient),
        (424_242, "", "new", Decision::Unknown),
    ];
    let cases: Vec<_> = [200, 400, 403, 500].into_iter().flat_map(|status| cases.map(|case| (status, case))).collect();
    let replies: Vec<_> = cases
        .iter()
        .map(|(status, (code, more, message, _))| Reply::status(*status, &body(*code, more, message)))
        .collect();
    let graph = FakeGraph::start(replies).await;
    for (status, (code, _, message, decision)) in cases {
        let error = graph.client.me(&graph.auth()).await.unwrap_err();
        assert_eq!(error.decision, decision, "{code} {message} with status {status}");
    }
}

#[tokio::test]
async fn what_meta_calls_transient_is_tried_again_even_if_it_blames_the_token() {
    let error =
        error_of(Reply::status(400, &body(190, r#","is_transient":"true""#, "The token provided is invalid."))).await;
    assert_eq!(error.decision, Decision::Transient);
    assert!(error.decision.is_worth_retrying() && !error.decision.is_token_failure());
}

#[tokio::test]
async fn a_throttled_call_says_how_long() {
    let usage = r#"{"1122334455":[{"type":"pages","call_count":100,"total_cputime":1,"total_time":1,"estimated_time_to_regain_access":7}]}"#;
    let reply = Reply::status(400, &body(80_001, "", "x")).with_header("x-business-use-case-usage", usage);
    let error = error_of(reply).await;
    let retry_after = Some(Duration::from_mins(7));
    assert_eq!(error.decision, Decision::Throttled { scope: ThrottleScope::Page, retry_after });
    assert_eq!(error.usage.highest_percent(), 100);
}

#[tokio::test]
async fn an_error_prints_its_code_and_neither_message_nor_token() {
    let message = format!("Malformed access token {TOKEN} of Jane Doe");
    let error = error_of(Reply::status(400, &body(190, r#","error_subcode":463"#, &message))).await;
    let printed = format!("{error} {error:?}");
    assert!(printed.contains("code 190/463"), "{printed}");
    assert!(!printed.contains(TOKEN) && !printed.contains("Jane"), "{printed}");
    assert_eq!(error.meta.unwrap().trace_id.as_deref(), Some("EJplcsCHuLu"));
}

#[tokio::test]
async fn an_error_of_an_odd_shape_is_still_an_error() {
    for body in [r#"{"error":{}}"#, r#"{"error":{"code":"x"}}"#, r#"{"error":{"code":[190]}}"#] {
        assert_eq!(error_of(Reply::status(400, body)).await.decision, Decision::Unknown, "{body}");
    }
    for body in [r#"{"error":"invalid"}"#, r#"{"error":null}"#, "[]", ""] {
        assert_eq!(error_of(Reply::status(400, body)).await.decision, Decision::Unreadable, "{body}");
        assert_eq!(error_of(Reply::status(503, body)).await.decision, Decision::Transient, "{body}");
    }
}

#[test]
fn the_console_hears_why_in_its_own_words() {
    for (decision, reason) in [
        (Decision::TokenExpired, ConnectionReason::TokenExpired),
        (Decision::TokenDead(TokenDeath::PasswordChanged), ConnectionReason::PasswordChanged),
        (Decision::TokenDead(TokenDeath::Unconfirmed), ConnectionReason::Checkpoint),
        (Decision::TokenDead(TokenDeath::LoggedOut), ConnectionReason::TokenInvalid),
        (Decision::Gone, ConnectionReason::PageGone),
        (Decision::Transient, ConnectionReason::FacebookUnavailable),
    ] {
        assert_eq!(decision.connection_reason(), reason);
    }
}
