//! What a session token promises: it opens for whom it was sealed, unchanged, and for nobody else.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use proptest::prelude::*;

use super::*;
use crate::model::caller::{SessionKind, SessionOwner, SessionParameters, UserName};

const ID: &str = "ASIA2REFERENCE234567";

fn session() -> Session {
    Session {
        issuer: SessionOwner::User { name: UserName("federator".into()), id: "AIDA2222".into() },
        kind: SessionKind::Federated {
            name: "stspec".into(),
            terms: SessionParameters {
                policy: Some(r#"{"Statement":[]}"#.into()),
                policy_arns: vec!["arn:aws:iam::aws:policy/AdministratorAccess".into()],
                tags: vec![("team".into(), String::new())],
            },
        },
        secret_access_key: "k".repeat(40),
        issued_at: Timestamp::from_second(1_795_219_200).unwrap(),
        expires_at: Timestamp::from_second(1_795_222_800).unwrap(),
    }
}

fn ring(keys: &[(u32, &str, u8)]) -> KeyRing {
    let lines: Vec<String> = keys
        .iter()
        .map(|(id, day, byte)| {
            let key = STANDARD.encode([*byte; KEY_BYTES]);
            format!(r#"{{"id": {id}, "created": "{day}T00:00:00Z", "key": "{key}"}}"#)
        })
        .collect();
    KeyRing::from_json(&format!(r#"{{"keys": [{}]}}"#, lines.join(","))).unwrap()
}

#[test]
fn a_token_is_bound_to_its_access_key_id() {
    let ring = KeyRing::generate();
    let token = ring.seal(ID, &session(), None);
    assert_eq!(ring.open(ID, &token), Ok(session()));
    for other in ["ASIA2REFERENCE23456A", "", "ASIA2REFERENCE23456", "asia2reference234567"] {
        assert_eq!(ring.open(other, &token), Err(TokenError::NotOurs), "{other}");
    }
}

#[test]
fn a_token_with_any_bit_changed_is_refused() {
    let ring = KeyRing::generate();
    let token = STANDARD.decode(ring.seal(ID, &session(), None)).unwrap();
    for index in 0..token.len() {
        for bit in 0..8 {
            let mut changed = token.clone();
            changed[index] ^= 1 << bit;
            let expected = if index == 0 { TokenError::Unparsable } else { TokenError::NotOurs };
            assert_eq!(ring.open(ID, &STANDARD.encode(changed)), Err(expected), "byte {index}");
        }
    }
}

#[test]
fn a_token_with_any_character_changed_is_refused() {
    let ring = KeyRing::generate();
    let token = ring.seal(ID, &session(), None);
    for index in 0..token.len() {
        for letter in ['A', 'b', '+', '=', ' '] {
            let mut changed = token.clone();
            changed.replace_range(index..=index, letter.encode_utf8(&mut [0; 4]));
            if changed != token {
                assert!(ring.open(ID, &changed).is_err(), "{letter} at {index}");
            }
        }
    }
}

#[test]
fn what_has_not_the_form_of_a_token_is_unparsable() {
    let ring = KeyRing::generate();
    let token = ring.seal(ID, &session(), None);
    let short = STANDARD.encode([VERSION; HEADER_BYTES + TAG_BYTES - 1]);
    let long = "A".repeat(TOKEN_CHARS_MAX + 4);
    for text in ["", "token", "é", &short, &long, &token[1..], &format!("{token}\n")] {
        assert_eq!(ring.open(ID, text), Err(TokenError::Unparsable), "{text:.40}");
    }
    let cut = STANDARD.encode(&STANDARD.decode(&token).unwrap()[..60]);
    assert_eq!(ring.open(ID, &cut), Err(TokenError::NotOurs));
}

#[test]
fn another_ring_refuses_even_under_the_same_key_id() {
    let ours = ring(&[(7, "2026-01-01", 1)]);
    let token = ours.seal(ID, &session(), None);
    assert_eq!(ring(&[(7, "2026-01-01", 1)]).open(ID, &token), Ok(session()));
    assert_eq!(ring(&[(7, "2026-01-01", 2)]).open(ID, &token), Err(TokenError::NotOurs));
    assert_eq!(ring(&[(8, "2026-01-01", 1)]).open(ID, &token), Err(TokenError::NotOurs));
    assert_eq!(KeyRing::generate().open(ID, &token), Err(TokenError::NotOurs));
}

#[test]
fn after_a_new_key_old_tokens_still_open_and_new_ones_need_it() {
    let before = ring(&[(1, "2026-01-01", 1)]);
    let after = ring(&[(1, "2026-01-01", 1), (2, "2026-02-01", 2)]);
    let old = before.seal(ID, &session(), None);
    let new = after.seal(ID, &session(), None);
    assert_eq!(after.open(ID, &old), Ok(session()));
    assert_eq!(after.open(ID, &new), Ok(session()));
    assert_eq!(before.open(ID, &new), Err(TokenError::NotOurs));
}

#[test]
fn the_same_session_never_seals_into_the_same_token() {
    let ring = KeyRing::generate();
    assert_ne!(ring.seal(ID, &session(), None), ring.seal(ID, &session(), None));
}

#[test]
fn padding_gives_at_least_the_size_that_was_asked_for() {
    let ring = KeyRing::generate();
    let least = ring.seal(ID, &session(), None).len();
    for size in [0, 1, least, least + 1, least + 2, least + 3, least + 4, 4095, 4096] {
        let token = ring.seal(ID, &session(), Some(size));
        assert_eq!(token.len(), least.max(size.next_multiple_of(4)), "{size}");
        assert_eq!(ring.open(ID, &token), Ok(session()));
    }
}

#[test]
fn the_largest_session_within_the_documented_bounds_opens() {
    let largest = Session {
        kind: SessionKind::Federated {
            name: "n".repeat(32),
            terms: SessionParameters {
                policy: Some("ÿ".repeat(2048)),
                policy_arns: vec!["𐀀".repeat(2048)[..2048].to_owned(); 10],
                tags: vec![("𐀀".repeat(128), "𐀀".repeat(256)); 50],
            },
        },
        ..session()
    };
    let ring = KeyRing::generate();
    let token = ring.seal(ID, &largest, None);
    assert!(token.len() <= TOKEN_CHARS_MAX, "{}", token.len());
    assert_eq!(ring.open(ID, &token), Ok(largest));
}

#[test]
fn debug_output_shows_no_key() {
    assert_eq!(
        format!("{:?}", ring(&[(7, "2026-01-01", 1), (9, "2025-01-01", 2)])),
        "KeyRing { newest: 7, older: [9], .. }"
    );
}

fn issuers() -> impl Strategy<Value = SessionOwner> {
    prop_oneof![
        Just(SessionOwner::Root),
        (".{0,80}", ".{0,30}")
            .prop_map(|(name, id)| SessionOwner::User { name: UserName(name), id }),
        (".{0,80}", ".{0,30}").prop_map(|(name, id)| SessionOwner::Role { name, id }),
    ]
}

fn terms() -> impl Strategy<Value = SessionParameters> {
    let tags = prop::collection::vec((".{0,20}", ".{0,20}"), 0..5);
    (prop::option::of(".{0,300}"), prop::collection::vec(".*", 0..4), tags)
        .prop_map(|(policy, policy_arns, tags)| SessionParameters { policy, policy_arns, tags })
}

fn kinds() -> impl Strategy<Value = SessionKind> {
    prop_oneof![
        Just(SessionKind::SessionToken),
        (".{0,32}", terms()).prop_map(|(name, terms)| SessionKind::Federated { name, terms }),
        (".{0,64}", terms())
            .prop_map(|(session_name, terms)| SessionKind::AssumedRole { session_name, terms }),
    ]
}

fn sessions() -> impl Strategy<Value = Session> {
    let seconds = -377_705_023_201_i64..=253_402_207_200;
    (issuers(), kinds(), ".{0,40}", seconds.clone(), seconds).prop_map(
        |(issuer, kind, secret_access_key, issued_at, expires_at)| Session {
            issuer,
            kind,
            secret_access_key,
            issued_at: Timestamp::from_second(issued_at).unwrap(),
            expires_at: Timestamp::from_second(expires_at).unwrap(),
        },
    )
}

proptest! {
    #[test]
    fn any_session_comes_out_as_it_went_in(session in sessions(), id in ".{0,20}", size in 0_usize..5000) {
        let ring = KeyRing::generate();
        let token = ring.seal(&id, &session, Some(size));
        prop_assert_eq!(ring.open(&id, &token), Ok(session));
    }

    #[test]
    fn no_text_makes_it_panic(token in ".*", bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let ring = KeyRing::generate();
        prop_assert!(ring.open(ID, &token).is_err());
        prop_assert!(ring.open(ID, &STANDARD.encode(&bytes)).is_err());
        let _ = payload::decode(&bytes);
    }
}
