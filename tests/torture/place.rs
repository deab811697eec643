//! A town and a terminal in a folder, what a script files there, and what each side says it holds.

use std::{
    collections::BTreeMap,
    io::{Cursor, Read as _},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, sync_channel},
};

use matters::{CardKind, Identity, Sex, Source};
use outbox::{Cabinet, CabinetKey, Reading};
use serde_json::{Value as Json, json};
use tempfile::TempDir;
use uuid::Uuid;

use crate::support::town::{AGENT, Town};

/// splitmix64
pub struct Chance(pub u64);

impl Chance {
    pub fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % n
    }
}

/// What a filing was acknowledged as: number, digest, digests of its pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acknowledged {
    number: Json,
    sha256: Json,
    pages: Vec<Json>,
}

pub struct Place {
    pub town: Town,
    pub acknowledged: BTreeMap<String, Acknowledged>,
    answers: PathBuf,
    pages: u32,
    _dir: TempDir,
}

impl Place {
    /// Folders only; [`Town::prepare`] and admission come when the disks are in place.
    pub fn new(prepare: impl FnOnce(&std::path::Path)) -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        prepare(dir.path());
        let town = Town::prepare(dir.path());
        let data = dir.path().join("terminal");
        let config = format!("data_dir = {data:?}\n\n[shell]\naccount = {:?}\n", AGENT.0);
        std::fs::write(town.config(), config).expect("written");
        let (hall, addresses) = town.serve();
        town.admit(&addresses);
        hall.kill();
        let answers = dir.path().join("answers.json");
        std::fs::write(&answers, given().to_string()).expect("written");
        Self { town, acknowledged: BTreeMap::new(), answers, pages: 0, _dir: dir }
    }

    pub fn terminal_dir(&self) -> PathBuf {
        self.town.dir.join("terminal")
    }

    /// The cabinet as it stands, without a program in between.
    pub fn reading(&self) -> Reading {
        let folder = self.terminal_dir();
        let key = CabinetKey::load(&folder.join("cabinet.key")).expect("the cabinet's key");
        Cabinet::reading(&folder.join("cabinet.db"), &key).expect("the cabinet opens")
    }

    /// Filings in the cabinet.
    pub fn sealed(&self) -> usize {
        self.reading().filings(1_000_000).expect("read").len()
    }

    /// The command that files one filing under this request, with pages that no other has.
    pub fn filing(&mut self, request: Uuid) -> Command {
        let mut command = self.town.terminal();
        command.args(["file", "M09", "--json", "--request"]).arg(request.to_string()).arg("--answers").arg(&self.answers);
        for _ in 0..2 {
            self.pages += 1;
            let path = self.town.dir.join(format!("page-{}.jpg", self.pages % 2));
            std::fs::write(&path, jpeg(self.pages)).expect("written");
            command.arg("--page").arg(path);
        }
        command
    }

    /// Takes in what `file` printed; the filing's id when it acknowledged one.
    pub fn hear(&mut self, said: &str) -> Option<String> {
        let json = serde_json::from_str::<Json>(said).ok()?;
        let filing = json["filing"].as_str()?;
        let mut pages: Vec<Json> =
            json["pages"].as_array().map(|pages| pages.iter().map(|page| page["sha256"].clone()).collect()).unwrap_or_default();
        pages.sort_by_key(Json::to_string);
        let heard = Acknowledged { number: json["case_number"].clone(), sha256: json["sha256"].clone(), pages };
        let before = self.acknowledged.insert(filing.to_owned(), heard.clone());
        assert!(before.is_none_or(|before| before == heard), "filing {filing} was acknowledged as two things");
        Some(filing.to_owned())
    }

    /// What the terminal says of its queue.
    pub fn queue(&self) -> Json {
        let out = self.town.terminal().args(["queue", "--json"]).output().expect("the program starts");
        let text = String::from_utf8_lossy(&out.stdout).into_owned();
        assert!(out.status.success(), "the cabinet does not open: {text} {}", String::from_utf8_lossy(&out.stderr));
        serde_json::from_str(&text).expect("JSON")
    }

    /// Every acknowledged filing is in the cabinet, once, under its number.
    pub fn demand_cabinet(&self) {
        let queue = self.queue();
        let filings = queue["filings"].as_array().expect("filings");
        for (filing, heard) in &self.acknowledged {
            let kept: Vec<&Json> = filings.iter().filter(|kept| kept["filing"] == json!(filing)).collect();
            assert_eq!(kept.len(), 1, "filing {filing} was acknowledged and is there {} times", kept.len());
            assert_eq!(kept[0]["case_number"], heard.number);
        }
    }

    /// Filings of which the terminal holds the hall's receipt.
    pub fn receipts(&self) -> Vec<String> {
        let queue = self.queue();
        let filings = queue["filings"].as_array().expect("filings");
        filings.iter().filter(|row| !row["hall"].is_null()).filter_map(|row| row["filing"].as_str().map(str::to_owned)).collect()
    }

    /// What the hall holds, by filing.
    pub fn held(&self) -> BTreeMap<String, Json> {
        let filings = self.town.filings();
        let list = filings.as_array().expect("filings");
        let held: BTreeMap<String, Json> =
            list.iter().filter_map(|row| Some((row["filing"].as_str()?.to_owned(), row.clone()))).collect();
        assert_eq!(held.len(), list.len(), "the hall holds a filing twice");
        held
    }

    /// Every filing with a receipt is held by the hall, whole, as it was acknowledged.
    pub fn demand_hall(&self) -> usize {
        let held = self.held();
        let receipts = self.receipts();
        for filing in &receipts {
            let row = held.get(filing).unwrap_or_else(|| panic!("the hall acknowledged filing {filing} and lost it"));
            if let Some(heard) = self.acknowledged.get(filing) {
                let mut pages = row["pages"].as_array().cloned().unwrap_or_default();
                pages.sort_by_key(Json::to_string);
                assert_eq!((&row["sha256"], &pages), (&heard.sha256, &heard.pages), "filing {filing} is another at the hall");
            }
        }
        receipts.len()
    }

    /// Everything goes up; then both ends hold the same.
    pub fn settle(&self) -> usize {
        let (hall, _) = self.town.serve();
        let out = self.town.terminal().args(["sync", "--until-empty", "--seconds", "300", "--json"]).output().expect("starts");
        assert!(out.status.success(), "{} {}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
        drop(hall);
        self.demand_cabinet();
        let receipts = self.demand_hall();
        let held = self.held();
        for filing in self.acknowledged.keys() {
            assert!(held.contains_key(filing), "filing {filing} was acknowledged and never reached the hall");
        }
        receipts
    }
}

/// A program whose end, or whose output so far, can be waited for.
pub struct Started {
    child: Child,
    said: Receiver<String>,
    heard: Option<String>,
}

impl Started {
    pub fn new(command: &mut Command) -> Self {
        let mut child =
            command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("the program starts");
        let mut out = child.stdout.take().expect("stdout is piped");
        let (send, said) = sync_channel(1);
        let read = move || {
            let mut text = String::new();
            let _ = out.read_to_string(&mut text);
            let _ = send.send(text);
        };
        std::thread::Builder::new().name("out".into()).spawn(read).expect("a thread");
        Self { child, said, heard: None }
    }

    /// Without waiting; what it said is kept.
    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().is_ok_and(|status| status.is_some())
    }

    /// What it had said when it ended or `patience` was over; `None`: it still runs.
    pub fn ended_within(&mut self, patience: std::time::Duration) -> Option<String> {
        if self.heard.is_none() {
            self.heard = self.said.recv_timeout(patience).ok();
        }
        self.heard.clone()
    }

    /// SIGKILL. What it said before counts.
    pub fn kill(mut self) -> String {
        // Already gone is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
        self.heard.take().unwrap_or_else(|| self.said.recv().unwrap_or_default())
    }
}

/// A file of answers for M09 (高龄津贴) by somebody of region 000000, which exists nowhere.
fn given() -> Json {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let body = "00000019500308002";
    let sum: u32 = body.bytes().zip(WEIGHTS).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    let number = format!("{body}{}", char::from(b"10X98765432"[(sum % 11) as usize]));
    let applicant = Identity {
        source: Source::Manual,
        card: CardKind::ResidentId,
        name: "李样本".into(),
        sex: Sex::Female,
        nation: Some(matters::Nation { code: "01".into(), name: "汉".into() }),
        birth: Some("1950-03-08".parse().expect("a date")),
        address: "某省某市样本县样本镇石榴村3组12号".into(),
        number: number.into(),
        issuer: "样本县公安局".into(),
        valid_from: Some("2020-01-01".parse().expect("a date")),
        valid_until: Some(matters::ValidUntil::LongTerm),
        warnings: Vec::new(),
    };
    json!({
        "situations": { "residence": "same" },
        "applicant": serde_json::to_value(applicant).expect("JSON"),
        "answers": {
            "phone_of": "own",
            "phone": "029-00000003",
            "payee": { "bank": "样本农商银行石榴支行", "account": "6200000000000000003", "owner": "李样本" },
            "head_relation": "head",
            "declared": true,
        },
    })
}

/// A JPEG that opens: grey, and different for every seed.
fn jpeg(seed: u32) -> Vec<u8> {
    let picture = image::GrayImage::from_fn(160, 120, |x, y| image::Luma([(x * seed ^ y.wrapping_mul(seed >> 3)) as u8]));
    let mut out = Cursor::new(Vec::new());
    picture.write_to(&mut out, image::ImageFormat::Jpeg).expect("packed");
    let mut bytes = out.into_inner();
    // The picture may repeat; the bytes behind its end never do.
    bytes.extend_from_slice(&seed.to_le_bytes());
    bytes
}
