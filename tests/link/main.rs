//! A filing over a bad line: two private networks joined by 512 kbit/s with 200 ms, 1 % loss and cuts,
//! beside one plain TCP stream of as many bytes over the same line without cuts.
//!
//! As a test it is short and asserts what arrives; `link torture [SECONDS BETWEEN CUTS]` is the long run.

#[path = "../support/mod.rs"]
mod support;

mod shaper;
mod tun;

use std::{
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::Stdio,
    sync::mpsc::sync_channel,
    time::{Duration, Instant},
};

use serde_json::{Value as Json, json};

use self::{
    shaper::{Cuts, Line, Quality},
    support::{
        children::{Running, wait_for},
        town::{AGENT, Addresses, Town},
        village::{li_yangben, morning},
    },
};

const TOWN: &str = "10.77.0.1";
const PAPERS: [&str; 8] = ["MR1", "MR1", "MR1", "MR2", "MR2", "MR3", "MR4", "BK"];

struct Run {
    quality: Quality,
    cuts: Cuts,
    page_bytes: usize,
    patience: Duration,
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let slow = Quality {
        bits_per_second: 512_000,
        delay: Duration::from_millis(100),
        loss_per_mille: 10,
        queue: Duration::from_millis(400),
    };
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["torture", rest @ ..] => {
            let seconds = rest.first().map_or(20, |text| text.parse().expect("seconds between cuts"));
            let cuts = Cuts { period: Duration::from_secs(seconds), outage: Duration::from_secs(2) };
            go(&Run { quality: slow, cuts, page_bytes: 1_500_000, patience: Duration::from_secs(1200) });
        }
        ["--list", ..] => println!("a_filing_crosses_a_bad_line: test"),
        [filter, ..] if !filter.starts_with('-') && !"a_filing_crosses_a_bad_line".contains(filter) => {}
        _ => {
            println!("\nrunning 1 test");
            let cuts = Cuts { period: Duration::from_secs(3), outage: Duration::from_millis(500) };
            let quick = Quality { bits_per_second: 4_000_000, ..slow };
            go(&Run { quality: quick, cuts, page_bytes: 300_000, patience: Duration::from_secs(240) });
            println!("test a_filing_crosses_a_bad_line ... ok\n");
        }
    }
}

/// The town's network, with its own thread: what it is asked to run runs there.
struct Far {
    ask: std::sync::mpsc::SyncSender<Box<dyn FnOnce() + Send>>,
}

impl Far {
    fn start() -> std::io::Result<(Self, std::fs::File)> {
        let (ask, asked) = sync_channel::<Box<dyn FnOnce() + Send>>(1);
        let (tell, told) = sync_channel(1);
        std::thread::Builder::new().name("town".into()).spawn(move || {
            let made = tun::private_network().and_then(|()| tun::device("town0", &format!("{TOWN}/24")));
            let _ = tell.send(made);
            asked.into_iter().for_each(|work| work());
        })?;
        let device = told.recv().map_err(std::io::Error::other)??;
        Ok((Self { ask }, device))
    }

    fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> T {
        let (tell, told) = sync_channel(1);
        self.ask.send(Box::new(move || drop(tell.send(work())))).expect("the town's thread lives");
        told.recv().expect("the work was done")
    }
}

fn go(run: &Run) {
    let ends = Far::start().and_then(|(far, town)| {
        tun::private_network()?;
        Ok((far, town, tun::device("village0", "10.77.0.2/24")?))
    });
    let (far, town_end, village_end) = match ends {
        Ok(ends) => ends,
        Err(error) => return println!("not run: private networks cannot be made here ({error})"),
    };
    let line = Line::start(village_end, town_end, run.quality, 20_261_124);

    let dir = tempfile::tempdir().expect("a folder");
    let town = Town::prepare(dir.path());
    let (_hall, addresses) = serve(&far, &town);
    std::fs::write(town.config(), format!("data_dir = {:?}\n", dir.path().join("terminal"))).expect("written");
    town.admit(&addresses);
    let pages: Vec<PathBuf> = (0..PAPERS.len()).map(|index| page(dir.path(), index, run.page_bytes)).collect();
    let payload: u64 = pages.iter().map(|page| page.metadata().expect("a page").len()).sum();

    let plain = plain_stream(&far, payload);
    file(&town, dir.path(), &pages);
    line.take_bytes();
    line.cut(Some(run.cuts));
    let begin = Instant::now();
    let seconds = run.patience.as_secs().min(600).to_string();
    // A command ends after ten minutes at most; a line may need longer.
    let queue = wait_for("the hall's receipt", run.patience, || {
        let said = terminal(&town, &["sync", "--until-empty", "--seconds", &seconds, "--json"]);
        (said["queue"]["waiting"] == json!([])).then_some(said)
    });
    let took = begin.elapsed();
    line.cut(None);
    let (up, down) = line.take_bytes();

    let outages = run.cuts.outage * (took.as_secs_f64() / run.cuts.period.as_secs_f64()) as u32;
    let allowed = plain + outages;
    println!("line: {:?}, {:?}", run.quality, run.cuts);
    println!("payload {payload} bytes in {} pages", pages.len());
    println!("went up {up} bytes ({:.4} of the payload), came down {down}", up as f64 / payload as f64);
    println!(
        "took {:.1} s; one plain TCP stream without cuts {:.1} s, with the outages {:.1} s: {:.3} of that",
        took.as_secs_f64(),
        plain.as_secs_f64(),
        allowed.as_secs_f64(),
        took.as_secs_f64() / allowed.as_secs_f64()
    );
    assert_eq!(queue["queue"]["filings"][0]["hall"]["state"], json!("received"));
    let held = town.filings();
    assert_eq!(held.as_array().map(Vec::len), Some(1), "one filing: {held}");
    let mut there: Vec<String> =
        held[0]["pages"].as_array().expect("pages").iter().map(|page| page.as_str().expect("a digest").to_owned()).collect();
    let mut here: Vec<String> =
        pages.iter().map(|page| matters::Digest::of(&std::fs::read(page).expect("a page")).to_string()).collect();
    there.sort();
    here.sort();
    assert_eq!(there, here, "every page, byte for byte");
    assert!(up < payload + payload / 4, "no page goes up twice: {up} bytes for {payload}");
}

/// The hall in the town's network.
fn serve(far: &Far, town: &Town) -> (Running, Addresses) {
    let ready = town.dir.join("hall-ready.json");
    let mut command = town.hall();
    command.arg("serve").arg("--dir").arg(town.hall_dir()).arg("--ready-file").arg(&ready);
    command.args(["--api", &format!("{TOWN}:7443"), "--desk", "127.0.0.1:7080"]);
    let log = town.dir.join("town-hall.log");
    let running = far.run(move || Running::start("town-hall", &mut command, &log));
    let addresses = wait_for("the hall's address", Duration::from_secs(60), || {
        serde_json::from_str::<Addresses>(&std::fs::read_to_string(&ready).ok()?).ok()
    });
    (running, addresses)
}

/// How long this many bytes take in one TCP stream, until the other side has them all.
fn plain_stream(far: &Far, bytes: u64) -> Duration {
    let listener = far.run(|| TcpListener::bind((TOWN, 9000)).expect("a port"));
    std::thread::Builder::new()
        .name("plain".into())
        .spawn(move || {
            let (mut stream, _) = listener.accept().expect("a stream");
            let mut left = bytes;
            let mut buffer = vec![0; 1 << 16];
            while left > 0 {
                left -= stream.read(&mut buffer).expect("bytes") as u64;
            }
            stream.write_all(b"!").expect("said");
        })
        .expect("a thread can be made");
    let begin = Instant::now();
    let mut stream = TcpStream::connect((TOWN, 9000)).expect("a stream");
    std::io::copy(&mut std::io::repeat(7).take(bytes), &mut stream).expect("sent");
    stream.read_exact(&mut [0]).expect("all there");
    begin.elapsed()
}

/// A JPEG of about this many bytes that cannot be made smaller.
fn page(dir: &Path, index: usize, bytes: usize) -> PathBuf {
    let mut x = 0x9e37_79b9_7f4a_7c15u64 ^ (index as u64 + 1);
    // Noise packs to 0.56 bytes a pixel.
    let (width, height) = (1000, (bytes / 560) as u32);
    let noise = image::GrayImage::from_fn(width, height, |_, _| {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        image::Luma([x as u8])
    });
    let path = dir.join(format!("page-{index}.jpg"));
    noise.save(&path).expect("packed");
    path
}

fn terminal(town: &Town, words: &[&str]) -> Json {
    let mut child = town
        .terminal()
        .args(words)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let _ = child.stdin.take().expect("stdin is piped").write_all(format!("{}\n", AGENT.1).as_bytes());
    let out = child.wait_with_output().expect("the command ends");
    let (said, trouble) = (String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
    serde_json::from_str(&said).unwrap_or_else(|error| panic!("{error}: {said} {trouble}"))
}

/// Seals 手工报销 with these pages.
fn file(town: &Town, dir: &Path, pages: &[PathBuf]) {
    let applicant = serde_json::to_value(li_yangben(morning())).expect("JSON");
    let answers = json!({
        "situations": { "visit": "outpatient", "injury": "no" },
        "applicant": applicant,
        "answers": {
            "addr_same": "same",
            "phone_of": "own",
            "phone": "029-00000003",
            "head_relation": "head",
            "hospital": "样本市第一人民医院",
            "treated": "2026-10-08",
            "reason": "emergency",
            "third_party": "no",
            "amount": "120.50",
            "invoices": "0000000001 120.50",
            "payee": { "bank": "样本农商银行石榴支行", "account": "6200000000000000003", "owner": "李样本" },
        },
    });
    let path = dir.join("answers.json");
    std::fs::write(&path, answers.to_string()).expect("written");
    let mut words = vec!["file".to_owned(), "M07".into(), "--answers".into(), path.display().to_string(), "--json".into()];
    for (paper, page) in PAPERS.iter().zip(pages) {
        words.extend(["--page".into(), format!("{paper}={}", page.display())]);
    }
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let filed = terminal(town, &words);
    assert_eq!(filed["pages"].as_array().map(Vec::len), Some(pages.len()), "{filed}");
}
