//! What belongs to the person being served. Dropping it is how the terminal forgets people.
//!
//! Pages of identity papers carry 仅用于办理 … from the start: which papers these are, the catalogue says (`watermark`), and a
//! town may say always or never in its configuration (`[capture] watermark`). The agent switches it a paper at a time.

use std::collections::BTreeMap;

use matters::{
    CardKind, Digest, Identity, Material, Sheet, Words,
    catalogue::Withdrawn,
    change::{Change, OldAnswer},
};
use outbox::{Draft, FilingFull};

use crate::{
    config::Watermark,
    speech::{Finish, Spot},
};

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
    /// Material that the next picture belongs to, and where it goes.
    pub aim: Option<Aim>,
    /// How the agent wants pages of a material, by its code, where it is not as the catalogue says.
    pub finishes: BTreeMap<String, Finish>,
    /// Field to which the form opens, when somebody pressed its line in the check.
    pub mend: Option<String>,
    /// Page shown large.
    pub shown: Option<Digest>,
    pub supplement: Option<Supplement>,
    /// Answers of an earlier filing were taken over in this visit.
    pub reused: bool,
    /// The draft was begun under another version of the catalogue.
    pub moved: Option<Moved>,
}

/// What became of a draft that was begun under another version of the catalogue.
#[derive(Clone, Debug, Default)]
pub struct Moved {
    /// The version it was begun under; empty when it moved at an earlier opening.
    pub from: String,
    /// The earlier version is at hand, so `changes` is all there is.
    pub compared: bool,
    /// What changed in the matter, with what it is called where it has a name of its own.
    pub changes: Vec<(Option<Words>, Change)>,
    pub old: Vec<OldAnswer>,
    /// The matter can no longer be filed, and this is where to go.
    pub withdrawn: Option<Withdrawn>,
    /// The catalogue does not have the matter, withdrawn or not.
    pub gone: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aim {
    pub material: String,
    pub spot: Spot,
}

impl Aim {
    /// The next page of a material, behind the others.
    pub fn at(material: String) -> Self {
        Self { material, spot: Spot::Last }
    }
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
    pub items: BTreeMap<u32, matters::SupplementItem>,
    /// Draft that holds the new pages.
    pub draft: Option<Draft>,
}

impl Visit {
    /// How pages of this paper are made: as the agent chose, else as the catalogue and the configuration say.
    pub fn finish(&self, paper: &Material, watermark: Watermark) -> Finish {
        self.finishes.get(&paper.code).copied().unwrap_or_else(|| Finish {
            paper: match paper.paper {
                Sheet::Auto => scan::Paper::Auto,
                Sheet::A4 => scan::Paper::A4,
                Sheet::A5 => scan::Paper::A5,
                Sheet::Card => scan::Paper::Card,
                Sheet::Booklet => scan::Paper::Booklet,
                Sheet::Receipt => scan::Paper::Receipt,
                Sheet::Free => scan::Paper::Free,
                Sheet::Whole => scan::Paper::Whole,
            },
            tone: scan::Tone::Colour,
            watermark: match watermark {
                Watermark::Catalogue => paper.watermark,
                Watermark::Always => true,
                Watermark::Never => false,
            },
        })
    }

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
