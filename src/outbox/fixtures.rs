//! For tests: fictitious people and a cabinet in a temporary folder.

use std::path::PathBuf;

use jiff::{Timestamp, civil::date};
use matters::{
    Act, ActedBy, Capacity, CardKind, CaseView, Filing, Identity, NoticeGiven, PageRef, PointRef, Sealed, Sex, Source, State,
    Value, What,
};
use tempfile::TempDir;
use uuid::Uuid;

use crate::{Admission, Cabinet, CabinetKey, Draft, Particulars, Reading, ReceiptNews};

pub fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_780_000_000 + second).unwrap()
}

/// Ids in order; `n` tells one from another.
pub fn id(n: u128) -> Uuid {
    Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + n)
}

pub fn key() -> CabinetKey {
    CabinetKey::from_bytes([7; 32])
}

/// A citizen number of region 000000, which exists nowhere, with its check digit (MOD 11-2).
pub fn number(n: u32) -> String {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let body = format!("00000019500308{:03}", n % 1000);
    let sum: u32 = body.bytes().zip(WEIGHTS).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    format!("{body}{}", char::from(b"10X98765432"[(sum % 11) as usize]))
}

pub fn acted_by() -> ActedBy {
    ActedBy { account: "wang".into(), session: id(900_000) }
}

pub fn identity(name: &str, n: u32) -> Identity {
    Identity {
        source: Source::Manual,
        card: CardKind::None,
        name: name.into(),
        sex: Sex::Female,
        nation: None,
        birth: Some(date(1950, 3, 8)),
        address: "样本村一组".into(),
        number: number(n).into(),
        issuer: String::new(),
        valid_from: None,
        valid_until: None,
        warnings: Vec::new(),
    }
}

pub fn draft(n: u128) -> Draft {
    Draft {
        id: id(n),
        supplement_to: None,
        created_at: at(0),
        changed_at: at(n as i64),
        acted_by: acted_by(),
        matter: Some("M09".into()),
        catalogue_version: "1".into(),
        step: "form".into(),
        notice: Some(NoticeGiven { version: "1".into(), at: at(0) }),
        applicant: Some(identity("李样本", n as u32)),
        capacity: Some(Capacity::Myself),
        situations: [("lives".to_owned(), "here".to_owned())].into(),
        brought: ["MR1".to_owned()].into(),
        answers: [("remark".to_owned(), Value::Text("样本".into()))].into(),
        witness: None,
        old: Vec::new(),
        pages: Vec::new(),
    }
}

/// Bytes that stand for a picture; different for every `seed`.
pub fn picture(seed: u64, bytes: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    (0..bytes)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 32) as u8
        })
        .collect()
}

pub fn seal(draft: &Draft, pages: Vec<PageRef>, case_number: &str) -> (Sealed, Act) {
    let filing = Filing {
        format: Filing::FORMAT,
        // The filing's id differs from the draft's: nothing may rely on their being equal.
        id: Uuid::from_u128(draft.id.as_u128() + 100_000_000),
        case_number: case_number.into(),
        query_code: "123456".into(),
        matter: draft.matter.clone().unwrap(),
        catalogue_version: draft.catalogue_version.clone(),
        point: PointRef { id: "SLC".into(), name: "石榴村便民服务点".into(), terminal: "t1".into() },
        sealed_at: draft.changed_at,
        acted_by: draft.acted_by.clone(),
        capacity: draft.capacity.clone().unwrap(),
        applicant: draft.applicant.clone().unwrap(),
        notice: draft.notice.clone().unwrap(),
        witness: None,
        situations: draft.situations.clone(),
        answers: draft.answers.clone(),
        pages,
    };
    let sealed = filing.seal();
    let act = act(&sealed, What::File { digest: sealed.digest() }, 200_000_000);
    (sealed, act)
}

/// An act on the filing whose id lies `shift` behind the filing's.
pub fn act(sealed: &Sealed, what: What, shift: u128) -> Act {
    let filing = sealed.filing();
    Act {
        id: Uuid::from_u128(filing.id.as_u128() + shift),
        filing: filing.id,
        acted_by: acted_by(),
        at: filing.sealed_at,
        revision: 0,
        what,
    }
}

pub fn receipt(act: &Act, revision: u64) -> ReceiptNews {
    ReceiptNews {
        act: act.id,
        jws: format!("header.{}.signature", act.id),
        case_number: "SLC-1".into(),
        received_at: at(5_000),
        revision,
        refused: None,
    }
}

pub fn case(sealed: &Sealed, state: State, revision: u64) -> CaseView {
    let filing = sealed.filing();
    CaseView {
        filing: filing.id,
        case_number: filing.case_number.clone(),
        aliases: Vec::new(),
        matter: filing.matter.clone(),
        state,
        revision,
        received_at: at(5_000),
        accepted_at: None,
        answer_due: None,
        due: None,
        provisional: false,
        last_change: at(6_000 + revision as i64),
        by: "赵样例".into(),
        correction: None,
        answered: Vec::new(),
        reason: None,
        results: Vec::new(),
        steps: Vec::new(),
        more: Default::default(),
    }
}

pub fn admission() -> Admission {
    Admission {
        hall_url: "https://hall.example".into(),
        terminal: "t1".into(),
        serial: "A1".into(),
        particulars: particulars("石榴村便民服务点"),
        certificate_pem: "certificate".into(),
        authority_pem: "authority".into(),
        key_pem: "key".into(),
    }
}

pub fn particulars(name: &str) -> Particulars {
    Particulars {
        point: "SLC".into(),
        point_name: name.into(),
        point_hours: "09:00–12:00".into(),
        point_phone: "029-0000 0000".into(),
        hall_name: "样本镇".into(),
        hall_phone: "029-0000 0001".into(),
        supervision_phone: "029-0000 0002".into(),
        hall_keys: vec![("k".into(), "00".into())],
        bundle: None,
        recovery: None,
    }
}

/// A cabinet in a folder of its own.
pub struct Room {
    pub folder: TempDir,
    pub path: PathBuf,
}

impl Room {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cabinet.db");
        Self { folder, path }
    }

    pub fn open(&self) -> Cabinet {
        let mut cabinet = Cabinet::open(&self.path, &key(), at(0)).unwrap();
        // A test machine may have less room than a terminal must have.
        cabinet.set_keep_free(0);
        cabinet
    }

    pub fn read(&self) -> Reading {
        Cabinet::reading(&self.path, &key()).unwrap()
    }
}

/// Saves draft `n` with pages of the given sizes (material `MR1`) and seals it.
pub fn file(cabinet: &mut Cabinet, n: u128, sizes: &[usize]) -> (Sealed, Act) {
    let draft = draft(n);
    cabinet.save_draft(&draft).unwrap();
    for (i, bytes) in sizes.iter().enumerate() {
        cabinet.put_page(draft.id, "MR1", None, &picture((n as u64) << 8 | i as u64, *bytes), 100, 200).unwrap();
    }
    let pages = cabinet.draft(draft.id).unwrap().unwrap().pages;
    let (sealed, act) = seal(&draft, pages, &format!("SLC-20260601-A1-{n:04}"));
    cabinet.seal(draft.id, &sealed, &act).unwrap();
    (sealed, act)
}
