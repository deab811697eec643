//! Properties of signed texts: what was signed comes back, anything else does not.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use proptest::prelude::*;

use super::*;

fn header(json: &str) -> String {
    URL_SAFE_NO_PAD.encode(json)
}

proptest! {
    #[test]
    fn what_was_signed_comes_back(seed: [u8; 32], payload: Vec<u8>, typ in "[a-z]{1,12}") {
        let key = SigningKey::from_seed(&seed);
        let jws = sign(&key, &typ, &payload);
        prop_assert_eq!(verify(&[key.public()], &typ, &jws), Ok(payload));
    }

    /// Any change of any character is noticed, also in the last bits that base64 leaves over.
    #[test]
    fn one_changed_character_is_noticed(seed: [u8; 32], payload in proptest::collection::vec(any::<u8>(), 0..40), at: prop::sample::Index, to in "[A-Za-z0-9_.-]") {
        let key = SigningKey::from_seed(&seed);
        let jws = sign(&key, "receipt", &payload);
        let at = at.index(jws.len());
        let mut changed = jws.clone();
        changed.replace_range(at..=at, &to);
        prop_assume!(changed != jws);
        prop_assert!(verify(&[key.public()], "receipt", &changed).is_err());
    }

    #[test]
    fn a_text_cut_short_or_made_longer_is_noticed(seed: [u8; 32], payload: Vec<u8>, at: prop::sample::Index, tail in "[A-Za-z0-9_.-]{1,3}") {
        let key = SigningKey::from_seed(&seed);
        let jws = sign(&key, "receipt", &payload);
        prop_assert!(verify(&[key.public()], "receipt", &jws[..at.index(jws.len())]).is_err());
        prop_assert!(verify(&[key.public()], "receipt", &(jws + &tail)).is_err());
    }

    #[test]
    fn no_text_panics(text in "\\PC{0,60}") {
        let key = SigningKey::from_seed(&[1; 32]);
        prop_assert!(verify(&[key.public()], "receipt", &text).is_err());
    }

    #[test]
    fn another_key_under_the_same_id_is_not_enough(seed: [u8; 32], other: [u8; 32], payload: Vec<u8>) {
        prop_assume!(seed != other);
        let (key, forger) = (SigningKey::from_seed(&seed), SigningKey::from_seed(&other));
        let forged = SigningKey { kid: key.kid.clone(), key: forger.key };
        let jws = sign(&forged, "receipt", &payload);
        prop_assert_eq!(verify(&[key.public()], "receipt", &jws), Err(SealError::Signature));
    }
}

/// RFC 8725 3.1, 3.2: the header never chooses the algorithm.
#[test]
fn a_header_that_asks_for_less_is_refused() {
    let key = SigningKey::from_seed(&[1; 32]);
    let kid = key.public().kid;
    let good = sign(&key, "receipt", b"{}");
    let (_, rest) = good.split_once('.').unwrap();
    for (json, error) in [
        (format!(r#"{{"alg":"none","kid":"{kid}","typ":"receipt"}}"#), SealError::Algorithm),
        (format!(r#"{{"alg":"HS256","kid":"{kid}","typ":"receipt"}}"#), SealError::Algorithm),
        (format!(r#"{{"alg":"EdDSA","kid":"{kid}","typ":"feed"}}"#), SealError::Algorithm),
        (format!(r#"{{"alg":"EdDSA","kid":"{kid}"}}"#), SealError::Malformed),
        (format!(r#"{{"alg":"EdDSA","kid":"{kid}","typ":"receipt","crit":["b64"],"b64":false}}"#), SealError::Malformed),
        (format!(r#"{{"alg":"EdDSA","kid":"{kid}","typ":"receipt","jwk":{{}}}}"#), SealError::Malformed),
        (r#"{"alg":"EdDSA","kid":"","typ":"receipt"}"#.into(), SealError::UnknownKey),
        (format!(r#"{{"typ":"receipt","alg":"EdDSA","kid":"{kid}"}}"#), SealError::Signature),
    ] {
        assert_eq!(verify(&[key.public()], "receipt", &format!("{}.{rest}", header(&json))), Err(error), "{json}");
    }
}

/// Under a key of small order `R = identity, s = 0` would satisfy the plain equation for
/// every text: such a key is refused, and the strict equation does not know it either.
#[test]
fn a_key_of_small_order_verifies_nothing() {
    let mut identity = [0; 32];
    identity[0] = 1;
    assert_eq!(PublicKey::from_bytes(&identity), Err(SealError::Key));
    let key = ed25519_dalek::VerifyingKey::from_bytes(&identity).unwrap();
    let weak = PublicKey { kid: kid_of(&key), key };
    let mut signature = [0; 64];
    signature[0] = 1;
    let json = format!(r#"{{"alg":"EdDSA","kid":"{}","typ":"receipt"}}"#, weak.kid);
    let jws = format!("{}.{}.{}", header(&json), header("{}"), URL_SAFE_NO_PAD.encode(signature));
    assert_eq!(verify(&[weak], "receipt", &jws), Err(SealError::Signature));
}
