//! Digests and signatures of filings, receipts and feed: Ed25519 in compact JWS (RFC 7515, RFC 8037).
//!
//! Doors: [`SigningKey`], [`PublicKey`], [`sign`], [`verify`]; sealed [`bundle`]s (HPKE, RFC 9180); a signed
//! text on paper in [`parts`].
//!
//! Never: opens a file, knows TLS or passwords, accepts another algorithm than EdDSA.

pub mod bundle;
pub mod parts;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ed25519_dalek::Signer as _;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// A key that signs, with its id.
pub struct SigningKey {
    kid: String,
    key: ed25519_dalek::SigningKey,
}

/// A key that verifies, with its id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    pub kid: String,
    key: ed25519_dalek::VerifyingKey,
}

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum SealError {
    #[error("not a compact JWS")]
    Malformed,
    #[error("the header asks for another algorithm or type than this house uses")]
    Algorithm,
    #[error("no key with this id is known")]
    UnknownKey,
    #[error("the signature does not fit")]
    Signature,
    #[error("not a key")]
    Key,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    alg: String,
    kid: String,
    typ: String,
}

impl SigningKey {
    /// A new key from the system's random numbers.
    ///
    /// # Errors
    /// When the system gives none.
    pub fn generate() -> Result<Self, SealError> {
        let mut seed = Zeroizing::new([0u8; 32]);
        getrandom::fill(&mut *seed).map_err(|_| SealError::Key)?;
        Ok(Self::from_seed(&seed))
    }

    pub fn from_seed(seed: &[u8; 32]) -> Self {
        let key = ed25519_dalek::SigningKey::from_bytes(seed);
        let kid = kid_of(&key.verifying_key());
        Self { kid, key }
    }

    /// The 32 secret bytes, for a sealed file.
    pub fn seed(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.key.to_bytes())
    }

    pub fn public(&self) -> PublicKey {
        PublicKey { kid: self.kid.clone(), key: self.key.verifying_key() }
    }
}

impl PublicKey {
    /// # Errors
    /// When the bytes are no point of the curve, or one of small order, under which anybody
    /// could sign anything.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, SealError> {
        let key = ed25519_dalek::VerifyingKey::from_bytes(bytes).map_err(|_| SealError::Key)?;
        if key.is_weak() {
            return Err(SealError::Key);
        }
        Ok(Self { kid: kid_of(&key), key })
    }

    pub fn to_bytes(&self) -> [u8; 32] {
        self.key.to_bytes()
    }
}

/// Key id: the first 16 hex digits of SHA-256 over the public key.
fn kid_of(key: &ed25519_dalek::VerifyingKey) -> String {
    use sha2::Digest as _;
    sha2::Sha256::digest(key.as_bytes())[..8].iter().map(|b| format!("{b:02x}")).collect()
}

/// Compact JWS over `payload`; `typ` keeps a receipt from being taken for a feed page.
pub fn sign(key: &SigningKey, typ: &str, payload: &[u8]) -> String {
    let header = Header { alg: "EdDSA".into(), kid: key.kid.clone(), typ: typ.into() };
    let header = serde_json::to_vec(&header).expect("three strings serialise");
    let mut out = URL_SAFE_NO_PAD.encode(header) + "." + &URL_SAFE_NO_PAD.encode(payload);
    let signature = key.key.sign(out.as_bytes());
    out.push('.');
    out += &URL_SAFE_NO_PAD.encode(signature.to_bytes());
    out
}

/// The payload, when one of `keys` signed it under this `typ`.
///
/// # Errors
/// See [`SealError`]; a payload is returned only after the signature was verified.
pub fn verify(keys: &[PublicKey], typ: &str, jws: &str) -> Result<Vec<u8>, SealError> {
    let mut parts = jws.split('.');
    let (Some(header), Some(payload), Some(signature), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return Err(SealError::Malformed);
    };
    let decode = |text: &str| URL_SAFE_NO_PAD.decode(text).map_err(|_| SealError::Malformed);
    let parsed: Header = serde_json::from_slice(&decode(header)?).map_err(|_| SealError::Malformed)?;
    if parsed.alg != "EdDSA" || parsed.typ != typ {
        return Err(SealError::Algorithm);
    }
    let key = keys.iter().find(|key| key.kid == parsed.kid).ok_or(SealError::UnknownKey)?;
    let signature = ed25519_dalek::Signature::from_slice(&decode(signature)?).map_err(|_| SealError::Malformed)?;
    let signed = &jws[..header.len() + 1 + payload.len()];
    // Strict (RFC 8032 5.1.7 without its cofactor): one text and key have one accepted signature.
    key.key.verify_strict(signed.as_bytes(), &signature).map_err(|_| SealError::Signature)?;
    decode(payload)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc_8037_a4_verifies_against_its_published_signature() {
        // RFC 8037 A.1–A.5: key and signature printed there; the header has only `alg`, so the
        // signature is checked at the level of the curve.
        let d = URL_SAFE_NO_PAD.decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A").unwrap();
        let key = SigningKey::from_seed(&d.try_into().unwrap());
        assert_eq!(URL_SAFE_NO_PAD.encode(key.public().to_bytes()), "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
        let signed = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
        let expected = "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
        assert_eq!(URL_SAFE_NO_PAD.encode(key.key.sign(signed.as_bytes()).to_bytes()), expected);
    }

    #[test]
    fn a_changed_byte_another_type_and_another_key_are_refused() {
        let key = SigningKey::generate().unwrap();
        let keys = [key.public()];
        let jws = sign(&key, "receipt", b"{\"a\":1}");
        assert_eq!(verify(&keys, "receipt", &jws).unwrap(), b"{\"a\":1}");
        assert_eq!(verify(&keys, "feed", &jws), Err(SealError::Algorithm));
        let other = SigningKey::generate().unwrap();
        assert_eq!(verify(&[other.public()], "receipt", &jws), Err(SealError::UnknownKey));
        let mut bytes = jws.clone().into_bytes();
        let at = jws.find('.').unwrap() + 2;
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(bytes).unwrap();
        assert!(matches!(verify(&keys, "receipt", &changed), Err(SealError::Signature | SealError::Malformed)));
        assert_eq!(verify(&keys, "receipt", "a.b"), Err(SealError::Malformed));
    }
}

#[cfg(test)]
mod properties;
