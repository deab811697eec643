//! The town that every world starts from: founded once a process, copied for each world.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

use hall::{
    Hall,
    clock::Ids,
    ledger::{Admitting, Caller, Clerk, Founding, Ledger, NewCertificate, NewUser, Rules},
};
use jiff::{Timestamp, civil::date};
use matters::{Answers, CardKind, Digest, Identity, Role, Sex, Source, Value, form};
use outbox::{Admission, Particulars};
use tempfile::TempDir;
use uuid::Uuid;
use wire::PointInfo;

/// Points of the town; the first has two terminals.
pub const POINTS: [&str; 2] = ["SLC", "BHC"];
/// Agents, by point.
pub const AGENTS: [&str; 2] = ["wang", "zhao"];

pub struct Sample {
    /// Holds `hall`, and a folder for each world.
    pub folder: TempDir,
    pub rules: Arc<Rules>,
    pub clerk: Clerk,
    /// Point, as the hall knows the terminal, as the terminal knows itself.
    pub terminals: Vec<(usize, Caller, Admission)>,
    pub answers: Answers,
    pub applicant: Identity,
    pub situations: BTreeMap<String, String>,
}

/// When worlds begin: a Tuesday, 10:00 in the hall.
pub fn start() -> Timestamp {
    "2026-11-24T02:00:00Z".parse().unwrap_or(Timestamp::UNIX_EPOCH)
}

static SAMPLE: OnceLock<Sample> = OnceLock::new();

/// Takes the sample's folder away: a static is never dropped.
pub fn tidy() {
    if let Some(sample) = SAMPLE.get() {
        // What cannot be removed lies in memory or a folder for temporary things.
        let _ = fs::remove_dir_all(sample.folder.path());
    }
}

/// The one sample of this process.
pub fn sample() -> &'static Sample {
    SAMPLE.get_or_init(|| {
        vfs::install();
        // In memory where there is such a place: a world's disk is simulated, waiting for a real one shows nothing.
        let memory = Path::new("/dev/shm");
        let folder = tempfile::Builder::new().prefix("worlds-").tempdir_in(memory).or_else(|_| tempfile::tempdir());
        found(folder.expect("a folder for worlds"))
    })
}

fn found(folder: TempDir) -> Sample {
    let dir = folder.path().join("hall");
    let rules = Rules::bundled().expect("the catalogue that ships");
    let founding =
        Founding { name: "样本镇综合服务大厅".into(), phone: "029-00000000".into(), supervision_phone: "12345".into() };
    let ledger = Hall::found(&dir, &founding, rules.clone(), Ids::seeded(1), start()).expect("a hall is founded");
    for (point, agent) in POINTS.into_iter().zip(AGENTS) {
        let info =
            PointInfo {
                id: point.into(), name: format!("{point}便民服务点"), hours: "9:00-17:00".into(), phone: String::new()
            };
        ledger.add_point(&info, "console", start()).expect("a point");
        let new = NewUser {
            account: agent.into(),
            name: "王样本".into(),
            role: Role::Agent,
            point: Some(point.into()),
            // Clocks jump by ten years here.
            valid_until: date(2099, 12, 31),
            post: "A".into(),
            phone: String::new(),
        };
        ledger.add_user(&new, "correct horse", "console", start()).expect("an agent");
    }
    let terminals = [0, 0, 1].into_iter().map(|point| admit(&ledger, point)).collect();
    let clerk = Clerk {
        account: "li".into(),
        name: "李样本".into(),
        role: Role::Clerk,
        session: Uuid::from_u128(5),
        phone: String::new(),
    };
    let applicant = applicant();
    let matter = rules.newest("M09").expect("M09 ships");
    let mut answers = form::prefill(matter, &applicant, date(2026, 11, 24));
    let mut say = |key: &str, value| answers.insert(key.to_owned(), value);
    say("phone", Value::Text("029-88880000".into()));
    say("declared", Value::Flag(true));
    say("head_relation", Value::Choice("head".into()));
    let owner = applicant.name.clone();
    say("payee", Value::Payee { bank: "样本银行".into(), account: "6200000000000000000".into(), owner });
    Sample {
        folder,
        rules: Arc::new(rules),
        clerk,
        terminals,
        answers,
        applicant,
        situations: [("residence".to_owned(), "same".to_owned())].into(),
    }
}

/// A terminal below the door: who it is stands in the ledger, certificates are the door's business.
fn admit(ledger: &Ledger, point: usize) -> (usize, Caller, Admission) {
    let secret = ledger.new_code(POINTS[point], "console", start()).expect("a code");
    let certificate = Digest::of(&secret);
    let admitting = Admitting { secret, machine: "world", request: certificate };
    let mut serial = String::new();
    ledger
        .admit(&admitting, start(), |admitted| {
            admitted.serial.clone_into(&mut serial);
            Ok((NewCertificate { sha256: certificate, pem: String::new() }, b"{}".to_vec()))
        })
        .expect("admitted");
    let caller = ledger.caller(certificate, start()).expect("admitted just now");
    let hall = ledger.hall_info().expect("a hall");
    let admission = Admission {
        hall_url: "https://hall.example".into(),
        terminal: caller.terminal.clone(),
        serial,
        particulars: Particulars {
            point: POINTS[point].into(),
            point_name: "点".into(),
            point_hours: String::new(),
            point_phone: String::new(),
            hall_name: hall.name,
            hall_phone: hall.phone,
            supervision_phone: hall.supervision_phone,
            bundle: hall.bundle,
            recovery: hall.recovery,
            hall_keys: hall.keys.into_iter().map(|key| (key.kid, key.public)).collect(),
        },
        certificate_pem: String::new(),
        authority_pem: String::new(),
        key_pem: String::new().into(),
    };
    (point, caller, admission)
}

/// A citizen of region 000000, which exists nowhere, with the check character of GB 11643.
fn applicant() -> Identity {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let body = "00000019500308002";
    let sum: u32 = body.bytes().zip(WEIGHTS).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    Identity {
        source: Source::Card { read_event: Uuid::from_u128(7), read_at: start() },
        card: CardKind::ResidentId,
        name: "测试村民".into(),
        sex: Sex::Female,
        nation: Some(matters::Nation { code: "01".into(), name: "汉".into() }),
        birth: Some(date(1950, 3, 8)),
        address: "某省某市样本县样本镇石榴村3组12号".into(),
        number: format!("{body}{}", char::from(b"10X98765432"[(sum % 11) as usize])).into(),
        issuer: "样本县公安局".into(),
        valid_from: None,
        valid_until: None,
        warnings: Vec::new(),
    }
}

/// Copies a folder with everything in it. Source and target are on one simulated machine: no file is open.
pub fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target: PathBuf = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else if !entry.file_name().to_string_lossy().ends_with("-shm") {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
