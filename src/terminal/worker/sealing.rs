//! Sealing a draft: number, query code, filing and act are fixed here, and kept in one transaction.

use jiff::Timestamp;
use matters::{Act, ActedBy, Filing, Personal, PointRef, Sealed, What, numbering};
use outbox::{Admission, Cabinet, CabinetError};
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
    let matter = draft.matter.ok_or(SealFault::Unfit("matter"))?;
    let applicant = draft.applicant.ok_or(SealFault::Unfit("applicant"))?;
    let capacity = draft.capacity.ok_or(SealFault::Unfit("capacity"))?;
    let notice = draft.notice.ok_or(SealFault::Unfit("notice"))?;
    let mut random = [0; 8];
    getrandom::fill(&mut random).map_err(|_| SealFault::Unfit("random"))?;
    let point = &admission.particulars;
    let sequence = cabinet.next_sequence()?;
    let number = numbering::mint(&point.point, &admission.serial, &cabinet.epoch()?, sequence).map_err(|error| {
        tracing::error!(%error, "a case number cannot be minted");
        SealFault::Unfit("number")
    })?;
    let filing = Filing {
        format: Filing::FORMAT,
        id: ids.next(now),
        case_number: number.as_str().to_owned(),
        query_code: Personal::from(numbering::query_code(random)),
        matter,
        catalogue_version: draft.catalogue_version,
        point: PointRef { id: point.point.clone(), name: point.point_name.clone(), terminal: admission.terminal.clone() },
        sealed_at: now,
        acted_by: acted_by.clone(),
        capacity,
        applicant,
        notice,
        witness: draft.witness,
        situations: draft.situations,
        answers: draft.answers,
        pages: draft.pages,
    };
    let sealed = filing.seal();
    let act = Act {
        id: ids.next(now),
        filing: sealed.filing().id,
        acted_by,
        at: now,
        revision: 0,
        what: What::File { digest: sealed.digest() },
    };
    cabinet.seal(draft.id, &sealed, &act)?;
    Ok(sealed)
}
