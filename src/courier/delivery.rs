//! One delivery as questions and answers: what to ask the hall next, and what came of it. Pure:
//! `client.rs` says it in HTTP, and so does whoever carries it over a line of another kind.
//!
//! First the pages that the hall does not hold yet, then the commit that names them.
//! [`Outcome::Done`] only with a verified receipt.
//!
//! Several pages may be on their way at the same time ([`Delivery::asks`]): while the answer to one is
//! awaited another keeps the line busy, and after a break whichever TCP connection tries again first has it.

use std::collections::BTreeSet;

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

/// What a question is about: a page, or (`None`) the act as a whole.
pub type About = Option<Digest>;

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
    /// Pages of which it is not known yet that the hall holds them.
    left: Vec<Way>,
    /// Bytes of pages that are done with.
    before: u64,
    total: u64,
}

/// A page on its way.
#[derive(Clone, Debug)]
struct Way {
    page: PageUpload,
    trip: Trip,
    /// Bytes that were handed to the line, or that the hall has.
    sent: u64,
}

impl Way {
    fn new(page: PageUpload) -> Self {
        Self { trip: Trip::new(&page), page, sent: 0 }
    }
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
        let left: Vec<Way> = pages.cloned().map(Way::new).collect();
        let stage = match fault {
            Some(outcome) => Stage::Over(outcome),
            None if left.is_empty() => Stage::Commit(commit.clone()),
            // Asked anew every time: the hall may have been put back to yesterday's backup, and
            // the same page may have come up with another filing.
            None => Stage::Have,
        };
        let total = left.iter().map(|way| way.page.bytes).sum();
        Self { keys, parcel, named, commit, stage, left, before: 0, total }
    }

    /// One page alone; what comes after it is the commit of a parcel that is not sent.
    #[cfg(test)]
    pub(crate) fn of_page(page: &PageUpload, parcel: &Parcel) -> Self {
        let mut delivery = Self::new(parcel.clone(), Vec::new());
        delivery.stage = Stage::Pages;
        delivery.left = vec![Way::new(page.clone())];
        delivery.total = page.bytes;
        delivery
    }

    pub fn parcel(&self) -> &Parcel {
        &self.parcel
    }

    /// What to ask next, one question at a time. Asked again before anything came, it says the same.
    pub fn next(&mut self) -> Turn {
        match self.asks(1) {
            Err(outcome) => Turn::Over(outcome),
            Ok(mut asks) => match asks.pop() {
                Some((_, ask)) => Turn::Ask(ask),
                None => Turn::Over(LineTrouble::AnswerUnreadable.into()),
            },
        }
    }

    /// All questions that may be under way at the same time, at most `at_once` (not 0) and at least one: about
    /// the act, or one about each of the next pages. Those under way already are among them.
    ///
    /// # Errors
    /// The outcome, when there is nothing more to ask.
    pub fn asks(&mut self, at_once: usize) -> Result<Vec<(About, Ask)>, Outcome> {
        if matches!(self.stage, Stage::Pages) {
            let before = &mut self.before;
            self.left.retain(|way| {
                let done = way.trip.next() == Next::Done;
                *before += if done { way.page.bytes } else { 0 };
                !done
            });
            if self.left.is_empty() {
                self.stage = Stage::Commit(self.commit.clone());
            }
        }
        match &self.stage {
            Stage::Have => return Ok(vec![(None, Ask::Have(Have { digests: self.named.clone() }))]),
            Stage::Commit(commit) => return Ok(vec![(None, Ask::Commit(commit.clone()))]),
            Stage::Over(outcome) => return Err(outcome.clone()),
            Stage::Pages => {}
        }
        let mut asks = Vec::new();
        for Way { page, trip, .. } in self.left.iter().take(at_once.max(1)) {
            let ask = match trip.next() {
                Next::Create => Ask::Create { page: page.sha256, bytes: page.bytes },
                Next::Ask { location } => Ask::Stands { location },
                Next::Send { location, from, checksum } => {
                    Ask::Send { location, page: page.sha256, from, bytes: page.bytes, checksum }
                }
                Next::GiveUp(outcome) => {
                    self.stage = Stage::Over(outcome.clone());
                    return Err(outcome);
                }
                Next::Done => continue,
            };
            asks.push((Some(page.sha256), ask));
        }
        Ok(asks)
    }

    /// Learns what came of the question that [`Delivery::next`] asks: an answer, or what became
    /// of the line. What is to be written down is told to `report`.
    pub fn learn(&mut self, came: Result<Answered, Outcome>, page_bytes: &mut PageBytes<'_>, report: &mut dyn FnMut(Progress)) {
        let about = match self.stage {
            Stage::Pages => self.left.first().map(|way| way.page.sha256),
            Stage::Have | Stage::Commit(_) | Stage::Over(_) => None,
        };
        self.learn_of(about, came, page_bytes, report);
    }

    /// Learns what came of one of the questions that [`Delivery::asks`] asks.
    pub fn learn_of(
        &mut self,
        about: About,
        came: Result<Answered, Outcome>,
        page_bytes: &mut PageBytes<'_>,
        report: &mut dyn FnMut(Progress),
    ) {
        let mut steps = Vec::new();
        let learnt = match self.stage.clone() {
            Stage::Have => came.and_then(|answer| self.held(answer, &mut steps)),
            Stage::Pages => self.went(about, came, page_bytes, &mut steps),
            Stage::Commit(_) => came.and_then(|answer| self.answered(answer, &mut steps)),
            Stage::Over(outcome) => Err(outcome),
        };
        if let Err(outcome) = learnt {
            self.stage = Stage::Over(outcome);
        }
        for step in steps {
            report(self.progress(step));
        }
    }

    /// Bytes of the page under way that were handed to the line and are not acknowledged.
    pub(crate) fn sending(&mut self, page: Digest, bytes: u64) -> Progress {
        if let Some(way) = self.left.iter_mut().find(|way| way.page.sha256 == page) {
            way.sent = (way.sent + bytes).min(way.page.bytes);
        }
        self.progress(Step::Sending { page })
    }

    fn progress(&self, step: Step) -> Progress {
        let sent = self.before + self.left.iter().map(|way| way.sent).sum::<u64>();
        Progress { filing: self.parcel.act.filing, sent, total: self.total, step }
    }

    fn held(&mut self, answer: Answered, steps: &mut Vec<Step>) -> Result<(), Outcome> {
        let held: Held = answer.expect(&[200])?.json()?;
        let held: BTreeSet<Digest> = held.digests.into_iter().collect();
        let (there, missing): (Vec<Way>, Vec<Way>) = self.left.drain(..).partition(|way| held.contains(&way.page.sha256));
        for Way { page, .. } in there {
            self.before += page.bytes;
            steps.push(Step::Upload { page: page.sha256, location: page.location, offset: page.bytes, done: true });
        }
        for Way { page, .. } in missing.iter().filter(|way| way.page.done) {
            steps.push(Step::Forget { page: page.sha256 });
        }
        self.left = missing;
        self.stage = Stage::Pages;
        Ok(())
    }

    fn went(
        &mut self,
        about: About,
        came: Result<Answered, Outcome>,
        page_bytes: &mut PageBytes<'_>,
        steps: &mut Vec<Step>,
    ) -> Result<(), Outcome> {
        let Some(Way { page, trip, sent }) = self.left.iter_mut().find(|way| about == Some(way.page.sha256)) else {
            return Ok(());
        };
        let asked = trip.next();
        let came = match asked {
            Next::Create => created(came?)?,
            Next::Ask { .. } => stands(came?)?,
            // A body that breaks off is no error: the hall is asked how much it has.
            Next::Send { .. } => match came {
                Ok(answer) => patched(page, answer, page_bytes, &mut |step| steps.push(step))?,
                Err(outcome) if outcome == LineTrouble::Cut.into() || outcome == LineTrouble::Stalled.into() => {
                    Came::Unsure(outcome)
                }
                Err(outcome) => return Err(outcome),
            },
            Next::Done | Next::GiveUp(_) => return Ok(()),
        };
        let gone = came == Came::Gone;
        trip.learn(&asked, came);
        *sent = trip.acknowledged();
        if gone {
            steps.push(Step::Forget { page: page.sha256 });
        } else if trip.location().is_some() {
            let (location, offset) = (trip.location().map(str::to_owned), trip.acknowledged());
            steps.push(Step::Upload { page: page.sha256, location, offset, done: trip.next() == Next::Done });
        }
        Ok(())
    }

    fn answered(&mut self, answer: Answered, steps: &mut Vec<Step>) -> Result<(), Outcome> {
        let answer = answer.expect(&[200, 201]).inspect_err(|outcome| {
            if outcome.code() == Outcome::from(Kind::PageUnknown).code() {
                steps.extend(self.named.iter().map(|page| Step::Forget { page: *page }));
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
