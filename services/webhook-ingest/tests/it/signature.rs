//! The signature of a webhook, without a server.

use pagekeeper_webhook_ingest::signature::{AppSecrets, Signature, SignatureError};
use proptest::prelude::*;
use secrecy::SecretString;

/// Meta signs the wire's bytes, where everything beyond ASCII and the slash are escaped.
const ESCAPED: &str = concat!(
    r#"{"object":"page","entry":[{"id":"1122334455","time":1458692752478,"messaging":[{"sender":{"id":"6899200000000000"},"#,
    r#""recipient":{"id":"1122334455"},"timestamp":1458692752400,"message":{"mid":"m_test1","text":"\u00e4\u00f6\u00e5 "#,
    r#"https:\/\/ex.am\/a"}}]}]}"#
);
const ESCAPED_SIGNATURE: &str = "sha256=dfe9d5e4e0e265146e6da8097b146c3f5a2b4ff782852a8b38fe6f43718c72d3";

fn secrets<const N: usize>(secrets: [&str; N]) -> AppSecrets {
    AppSecrets::new(&secrets.map(SecretString::from))
}

fn check(secrets: &AppSecrets, body: &[u8], header: &str) -> Result<(), SignatureError> {
    let signature = Signature::from_header_values([header.as_bytes()])?;
    secrets.verify(body, &signature)
}

#[test]
fn known_signatures_are_accepted() {
    let vectors = [
        ("sesame", "hello world", "sha256=f39034b29165ec6a5104d9aef27266484ab26c8caa7bca8bcb2dd02e8be61b17"),
        ("sesame", "hello world2", "sha256=60905fdf409d0b4f721e99f6f25b31567a68a6b45e933d814e17a246be4c5a53"),
        ("test-app-secret", ESCAPED, ESCAPED_SIGNATURE),
    ];
    for (secret, body, header) in vectors {
        assert_eq!(check(&secrets([secret]), body.as_bytes(), header), Ok(()), "{body}");
    }
}

#[test]
fn the_escaped_body_is_signed_and_not_what_it_means() {
    let unescaped = ESCAPED.replace(r"\u00e4\u00f6\u00e5", "äöå").replace(r"\/", "/");
    let secrets = secrets(["test-app-secret"]);
    assert_eq!(check(&secrets, unescaped.as_bytes(), ESCAPED_SIGNATURE), Err(SignatureError::Forged));
}

#[test]
fn a_retired_secret_is_accepted_as_long_as_it_is_configured() {
    let header = "sha256=f39034b29165ec6a5104d9aef27266484ab26c8caa7bca8bcb2dd02e8be61b17";
    assert_eq!(check(&secrets(["new", "sesame"]), b"hello world", header), Ok(()));
    assert_eq!(check(&secrets(["new"]), b"hello world", header), Err(SignatureError::Forged));
}

#[test]
fn only_one_header_of_the_exact_form_is_read() {
    let digits = "f39034b29165ec6a5104d9aef27266484ab26c8caa7bca8bcb2dd02e8be61b17";
    let malformed = [
        String::new(),
        "sha256=".to_owned(),
        digits.to_owned(),
        format!("sha1={digits}"),
        format!("SHA256={digits}"),
        format!("sha256={digits} "),
        format!(" sha256={digits}"),
        format!("sha256={digits}00"),
        format!("sha256={}", &digits[..62]),
        format!("sha256={}zz", &digits[..62]),
        format!("sha256={digits},sha256={digits}"),
    ];
    for header in malformed {
        let signature = Signature::from_header_values([header.as_bytes()]);
        assert_eq!(signature, Err(SignatureError::Malformed), "{header:?}");
    }
    let whole = format!("sha256={digits}");
    let twice = Signature::from_header_values([whole.as_bytes(), whole.as_bytes()]);
    assert_eq!(twice, Err(SignatureError::Malformed));
    assert_eq!(Signature::from_header_values([]), Err(SignatureError::Missing));
}

proptest! {
    #[test]
    fn no_other_body_has_the_signature(body in proptest::collection::vec(any::<u8>(), 0..200), flipped in any::<prop::sample::Index>()) {
        let secrets = secrets(["sesame"]);
        let header = pagekeeper_testkit::sign_webhook("sesame", &body);
        prop_assert_eq!(check(&secrets, &body, &header), Ok(()));
        if !body.is_empty() {
            let mut other = body.clone();
            other[flipped.index(body.len())] ^= 1;
            prop_assert_eq!(check(&secrets, &other, &header), Err(SignatureError::Forged));
        }
    }
}
