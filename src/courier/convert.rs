//! Between what travels and what the cabinet keeps.

use matters::Personal;
use outbox::{Admission, FeedNews, LedgerAt, Message, PackageKind, PackageOffer, Particulars, ReceiptNews};
use seal::PublicKey;
use wire::{
    Admitted, EventKind, FeedPage, HallInfo, LedgerMark, PointInfo, Receipt,
    package::{OFFERS_MAX, Offer},
};

/// Point and hall as the window shows them.
pub(crate) fn particulars(point: PointInfo, hall: HallInfo) -> Particulars {
    Particulars {
        point: point.id,
        point_name: point.name,
        point_hours: point.hours,
        point_phone: point.phone,
        hall_name: hall.name,
        hall_phone: hall.phone,
        supervision_phone: hall.supervision_phone,
        bundle: hall.bundle,
        recovery: hall.recovery,
        hall_keys: hall.keys.into_iter().map(|key| (key.kid, key.public)).collect(),
    }
}

/// What admission leaves in the cabinet.
pub(crate) fn admission(hall_url: String, admitted: Admitted, key_pem: Personal<String>) -> Admission {
    Admission {
        hall_url,
        terminal: admitted.terminal,
        serial: admitted.serial,
        particulars: particulars(admitted.point, admitted.hall),
        certificate_pem: admitted.certificate_pem,
        authority_pem: admitted.authority_pem,
        key_pem,
    }
}

/// The keys that sign receipts and feed. A key whose bytes do not give its id is left out:
/// what it signs is then "signed by somebody unknown", never trusted by name.
pub fn keys(particulars: &Particulars) -> Vec<PublicKey> {
    let read = |(kid, public): &(String, String)| {
        let bytes: [u8; 32] = hex::decode(public).ok()?.try_into().ok()?;
        PublicKey::from_bytes(&bytes).ok().filter(|key| key.kid == *kid)
    };
    particulars.hall_keys.iter().filter_map(read).collect()
}

/// A verified receipt for the cabinet, with its signed text.
pub(crate) fn receipt_news(receipt: Receipt, jws: String) -> ReceiptNews {
    ReceiptNews {
        act: receipt.act,
        jws,
        case_number: receipt.case_number,
        received_at: receipt.received_at,
        revision: receipt.revision,
        refused: receipt.refused.map(|refusal| (refusal.code, refusal.by, refusal.at)),
    }
}

/// Where the hall says that its ledger stood.
pub(crate) fn ledger_at(mark: &LedgerMark) -> LedgerAt {
    LedgerAt { incarnation: mark.incarnation, sequence: mark.sequence, chain: mark.chain }
}

/// A package of a kind that this build puts to use.
fn offer(offer: Offer) -> Option<PackageOffer> {
    let Some(kind) = PackageKind::of(&offer.kind) else {
        tracing::info!(kind = offer.kind, "a package of a kind unknown here is passed over");
        return None;
    };
    let Offer { version, sha256, bytes, in_force_from, kind: _ } = offer;
    Some(PackageOffer { kind, version, sha256, bytes, in_force_from })
}

/// A verified page of the feed for the cabinet. Kinds that a newer hall sends are passed over;
/// the cursor moves on.
pub(crate) fn feed_news(page: FeedPage) -> FeedNews {
    let mut news = FeedNews {
        cursor: page.cursor,
        hall_time: Some(page.hall_time),
        ledger: Some(ledger_at(&page.ledger)),
        backed_up: page.ledger.backed_up,
        ..FeedNews::default()
    };
    for event in page.events {
        match event.what {
            EventKind::Case { case } => news.cases.push(case),
            EventKind::Agents { agents } => news.agents = Some(agents),
            EventKind::Point { point, hall } => news.particulars = Some(particulars(point, hall)),
            EventKind::Packages { packages } => {
                news.packages = Some(packages.into_iter().take(OFFERS_MAX).filter_map(offer).collect());
            }
            EventKind::Message { message } => {
                news.messages.push(Message { id: message.id, at: message.at, text: message.text, read_at: None });
            }
            EventKind::Unknown => tracing::info!(sequence = event.sequence, "an event of a kind unknown here is passed over"),
        }
    }
    news
}
