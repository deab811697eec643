//! Parcels of people who do not exist.

use std::collections::BTreeMap;

use jiff::Timestamp;
use matters::{
    Act, ActedBy, Capacity, CardKind, Digest, Filing, Identity, NoticeGiven, PageRef, PointRef, Sex, Source, What, canonical,
};
use outbox::{PageUpload, Parcel};
use uuid::Uuid;

use super::{POINT, TERMINAL, day};

/// A parcel with the bytes of its pages, as the cabinet would give them.
#[derive(Clone)]
pub struct Pack {
    pub parcel: Parcel,
    pub pages: Vec<Vec<u8>>,
}

impl Pack {
    /// The cabinet's closure.
    pub fn bytes(&self) -> impl FnMut(Digest, u64, usize) -> Option<Vec<u8>> + '_ {
        |digest, offset, length| {
            let page = self.pages.iter().find(|page| Digest::of(page) == digest)?;
            let from = usize::try_from(offset).ok()?;
            page.get(from..page.len().min(from + length)).map(<[u8]>::to_vec)
        }
    }
}

/// A sealed filing with pages of these sizes; `number` makes ids and bytes differ.
pub fn pack(number: u128, sizes: &[usize]) -> Pack {
    let pages = pages(number, sizes);
    let filing = Filing {
        format: Filing::FORMAT,
        id: Uuid::from_u128(number),
        case_number: "SLC01-2026-000001".into(),
        query_code: "000000".into(),
        matter: "M09".into(),
        catalogue_version: "1".into(),
        point: PointRef { id: POINT.into(), name: "石榴村便民服务点".into(), terminal: TERMINAL.into() },
        sealed_at: day("2026-05-31"),
        acted_by: agent(),
        capacity: Capacity::Myself,
        applicant: Identity {
            source: Source::Manual,
            card: CardKind::None,
            name: "测试村民".into(),
            sex: Sex::Unspecified,
            nation: None,
            birth: None,
            address: "样本县样本镇石榴村".into(),
            number: "000000190001010009".into(),
            issuer: String::new(),
            valid_from: None,
            valid_until: None,
            warnings: Vec::new(),
        },
        notice: NoticeGiven { version: "1".into(), at: day("2026-05-31") },
        witness: None,
        situations: BTreeMap::new(),
        answers: BTreeMap::new(),
        pages: refs(&pages),
    };
    let sealed = filing.seal();
    let act = act(number, What::File { digest: sealed.digest() });
    Pack { parcel: parcel(act, Some(sealed.bytes().to_vec()), &pages), pages }
}

/// An answer to a correction, with pages of these sizes.
pub fn supplement(number: u128, sizes: &[usize]) -> Pack {
    let pages = pages(number, sizes);
    let what = What::Supplement { correction: Uuid::from_u128(7), items: Vec::new(), pages: refs(&pages) };
    Pack { parcel: parcel(act(number, what), None, &pages), pages }
}

fn agent() -> ActedBy {
    ActedBy { account: "wang".into(), session: Uuid::from_u128(5) }
}

fn act(number: u128, what: What) -> Act {
    Act {
        id: Uuid::from_u128(number << 16),
        filing: Uuid::from_u128(number),
        acted_by: agent(),
        at: Timestamp::UNIX_EPOCH,
        revision: 0,
        what,
    }
}

fn parcel(act: Act, filing_bytes: Option<Vec<u8>>, pages: &[Vec<u8>]) -> Parcel {
    let uploads = pages
        .iter()
        .map(|page| PageUpload { sha256: Digest::of(page), bytes: page.len() as u64, location: None, offset: 0, done: false })
        .collect();
    let act_bytes = canonical::to_bytes(&act);
    Parcel { sequence: 1, act, act_bytes, filing_bytes, pages: uploads, tries: 0, next_try_at: None }
}

fn refs(pages: &[Vec<u8>]) -> Vec<PageRef> {
    let of = |(order, page): (u32, &Vec<u8>)| PageRef {
        material: "MR1".into(),
        order,
        sha256: Digest::of(page),
        bytes: page.len() as u64,
        width_px: 1654,
        height_px: 2339,
    };
    (1..).zip(pages).map(of).collect()
}

/// Bytes that do not repeat, so that a piece in the wrong place is noticed.
fn pages(number: u128, sizes: &[usize]) -> Vec<Vec<u8>> {
    let page = |(order, size): (usize, &usize)| {
        let mut word = (number as u64) << 16 | (order as u64) << 1 | 1;
        let next = || {
            word ^= word << 13;
            word ^= word >> 7;
            word ^= word << 17;
            word as u8
        };
        std::iter::repeat_with(next).take(*size).collect()
    };
    sizes.iter().enumerate().map(page).collect()
}
