//! Between what travels and what the domain knows: bytes stay verbatim, readings are checked.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use matters::{Act, Digest, Sealed, SealedError, What, canonical};

use crate::Commit;

/// Why a [`Commit`] cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum CommitFault {
    #[error("the act or the filing is not base64")]
    Base64,
    #[error("the act is not an act of this version")]
    NotAnAct(#[source] serde_json::Error),
    #[error("the act is not in canonical form")]
    NotCanonical,
    #[error("the filing cannot be read")]
    Filing(#[source] SealedError),
    /// An act that files comes with its filing, every other act without, and both name each other.
    #[error("the act and the filing do not belong together")]
    Mismatch,
}

/// A commit taken apart: every part checked to be what its bytes say.
#[derive(Clone, Debug)]
pub struct Opened {
    pub act: Act,
    /// Canonical bytes of the act, as they came.
    pub act_bytes: Vec<u8>,
    /// The filing with its canonical bytes, for an act that files.
    pub filing: Option<Sealed>,
}

impl Commit {
    /// Packs bytes that are already canonical; nothing is serialised again.
    pub fn pack(act_bytes: &[u8], filing_bytes: Option<&[u8]>) -> Self {
        Self { act: STANDARD.encode(act_bytes), filing: filing_bytes.map(|bytes| STANDARD.encode(bytes)) }
    }

    /// Takes the commit apart and checks that act and filing are canonical and belong together.
    ///
    /// # Errors
    /// See [`CommitFault`].
    pub fn open(&self) -> Result<Opened, CommitFault> {
        let decode = |text: &str| STANDARD.decode(text).map_err(|_| CommitFault::Base64);
        let act_bytes = decode(&self.act)?;
        let act: Act = serde_json::from_slice(&act_bytes).map_err(CommitFault::NotAnAct)?;
        // A field that this version does not know stays in the bytes, so canonical form is
        // judged on the bytes and not on what was understood of them.
        if canonical::reorder(&act_bytes).as_deref() != Some(act_bytes.as_slice()) {
            return Err(CommitFault::NotCanonical);
        }
        let filing = match &self.filing {
            None => None,
            Some(text) => Some(Sealed::from_bytes(decode(text)?).map_err(CommitFault::Filing)?),
        };
        match (&act.what, &filing) {
            (What::File { digest }, Some(sealed)) if *digest == sealed.digest() && sealed.filing().id == act.filing => {}
            (What::File { .. }, _) | (_, Some(_)) => return Err(CommitFault::Mismatch),
            (_, None) => {}
        }
        Ok(Opened { act, act_bytes, filing })
    }
}

impl Opened {
    /// Digests of all pages that this act hands over, sorted, each once.
    pub fn pages(&self) -> Vec<Digest> {
        let pages = match (&self.act.what, &self.filing) {
            (What::Supplement { pages, .. }, _) => pages.as_slice(),
            (_, Some(sealed)) => sealed.filing().pages.as_slice(),
            _ => &[],
        };
        let mut digests: Vec<Digest> = pages.iter().map(|page| page.sha256).collect();
        digests.sort_unstable();
        digests.dedup();
        digests
    }
}

#[cfg(test)]
#[path = "convert_tests.rs"]
mod tests;
