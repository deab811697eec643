//! Versions of the wire beside one another: what every released version said is still understood, word for
//! word, also with words that a later version has more, and behind the address of every version that is served.

use serde_json::{Value as Json, json};

use super::*;

/// What a terminal of this version said from its admission to its renewal. `{code}`, `{csr}` and `{upload}` stand
/// for what is new every time.
fn recorded(version: u32) -> Vec<Json> {
    let file = format!("{}/../wire/recorded/{version}/session.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_slice(&std::fs::read(&file).unwrap_or_else(|error| panic!("{file}: {error}"))).unwrap()
}

fn filled(text: &str, blanks: &[(&str, String)]) -> String {
    blanks.iter().fold(text.to_owned(), |text, (blank, value)| text.replace(blank, value))
}

/// Says every recorded request to a hall, under the address of `version`, and checks each answer's status.
/// Returns the answer to the act that files.
async fn replay(running: &Running, session: &[Json], version: u32) -> wire::Answer {
    let hall = running.hall();
    let key = KeyPair::generate().unwrap();
    let mut blanks = vec![
        ("{code}", hall.admission_code("SLC", "console").unwrap()),
        // Inside JSON a line's end is two characters.
        ("{csr}", csr(&key).replace('\n', "\\n")),
    ];
    let (authority, base) = (hall.authority.pem(), running.api_url());
    let mut http = stranger(&authority);
    let mut answered = None;
    for said in session {
        let text = |name: &str| filled(said[name].as_str().unwrap_or_default(), &blanks);
        let path = wire::under(version, &text("path"));
        let mut request = http.request(text("method").parse().unwrap(), format!("{base}{path}"));
        for (name, value) in said["headers"].as_object().into_iter().flatten() {
            request = request.header(name, value.as_str().unwrap());
        }
        let body = match &said["body"] {
            Json::String(hex) => hex::decode(hex).unwrap(),
            body => filled(&body.to_string(), &blanks).into_bytes(),
        };
        let answer = request.body(body).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), said["status"].as_u64().unwrap() as u16, "{path}: {said}");
        if let Some(location) = answer.headers().get("location") {
            blanks.retain(|(blank, _)| *blank != "{upload}");
            blanks.push(("{upload}", location.to_str().unwrap().to_owned()));
        }
        if path.ends_with("/admission") {
            let admitted: Admitted = answer.json().await.unwrap();
            http = holder(&authority, &admitted.certificate_pem, &key, &hall.clock);
        } else if path.ends_with("/acts") {
            answered = Some(answer.json().await.unwrap());
        }
    }
    answered.expect("the session files something")
}

fn receipt_of(running: &Running, answer: &wire::Answer) -> wire::Receipt {
    let keys: Vec<seal::PublicKey> = running.hall().ledger.hall_info().unwrap().keys.iter().map(public).collect();
    serde_json::from_slice(&seal::verify(&keys, "receipt", &answer.receipt).unwrap()).unwrap()
}

fn public(key: &wire::HallKey) -> seal::PublicKey {
    let mut bytes = [0; 32];
    hex::decode_to_slice(&key.public, &mut bytes).unwrap();
    seal::PublicKey::from_bytes(&bytes).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_terminals_of_every_released_version_say_is_taken() {
    // Every version that was ever released, whether it is still served or not, has its record.
    for version in 1..=wire::VERSION {
        let session = recorded(version);
        if !wire::SERVED.contains(&version) {
            continue;
        }
        let dir = tempfile::tempdir().unwrap();
        let running = serving(dir.path());
        let receipt = receipt_of(&running, &replay(&running, &session, version).await);
        let held = running.hall().ledger.held_filings(None, 9, true).unwrap();
        assert_eq!(held.len(), 1, "version {version}");
        assert_eq!((held[0].filing, Some(held[0].sha256)), (receipt.filing, receipt.filing_sha256));
        assert_eq!(receipt.pages.len(), 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn words_of_a_later_version_are_passed_over_and_what_was_sealed_with_them_is_kept_as_it_is() {
    let mut session = recorded(wire::VERSION);
    let more = json!({ "deep": [1, null] });
    let mut sealed = Vec::new();
    for said in session.iter_mut() {
        if said["path"].as_str().unwrap().ends_with("/acts") {
            // A later terminal seals a filing with a field that this hall does not know.
            let open = |part: &str| -> Json { serde_json::from_slice(&STANDARD.decode(part).unwrap()).unwrap() };
            let (mut act, mut filing) =
                (open(said["body"]["act"].as_str().unwrap()), open(said["body"]["filing"].as_str().unwrap()));
            filing["said_since_version_2"] = more.clone();
            sealed = matters::canonical::to_bytes(&filing);
            act["what"]["digest"] = json!(Digest::of(&sealed));
            act["said_since_version_2"] = more.clone();
            said["body"]["act"] = json!(STANDARD.encode(matters::canonical::to_bytes(&act)));
            said["body"]["filing"] = json!(STANDARD.encode(&sealed));
        }
        if said["body"].is_object() {
            said["body"]["said_since_version_2"] = more.clone();
        }
    }
    let dir = tempfile::tempdir().unwrap();
    let running = serving(dir.path());
    let receipt = receipt_of(&running, &replay(&running, &session, wire::VERSION).await);
    assert_eq!(receipt.filing_sha256, Some(Digest::of(&sealed)), "the receipt is over what was sealed");
    let held = running.hall().ledger.held_filings(None, 9, true).unwrap();
    assert_eq!(held[0].sha256, Digest::of(&sealed), "verbatim: nothing of it was written anew");
    let told = running.hall().ledger.terminals().unwrap().remove(0).heartbeat.unwrap();
    assert!(told.contains("said_since_version_2"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_versions_are_served_beside_one_another_and_one_that_is_shut_out_is_told_so() {
    let session = recorded(1);
    // As if this build's version were the second, and the recorded one the one before it.
    for version in [1, 2] {
        let dir = tempfile::tempdir().unwrap();
        let hall = open(dir.path());
        let key = KeyPair::generate().unwrap();
        let code = hall.admission_code("SLC", "console").unwrap();
        let asked = Admission { code, csr_pem: csr(&key), machine: "test".into(), wire: version };
        let request = |body: &Admission| {
            let request = Request::builder().method("POST").uri(wire::under(version, path::ADMISSION));
            request.body(Body::from(serde_json::to_vec(body).unwrap())).unwrap()
        };
        let both = super::super::router(Arc::clone(&hall), 1..=2).oneshot(request(&asked)).await.unwrap();
        assert_eq!(both.status(), 200, "version {version} of two");
        let alone = super::super::router(Arc::clone(&hall), 2..=2).oneshot(request(&asked)).await.unwrap();
        assert_eq!(alone.status().as_u16(), if version == 1 { 426 } else { 200 }, "version {version} where 2 alone is served");
        // Behind the second address stand the same doors, for everything that is said.
        let doors = session.iter().filter(|said| !said["path"].as_str().unwrap().starts_with('{'));
        for said in doors {
            let address = wire::under(version, said["path"].as_str().unwrap());
            let asked = Request::builder().method(said["method"].as_str().unwrap()).uri(&address).body(Body::empty()).unwrap();
            let answer = super::super::router(Arc::clone(&hall), 1..=2).oneshot(asked).await.unwrap();
            assert!(!matches!(answer.status().as_u16(), 404 | 426), "{address}: {}", answer.status());
        }
    }
    // The administrator shuts out all that there is today.
    let dir = tempfile::tempdir().unwrap();
    let any = "127.0.0.1:0".parse().unwrap();
    let listen = Listen { api: any, desk: any, wire_from: wire::VERSION + 1, ..Listen::default() };
    let running = serve::start(open(dir.path()), &listen).unwrap();
    let answer = stranger(&running.hall().authority.pem()).post(running.api_url() + path::ADMISSION).send().await.unwrap();
    assert_eq!(answer.status(), 426);
    problem(answer, Kind::WireVersion).await;
}
