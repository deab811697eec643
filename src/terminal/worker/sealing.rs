//! Sealing a draft: number, query code, filing and act are fixed here, and kept in one transaction.

use jiff::Timestamp;
use matters::{Act, ActedBy, Filing, Personal, PointRef, Sealed, What, numbering};
use outbox::{Admission, Cabinet, CabinetError, Draft};
use uuid::Uuid;

use crate::ids::Ids;

/// Why a draft was not sealed. It is as it was.
#[derive(Debug, thiserror::Error)]
pub enum SealFault {
    #[error("the cabinet did not seal it")]
    Cabinet(#[from] CabinetError),
    /// The draft lacks something that every filing has: a stable word for it.
    #[error("the draft lacks {0}")]
    Unfit(&'static str),
}

/// Seals a draft of the cabinet under the next number.
///
/// # Errors
/// See [`SealFault`]. A number that was drawn for a filing that was not sealed is never used again.
pub fn seal(
    cabinet: &mut Cabinet,
    admission: &Admission,
    ids: &Ids,
    now: Timestamp,
    draft: Uuid,
    acted_by: ActedBy,
) -> Result<Sealed, SealFault> {
    let draft = cabinet.draft(draft)?.ok_or(CabinetError::NoDraft)?;
    let draft_id = draft.id;
    let mut filing = filing(draft, admission, now, acted_by.clone())?;
    let mut random = [0; 8];
    getrandom::fill(&mut random).map_err(|_| SealFault::Unfit("random"))?;
    let sequence = cabinet.next_sequence()?;
    let number = numbering::mint(&filing.point.id, &admission.serial, &cabinet.epoch()?, sequence).map_err(|error| {
        tracing::error!(%error, "a case number cannot be minted");
        SealFault::Unfit("number")
    })?;
    filing.case_number = number.as_str().to_owned();
    filing.query_code = Personal::from(numbering::query_code(random));
    let sealed = filing.seal();
    let act = Act {
        id: ids.next(now),
        filing: sealed.filing().id,
        acted_by,
        at: now,
        revision: 0,
        what: What::File { digest: sealed.digest() },
    };
    cabinet.seal(draft_id, &sealed, &act)?;
    Ok(sealed)
}

/// The filing that this draft would be, without a number yet: to be judged before it is sealed.
///
/// # Errors
/// [`SealFault::Unfit`] with what it lacks.
pub fn filing(draft: Draft, admission: &Admission, now: Timestamp, acted_by: ActedBy) -> Result<Filing, SealFault> {
    let point = &admission.particulars;
    Ok(Filing {
        format: Filing::FORMAT,
        // The draft's own id: a draft that an old backup or a copied disk brings back is no second filing
        // at the hall, whoever seals it again.
        id: draft.id,
        case_number: String::new(),
        query_code: Personal::default(),
        matter: draft.matter.ok_or(SealFault::Unfit("matter"))?,
        catalogue_version: draft.catalogue_version,
        point: PointRef { id: point.point.clone(), name: point.point_name.clone(), terminal: admission.terminal.clone() },
        sealed_at: now,
        acted_by,
        capacity: draft.capacity.ok_or(SealFault::Unfit("capacity"))?,
        applicant: draft.applicant.ok_or(SealFault::Unfit("applicant"))?,
        notice: draft.notice.ok_or(SealFault::Unfit("notice"))?,
        witness: draft.witness,
        situations: draft.situations,
        answers: draft.answers,
        pages: draft.pages,
    })
}
