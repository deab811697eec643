//! One delivery as questions and answers: what to ask the hall next, and what came of it. Pure:
//! `client.rs` says it in HTTP, and so does whoever carries it over a line of another kind.
//!
//! First the pages that the hall does not hold yet, then the commit that names them.
//! [`Outcome::Done`] only with a verified receipt.

use std::collections::{BTreeSet, VecDeque};

use matters::Digest;
use outbox::{PageUpload, Parcel};
use seal::PublicKey;
use wire::{Answer, Commit, Have, Held, convert::CommitFault, problem::Kind};

use crate::{
    PageBytes, Progress, Step,
    answer::Answered,
    outcome::{Finding, LineTrouble, Outcome},
    tus::{Came, Next, Trip},
    verify,
};

/// A page goes up in pieces of this size, each asked of the cabinet when its turn comes.
pub(crate) const PIECE_BYTES: usize = 32 * 1024;

/// A question to the hall.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// POST [`wire::path::HAVE`]
    Have(Have),
    /// POST [`wire::path::PAGES`]: a new upload.
    Create { page: Digest, bytes: u64 },
    /// HEAD: where does the upload stand?
    Stands { location: String },
    /// PATCH: the page from here to its end, in one body, with its checksum if that is wanted.
    Send { location: String, page: Digest, from: u64, bytes: u64, checksum: bool },
    /// POST [`wire::path::ACTS`]
    Commit(Commit),
}

/// What comes next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Turn {
    Ask(Ask),
    Over(Outcome),
}

#[derive(Clone, Debug)]
enum Stage {
    Have,
    Pages,
    Commit(Commit),
    Over(Outcome),
}

/// A delivery under way.
#[derive(Clone, Debug)]
pub struct Delivery {
    keys: Vec<PublicKey>,
    parcel: Parcel,
    /// What the act names, sorted, each once.
    named: Vec<Digest>,
    commit: Commit,
    stage: Stage,
    /// Pages of which it is not known yet that the hall holds them; the first is on its way.
    left: VecDeque<PageUpload>,
    trip: Option<Trip>,
    /// Bytes of pages that are done with.
    before: u64,
    sent: u64,
    total: u64,
}

impl Delivery {
    /// Read once as the hall will read it: what is damaged here is found here. `keys` are those
    /// whose receipts count.
    pub fn new(parcel: Parcel, keys: Vec<PublicKey>) -> Self {
        let commit = Commit::pack(&parcel.act_bytes, parcel.filing_bytes.as_deref());
        let (named, fault) = match commit.open() {
            Err(fault) => (Vec::new(), Some(unsendable(&fault))),
            Ok(opened) => {
                let named = opened.pages();
                let uploads: BTreeSet<Digest> = parcel.pages.iter().map(|page| page.sha256).collect();
                let missing = opened.act != parcel.act || named.iter().any(|page| !uploads.contains(page));
                (named, missing.then(|| Finding::PageMissing.into()))
            }
        };
        let mut seen = BTreeSet::new();
        let pages = parcel.pages.iter().filter(|page| named.contains(&page.sha256) && seen.insert(page.sha256));
        let left: VecDeque<PageUpload> = pages.cloned().collect();
        let stage = match fault {
            Some(outcome) => Stage::Over(outcome),
            None if left.is_empty() => Stage::Commit(commit.clone()),
            // Asked anew every time: the hall may have been put back to yesterday's backup, and
            // the same page may have come up with another filing.
            None => Stage::Have,
        };
        let total = left.iter().map(|page| page.bytes).sum();
        Self { keys, parcel, named, commit, stage, left, trip: None, before: 0, sent: 0, total }
    }

    /// One page alone; what comes after it is the commit of a parcel that is not sent.
    #[cfg(test)]
    pub(crate) fn of_page(page: &PageUpload, parcel: &Parcel) -> Self {
        let mut delivery = Self::new(parcel.clone(), Vec::new());
        delivery.stage = Stage::Pages;
        delivery.left = [page.clone()].into();
        delivery.total = page.bytes;
        delivery
    }

    pub fn parcel(&self) -> &Parcel {
        &self.parcel
    }

    /// What to ask next. Asked again before anything came, it says the same.
    pub fn next(&mut self) -> Turn {
        loop {
            match &self.stage {
                Stage::Have => return Turn::Ask(Ask::Have(Have { digests: self.named.clone() })),
                Stage::Commit(commit) => return Turn::Ask(Ask::Commit(commit.clone())),
                Stage::Over(outcome) => return Turn::Over(outcome.clone()),
                Stage::Pages => {}
            }
            let Some(page) = self.left.front() else {
                self.stage = Stage::Commit(self.commit.clone());
                continue;
            };
            let trip = self.trip.get_or_insert_with(|| Trip::new(page));
            match trip.next() {
                Next::Done => {
                    self.before += page.bytes;
                    self.sent = self.before;
                    self.left.pop_front();
                    self.trip = None;
                }
                Next::GiveUp(outcome) => self.stage = Stage::Over(outcome),
                Next::Create => return Turn::Ask(Ask::Create { page: page.sha256, bytes: page.bytes }),
                Next::Ask { location } => return Turn::Ask(Ask::Stands { location }),
                Next::Send { location, from, checksum } => {
                    self.sent = self.before + from;
                    return Turn::Ask(Ask::Send { location, page: page.sha256, from, bytes: page.bytes, checksum });
                }
            }
        }
    }

    /// Learns what came of the question that [`Delivery::next`] asks: an answer, or what became
    /// of the line. What is to be written down is told to `report`.
    pub fn learn(&mut self, came: Result<Answered, Outcome>, page_bytes: &mut PageBytes<'_>, report: &mut dyn FnMut(Progress)) {
        let mut steps = Vec::new();
        let learnt = match self.stage.clone() {
            Stage::Have => came.and_then(|answer| self.held(answer, &mut steps)),
            Stage::Pages => self.went(came, page_bytes, &mut steps),
            Stage::Commit(_) => came.and_then(|answer| self.answered(answer, &mut steps)),
            Stage::Over(outcome) => Err(outcome),
        };
        if let Err(outcome) = learnt {
            self.stage = Stage::Over(outcome);
        }
        for (sent, step) in steps {
            report(Progress { filing: self.parcel.act.filing, sent, total: self.total, step });
        }
    }

    /// Bytes of the page under way that were handed to the line and are not acknowledged.
    pub(crate) fn sending(&mut self, page: Digest, bytes: u64) -> Progress {
        self.sent += bytes;
        Progress { filing: self.parcel.act.filing, sent: self.sent, total: self.total, step: Step::Sending { page } }
    }

    fn held(&mut self, answer: Answered, steps: &mut Vec<(u64, Step)>) -> Result<(), Outcome> {
        let held: Held = answer.expect(&[200])?.json()?;
        let held: BTreeSet<Digest> = held.digests.into_iter().collect();
        let (there, missing): (Vec<PageUpload>, Vec<PageUpload>) =
            self.left.drain(..).partition(|page| held.contains(&page.sha256));
        for page in there {
            self.before += page.bytes;
            steps
                .push((self.before, Step::Upload { page: page.sha256, location: page.location, offset: page.bytes, done: true }));
        }
        for page in missing.iter().filter(|page| page.done) {
            steps.push((self.before, Step::Forget { page: page.sha256 }));
        }
        self.sent = self.before;
        self.left = missing.into();
        self.stage = Stage::Pages;
        Ok(())
    }

    fn went(
        &mut self,
        came: Result<Answered, Outcome>,
        page_bytes: &mut PageBytes<'_>,
        steps: &mut Vec<(u64, Step)>,
    ) -> Result<(), Outcome> {
        let (Some(page), Some(trip)) = (self.left.front(), &mut self.trip) else { return Ok(()) };
        let asked = trip.next();
        let came = match asked {
            Next::Create => created(came?)?,
            Next::Ask { .. } => stands(came?)?,
            // A body that breaks off is no error: the hall is asked how much it has.
            Next::Send { .. } => match came {
                Ok(answer) => patched(page, answer, page_bytes, &mut |step| steps.push((self.sent, step)))?,
                Err(outcome) if outcome == LineTrouble::Cut.into() || outcome == LineTrouble::Stalled.into() => {
                    Came::Unsure(outcome)
                }
                Err(outcome) => return Err(outcome),
            },
            Next::Done | Next::GiveUp(_) => return Ok(()),
        };
        let gone = came == Came::Gone;
        trip.learn(&asked, came);
        if gone {
            steps.push((self.sent, Step::Forget { page: page.sha256 }));
        } else if trip.location().is_some() {
            self.sent = self.before + trip.acknowledged();
            let (location, offset) = (trip.location().map(str::to_owned), trip.acknowledged());
            steps.push((self.sent, Step::Upload { page: page.sha256, location, offset, done: trip.next() == Next::Done }));
        }
        Ok(())
    }

    fn answered(&mut self, answer: Answered, steps: &mut Vec<(u64, Step)>) -> Result<(), Outcome> {
        let answer = answer.expect(&[200, 201]).inspect_err(|outcome| {
            if outcome.code() == Outcome::from(Kind::PageUnknown).code() {
                steps.extend(self.named.iter().map(|page| (self.sent, Step::Forget { page: *page })));
            }
        })?;
        let answer: Answer = answer.json()?;
        let news = verify::receipt(&self.keys, &self.parcel, &self.named, &answer)?;
        self.stage = Stage::Over(Outcome::Done(Box::new(news)));
        Ok(())
    }
}

fn created(answer: Answered) -> Result<Came, Outcome> {
    let answer = answer.expect(&[201])?;
    Ok(Came::Created { location: answer.location.ok_or(LineTrouble::AnswerUnreadable)? })
}

fn stands(answer: Answered) -> Result<Came, Outcome> {
    match (answer.status, answer.upload_offset) {
        (200 | 204, Some(offset)) => Ok(Came::Stands { offset, length: answer.upload_length }),
        // An answer to HEAD has no body that could say why; creating anew will.
        (403 | 404 | 410, _) => Ok(Came::Gone),
        (200 | 204, None) => Err(LineTrouble::NotTheHall.into()),
        _ => Err(answer.refusal()),
    }
}

fn patched(
    page: &PageUpload,
    answer: Answered,
    page_bytes: &mut PageBytes<'_>,
    tell: &mut dyn FnMut(Step),
) -> Result<Came, Outcome> {
    match (answer.status, answer.upload_offset) {
        (204, Some(offset)) => return Ok(Came::Stands { offset, length: None }),
        (200 | 204, None) => return Err(LineTrouble::NotTheHall.into()),
        (404 | 410, _) => return Ok(Came::Gone),
        // 423: the hall has not noticed yet that our last connection broke.
        (409 | 423 | 460, _) => return Ok(Came::Unsure(answer.refusal())),
        _ => {}
    }
    let refusal = answer.refusal();
    if answer.problem() != Some(Ok(Kind::DigestMismatch)) {
        return Err(refusal);
    }
    // The hall has thrown the page away. If the cabinet's own bytes are not the page either,
    // sending them again is of no use.
    let mut whole = Vec::new();
    while (whole.len() as u64) < page.bytes {
        whole.extend(piece(page.sha256, page.bytes, whole.len() as u64, page_bytes)?);
    }
    tell(Step::Forget { page: page.sha256 });
    Err(if Digest::of(&whole) == page.sha256 { refusal } else { Finding::PageDamaged.into() })
}

/// The next piece of a page: not empty, not more than asked, or the page is missing.
///
/// # Errors
/// [`Finding::PageMissing`].
pub(crate) fn piece(page: Digest, bytes: u64, at: u64, page_bytes: &mut PageBytes<'_>) -> Result<Vec<u8>, Outcome> {
    let wanted = usize::try_from(bytes - at).unwrap_or(PIECE_BYTES).min(PIECE_BYTES);
    page_bytes(page, at, wanted)
        .filter(|piece| !piece.is_empty() && piece.len() <= wanted)
        .ok_or_else(|| Finding::PageMissing.into())
}

/// A parcel that no hall could read.
fn unsendable(fault: &CommitFault) -> Outcome {
    tracing::error!(%fault, "a parcel of the cabinet cannot be read");
    Kind::NotCanonical.into()
}
