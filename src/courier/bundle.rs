//! The same delivery by a stick, for days without a network: a bundle that only the hall can
//! open goes there, signed receipts come back. Nothing is done before they do.

use std::{collections::BTreeSet, io::Write};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use matters::Digest;
use outbox::{Admission, LedgerAt, PageUpload, Parcel, Particulars};
use rcgen::{KeyPair, SigningKey as _};
use seal::bundle::{BundleAddress, BundleError, Sealer};
use uuid::Uuid;
use wire::{
    Answer, Commit,
    bundle::{Outside, Record, Sender, signed_text},
};

use crate::{
    PageBytes, convert,
    outcome::{Finding, LineTrouble, Outcome},
    verify,
};

/// Bytes of a page in one record.
const PIECE_BYTES: usize = 512 * 1024;

/// Why no bundle was written. What is on the stick then is not whole, and the hall says so.
#[derive(Debug, thiserror::Error)]
pub enum BundleFault {
    #[error("{}", .0.code())]
    Cabinet(Outcome),
    #[error("the bundle cannot be written")]
    Bundle(#[source] BundleError),
}

impl BundleFault {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Cabinet(outcome) => outcome.code(),
            Self::Bundle(BundleError::Io(_)) => "stick_not_writable",
            Self::Bundle(_) => "bundle_not_written",
        }
    }
}

/// Writes these parcels, whole, into one bundle to the hall. Making the file durable is the
/// caller's.
///
/// # Errors
/// See [`BundleFault`].
pub fn write<W: Write>(
    admission: &Admission,
    to: &BundleAddress,
    parcels: &[Parcel],
    page_bytes: &mut PageBytes<'_>,
    out: W,
) -> Result<W, BundleFault> {
    let unusable = || BundleFault::Cabinet(LineTrouble::OwnKeyUnusable.into());
    let key = KeyPair::from_pem(admission.key_pem.expose()).map_err(|_| unusable())?;
    let outside =
        Outside { wire: wire::VERSION, point: admission.particulars.point.clone(), terminal: admission.terminal.clone() };
    let header = serde_json::to_vec(&outside).map_err(|_| unusable())?;
    let mut sealer = Sealer::new(to, &header, out).map_err(BundleFault::Bundle)?;
    let signature = key.sign(&signed_text(&sealer.binding())).map_err(|_| unusable())?;
    let sender = Sender { certificate_pem: admission.certificate_pem.clone(), signature: STANDARD.encode(signature) };
    let mut put = |record: &Record| sealer.piece(&record.to_bytes()).map_err(BundleFault::Bundle);
    put(&Record::Sender(sender))?;
    let mut written = BTreeSet::new();
    for parcel in parcels {
        for page in &parcel.pages {
            if written.insert(page.sha256) {
                put_page(page, page_bytes, &mut put)?;
            }
        }
        put(&Record::Commit(Commit::pack(&parcel.act_bytes, parcel.filing_bytes.as_deref())))?;
    }
    sealer.finish().map_err(BundleFault::Bundle)
}

fn put_page(
    page: &PageUpload,
    page_bytes: &mut PageBytes<'_>,
    put: &mut impl FnMut(&Record) -> Result<(), BundleFault>,
) -> Result<(), BundleFault> {
    put(&Record::Page { sha256: page.sha256, bytes: page.bytes })?;
    let mut at = 0;
    while at < page.bytes {
        let wanted = usize::try_from(page.bytes - at).unwrap_or(PIECE_BYTES).min(PIECE_BYTES);
        let piece = page_bytes(page.sha256, at, wanted)
            .filter(|piece| !piece.is_empty() && piece.len() <= wanted)
            .ok_or_else(|| BundleFault::Cabinet(Finding::PageMissing.into()))?;
        at += piece.len() as u64;
        put(&Record::Data(piece))?;
    }
    Ok(())
}

/// Reads what came back on the stick: one [`Answer`] in JSON a line. Each receipt is verified
/// as one that came over the line; lines about acts that do not wait here are passed over,
/// so the same stick may be read as often as one likes. With each, where the hall's ledger stood then.
pub fn receipts(particulars: &Particulars, parcels: &[Parcel], text: &str) -> Vec<(Uuid, Outcome, LedgerAt)> {
    let keys = convert::keys(particulars);
    let mut out = Vec::new();
    for answer in text.lines().filter_map(|line| serde_json::from_str::<Answer>(line).ok()) {
        let about = seal::verify(&keys, verify::RECEIPT, &answer.receipt)
            .ok()
            .and_then(|payload| serde_json::from_slice::<wire::Receipt>(&payload).ok());
        let Some(parcel) = about.and_then(|receipt| parcels.iter().find(|parcel| parcel.act.id == receipt.act)) else {
            continue;
        };
        let opened = Commit::pack(&parcel.act_bytes, parcel.filing_bytes.as_deref()).open();
        let named: Vec<Digest> = opened.map(|opened| opened.pages()).unwrap_or_default();
        let outcome = match verify::receipt(&keys, parcel, &named, &answer) {
            Ok(news) => Outcome::Done(Box::new(news)),
            Err(outcome) => outcome,
        };
        out.push((parcel.act.id, outcome, convert::ledger_at(&answer.ledger)));
    }
    out
}

#[cfg(test)]
#[path = "bundle_tests.rs"]
mod tests;
