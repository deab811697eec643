//! A filing (办件): what one person asks of the town, with everything that was seen and said
//! when it was sealed. Rendered once to canonical bytes; nobody serialises it again.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::{Identity, Personal, Value, canonical};

/// SHA-256 of some bytes, shown and stored as 64 lower-case hex digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    pub fn from_hex(text: &str) -> Option<Self> {
        let mut out = [0; 32];
        hex::decode_to_slice(text, &mut out).ok()?;
        // One spelling only, or equal digests would compare unequal as text in a database.
        (hex::encode(out) == text).then_some(Self(out))
    }
}

impl std::fmt::Display for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl std::fmt::Debug for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

impl Serialize for Digest {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        Self::from_hex(&text).ok_or_else(|| serde::de::Error::custom("not a SHA-256 in lower-case hex"))
    }
}

/// Who did it: the agent (代办员) or clerk account and the signed-in session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActedBy {
    /// Account id as the hall knows it, e.g. `wang`.
    pub account: String,
    pub session: Uuid,
}

/// The service point (便民服务点) and the machine at which something was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PointRef {
    /// Point code, e.g. `SLC`.
    pub id: String,
    pub name: String,
    /// Terminal id given at admission.
    pub terminal: String,
}

/// In what capacity somebody files: for himself, on behalf (代办), as guardian (监护人).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Capacity {
    Myself,
    OnBehalf {
        mandate: Mandate,
    },
    Guardian {
        guardian: Personal<String>,
        guardian_number: Personal<String>,
        relation: String,
    },
    /// The village committee (村民委员会) files for somebody who cannot, e.g. 特困供养 (社会救助暂行办法 15).
    Committee {
        officer: Personal<String>,
        officer_phone: Personal<String>,
        reason: String,
    },
}

impl Capacity {
    /// As conditions in the catalogue name it: `myself`, `on_behalf`, `guardian`, `committee`.
    pub fn key(&self) -> &'static str {
        match self {
            Capacity::Myself => "myself",
            Capacity::OnBehalf { .. } => "on_behalf",
            Capacity::Guardian { .. } => "guardian",
            Capacity::Committee { .. } => "committee",
        }
    }
}

/// What the mandate (授权委托书, 民法典 165) must say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mandate {
    /// `agent` (代办员), `relative` (近亲属) or `other`.
    pub proxy_kind: ProxyKind,
    pub proxy_name: Personal<String>,
    pub proxy_number: Personal<String>,
    pub proxy_phone: Personal<String>,
    /// Matters named one by one, by id.
    pub matters: Vec<String>,
    /// Powers ticked: `fill`, `hand_in`, `receive_notices`, `collect_result`; never `sign` by default.
    pub powers: Vec<String>,
    pub from: jiff::civil::Date,
    pub until: jiff::civil::Date,
    /// The resident was told that it costs nothing and consents to the use of the data.
    pub free_of_charge_told: bool,
    /// The proxy says that he is a relative of the applicant: shown to the clerk as a possible
    /// conflict of interest when the proxy is the agent.
    #[serde(default)]
    pub related: bool,
    /// Papers handed to the proxy, to be given back.
    #[serde(default)]
    pub handed_over: Vec<HandedOver>,
}

/// A paper that the principal gave to the proxy (移交材料).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandedOver {
    /// Code of the material.
    pub material: String,
    pub original: bool,
    pub count: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProxyKind {
    Agent,
    Relative,
    Other,
}

/// The notice to the resident (告知) that was shown before the first card or picture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeGiven {
    pub version: String,
    pub at: Timestamp,
}

/// Somebody who saw the resident in person (见面见证), for M04.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Witness {
    pub name: Personal<String>,
    /// `agent`, `neighbour`, `official`
    pub role: String,
    pub at: Timestamp,
}

/// A page of a material: its place in the filing and the digest of its bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageRef {
    /// Code of the material in the matter, e.g. `MR1`.
    pub material: String,
    /// From 1 within its material.
    pub order: u32,
    pub sha256: Digest,
    pub bytes: u64,
    pub width_px: u32,
    pub height_px: u32,
}

/// Everything that is sealed. Field order here is irrelevant: canonical bytes sort the keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filing {
    /// Version of this form; 1 today.
    pub format: u32,
    pub id: Uuid,
    pub case_number: String,
    /// Six digits that open the case's state to who holds the slip; never part of the number.
    pub query_code: Personal<String>,
    pub matter: String,
    pub catalogue_version: String,
    pub point: PointRef,
    pub sealed_at: Timestamp,
    pub acted_by: ActedBy,
    pub capacity: Capacity,
    pub applicant: Identity,
    pub notice: NoticeGiven,
    pub witness: Option<Witness>,
    /// Answers to the questions before the form, by situation key: they decide the materials.
    #[serde(default)]
    pub situations: BTreeMap<String, String>,
    /// Form answers by field key.
    pub answers: BTreeMap<String, Value>,
    pub pages: Vec<PageRef>,
}

/// A filing that can no longer change: its canonical bytes and their digest.
/// Only [`Filing::seal`] and [`Sealed::from_bytes`] make one.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed {
    filing: Filing,
    bytes: Vec<u8>,
    digest: Digest,
}

#[derive(Debug, thiserror::Error)]
pub enum SealedError {
    #[error("the bytes are not a filing")]
    NotAFiling(#[source] serde_json::Error),
    #[error("the bytes are a filing, but not in canonical form")]
    NotCanonical,
    #[error("format {0} of a filing is not known here")]
    UnknownFormat(u32),
}

impl Filing {
    pub const FORMAT: u32 = 1;

    /// Renders the filing once to canonical JSON (RFC 8785).
    pub fn seal(self) -> Sealed {
        let bytes = canonical::to_bytes(&self);
        let digest = Digest::of(&bytes);
        Sealed { filing: self, bytes, digest }
    }
}

impl Sealed {
    /// Reads sealed bytes back; refuses bytes that are not exactly canonical, so that one
    /// filing has one digest.
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, SealedError> {
        let filing: Filing = serde_json::from_slice(&bytes).map_err(SealedError::NotAFiling)?;
        if filing.format != Filing::FORMAT {
            return Err(SealedError::UnknownFormat(filing.format));
        }
        if canonical::reorder(&bytes).as_deref() != Some(&bytes[..]) {
            return Err(SealedError::NotCanonical);
        }
        let digest = Digest::of(&bytes);
        Ok(Self { filing, bytes, digest })
    }

    pub fn filing(&self) -> &Filing {
        &self.filing
    }

    /// Canonical bytes: hash, store and send exactly these.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub fn digest(&self) -> Digest {
        self.digest
    }
}

impl std::fmt::Debug for Sealed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sealed").field("id", &self.filing.id).field("digest", &self.digest).finish()
    }
}
