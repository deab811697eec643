//! What a bundle on a stick consists of: the same pages and commits that go over the line.
//!
//! A page is announced by [`Record::Page`] and follows in [`Record::Data`]; the commit that
//! names it comes later. Importing a bundle twice has the same result as importing it once,
//! because pages go by their digest and acts by their id.

use matters::Digest;
use serde::{Deserialize, Serialize};

use crate::Commit;

/// What everybody may read on the outside of a bundle: no person is named.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outside {
    pub wire: u32,
    pub point: String,
    pub terminal: String,
}

/// Who sealed the bundle: a terminal's certificate, and by its key the signature (ECDSA P-256
/// with SHA-256, ASN.1) over [`signed_text`] of the bundle's binding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sender {
    pub certificate_pem: String,
    /// Base64, standard alphabet.
    pub signature: String,
}

/// One piece of a bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record {
    /// Always the first.
    Sender(Sender),
    /// A page of so many bytes begins.
    Page {
        sha256: Digest,
        bytes: u64,
    },
    /// The next bytes of the page that was announced last.
    Data(Vec<u8>),
    Commit(Commit),
    /// From a later version: passed over.
    Unknown,
}

/// The bytes that the sender signs.
pub fn signed_text(binding: &[u8; 32]) -> Vec<u8> {
    [b"village-point bundle sender 1".as_slice(), binding].concat()
}

impl Record {
    /// One byte of kind and the content.
    pub fn to_bytes(&self) -> Vec<u8> {
        let json = |kind: u8, value: serde_json::Result<Vec<u8>>| {
            let mut out = vec![kind];
            out.extend(value.expect("strings serialise"));
            out
        };
        match self {
            Self::Sender(sender) => json(b'S', serde_json::to_vec(sender)),
            Self::Page { sha256, bytes } => [b"P".as_slice(), &sha256.0, &bytes.to_be_bytes()].concat(),
            Self::Data(bytes) => [b"D", bytes.as_slice()].concat(),
            Self::Commit(commit) => json(b'C', serde_json::to_vec(commit)),
            Self::Unknown => vec![b'?'],
        }
    }

    /// `None` when the content is not what its kind says.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (kind, content) = bytes.split_first()?;
        match kind {
            b'S' => serde_json::from_slice(content).ok().map(Self::Sender),
            b'P' => {
                let (sha256, bytes) = content.split_first_chunk::<32>()?;
                Some(Self::Page { sha256: Digest(*sha256), bytes: u64::from_be_bytes(bytes.try_into().ok()?) })
            }
            b'D' => Some(Self::Data(content.to_vec())),
            b'C' => serde_json::from_slice(content).ok().map(Self::Commit),
            _ => Some(Self::Unknown),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_record_reads_back_and_a_later_kind_is_passed_over() {
        for record in [
            Record::Sender(Sender { certificate_pem: "c".into(), signature: "s".into() }),
            Record::Page { sha256: Digest([1; 32]), bytes: 300_000 },
            Record::Data(vec![0, 255]),
            Record::Commit(Commit::pack(b"{}", Some(b"{}"))),
        ] {
            assert_eq!(Record::from_bytes(&record.to_bytes()), Some(record));
        }
        assert_eq!(Record::from_bytes(b"Xnew"), Some(Record::Unknown));
        for junk in [&b""[..], b"P", b"Pshort", b"C{", b"S[]"] {
            assert_eq!(Record::from_bytes(junk), None);
        }
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes: Vec<u8>) {
            let _ = Record::from_bytes(&bytes);
        }
    }
}
