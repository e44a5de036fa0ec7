use super::*;

const PLACE: Place = Place { table: "credentials", column: "sealed", row: 7, account: AccountId::new(3) };

fn ring(keys: &[(u32, u8)]) -> KeyRing {
    let keys: Vec<_> = keys.iter().map(|(id, byte)| format!("{id}:{}", STANDARD.encode([*byte; 32]))).collect();
    KeyRing::parse(&keys.join(",").into()).unwrap()
}

fn token() -> AccessToken {
    AccessToken::new("EAAGm0PX4ZCpsBA")
}

#[test]
fn what_was_sealed_opens_in_its_own_place() {
    let keys = ring(&[(1, 0xa1)]);
    let sealed = keys.seal(&token(), &PLACE).unwrap();
    assert_eq!(keys.open(&sealed, &PLACE).unwrap().expose(), token().expose());
    assert!(!sealed.windows(5).any(|window| window == b"EAAGm"));
}

#[test]
fn a_sealed_value_does_not_open_in_another_place() {
    let keys = ring(&[(1, 0xa1)]);
    let sealed = keys.seal(&token(), &PLACE).unwrap();
    for place in [
        Place { row: 8, ..PLACE },
        Place { account: AccountId::new(4), ..PLACE },
        Place { column: "other", ..PLACE },
        Place { table: "other", ..PLACE },
    ] {
        assert_eq!(keys.open(&sealed, &place).unwrap_err(), SealError::NotAuthentic);
    }
}

#[test]
fn a_sealed_value_with_any_byte_changed_or_missing_does_not_open() {
    let keys = ring(&[(1, 0xa1)]);
    let sealed = keys.seal(&token(), &PLACE).unwrap();
    for index in 0..sealed.len() {
        let mut changed = sealed.clone();
        changed[index] ^= 1;
        assert!(keys.open(&changed, &PLACE).is_err(), "byte {index}");
        assert!(keys.open(&sealed[..index], &PLACE).is_err(), "cut at {index}");
    }
}

#[test]
fn a_new_first_key_seals_and_the_old_one_still_opens() {
    let old = ring(&[(1, 0xa1)]);
    let both = ring(&[(2, 0xb2), (1, 0xa1)]);
    let new = ring(&[(2, 0xb2)]);
    let sealed_before = old.seal(&token(), &PLACE).unwrap();
    let sealed_after = both.seal(&token(), &PLACE).unwrap();
    assert_eq!(both.open(&sealed_before, &PLACE).unwrap().expose(), token().expose());
    assert_eq!(new.open(&sealed_after, &PLACE).unwrap().expose(), token().expose());
    assert_eq!(new.open(&sealed_before, &PLACE).unwrap_err(), SealError::UnknownKey(1));
}

#[test]
fn the_same_token_is_never_sealed_alike_twice() {
    let keys = ring(&[(1, 0xa1)]);
    assert_ne!(keys.seal(&token(), &PLACE).unwrap(), keys.seal(&token(), &PLACE).unwrap());
}

#[test]
fn without_a_usable_key_there_is_no_key_ring() {
    let parse = |keys: &str| KeyRing::parse(&keys.to_owned().into()).unwrap_err();
    let key = STANDARD.encode([1; 32]);
    assert_eq!(parse(""), InvalidKeys::Missing);
    assert_eq!(parse(" , "), InvalidKeys::Missing);
    assert_eq!(parse(&key), InvalidKeys::Format);
    assert_eq!(parse("1:AAAA"), InvalidKeys::Length);
    assert_eq!(parse(&format!("1:{key},1:{key}")), InvalidKeys::SameNumber);
}

#[test]
fn a_key_ring_does_not_print_its_keys() {
    assert_eq!(format!("{:?}", ring(&[(1, 0xa1), (2, 0xb2)])), "[1, 2]");
}
