//! The same acts again and again, up to 50 at once, and every third answer is lost on its way: each is
//! at the hall once, and whoever hears an answer hears the same one.
//!
//! `make test` offers 2,000 of them; `STORM_COUNT=100000` is the long run of `make torture`.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use outbox::{Admission, Parcel};
use reqwest::{StatusCode, header::LOCATION};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _};
use wire::{Answer, Commit, path};

use crate::support::village::{POINT, Town, Village, picture};

/// Different filings among the submissions.
const FILINGS: usize = 20;
const AT_ONCE: usize = 50;

/// Base64 with padding, as the line wants it.
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for group in bytes.chunks(3) {
        let word =
            (u32::from(group[0]) << 16) | (u32::from(*group.get(1).unwrap_or(&0)) << 8) | u32::from(*group.get(2).unwrap_or(&0));
        for place in 0..4 {
            let letter = ALPHABET[(word >> (18 - 6 * place)) as usize & 63];
            out.push(if place <= group.len() { char::from(letter) } else { '=' });
        }
    }
    out
}

/// A client with this terminal's certificate and nothing else of the courier: it retries nothing.
fn bare(admission: &Admission) -> reqwest::Client {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(admission.authority_pem.as_bytes()).expect("a certificate")).expect("an authority");
    let own = CertificateDer::from_pem_slice(admission.certificate_pem.as_bytes()).expect("a certificate");
    let key = PrivateKeyDer::from_pem_slice(admission.key_pem.expose().as_bytes()).expect("a key");
    let tls = rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("TLS versions")
        .with_root_certificates(roots)
        .with_client_auth_cert(vec![own], key)
        .expect("own certificate");
    reqwest::Client::builder().tls_backend_preconfigured(tls).build().expect("a client")
}

async fn upload(client: &reqwest::Client, url: &str, page: &[u8]) {
    let digest = matters::Digest::of(page).to_string();
    let created = client
        .post(format!("{url}{}", path::PAGES))
        .header("Tus-Resumable", "1.0.0")
        .header("Upload-Length", page.len())
        .header("Upload-Metadata", format!("sha256 {}", base64(digest.as_bytes())))
        .send()
        .await
        .expect("the hall answers");
    assert_eq!(created.status(), StatusCode::CREATED);
    let place = created.headers()[LOCATION].to_str().expect("an address").to_owned();
    let place = if place.starts_with('/') { format!("{url}{place}") } else { place };
    let done = client
        .patch(place)
        .header("Tus-Resumable", "1.0.0")
        .header("Upload-Offset", 0)
        .header("Content-Type", "application/offset+octet-stream")
        .body(page.to_vec())
        .send()
        .await
        .expect("the hall answers");
    assert_eq!(done.status(), StatusCode::NO_CONTENT);
}

#[expect(clippy::disallowed_methods, reason = "a long run is asked for through the environment")]
fn count() -> usize {
    std::env::var("STORM_COUNT").ok().and_then(|text| text.parse().ok()).unwrap_or(2_000)
}

#[test]
fn identical_submissions_with_lost_answers_are_held_once_each() {
    let town = Town::new();
    let mut village = Village::new(&town, POINT, "wang");
    let pages: Vec<[Vec<u8>; 2]> =
        (0..FILINGS as u8).map(|seed| [picture(2 * seed, 3_000), picture(2 * seed + 1, 5_000)]).collect();
    for [photo, card] in &pages {
        village.file(&town, &[("PH2", photo.clone()), ("BK", card.clone())]);
    }
    let parcels = village.cabinet.parcels(town.clock.now()).expect("the queue");
    assert_eq!(parcels.len(), FILINGS);
    let commit = |parcel: &Parcel| Commit { act: base64(&parcel.act_bytes), filing: parcel.filing_bytes.as_deref().map(base64) };
    let commits: Arc<Vec<Vec<u8>>> =
        Arc::new(parcels.iter().map(|parcel| serde_json::to_vec(&commit(parcel)).expect("JSON")).collect());

    let (url, count) = (town.url(), count());
    let answers: Arc<Mutex<BTreeMap<usize, String>>> = Arc::default();
    let (next, lost, heard) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let client = bare(&village.admission);
        for page in pages.iter().flatten() {
            upload(&client, &url, page).await;
        }
        let mut hands = Vec::new();
        for _ in 0..AT_ONCE {
            let (client, url, commits) = (client.clone(), format!("{url}{}", path::ACTS), Arc::clone(&commits));
            let (next, lost, heard, answers) = (Arc::clone(&next), Arc::clone(&lost), Arc::clone(&heard), Arc::clone(&answers));
            hands.push(tokio::spawn(async move {
                loop {
                    let turn = next.fetch_add(1, Ordering::Relaxed);
                    if turn >= count {
                        return;
                    }
                    let which = turn % FILINGS;
                    let asked = client.post(&url).header("Content-Type", "application/json").body(commits[which].clone()).send();
                    if turn % 3 == 2 {
                        // The line breaks before the answer is read: at another moment each time.
                        let _ = tokio::time::timeout(Duration::from_micros(200 + (turn as u64 * 7_919) % 20_000), asked).await;
                        lost.fetch_add(1, Ordering::Relaxed);
                        continue;
                    }
                    let Ok(answer) = asked.await else { continue };
                    match answer.status() {
                        StatusCode::OK | StatusCode::CREATED => {
                            let answer: Answer = answer.json().await.expect("an answer");
                            let mut answers = answers.lock().expect("no panic held it");
                            let first = answers.entry(which).or_insert_with(|| answer.receipt.clone());
                            assert_eq!(*first, answer.receipt, "the stored answer is given again");
                            heard.fetch_add(1, Ordering::Relaxed);
                        }
                        // A busy hall says so, and takes it the next time.
                        StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS => {}
                        other => panic!("{other}"),
                    }
                }
            }));
        }
        for hand in hands {
            hand.await.expect("no submission failed");
        }
    });

    let (lost, heard) = (lost.load(Ordering::Relaxed), heard.load(Ordering::Relaxed));
    println!("{count} submissions of {FILINGS} filings, {AT_ONCE} at once: {heard} answers heard, {lost} lost");
    assert!(heard >= count / 2, "most were answered: {heard} of {count}");
    assert_eq!(answers.lock().expect("no panic held it").len(), FILINGS);
    let held = town.hall().ledger.inbox(&Default::default()).expect("an inbox");
    assert_eq!(held.len(), FILINGS, "each filing is there once");
    for (parcel, pages) in parcels.iter().zip(&pages) {
        let case = town.hall().ledger.case(parcel.act.filing).expect("a case").expect("it is there");
        assert_eq!(case.acts.len(), 1, "the act is stored once");
        assert_eq!(Some(case.sealed.bytes()), parcel.filing_bytes.as_deref());
        for page in pages {
            let there = town.hall().ledger.page_bytes(parcel.act.filing, matters::Digest::of(page)).expect("a page");
            assert_eq!(there.as_deref(), Some(page.as_slice()), "byte for byte");
        }
    }
}
