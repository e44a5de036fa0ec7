//! What callers bring.

use bolero::check;
use pagekeeper_common::domain::cursor::KeysetCursor;
use pagekeeper_common::domain::signed_request::{SignedRequest, SignedRequestError};
use secrecy::SecretString;

#[test]
fn cursors() {
    check!().for_each(|bytes: &[u8]| {
        let Ok(text) = str::from_utf8(bytes) else { return };
        if let Ok(cursor) = KeysetCursor::decode(text) {
            assert_eq!(KeysetCursor::decode(&cursor.encode()), Ok(cursor));
        }
    });
}

#[test]
fn signed_requests() {
    let secrets = [SecretString::from("appsecret")];
    check!().for_each(|bytes: &[u8]| {
        let Ok(text) = str::from_utf8(bytes) else { return };
        let _ = SignedRequest::verify(text, &secrets);
        let by_nobody = SignedRequest::verify(text, &[]);
        assert!(matches!(by_nobody, Err(SignedRequestError::Malformed | SignedRequestError::Forged)), "{by_nobody:?}");
    });
}
