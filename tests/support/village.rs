//! A village and its town in one process: the real hall on port 0, the real cabinet on a temporary
//! disk, the real courier between them over TLS, and a clock moved by hand.

use std::{collections::BTreeMap, net::SocketAddr, sync::Arc, time::Duration};

use courier::{Client, Line, Outcome, Step, StopFlag};
use hall::{
    Hall,
    clock::{Clock, Ids},
    ledger::{Clerk, Founding, NewUser, Rules},
    serve,
};
use jiff::{SignedDuration, Timestamp, civil::Date};
use matters::{
    Act, ActedBy, Capacity, CardKind, CaseView, Catalogue, Filing, Identity, Nation, NoticeGiven, PointRef, Role, Sealed, Sex,
    Source, ValidUntil, Value, What, calendar::place_date, form, numbering,
};
use outbox::{Admission, Cabinet, CabinetKey, Draft, Reading};
use uuid::Uuid;

pub const POINT: &str = "SLC";

/// A weekday morning at the hall's place.
pub fn morning() -> Timestamp {
    "2026-11-24T09:30:00+08:00".parse().expect("a time")
}

/// The town hall, served on ports of its own.
pub struct Town {
    pub dir: tempfile::TempDir,
    pub clock: Clock,
    pub ids: Ids,
    pub running: Option<serve::Running>,
    listen: serve::Listen,
}

impl Town {
    pub fn new() -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let clock = Clock::at(morning());
        let ids = Ids::seeded(7);
        let founding = Founding {
            name: "样本镇综合服务大厅".into(),
            phone: "029-0000 0001".into(),
            supervision_phone: "029-0000 0002".into(),
        };
        let rules = Rules::bundled().expect("the bundled catalogue is good");
        Hall::found(&dir.path().join("hall"), &founding, rules, ids.clone(), clock.now()).expect("a hall is founded");
        let local: SocketAddr = "127.0.0.1:0".parse().expect("an address");
        let mut town = Self {
            dir,
            clock,
            ids,
            running: None,
            listen: serve::Listen { api: local, desk: local, names: Vec::new(), ..serve::Listen::default() },
        };
        town.open();
        for point in [POINT, "DQC"] {
            let point = wire::PointInfo {
                id: point.into(),
                name: format!("{point} 便民服务点"),
                hours: "09:00–17:30".into(),
                phone: "029-0000 0003".into(),
            };
            town.hall().ledger.add_point(&point, "test", town.clock.now()).expect("a point");
        }
        for (account, name, role, point) in [
            ("wang", "王样本", Role::Agent, Some(POINT)),
            ("li", "李示例", Role::Agent, Some("DQC")),
            ("zhou", "周示例", Role::Clerk, None),
        ] {
            let user = NewUser {
                account: account.into(),
                name: name.into(),
                role,
                point: point.map(str::to_owned),
                valid_until: "2027-12-31".parse().expect("a date"),
                post: "A".into(),
                phone: "029-0000 0003".into(),
            };
            town.hall().ledger.add_user(&user, "yangben-2026", "test", town.clock.now()).expect("an account");
        }
        town
    }

    /// Opens the ledger from the disk and serves it where it was served before.
    pub fn open(&mut self) {
        assert!(self.running.is_none(), "already open");
        let rules = Rules::bundled().expect("the bundled catalogue is good");
        let hall =
            Hall::open(&self.dir.path().join("hall"), None, rules, self.clock.clone(), self.ids.clone()).expect("the hall opens");
        let running = serve::start(hall, &self.listen).expect("the hall is served");
        let port = |url: String| url.rsplit(':').next().and_then(|port| port.parse::<u16>().ok()).expect("a port");
        self.listen.api.set_port(port(running.api_url()));
        self.listen.desk.set_port(port(running.desk_url()));
        self.running = Some(running);
    }

    pub fn close(&mut self) {
        if let Some(running) = self.running.take() {
            running.stop().expect("the hall stops");
        }
    }

    pub fn hall(&self) -> &Arc<Hall> {
        self.running.as_ref().expect("the hall is open").hall()
    }

    pub fn url(&self) -> String {
        self.running.as_ref().expect("the hall is open").api_url()
    }

    pub fn desk_url(&self) -> String {
        self.running.as_ref().expect("the hall is open").desk_url()
    }

    pub fn pass(&self, time: SignedDuration) {
        self.clock.set(self.clock.now() + time);
    }

    pub fn clerk(&self) -> Clerk {
        self.hall().ledger.verify_login("zhou", "yangben-2026", self.clock.now()).expect("the clerk signs in").clerk
    }

    /// The only case that the hall holds.
    pub fn only_case(&self) -> CaseView {
        let rows = self.hall().ledger.inbox(&Default::default()).expect("an inbox");
        assert_eq!(rows.len(), 1, "exactly one case");
        self.hall().ledger.case(rows[0].filing).expect("a case").expect("it is there").view
    }
}

/// A village point: its cabinet and its line.
pub struct Village {
    pub dir: tempfile::TempDir,
    pub cabinet: Cabinet,
    pub reading: Reading,
    pub admission: Admission,
    pub client: Client,
    pub account: &'static str,
    next: u128,
}

impl Village {
    pub fn new(town: &Town, point: &str, account: &'static str) -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let code = town.hall().admission_code(point, "test").expect("a code");
        let admission =
            Client::admit(&town.url(), &code, "test machine", &StopFlag::new()).unwrap_or_else(|outcome| panic!("{outcome:?}"));
        let key = CabinetKey::load_or_create(&dir.path().join("cabinet.key")).expect("a key");
        let path = dir.path().join("cabinet.db");
        let mut cabinet = Cabinet::open(&path, &key, town.clock.now()).expect("a cabinet");
        cabinet.set_admission(&admission).expect("kept");
        let reading = Cabinet::reading(&path, &key).expect("a reader");
        let client = client(town, &admission);
        Self { dir, cabinet, reading, admission, client, account, next: 1 }
    }

    fn id(&mut self) -> Uuid {
        self.next += 1;
        let terminal = self.admission.serial.bytes().fold(0, |sum: u128, byte| (sum << 8) | u128::from(byte)) << 40;
        Uuid::from_u128(
            0x0197_0000_0000_7000_8000_0000_0000_0000 + self.next + (u128::from(self.account.as_bytes()[0]) << 32) + terminal,
        )
    }

    pub fn acted_by(&self) -> ActedBy {
        ActedBy { account: self.account.into(), session: Uuid::from_u128(1) }
    }

    /// Fills in 高龄津贴 for 李样本 with these pages, by the form engine's own rules, and seals it.
    pub fn file(&mut self, town: &Town, pages: &[(&str, Vec<u8>)]) -> Sealed {
        let now = town.clock.now();
        let catalogue = Catalogue::bundled().expect("the bundled catalogue is good");
        let matter = catalogue.matter("M09").expect("高龄津贴 is there");
        let applicant = li_yangben(now);
        let situations = BTreeMap::from([("residence".to_owned(), "same".to_owned())]);
        let mut answers = form::prefill(matter, &applicant, place_date(now));
        let owner = applicant.name.clone();
        for (key, value) in [
            ("phone_of", Value::Choice("own".into())),
            ("phone", Value::Text("029-00000003".into())),
            ("payee", Value::Payee { bank: "样本农商银行石榴支行".into(), account: "6200000000000000003".into(), owner }),
            ("declared", Value::Flag(true)),
            ("head_relation", Value::Choice("head".into())),
        ] {
            if matter.field(key).is_some() {
                answers.insert(key.to_owned(), value);
            }
        }
        let draft = self.id();
        let filing = self.id();
        let act = self.id();
        let notice = NoticeGiven { version: "2026-11".into(), at: now };
        let record = Draft {
            id: draft,
            supplement_to: None,
            created_at: now,
            changed_at: now,
            acted_by: self.acted_by(),
            matter: Some("M09".into()),
            catalogue_version: catalogue.version().to_owned(),
            step: "review".into(),
            notice: Some(notice.clone()),
            applicant: Some(applicant.clone()),
            capacity: Some(Capacity::Myself),
            situations: situations.clone(),
            brought: Default::default(),
            answers: answers.clone(),
            witness: None,
            old: Vec::new(),
            pages: Vec::new(),
        };
        self.cabinet.save_draft(&record).expect("the draft is saved");
        let pages: Vec<_> = pages
            .iter()
            .map(|(material, jpeg)| self.cabinet.put_page(draft, material, None, jpeg, 1200, 1600).expect("a page is put"))
            .collect();
        let sequence = self.cabinet.next_sequence().expect("a sequence");
        let epoch = self.cabinet.epoch().expect("an epoch");
        let number =
            numbering::mint(&self.admission.particulars.point, &self.admission.serial, &epoch, sequence).expect("a number");
        let sealed = Filing {
            format: Filing::FORMAT,
            id: filing,
            case_number: number.as_str().to_owned(),
            query_code: "000000".into(),
            matter: "M09".into(),
            catalogue_version: catalogue.version().to_owned(),
            point: PointRef {
                id: self.admission.particulars.point.clone(),
                name: self.admission.particulars.point_name.clone(),
                terminal: self.admission.terminal.clone(),
            },
            sealed_at: now,
            acted_by: self.acted_by(),
            capacity: Capacity::Myself,
            applicant,
            notice,
            witness: None,
            situations,
            answers,
            pages,
        }
        .seal();
        let complaints = form::filing_complaints(matter, sealed.filing());
        assert!(complaints.iter().all(|complaint| complaint.warning), "the form is good: {complaints:?}");
        let what = What::File { digest: sealed.digest() };
        let act = Act { id: act, filing, acted_by: self.acted_by(), at: now, revision: 0, what };
        self.cabinet.seal(draft, &sealed, &act).expect("sealed");
        sealed
    }

    /// Answers the open correction of a case, wherever that was filed, with these pages.
    pub fn answer(&mut self, town: &Town, case: &CaseView, pages: &[(&str, Vec<u8>)]) {
        let now = town.clock.now();
        let correction = case.correction.as_ref().expect("a correction waits");
        let (draft, act) = (self.id(), self.id());
        let record = Draft {
            id: draft,
            supplement_to: Some((case.filing, correction.id)),
            created_at: now,
            changed_at: now,
            acted_by: self.acted_by(),
            matter: Some(case.matter.clone()),
            catalogue_version: String::new(),
            step: "Correction".into(),
            notice: None,
            applicant: None,
            capacity: None,
            situations: BTreeMap::new(),
            brought: Default::default(),
            answers: BTreeMap::new(),
            witness: None,
            old: Vec::new(),
            pages: Vec::new(),
        };
        self.cabinet.save_draft(&record).expect("the draft is saved");
        let pages = pages
            .iter()
            .map(|(material, jpeg)| self.cabinet.put_page(draft, material, None, jpeg, 1200, 1600).expect("a page is put"))
            .collect();
        let what = What::Supplement { correction: correction.id, items: Vec::new(), pages };
        let act = Act { id: act, filing: case.filing, acted_by: self.acted_by(), at: now, revision: case.revision, what };
        self.cabinet.enqueue(&act, Some(draft)).expect("enqueued");
    }

    /// An act without papers on a filing, decided on its first revision.
    pub fn act(&mut self, town: &Town, filing: Uuid, what: What) {
        self.act_on(town, filing, 1, what);
    }

    /// An act without papers on a filing.
    pub fn act_on(&mut self, town: &Town, filing: Uuid, revision: u64, what: What) {
        let act = Act { id: self.id(), filing, acted_by: self.acted_by(), at: town.clock.now(), revision, what };
        self.cabinet.enqueue(&act, None).expect("enqueued");
    }

    /// One round of the queue: every parcel that is due is offered once.
    pub fn send(&mut self, town: &Town) -> Vec<Outcome> {
        let stop = StopFlag::new();
        let parcels = self.cabinet.parcels(town.clock.now()).expect("the queue");
        let mut outcomes = Vec::new();
        for parcel in parcels {
            let reading = &self.reading;
            let mut steps = Vec::new();
            let mut bytes = |digest, offset, len| reading.page_range(digest, offset, len).ok().flatten();
            let outcome = self.client.deliver(&parcel, &mut bytes, &mut |progress| steps.push(progress.step), &stop);
            for step in steps {
                match step {
                    Step::Sending { .. } => {}
                    Step::Upload { page, location, offset, done } => {
                        self.cabinet.record_upload(page, location.as_deref(), offset, done).expect("recorded");
                    }
                    Step::Forget { page } => self.cabinet.forget_upload(page).expect("forgotten"),
                }
            }
            if let Outcome::Done(news) = &outcome {
                self.cabinet.record_receipt(news).expect("the receipt is kept");
            }
            outcomes.push(outcome);
        }
        outcomes
    }

    /// Takes what the feed has.
    pub fn listen(&mut self) {
        let cursor = self.cabinet.cursor().expect("a cursor");
        let news =
            self.client.feed(cursor, Duration::from_secs(0), &StopFlag::new()).unwrap_or_else(|outcome| panic!("{outcome:?}"));
        self.cabinet.apply_feed(&news).expect("applied");
    }
}

/// A line to the hall for this terminal.
pub fn client(town: &Town, admission: &Admission) -> Client {
    let clock = town.clock.clone();
    let line = Line { wall: Box::new(move || clock.now()), hall_time: Some(town.clock.now()) };
    Client::new(admission, line).unwrap_or_else(|outcome| panic!("{outcome:?}"))
}

/// 李样本, 76, nobody: region 000000.
pub fn li_yangben(now: Timestamp) -> Identity {
    let birth: Date = "1950-03-08".parse().expect("a date");
    Identity {
        source: Source::Card { read_event: Uuid::from_u128(9), read_at: now },
        card: CardKind::ResidentId,
        name: "李样本".into(),
        sex: Sex::Female,
        nation: Some(Nation { code: "01".into(), name: "汉".into() }),
        birth: Some(birth),
        address: "某省某市样本县样本镇石榴村3组12号".into(),
        number: number(birth, 2).into(),
        issuer: "样本县公安局".into(),
        valid_from: Some("2020-01-01".parse().expect("a date")),
        valid_until: Some(ValidUntil::LongTerm),
        warnings: Vec::new(),
    }
}

/// A citizen's number of region 000000 with its right check character.
pub fn number(birth: Date, sequence: u16) -> String {
    let text = format!("000000{:04}{:02}{:02}{sequence:03}", birth.year(), birth.month(), birth.day());
    "0123456789X"
        .chars()
        .map(|check| format!("{text}{check}"))
        .find(|number| matters::identity::check_citizen_number(number).is_ok())
        .expect("one of eleven fits")
}

/// A page's bytes: a JPEG's first and last marks around a pattern that no two seeds share.
pub fn picture(seed: u8, bytes: usize) -> Vec<u8> {
    let mut out = vec![0xff, 0xd8, 0xff, 0xe0];
    out.extend((0..bytes.saturating_sub(6)).map(|i| (i as u8).wrapping_mul(31).wrapping_add(seed) & 0x7f));
    out.extend([0xff, 0xd9]);
    out
}
