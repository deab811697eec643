//! Uploaders that this project did not write, unmodified: `tuspy` from PyPI and `tus-js-client` from
//! npm, each with a certificate of its own, through a hall that is killed in the middle.
//! Where their language or package cannot be had, the test says so and proves nothing.

use std::{
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use courier::{Client, StopFlag};
use matters::Digest;

use crate::support::{town::Town, village::picture};

/// With all that it needs, so that the same program runs on every machine.
const TUSPY: [&str; 2] = ["tuspy==1.1.0", "requests==2.32.3"];
const TUS_JS: &str = "tus-js-client@4.3.1";
/// Bytes of the page: several pieces of [`PIECE`].
const PAGE: usize = 1_900_000;
const PIECE: usize = 300_000;

const PYTHON: &str = r#"
import hashlib, sys, requests
from tusclient import client
url, ca, cert, key, file, piece = sys.argv[1:]
sha256 = hashlib.sha256(open(file, 'rb').read()).hexdigest()
tus = client.TusClient(url + '/api/1/pages', client_cert=(cert, key))
uploader = tus.uploader(file, chunk_size=int(piece), metadata={'sha256': sha256}, retries=120, retry_delay=0.5)
while uploader.offset < uploader.stop_at:
    uploader.upload_chunk()
    print('offset', uploader.offset, flush=True)
held = requests.post(url + '/api/1/pages/have', json={'digests': [sha256]}, cert=(cert, key)).json()
print('held', *held['digests'], flush=True)
"#;

const NODE: &str = r#"
import crypto from 'node:crypto';
import fs from 'node:fs';
import https from 'node:https';
import * as tus from 'tus-js-client';
const [url, ca, cert, key, file, piece] = process.argv.slice(2);
const bytes = fs.readFileSync(file);
const sha256 = crypto.createHash('sha256').update(bytes).digest('hex');
const identity = { ca: fs.readFileSync(ca), cert: fs.readFileSync(cert), key: fs.readFileSync(key) };
const upload = new tus.Upload(bytes, {
  endpoint: `${url}/api/1/pages`,
  chunkSize: Number(piece),
  metadata: { sha256 },
  retryDelays: Array(120).fill(500),
  httpStack: new tus.DefaultHttpStack({ agent: new https.Agent(identity) }),
  onChunkComplete: (_size, accepted) => console.log(`offset ${accepted}`),
  onError: (error) => { console.error(error.message); process.exit(1); },
  onSuccess: () => {
    const ask = https.request(`${url}/api/1/pages/have`, { ...identity, method: 'POST', headers: { 'content-type': 'application/json' } }, (answer) => {
      let text = '';
      answer.on('data', (part) => { text += part; });
      answer.on('end', () => { console.log('held', ...JSON.parse(text).digests); process.exit(0); });
    });
    ask.end(JSON.stringify({ digests: [sha256] }));
  },
});
upload.start();
"#;

/// A folder beside the test program in which something is installed once; `None` with the reason printed.
fn installed(name: &str, install: impl FnOnce(&Path) -> Command) -> Option<PathBuf> {
    let home = std::env::current_exe().ok()?.parent()?.join(name);
    if home.join("done").exists() {
        return Some(home);
    }
    std::fs::create_dir_all(&home).ok()?;
    let done = install(&home).stdin(Stdio::null()).output();
    if !done.is_ok_and(|output| output.status.success()) {
        eprintln!("not run: {name} cannot be installed here");
        return None;
    }
    std::fs::write(home.join("done"), "").ok()?;
    Some(home)
}

/// The uploader's process; ended by its own id.
struct Uploader(Child);

impl Drop for Uploader {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Uploads a page with `program`, kills the hall after the first piece and again after the third, and
/// asks what the hall holds. The hall calls a page held only when the bytes on its disk have the digest.
fn uploads_through_kills(mut program: Command, seed: u8) {
    let dir = tempfile::tempdir().expect("a folder");
    let town = Town::prepare(dir.path());
    let (hall, addresses) = town.serve();
    let admission = Client::admit(&addresses.api, &town.code(), "third party", &StopFlag::new())
        .unwrap_or_else(|outcome| panic!("admission: {}", outcome.code()));
    let write = |name: &str, bytes: &[u8]| {
        let path = dir.path().join(name);
        std::fs::write(&path, bytes).expect("written");
        path
    };
    let page = picture(seed, PAGE);
    let ca = write("ca.pem", admission.authority_pem.as_bytes());
    let cert = write("cert.pem", admission.certificate_pem.as_bytes());
    let key = write("key.pem", admission.key_pem.expose().as_bytes());
    let file = write("page.jpg", &page);
    let errors = std::fs::File::create(dir.path().join("errors")).expect("a file");
    program.arg(&addresses.api).args([&ca, &cert, &key, &file]).arg(PIECE.to_string());
    program.env("REQUESTS_CA_BUNDLE", &ca).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(errors);
    let mut uploader = Uploader(program.spawn().expect("the uploader starts"));
    let said = BufReader::new(uploader.0.stdout.take().expect("stdout is piped"));

    let mut hall = Some(hall);
    let mut offsets: Vec<usize> = Vec::new();
    let mut held = None;
    for line in said.lines().map_while(Result::ok) {
        if let Some(digest) = line.strip_prefix("held ") {
            held = Some(digest.to_owned());
        } else if let Some(offset) = line.strip_prefix("offset ").and_then(|text| text.parse().ok()) {
            offsets.push(offset);
            if matches!(offsets.len(), 1 | 3) {
                hall.take().expect("the hall runs").kill();
                hall = Some(town.serve().0);
            }
        }
    }
    let errors = std::fs::read_to_string(dir.path().join("errors")).unwrap_or_default();
    assert_eq!(held, Some(Digest::of(&page).to_string()), "{offsets:?} {errors}");
    assert_eq!(offsets.last(), Some(&PAGE));
    assert!(offsets.is_sorted(), "what was acknowledged before a kill is there after it: {offsets:?}");
}

#[test]
fn tuspy_uploads_through_a_hall_that_is_killed_and_started_again() {
    let found = installed("tuspy-1.1.0", |home| {
        let mut pip = Command::new("python3");
        pip.args(["-m", "pip", "install", "--quiet", "--target"]).arg(home).args(TUSPY);
        pip
    });
    let Some(home) = found else { return };
    let script = home.join("upload.py");
    std::fs::write(&script, PYTHON).expect("written");
    let mut python = Command::new("python3");
    python.env("PYTHONPATH", &home).arg(&script);
    uploads_through_kills(python, 3);
}

#[test]
fn tus_js_client_uploads_through_a_hall_that_is_killed_and_started_again() {
    let found = installed("tus-js-client-4.3.1", |home| {
        let mut npm = Command::new("npm");
        npm.args(["install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix"]).arg(home).arg(TUS_JS);
        npm
    });
    let Some(home) = found else { return };
    let script = home.join("upload.mjs");
    std::fs::write(&script, NODE).expect("written");
    let mut node = Command::new("node");
    node.arg(&script);
    uploads_through_kills(node, 4);
}

#[test]
fn the_bare_port_has_no_door_for_who_brings_no_certificate() {
    let dir = tempfile::tempdir().expect("a folder");
    let town = Town::prepare(dir.path());
    let (_hall, addresses) = town.serve();
    let ask = |arguments: &[&str]| {
        let out = Command::new("curl")
            .args(["--silent", "--insecure", "--max-time", "20", "--output", "/dev/null", "--write-out", "%{http_code}"])
            .args(arguments)
            .output();
        out.map(|out| String::from_utf8_lossy(&out.stdout).into_owned())
    };
    let pages = format!("{}/api/1/pages", addresses.api);
    if ask(&["--version"]).is_err() {
        return eprintln!("not run: there is no curl here");
    }
    for method in ["POST", "HEAD", "PATCH", "DELETE"] {
        let address = if method == "POST" { pages.clone() } else { format!("{pages}/0123456789abcdef") };
        let head: &[&str] = if method == "HEAD" { &["--head"] } else { &["--request", method, "--header", "Content-Length: 0"] };
        let asked: Vec<&str> =
            head.iter().copied().chain(["--header", "Tus-Resumable: 1.0.0", "--header", "Upload-Length: 10", &address]).collect();
        assert_eq!(ask(&asked).expect("curl runs"), "401", "{method}");
    }
    // And nothing at all in the clear.
    let plain = pages.replacen("https://", "http://", 1);
    let said = ask(&["--request", "POST", "--header", "Upload-Length: 10", &plain]).expect("curl runs");
    assert!(matches!(said.as_str(), "000" | "400"), "{said}");
}
