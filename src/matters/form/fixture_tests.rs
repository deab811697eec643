//! Fictitious people and filings for the tests of this room (region 000000).

use std::collections::BTreeMap;

use jiff::civil::{Date, date};
use uuid::Uuid;

use super::{Answers, Complaint, Situation, Value};
use crate::{
    ActedBy, Capacity, CardKind, Catalogue, Filing, Identity, Mandate, Matter, Nation, NoticeGiven, PageRef, PointRef, ProxyKind,
    Sex, Source,
};

pub const TODAY: Date = date(2026, 11, 23);

/// A citizen number of region 000000 with its check character (GB 11643, MOD 11-2).
pub fn number(birth: Date, sequence: u16) -> String {
    let body = format!("000000{:04}{:02}{:02}{sequence:03}", birth.year(), birth.month(), birth.day());
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = body.bytes().zip(weights).map(|(b, w)| u32::from(b - b'0') * w).sum();
    format!("{body}{}", ["1", "0", "X", "9", "8", "7", "6", "5", "4", "3", "2"][sum as usize % 11])
}

/// 李样本, woman, read from a card.
pub fn person(birth: Date) -> Identity {
    Identity {
        source: Source::Card { read_event: Uuid::from_u128(7), read_at: "2026-11-23T01:40:00Z".parse().unwrap() },
        card: CardKind::ResidentId,
        name: "李样本".into(),
        sex: Sex::Female,
        nation: Some(Nation { code: "01".into(), name: "汉".into() }),
        birth: Some(birth),
        address: "某省某市样本县样本镇石榴村3组12号".into(),
        number: number(birth, 2).into(),
        issuer: "样本县公安局".into(),
        valid_from: None,
        valid_until: None,
        warnings: Vec::new(),
    }
}

pub fn typed(birth: Date) -> Identity {
    Identity { source: Source::Manual, card: CardKind::None, ..person(birth) }
}

/// Read once: reading takes longer than most tests.
pub fn catalogue() -> &'static Catalogue {
    static CATALOGUE: std::sync::OnceLock<Catalogue> = std::sync::OnceLock::new();
    CATALOGUE.get_or_init(|| Catalogue::bundled().unwrap())
}

/// Owned parts of a [`Situation`].
#[derive(Clone, Debug)]
pub struct Case {
    pub matter: Matter,
    pub answers: Answers,
    pub situations: BTreeMap<String, String>,
    pub applicant: Option<Identity>,
    pub capacity: Option<Capacity>,
    pub today: Date,
}

impl Case {
    pub fn new(matter: &str, applicant: Identity) -> Self {
        Self::of(catalogue().matter(matter).unwrap(), applicant)
    }

    pub fn of(matter: &Matter, applicant: Identity) -> Self {
        let matter = matter.clone();
        let answers = super::prefill(&matter, &applicant, TODAY);
        Self {
            matter,
            answers,
            situations: BTreeMap::new(),
            applicant: Some(applicant),
            capacity: Some(Capacity::Myself),
            today: TODAY,
        }
    }

    pub fn situation(&self) -> Situation<'_> {
        Situation {
            answers: &self.answers,
            situations: &self.situations,
            applicant: self.applicant.as_ref(),
            capacity: self.capacity.as_ref(),
            today: self.today,
        }
    }

    pub fn tell(&mut self, key: &str, choice: &str) -> &mut Self {
        self.situations.insert(key.into(), choice.into());
        self
    }

    pub fn set(&mut self, key: &str, value: Value) -> &mut Self {
        assert!(self.matter.field(key).is_some(), "{key}");
        self.answers.insert(key.into(), value);
        self
    }

    pub fn choose(&mut self, key: &str, choice: &str) -> &mut Self {
        self.set(key, Value::Choice(choice.into()))
    }

    /// Types a text into a field as a hand does.
    pub fn type_in(&mut self, key: &str, text: &str) -> &mut Self {
        let value = super::parse_input(self.matter.field(key).unwrap(), text).unwrap();
        self.set(key, value)
    }

    pub fn pay(&mut self, key: &str, account: &str, owner: &str) -> &mut Self {
        self.set(key, Value::Payee { bank: "样本农商银行石榴支行".into(), account: account.into(), owner: owner.into() })
    }

    pub fn complaints(&self) -> Vec<Complaint> {
        let all = super::complaints(&self.matter, &self.situation());
        all.iter().for_each(known);
        all
    }

    /// `field:code` of every complaint, warnings with a `?`.
    pub fn told(&self) -> Vec<String> {
        told(&self.complaints())
    }

    pub fn due(&self) -> Vec<(String, bool)> {
        super::due_materials(&self.matter, &self.situation()).iter().map(|due| (due.material.code.clone(), due.by_card)).collect()
    }

    pub fn filing(&self, pages: Vec<PageRef>) -> Filing {
        Filing {
            format: Filing::FORMAT,
            id: Uuid::from_u128(1),
            case_number: crate::numbering::mint("SLC", "22", "22", 1).unwrap().into(),
            query_code: "735120".into(),
            matter: self.matter.id.clone(),
            catalogue_version: catalogue().version().into(),
            point: PointRef { id: "SLC".into(), name: "石榴村便民服务点".into(), terminal: "T1".into() },
            sealed_at: "2026-11-23T02:00:00Z".parse().unwrap(),
            acted_by: ActedBy { account: "wang".into(), session: Uuid::from_u128(2) },
            capacity: self.capacity.clone().unwrap(),
            applicant: self.applicant.clone().unwrap(),
            notice: NoticeGiven { version: "1".into(), at: "2026-11-23T01:39:00Z".parse().unwrap() },
            witness: None,
            situations: self.situations.clone(),
            answers: self.answers.clone(),
            pages,
        }
    }
}

pub fn told(complaints: &[Complaint]) -> Vec<String> {
    complaints.iter().map(|c| format!("{}:{}{}", c.field, c.code, if c.warning { "?" } else { "" })).collect()
}

/// Every complaint has a code of the table and exactly its arguments.
pub fn known(complaint: &Complaint) {
    let (_, args) = super::CODES
        .iter()
        .find(|(code, _)| *code == complaint.code)
        .unwrap_or_else(|| panic!("{} is not in CODES", complaint.code));
    let given: Vec<&str> = complaint.args.iter().map(|(arg, _)| *arg).collect();
    assert_eq!(given, *args, "{}", complaint.code);
}

pub fn mandate(matter: &str) -> Mandate {
    Mandate {
        proxy_kind: ProxyKind::Agent,
        proxy_name: "王样本".into(),
        proxy_number: number(date(1985, 5, 1), 4).into(),
        proxy_phone: "029-88880000".into(),
        matters: vec![matter.into()],
        powers: vec!["fill".into(), "hand_in".into()],
        from: TODAY,
        until: TODAY.checked_add(jiff::Span::new().days(30)).unwrap(),
        free_of_charge_told: true,
        related: false,
        handed_over: Vec::new(),
    }
}

pub fn page(material: &str, order: u32) -> PageRef {
    let sha256 = crate::Digest::of(format!("{material}{order}").as_bytes());
    PageRef { material: material.into(), order, sha256, bytes: 100_000, width_px: 1654, height_px: 2339 }
}
