//! A11: forged and damaged tokens.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use ring::hmac;
use serde_json::{Value, json};

use super::*;

const KEY: &[u8] = b"0123456789abcdef0123456789abcdef";

fn tokens() -> AccessTokens {
    AccessTokens::new(KEY, Duration::from_mins(10))
}

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

fn signed(algorithm: hmac::Algorithm, key: &[u8], header: &Value, claims: &Value) -> String {
    let message = format!("{}.{}", part(header), part(claims));
    let tag = hmac::sign(&hmac::Key::new(algorithm, key), message.as_bytes());
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(tag.as_ref()))
}

fn hs256() -> Value {
    json!({"alg": "HS256", "typ": "JWT"})
}

fn claims() -> Value {
    let now = Utc::now().timestamp();
    json!({"iss": "pagekeeper", "aud": "pagekeeper-api", "sub": "7", "account": 3, "iat": now, "nbf": now, "exp": now + 600})
}

fn with(field: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[field] = value;
    claims
}

fn without(field: &str) -> Value {
    let mut claims = claims();
    claims.as_object_mut().unwrap().remove(field);
    claims
}

#[test]
fn an_issued_token_names_its_account_and_user() {
    let now = Utc::now();
    let identity = tokens().verify(&tokens().issue(AccountId::new(3), UserId::new(7), now).unwrap()).unwrap();
    assert_eq!((identity.account, identity.user), (AccountId::new(3), UserId::new(7)));
    assert_eq!(identity.expires_at.timestamp(), now.timestamp() + 600);
}

#[test]
fn a_token_built_by_hand_with_the_right_key_is_accepted_so_the_forgeries_below_fail_for_their_own_reason() {
    assert!(tokens().verify(&signed(hmac::HMAC_SHA256, KEY, &hs256(), &claims())).is_ok());
}

#[test]
fn another_algorithm_is_refused() {
    for algorithm in ["none", "None", "nOnE", "", "HS384", "HS512", "RS256", "ES256", "EdDSA", "hs256"] {
        let header = json!({"alg": algorithm, "typ": "JWT"});
        let unsigned = format!("{}.{}.", part(&header), part(&claims()));
        assert!(tokens().verify(&unsigned).is_err(), "{algorithm} without signature");
        let forged = signed(hmac::HMAC_SHA256, KEY, &header, &claims());
        assert!(tokens().verify(&forged).is_err(), "{algorithm} with an HS256 signature");
    }
    assert!(tokens().verify(&signed(hmac::HMAC_SHA384, KEY, &json!({"alg": "HS384"}), &claims())).is_err());
}

#[test]
fn another_key_and_keys_from_the_header_are_refused() {
    for key in [&b""[..], b"secret", &[0; 32], b"0123456789abcdef0123456789abcdeF"] {
        assert!(tokens().verify(&signed(hmac::HMAC_SHA256, key, &hs256(), &claims())).is_err());
    }
    let own_key = URL_SAFE_NO_PAD.encode(b"attacker");
    let header = json!({"alg": "HS256", "jwk": {"kty": "oct", "k": own_key}, "jku": "https://evil.example/keys", "kid": "../../dev/null"});
    assert!(tokens().verify(&signed(hmac::HMAC_SHA256, b"attacker", &header, &claims())).is_err());
}

#[test]
fn each_claim_is_required_and_checked() {
    for field in ["iss", "aud", "sub", "exp", "nbf", "account"] {
        assert!(
            tokens().verify(&signed(hmac::HMAC_SHA256, KEY, &hs256(), &without(field))).is_err(),
            "without {field}"
        );
    }
    let now = Utc::now().timestamp();
    let wrong = [
        ("iss", json!("somebody")),
        ("iss", json!(["somebody"])),
        ("aud", json!("another-api")),
        ("aud", json!([])),
        ("sub", json!("not a number")),
        ("sub", json!(7)),
        ("account", json!("3")),
        ("exp", json!(now - 31)),
        ("exp", json!("never")),
        ("exp", json!(null)),
        ("nbf", json!(now + 60)),
    ];
    for (field, value) in wrong {
        let token = signed(hmac::HMAC_SHA256, KEY, &hs256(), &with(field, value.clone()));
        assert!(tokens().verify(&token).is_err(), "{field}: {value}");
    }
}

#[test]
fn a_token_expires_thirty_seconds_after_its_end_and_says_so() {
    let issued = |ago: i64| {
        tokens().issue(AccountId::new(3), UserId::new(7), Utc::now() - TimeDelta::seconds(600 + ago)).unwrap()
    };
    assert!(tokens().verify(&issued(20)).is_ok());
    assert!(matches!(tokens().verify(&issued(40)), Err(AccessTokenError::Expired)));
}

#[test]
fn a_damaged_token_is_refused() {
    let token = tokens().issue(AccountId::new(3), UserId::new(7), Utc::now()).unwrap();
    let mut parts: Vec<&str> = token.split('.').collect();
    let swapped = part(&with("account", json!(4)));
    parts[1] = &swapped;
    let cut = token.strip_suffix(|_| true).unwrap();
    for damaged in [
        "",
        ".",
        "..",
        "a.b.c",
        &parts.join("."),
        cut,
        &format!("{token}a"),
        &format!("{token}.x"),
        &"a".repeat(100_000),
    ] {
        assert!(tokens().verify(damaged).is_err());
    }
}
