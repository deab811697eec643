//! A small hall for tests: two points, an agent each, a clerk, and filings that fit the catalogue.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Arc, OnceLock},
};

use bytes::Bytes;
use jiff::{Timestamp, civil::date};
use matters::{
    Act, ActedBy, Capacity, CardKind, Digest, Filing, Identity, NoticeGiven, PageRef, PointRef, Role, Sealed, Sex, Source, Value,
    What, Witness, canonical, form, numbering,
};
use uuid::Uuid;
use wire::PointInfo;

use super::*;
use crate::{Hall, clock::Ids};

pub const PASSWORD: &str = "correct horse";

pub fn now() -> Timestamp {
    "2026-11-24T02:00:00Z".parse().unwrap()
}

/// Founds a hall with points SLC and BHC, agents `wang` and `zhao`, clerk `li`, administrator `chen`.
pub fn found(dir: &Path, ids: Ids) -> Ledger {
    let founding =
        Founding { name: "样本镇综合服务大厅".into(), phone: "029-00000000".into(), supervision_phone: "12345".into() };
    let ledger = Hall::found(dir, &founding, Rules::bundled().unwrap(), ids, now()).unwrap();
    for (id, name) in [("SLC", "石榴村便民服务点"), ("BHC", "白桦村便民服务点")] {
        let point = PointInfo { id: id.into(), name: name.into(), hours: "9:00-17:00".into(), phone: String::new() };
        ledger.add_point(&point, "console", now()).unwrap();
    }
    for (account, name, role, point) in [
        ("wang", "王样本", Role::Agent, Some("SLC")),
        ("zhao", "赵样本", Role::Agent, Some("BHC")),
        ("li", "李样本", Role::Clerk, None),
        ("chen", "陈样本", Role::Administrator, None),
    ] {
        let new = NewUser {
            account: account.into(),
            name: name.into(),
            role,
            point: point.map(str::to_owned),
            valid_until: date(2027, 12, 31),
            post: "A".into(),
            phone: String::new(),
        };
        ledger.add_user(&new, PASSWORD, "console", now()).unwrap();
    }
    ledger
}

pub fn reopen(dir: &Path, ids: Ids) -> Ledger {
    let key = Ledger::key_of(dir, None).unwrap();
    Ledger::open(dir, &key, Arc::new(Rules::bundled().unwrap()), ids).unwrap()
}

/// A terminal that was admitted without a certificate: for tests below the door.
pub fn terminal(ledger: &Ledger, point: &str) -> Caller {
    let secret = ledger.new_code(point, "console", now()).unwrap();
    let mark = Digest::of(&secret);
    let admitting = Admitting { secret, machine: "test", request: mark };
    let mut id = String::new();
    ledger
        .admit(&admitting, now(), |admitted| {
            id = admitted.terminal.to_owned();
            Ok((NewCertificate { sha256: mark, pem: String::new() }, b"{}".to_vec()))
        })
        .unwrap();
    ledger.caller(mark, now()).unwrap_or_else(|_| panic!("{id} was admitted"))
}

pub fn clerk(ledger: &Ledger) -> Clerk {
    ledger.verify_login("li", PASSWORD, now()).unwrap().clerk
}

/// A citizen number of region 000000 with its check character (GB 11643).
fn number(sequence: u16) -> String {
    let body = format!("00000019500308{sequence:03}");
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = body.bytes().zip(weights).map(|(byte, weight)| u32::from(byte - b'0') * weight).sum();
    format!("{body}{}", char::from(b"10X98765432"[(sum % 11) as usize]))
}

fn person() -> Identity {
    Identity {
        source: Source::Card { read_event: Uuid::from_u128(7), read_at: now() },
        card: CardKind::ResidentId,
        name: "测试村民".into(),
        sex: Sex::Female,
        nation: Some(matters::Nation { code: "01".into(), name: "汉".into() }),
        birth: Some(date(1950, 3, 8)),
        address: "某省某市样本县样本镇石榴村3组12号".into(),
        number: number(2).into(),
        issuer: "样本县公安局".into(),
        valid_from: None,
        valid_until: None,
        warnings: Vec::new(),
    }
}

pub fn jpeg(seed: u8, len: usize) -> Vec<u8> {
    let mut bytes = vec![0xff, 0xd8, 0xff, 0xe0];
    bytes.extend((0..len).map(|at| (at as u8).wrapping_mul(31).wrapping_add(seed)));
    bytes
}

/// Uploads a page whole.
pub fn upload(ledger: &Ledger, caller: &Caller, bytes: &[u8]) -> Digest {
    let digest = Digest::of(bytes);
    let row = ledger.create_upload(caller, bytes.len() as u64, Some(digest), now()).unwrap();
    let mut parts = vec![Chunk::End, Chunk::Bytes(Bytes::copy_from_slice(bytes))];
    let row = ledger.append_upload(caller, &row.name, 0, None, now(), &mut || parts.pop().unwrap_or(Chunk::Cut)).unwrap();
    assert!(row.held);
    digest
}

pub fn page(material: &str, order: u32, bytes: &[u8]) -> PageRef {
    let sha256 = Digest::of(bytes);
    PageRef { material: material.into(), order, sha256, bytes: bytes.len() as u64, width_px: 1240, height_px: 1754 }
}

pub fn actor(account: &str) -> ActedBy {
    ActedBy { account: account.into(), session: Uuid::from_u128(99) }
}

/// A filing of this matter (M04 or M09) by `account` at `caller`'s point, with these pages.
pub fn filing(n: u64, matter: &str, caller: &Caller, account: &str, pages: Vec<PageRef>) -> Sealed {
    static RULES: OnceLock<Rules> = OnceLock::new();
    let rules = RULES.get_or_init(|| Rules::bundled().unwrap());
    let described = rules.newest(matter).unwrap();
    let person = person();
    let mut answers = form::prefill(described, &person, date(2026, 11, 24));
    let mut situations = BTreeMap::new();
    let mut say = |key: &str, value| answers.insert(key.to_owned(), value);
    say("phone", Value::Text("029-88880000".into()));
    say("declared", Value::Flag(true));
    let mut witness = None;
    match matter {
        "M09" => {
            say("head_relation", Value::Choice("head".into()));
            let owner = person.name.clone();
            say("payee", Value::Payee { bank: "样本银行".into(), account: "6200000000000000000".into(), owner });
            situations.insert("residence".to_owned(), "same".to_owned());
        }
        "M04" => {
            say("pension", Value::Choice("resident".into()));
            say("alive_note", Value::Text("本人步行到村".into()));
            witness = Some(Witness { name: "王样本".into(), role: "agent".into(), at: now() });
        }
        other => panic!("no sample of {other}"),
    }
    Filing {
        format: Filing::FORMAT,
        id: Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + u128::from(n)),
        case_number: numbering::mint(&caller.point, "7K", "QM", n).unwrap().into(),
        query_code: "012345".into(),
        matter: matter.into(),
        catalogue_version: rules.versions()[0].version().into(),
        point: PointRef { id: caller.point.clone(), name: "点".into(), terminal: caller.terminal.clone() },
        sealed_at: now(),
        acted_by: actor(account),
        capacity: Capacity::Myself,
        applicant: person,
        notice: NoticeGiven { version: "1".into(), at: now() },
        witness,
        situations,
        answers,
        pages,
    }
    .seal()
}

/// The pages that M09 asks for, uploaded.
pub fn m09_pages(ledger: &Ledger, caller: &Caller, seed: u8) -> Vec<PageRef> {
    ["PH2", "BK"]
        .into_iter()
        .zip(0u8..)
        .map(|(material, n)| {
            let bytes = jpeg(seed.wrapping_mul(2).wrapping_add(n), 3000);
            upload(ledger, caller, &bytes);
            page(material, 1, &bytes)
        })
        .collect()
}

pub fn act(n: u64, filing: Uuid, account: &str, revision: u64, what: What) -> Vec<u8> {
    let id = Uuid::from_u128(0x0191_0000_0000_7000_8000_0000_0000_0000 + u128::from(n));
    canonical::to_bytes(&Act { id, filing, acted_by: actor(account), at: now(), revision, what })
}

pub fn file_act(n: u64, sealed: &Sealed, account: &str) -> Vec<u8> {
    act(n, sealed.filing().id, account, 0, What::File { digest: sealed.digest() })
}

/// Files number `n` of M09 and returns its id.
pub fn filed(ledger: &Ledger, caller: &Caller, account: &str, n: u64) -> Uuid {
    let sealed = filing(n, "M09", caller, account, m09_pages(ledger, caller, n as u8));
    ledger.receive_act(caller, &file_act(n, &sealed, account), Some(sealed.bytes()), now()).unwrap();
    sealed.filing().id
}

pub fn receipt(ledger: &Ledger, answer: &StoredAnswer) -> wire::Receipt {
    let answer: wire::Answer = serde_json::from_slice(&answer.body).unwrap();
    let keys: Vec<seal::PublicKey> = ledger
        .hall_info()
        .unwrap()
        .keys
        .iter()
        .map(|key| {
            let mut public = [0; 32];
            hex::decode_to_slice(&key.public, &mut public).unwrap();
            seal::PublicKey::from_bytes(&public).unwrap()
        })
        .collect();
    serde_json::from_slice(&seal::verify(&keys, "receipt", &answer.receipt).unwrap()).unwrap()
}

pub fn kind(done: Result<StoredAnswer, Refuse>) -> wire::problem::Kind {
    done.expect_err("refused").kind()
}

pub struct World {
    pub dir: tempfile::TempDir,
    pub ledger: Ledger,
    pub slc: Caller,
    pub bhc: Caller,
}

pub fn world() -> World {
    let dir = tempfile::tempdir().unwrap();
    let ledger = found(dir.path(), Ids::seeded(1));
    let (slc, bhc) = (terminal(&ledger, "SLC"), terminal(&ledger, "BHC"));
    World { dir, ledger, slc, bhc }
}
