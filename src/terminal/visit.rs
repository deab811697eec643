//! What belongs to the person being served. Dropping it is how the terminal forgets people.

use matters::{CardKind, Digest, Identity};
use outbox::{Draft, FilingFull};

/// A visit: one resident, one draft, the card that lies on the reader.
#[derive(Debug, Default)]
pub struct Visit {
    pub draft: Option<Draft>,
    /// Saved state of the draft, shown at the foot.
    pub saved_at: Option<jiff::Timestamp>,
    pub dirty: bool,
    pub card: CardOnReader,
    /// The sealed filing that receipt or correction screens show.
    pub filing: Option<FilingFull>,
    /// Material that the next picture belongs to, and the page it replaces.
    pub aim: Option<Aim>,
    /// Field to which the form opens, when somebody pressed its line in the check.
    pub mend: Option<String>,
    /// Page shown large.
    pub shown: Option<Digest>,
    pub supplement: Option<Supplement>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aim {
    pub material: String,
    pub replace: Option<u32>,
}

/// The card as this person's read event left it. Removal in the middle leaves `Nothing`.
#[derive(Debug, Default)]
pub enum CardOnReader {
    #[default]
    Nothing,
    Reading,
    Read(Box<Identity>),
    Failed(devices::Trouble),
}

/// Answers to an open correction, item by item.
#[derive(Clone, Debug, Default)]
pub struct Supplement {
    pub correction: uuid::Uuid,
    pub items: std::collections::BTreeMap<u32, matters::SupplementItem>,
    /// Draft that holds the new pages.
    pub draft: Option<Draft>,
}

impl Visit {
    pub fn applicant(&self) -> Option<&Identity> {
        self.draft.as_ref()?.applicant.as_ref()
    }

    /// True when no card lies on the reader, as far as this visit is concerned.
    pub fn card_is_nothing(&self) -> bool {
        matches!(self.card, CardOnReader::Nothing)
    }

    /// True while the applicant's data came from a card, not from a hand.
    pub fn by_card(&self) -> bool {
        self.applicant().is_some_and(|identity| identity.card != CardKind::None)
    }
}
