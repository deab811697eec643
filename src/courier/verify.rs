//! Whether what the hall signed is about what was sent. Nothing is done before this says so.

use std::collections::BTreeSet;

use matters::Digest;
use outbox::{FeedNews, PackageFile, PackageOffer, Parcel, ReceiptNews};
use seal::{PublicKey, SealError};
use wire::{Answer, EVENTS_MAX, FeedPage, Receipt, package};

use crate::{
    Attested, Signed, convert,
    outcome::{Finding, LineTrouble, Outcome},
};

/// Type in the signed header of a receipt.
pub(crate) const RECEIPT: &str = "receipt";
/// Type in the signed header of a feed page.
pub(crate) const FEED: &str = "feed";

/// The receipt, when it is signed by the hall and says exactly what was delivered: this act by
/// its bytes, this filing by its bytes, these pages and no others.
///
/// # Errors
/// A wrong signature or another content; the hall's answer then counts for nothing.
pub(crate) fn receipt(keys: &[PublicKey], parcel: &Parcel, pages: &[Digest], answer: &Answer) -> Result<ReceiptNews, Outcome> {
    let receipt: Receipt = signed(keys, RECEIPT, &answer.receipt)?;
    let same_act = receipt.act == parcel.act.id
        && receipt.filing == parcel.act.filing
        && receipt.act_sha256 == Digest::of(&parcel.act_bytes)
        && receipt.filing_sha256 == parcel.filing_bytes.as_deref().map(Digest::of);
    let named: BTreeSet<&Digest> = receipt.pages.iter().collect();
    let same_pages = named == pages.iter().collect();
    if !same_act || !same_pages {
        tracing::error!(act = %parcel.act.id, same_act, same_pages, "a signed receipt is about something else");
        return Err(Finding::ReceiptDiffers.into());
    }
    Ok(convert::receipt_news(receipt, answer.receipt.clone()))
}

/// What a receipt says, by its signature alone: for one that comes on paper, without a line.
///
/// # Errors
/// [`Finding::SignerUnknown`], [`Finding::SignatureWrong`], or no receipt of this version.
pub fn attested(keys: &[PublicKey], jws: &str) -> Result<Attested, Outcome> {
    let receipt: Receipt = signed(keys, RECEIPT, jws)?;
    let (filing, filing_sha256, pages) = (receipt.filing, receipt.filing_sha256, receipt.pages.len());
    Ok(Attested { news: convert::receipt_news(receipt, jws.to_owned()), filing, filing_sha256, pages })
}

/// The page of the feed, when it is signed, addressed to this point, and goes on where the
/// cursor stood.
///
/// # Errors
/// See [`Finding`]; a page is applied whole or not at all.
pub fn feed(keys: &[PublicKey], point: &str, asked: u64, jws: &str) -> Result<FeedNews, Outcome> {
    let page: FeedPage = signed(keys, FEED, jws)?;
    if page.point != point {
        return Err(Finding::FeedOfAnotherPoint.into());
    }
    let mut last = asked;
    for event in &page.events {
        if event.sequence <= last {
            return Err(Finding::FeedOutOfOrder.into());
        }
        last = event.sequence;
    }
    if page.cursor < last || page.events.len() > EVENTS_MAX {
        return Err(Finding::FeedOutOfOrder.into());
    }
    Ok(convert::feed_news(page))
}

/// What a package holds, when it is signed by the hall and is the very one that the feed named.
///
/// # Errors
/// A wrong signature, [`Finding::PackageDiffers`].
pub(crate) fn package(keys: &[PublicKey], offer: &PackageOffer, jws: &str) -> Result<Signed<Vec<PackageFile>>, Outcome> {
    let payload = opened(keys, package::PACKAGE, jws)?;
    let manifest: package::Manifest = serde_json::from_slice(&payload).map_err(|_| LineTrouble::AnswerUnreadable)?;
    let named = Digest::of(&payload) == offer.sha256
        && manifest.kind == offer.kind.name()
        && manifest.version == offer.version
        && manifest.in_force_from == offer.in_force_from;
    if !named || !manifest.is_sound() {
        return Err(Finding::PackageDiffers.into());
    }
    let file = |file: package::PackageFile| PackageFile { name: file.name, sha256: file.sha256, bytes: file.bytes };
    Ok(Signed { value: manifest.files.into_iter().map(file).collect(), jws: jws.to_owned() })
}

fn opened(keys: &[PublicKey], typ: &str, jws: &str) -> Result<Vec<u8>, Outcome> {
    seal::verify(keys, typ, jws).map_err(|error| match error {
        SealError::UnknownKey => Outcome::from(Finding::SignerUnknown),
        SealError::Malformed | SealError::Algorithm | SealError::Signature | SealError::Key => Finding::SignatureWrong.into(),
    })
}

fn signed<T: serde::de::DeserializeOwned>(keys: &[PublicKey], typ: &str, jws: &str) -> Result<T, Outcome> {
    let payload = opened(keys, typ, jws)?;
    serde_json::from_slice(&payload).map_err(|_| LineTrouble::AnswerUnreadable.into())
}
