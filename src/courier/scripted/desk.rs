//! What the scripted hall answers, and how it forges.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use matters::Digest;
use seal::SigningKey;
use uuid::Uuid;
use wire::{
    Admitted, Answer, Commit, Event, FeedPage, HallInfo, HallKey, Have, Held, LedgerMark, PointInfo, Receipt, path,
    problem::{Kind, MEDIA_TYPE, Problem},
};

/// Dates of the certificates that the hall gives out.
const YEAR: (&str, &str) = ("2026-01-01", "2027-01-01");

use super::{Authority, POINT, TERMINAL};

/// What goes wrong, once, at the first request that fits.
#[derive(Clone, Debug)]
pub enum Fault {
    /// The connection breaks after so many bytes of the body; the hall keeps what it has.
    CutBody(usize),
    /// Everything is done and stored, and the answer is lost.
    LoseAnswer,
    /// Another answer: status, headers, body; nothing is done.
    Say(u16, Vec<(&'static str, String)>, String),
    /// One of the hall's problems; nothing is done.
    Problem(Kind),
    /// Bytes that are no HTTP.
    Garbage,
    /// No answer until the connection is closed from outside.
    Silence,
    /// The answer is done, but changed: what is signed is another receipt or another feed page.
    Forge(Forgery),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forgery {
    /// Signed by a key that nobody was told of.
    UnknownKey,
    /// One character of the signature is another.
    Signature,
    AnotherAct,
    AnotherFiling,
    OnePageMore,
    OnePageLess,
    AnotherPoint,
    CursorBack,
    EventsOutOfOrder,
}

/// One request as the hall saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    pub method: String,
    pub path: String,
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
}

#[derive(Default)]
pub(super) struct Upload {
    page: Option<Digest>,
    length: u64,
    bytes: Vec<u8>,
}

#[derive(Default)]
pub struct State {
    pub faults: VecDeque<(&'static str, &'static str, Fault)>,
    pub seen: Vec<Seen>,
    pub held: BTreeMap<Digest, Vec<u8>>,
    pub acts: BTreeMap<Uuid, (Vec<u8>, Answer)>,
    pub events: Vec<Event>,
    pub results: BTreeMap<Digest, Vec<u8>>,
    /// Canonical bytes of manifests, signed when they are asked for, and files.
    pub packages: BTreeMap<Digest, Vec<u8>>,
    pub package_files: BTreeMap<Digest, Vec<u8>>,
    /// Added to every feed page's JSON before it is signed.
    pub feed_extra: Option<serde_json::Value>,
    pub hall_time: Timestamp,
    pub(super) uploads: BTreeMap<String, Upload>,
}

impl State {
    pub fn count(&self, method: &str, path: &str) -> usize {
        self.seen.iter().filter(|seen| seen.method == method && seen.path.starts_with(path)).count()
    }

    /// As after a backup without them.
    pub fn forget_uploads(&mut self) {
        self.uploads.clear();
    }

    /// Bytes of pages that came in bodies, wanted or not.
    pub fn page_bytes_received(&self) -> usize {
        self.seen.iter().filter(|seen| seen.method == "PATCH").map(|seen| seen.body.len()).sum()
    }
}

pub(super) struct Desk {
    pub(super) state: Arc<Mutex<State>>,
    pub(super) authority: Arc<Authority>,
    pub(super) key: SigningKey,
}

/// Status, headers, body.
pub(super) struct Reply(pub(super) u16, pub(super) Vec<(&'static str, String)>, pub(super) Vec<u8>);

impl Reply {
    fn json(value: &impl serde::Serialize) -> Self {
        Self(200, vec![("content-type", "application/json".into())], serde_json::to_vec(value).expect("JSON"))
    }

    pub(super) fn problem(kind: Kind) -> Self {
        let problem = Problem {
            kind_uri: kind.uri(),
            title: kind.title().into(),
            status: kind.status(),
            detail: String::new(),
            reference: "R-1".into(),
        };
        Self(kind.status(), vec![("content-type", MEDIA_TYPE.into())], serde_json::to_vec(&problem).expect("JSON"))
    }

    fn offset(status: u16, offset: usize, length: Option<u64>) -> Self {
        let mut headers = vec![("upload-offset", offset.to_string()), ("tus-resumable", "1.0.0".into())];
        headers.extend(length.map(|length| ("upload-length", length.to_string())));
        Self(status, headers, Vec::new())
    }
}

impl Desk {
    pub(super) fn answer(&self, seen: &Seen, until: Option<Timestamp>, forgery: Option<Forgery>) -> Reply {
        let mut state = self.state.lock().expect("no panic");
        let (path, query) = seen.path.split_once('?').unwrap_or((&seen.path, ""));
        if path == path::ADMISSION {
            return self.admit(&seen.body);
        }
        let Some(until) = until else { return Reply::problem(Kind::NoCertificate) };
        let renews = path == path::RENEWAL && state.hall_time.duration_since(until).as_hours() < wire::RENEWAL_DAYS_MAX * 24;
        if until < state.hall_time && !renews {
            return Reply::problem(Kind::CertificateExpired);
        }
        match (seen.method.as_str(), path) {
            ("POST", path::HAVE) => {
                let Ok(have) = serde_json::from_slice::<Have>(&seen.body) else { return Reply::problem(Kind::BadRequest) };
                let digests = have.digests.into_iter().filter(|digest| state.held.contains_key(digest)).collect();
                Reply::json(&Held { digests })
            }
            ("POST", path::RENEWAL) => {
                let Ok(asked) = serde_json::from_slice::<wire::Renewal>(&seen.body) else {
                    return Reply::problem(Kind::BadRequest);
                };
                Reply::json(&wire::Renewed { certificate_pem: self.authority.client(&asked.csr_pem, TERMINAL, YEAR) })
            }
            ("POST", path::PAGES) => create(&mut state, seen),
            ("POST", path::ACTS) => self.commit(&mut state, &seen.body, forgery),
            ("GET", path::FEED) => self.feed(&state, query, forgery),
            ("GET", path) if path.starts_with(path::RESULTS) => {
                let digest = path.rsplit('/').next().and_then(Digest::from_hex);
                match digest.and_then(|digest| state.results.get(&digest)) {
                    Some(bytes) => Reply(200, vec![("content-type", "application/pdf".into())], bytes.clone()),
                    None => Reply::problem(Kind::NotFound),
                }
            }
            ("GET", path) if path.starts_with(path::PACKAGES) || path.starts_with(path::PACKAGE_FILES) => {
                let digest = path.rsplit('/').next().and_then(Digest::from_hex);
                let found = |map: &BTreeMap<Digest, Vec<u8>>| digest.and_then(|digest| map.get(&digest).cloned());
                let octets = |bytes| Reply(200, vec![("content-type", "application/octet-stream".into())], bytes);
                match (found(&state.packages), found(&state.package_files)) {
                    (Some(manifest), _) => octets(self.sign(wire::package::PACKAGE, &manifest, forgery).into_bytes()),
                    (None, Some(bytes)) => octets(bytes),
                    (None, None) => Reply::problem(Kind::NotFound),
                }
            }
            ("HEAD" | "PATCH", path) => upload(&mut state, path, seen),
            _ => Reply::problem(Kind::NotFound),
        }
    }

    fn admit(&self, body: &[u8]) -> Reply {
        let Ok(asked) = serde_json::from_slice::<wire::Admission>(body) else { return Reply::problem(Kind::BadRequest) };
        if asked.code != self.authority.code() {
            return Reply::problem(Kind::CodeUnknown);
        }
        let public = self.key.public();
        Reply::json(&Admitted {
            terminal: TERMINAL.into(),
            serial: "01".into(),
            point: PointInfo {
                id: POINT.into(), name: "石榴村便民服务点".into(), hours: String::new(), phone: String::new()
            },
            hall: HallInfo {
                name: "样本镇".into(),
                phone: String::new(),
                supervision_phone: String::new(),
                keys: vec![HallKey { kid: public.kid.clone(), public: hex::encode(public.to_bytes()) }],
                bundle: None,
                recovery: None,
            },
            certificate_pem: self.authority.client(&asked.csr_pem, TERMINAL, YEAR),
            authority_pem: self.authority.pem(),
        })
    }

    fn commit(&self, state: &mut State, body: &[u8], forgery: Option<Forgery>) -> Reply {
        let opened = serde_json::from_slice::<Commit>(body).ok().and_then(|commit| commit.open().ok());
        let Some(opened) = opened else { return Reply::problem(Kind::NotCanonical) };
        if let Some((bytes, answer)) = state.acts.get(&opened.act.id) {
            return if *bytes == opened.act_bytes { Reply::json(answer) } else { Reply::problem(Kind::ActConflict) };
        }
        if opened.pages().iter().any(|page| !state.held.contains_key(page)) {
            return Reply::problem(Kind::PageUnknown);
        }
        let mut receipt = Receipt {
            act: opened.act.id,
            filing: opened.act.filing,
            act_sha256: Digest::of(&opened.act_bytes),
            filing_sha256: opened.filing.as_ref().map(matters::Sealed::digest),
            pages: opened.pages(),
            case_number: "SLC01-2026-000001".into(),
            received_at: state.hall_time,
            refused: None,
            revision: opened.act.revision + 1,
        };
        match forgery {
            Some(Forgery::AnotherAct) => receipt.act_sha256 = Digest::of(b"another"),
            Some(Forgery::AnotherFiling) => receipt.filing = Uuid::from_u128(99),
            Some(Forgery::OnePageMore) => receipt.pages.push(Digest::of(b"another")),
            Some(Forgery::OnePageLess) => drop(receipt.pages.pop()),
            _ => {}
        }
        let receipt = self.sign("receipt", &serde_json::to_vec(&receipt).expect("JSON"), forgery);
        let answer =
            Answer { receipt, ledger: LedgerMark { incarnation: Uuid::from_u128(1), sequence: 1, chain: None, backed_up: None } };
        if forgery.is_none() {
            state.acts.insert(opened.act.id, (opened.act_bytes, answer.clone()));
        }
        Reply::json(&answer)
    }

    fn feed(&self, state: &State, query: &str, forgery: Option<Forgery>) -> Reply {
        let asked: u64 = query.split('&').find_map(|pair| pair.strip_prefix("cursor=")).and_then(|n| n.parse().ok()).unwrap_or(0);
        let mut events: Vec<Event> = state.events.iter().filter(|event| event.sequence > asked).cloned().collect();
        if forgery == Some(Forgery::EventsOutOfOrder) {
            events.reverse();
        }
        let cursor = match forgery {
            Some(Forgery::CursorBack) => asked.saturating_sub(1),
            _ => state.events.iter().map(|event| event.sequence).max().unwrap_or(0).max(asked),
        };
        let point = if forgery == Some(Forgery::AnotherPoint) { "XXX" } else { POINT };
        let page = FeedPage {
            point: point.into(),
            cursor,
            more: false,
            hall_time: state.hall_time,
            ledger: LedgerMark { incarnation: Uuid::from_u128(1), sequence: cursor, chain: None, backed_up: None },
            events,
        };
        let mut page = serde_json::to_value(page).expect("JSON");
        if let Some(serde_json::Value::Object(extra)) = &state.feed_extra {
            for (key, value) in extra {
                match (key.as_str(), &mut page["events"]) {
                    ("events", serde_json::Value::Array(events)) => events.extend(value.as_array().cloned().unwrap_or_default()),
                    _ => page[key] = value.clone(),
                }
            }
        }
        let jws = self.sign("feed", &serde_json::to_vec(&page).expect("JSON"), forgery);
        Reply(200, vec![("content-type", "application/jose".into())], jws.into_bytes())
    }

    fn sign(&self, typ: &str, payload: &[u8], forgery: Option<Forgery>) -> String {
        match forgery {
            Some(Forgery::UnknownKey) => seal::sign(&SigningKey::generate().expect("random numbers"), typ, payload),
            Some(Forgery::Signature) => {
                let mut jws = seal::sign(&self.key, typ, payload);
                let at = jws.rfind('.').expect("three parts") + 5;
                let other = if jws.as_bytes()[at] == b'A' { "B" } else { "A" };
                jws.replace_range(at..=at, other);
                jws
            }
            _ => seal::sign(&self.key, typ, payload),
        }
    }
}

fn create(state: &mut State, seen: &Seen) -> Reply {
    let length = seen.headers.get("upload-length").and_then(|text| text.parse().ok());
    let page = seen.headers.get("upload-metadata").and_then(|text| text.strip_prefix("sha256 "));
    let page = page.and_then(|text| STANDARD.decode(text).ok()).and_then(|hex| Digest::from_hex(std::str::from_utf8(&hex).ok()?));
    let (Some(length), Some(page)) = (length, page) else { return Reply::problem(Kind::BadRequest) };
    let location = format!("{}/u{}", path::PAGES, state.uploads.len() + 1);
    state.uploads.insert(location.clone(), Upload { page: Some(page), length, bytes: Vec::new() });
    Reply(201, vec![("location", location)], Vec::new())
}

fn upload(state: &mut State, path: &str, seen: &Seen) -> Reply {
    let Some(upload) = state.uploads.get_mut(path) else { return Reply::problem(Kind::NotFound) };
    if seen.method == "HEAD" {
        return Reply::offset(200, upload.bytes.len(), Some(upload.length));
    }
    let offset: Option<usize> = seen.headers.get("upload-offset").and_then(|text| text.parse().ok());
    if offset != Some(upload.bytes.len()) {
        return Reply::problem(Kind::OffsetMismatch);
    }
    let announced: usize = seen.headers.get("content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
    if let Some(checksum) = seen.headers.get("upload-checksum") {
        let expected = format!("sha256 {}", STANDARD.encode(Digest::of(&seen.body).0));
        if *checksum != expected || announced != seen.body.len() {
            return Reply::problem(Kind::ChecksumMismatch);
        }
    }
    upload.bytes.extend_from_slice(&seen.body);
    let have = upload.bytes.len();
    if have as u64 == upload.length {
        let page = Digest::of(&upload.bytes);
        let whole = std::mem::take(&mut upload.bytes);
        if upload.page != Some(page) {
            state.uploads.remove(path);
            return Reply::problem(Kind::DigestMismatch);
        }
        upload.bytes.clone_from(&whole);
        state.held.insert(page, whole);
    }
    Reply::offset(204, have, None)
}
