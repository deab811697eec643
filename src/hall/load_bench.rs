//! Load on a whole hall over real mutual TLS: terminals file at the same time, each with pages.
//!
//! `cargo bench -p hall --bench load -- TERMINALS FILINGS PAGE_BYTES`
//! prints one line of JSON: filings a second, waiting times of an acknowledged commit, memory.
//! Defaults: 16 terminals, 20 filings each, 2 pages of 100 kB.

use std::{sync::Arc, time::Instant};

use hall::{
    Hall,
    clock::{self, Clock, Ids},
    door::trust::HallTime,
    ledger::*,
    serve::{self, Listen},
};
use matters::Digest;
use rcgen::{CertificateParams, KeyPair};
use reqwest::Client;
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
};
use wire::{Admission, Admitted, Commit, path};

/// The same small hall and filings that the ledger's own tests use.
#[allow(dead_code, reason = "the tests use more of it")]
#[path = "ledger/sample_tests.rs"]
mod samples;

struct Terminal {
    http: Client,
    base: String,
    caller: Caller,
}

fn client(authority_pem: &str, own: Option<(&str, &KeyPair)>, clock: &Clock) -> Client {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(authority_pem.as_bytes()).expect("authority")).expect("authority");
    let config =
        ClientConfig::builder_with_details(Arc::new(rustls::crypto::ring::default_provider()), Arc::new(HallTime(clock.clone())))
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_root_certificates(roots);
    let config = match own {
        Some((certificate, key)) => {
            let chain = vec![CertificateDer::from_pem_slice(certificate.as_bytes()).expect("certificate")];
            let key = PrivateKeyDer::from_pem_slice(key.serialize_pem().as_bytes()).expect("key");
            config.with_client_auth_cert(chain, key).expect("own certificate")
        }
        None => config.with_no_client_auth(),
    };
    Client::builder().tls_backend_preconfigured(config).build().expect("client")
}

impl Terminal {
    async fn admit(running: &serve::Running) -> Self {
        let hall = running.hall();
        let (base, key) = (running.api_url(), KeyPair::generate().expect("key"));
        let csr_pem = CertificateParams::default().serialize_request(&key).and_then(|csr| csr.pem()).expect("request");
        let code = hall.admission_code("SLC", "console").expect("code");
        let asked = Admission { code, csr_pem, machine: "load".into(), wire: wire::VERSION };
        let authority = hall.authority_pem();
        let answer = client(&authority, None, &hall.clock).post(base.clone() + path::ADMISSION).json(&asked).send().await;
        let admitted: Admitted = answer.expect("admission").json().await.expect("admission");
        let http = client(&authority, Some((&admitted.certificate_pem, &key)), &hall.clock);
        let caller = Caller { point: admitted.point.id, terminal: admitted.terminal, certificate: Digest([0; 32]) };
        Self { http, base, caller }
    }

    async fn upload(&self, bytes: Vec<u8>) {
        let tus = ("tus-resumable", "1.0.0");
        let request = self.http.post(self.base.clone() + path::PAGES).header(tus.0, tus.1).header("upload-length", bytes.len());
        let made = request.send().await.expect("create");
        let location = made.headers()["location"].to_str().expect("location").to_owned();
        let request = self.http.patch(self.base.clone() + &location).header(tus.0, tus.1).header("upload-offset", 0);
        let sent = request.header("content-type", "application/offset+octet-stream").body(bytes).send().await.expect("patch");
        assert_eq!(sent.status(), 204);
    }

    /// Files one; milliseconds from the commit to its answer.
    async fn file(&self, n: u64, page_bytes: usize) -> f64 {
        let pages: Vec<Vec<u8>> = (0..2u8).map(|k| [&n.to_le_bytes()[..], &samples::jpeg(k, page_bytes)].concat()).collect();
        for bytes in &pages {
            self.upload(bytes.clone()).await;
        }
        let named = vec![samples::page("PH2", 1, &pages[0]), samples::page("BK", 1, &pages[1])];
        let sealed = samples::filing(n, "M09", &self.caller, "wang", named);
        let commit = Commit::pack(&samples::file_act(n, &sealed, "wang"), Some(sealed.bytes()));
        let started = Instant::now();
        let answer = self.http.post(self.base.clone() + path::ACTS).json(&commit).send().await.expect("commit");
        assert_eq!(answer.status(), 200, "{}", answer.text().await.unwrap_or_default());
        started.elapsed().as_secs_f64() * 1000.0
    }
}

/// Resident memory of this process in MB, hall and terminals together.
fn resident_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kb = status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok());
    kb.unwrap_or(0) / 1024
}

#[tokio::main]
async fn main() {
    let given: Vec<u64> = std::env::args().skip(1).filter_map(|word| word.parse().ok()).collect();
    let get = |at: usize, default| given.get(at).copied().unwrap_or(default);
    let (terminals, filings, page_bytes) = (get(0, 16), get(1, 20), get(2, 100_000) as usize);
    let dir = tempfile::tempdir().expect("folder");
    let ledger = samples::found(dir.path(), Ids::System);
    let hall = Hall::with(ledger, Rules::bundled().expect("catalogue"), Clock::at(samples::now()), Ids::System).expect("hall");
    let any = "127.0.0.1:0".parse().expect("address");
    let running = serve::start(hall, &Listen { api: any, desk: any, names: vec![], ..Listen::default() }).expect("server");
    let mut admitted = Vec::new();
    for _ in 0..terminals {
        admitted.push(Terminal::admit(&running).await);
    }
    let started = Instant::now();
    let tasks: Vec<_> = admitted
        .into_iter()
        .enumerate()
        .map(|(t, terminal)| {
            tokio::spawn(async move {
                let mut waits = Vec::new();
                for k in 0..filings {
                    waits.push(terminal.file(t as u64 * filings + k, page_bytes).await);
                }
                waits
            })
        })
        .collect();
    let mut waits = Vec::new();
    for task in tasks {
        waits.extend(task.await.expect("terminal"));
    }
    let seconds = started.elapsed().as_secs_f64();
    waits.sort_by(f64::total_cmp);
    let at = |share: f64| waits[((waits.len() - 1) as f64 * share) as usize];
    let held = running.hall().ledger.held_filings(None, usize::MAX >> 1, true).expect("held");
    assert_eq!(held.len() as u64, terminals * filings, "every acknowledged filing is held, every page whole");
    println!(
        "{}",
        serde_json::json!({
            "terminals": terminals, "filings": waits.len(), "page_bytes": page_bytes,
            "filings_per_s": (waits.len() as f64 / seconds * 10.0).round() / 10.0,
            "commit_ms": { "p50": at(0.5).round(), "p95": at(0.95).round(), "max": at(1.0).round() },
            "resident_mb": resident_mb(),
        })
    );
    running.stop().expect("stop");
}
