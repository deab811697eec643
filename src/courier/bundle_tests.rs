use rustls::pki_types::CertificateDer;
use seal::bundle::{BundleKey, Opener};

use super::*;
use crate::{
    StopFlag,
    client::tests::{
        client,
        scripted::{POINT, Pack, TERMINAL, TinyHall, pack, supplement},
    },
};

/// All packs' pages behind one closure.
fn all(packs: &[Pack]) -> impl FnMut(Digest, u64, usize) -> Option<Vec<u8>> + '_ {
    |digest, offset, length| packs.iter().find_map(|pack| pack.bytes()(digest, offset, length))
}

fn verifies(sender: &Sender, binding: &[u8; 32]) -> bool {
    use rustls::pki_types::pem::PemObject as _;
    let der = CertificateDer::from_pem_slice(sender.certificate_pem.as_bytes()).unwrap();
    let (_, certificate) = x509_parser::parse_x509_certificate(&der).unwrap();
    let public = certificate.public_key().subject_public_key.data.to_vec();
    let algorithms = rustls::crypto::ring::default_provider().signature_verification_algorithms;
    let (_, p256) =
        algorithms.mapping.iter().find(|(scheme, _)| *scheme == rustls::SignatureScheme::ECDSA_NISTP256_SHA256).unwrap();
    let signature = STANDARD.decode(&sender.signature).unwrap();
    p256.iter().any(|algorithm| algorithm.verify_signature(&public, &signed_text(binding), &signature).is_ok())
}

#[test]
fn a_bundle_brings_every_page_and_act_to_the_hall_and_says_who_sealed_it() {
    let hall = TinyHall::start();
    let packs = [pack(1, &[700_000, 10]), supplement(2, &[5])];
    let parcels: Vec<Parcel> = packs.iter().map(|pack| pack.parcel.clone()).collect();
    let key = BundleKey::from_seed(&[4; 32]);
    let bytes = write(&hall.admission(), &key.address(), &parcels, &mut all(&packs), Vec::new()).unwrap();

    let mut opener = Opener::new(&key, &bytes[..]).unwrap();
    let outside: Outside = serde_json::from_slice(opener.header()).unwrap();
    assert_eq!(outside, Outside { wire: wire::VERSION, point: POINT.into(), terminal: TERMINAL.into() });
    let binding = opener.binding();
    let (mut pages, mut commits): (Vec<Vec<u8>>, Vec<Commit>) = Default::default();
    while let Some(piece) = opener.next_piece().unwrap() {
        match Record::from_bytes(&piece).unwrap() {
            Record::Sender(sender) => {
                assert!(pages.is_empty() && commits.is_empty(), "the sender comes first");
                assert!(verifies(&sender, &binding));
                assert!(!verifies(&sender, &[0; 32]), "for this bundle only");
            }
            Record::Page { .. } => pages.push(Vec::new()),
            Record::Data(data) => pages.last_mut().unwrap().extend(data),
            Record::Commit(commit) => commits.push(commit),
            Record::Unknown => panic!("nothing unknown was written"),
        }
    }
    assert!(pages.iter().eq(packs.iter().flat_map(|pack| &pack.pages)));
    for (commit, pack) in commits.iter().zip(&packs) {
        assert_eq!(commit.open().unwrap().act_bytes, pack.parcel.act_bytes);
    }
    assert_eq!(commits.len(), 2);
}

#[test]
fn a_page_that_the_cabinet_lacks_and_a_full_stick_each_have_their_word() {
    let hall = TinyHall::start();
    let pack = pack(1, &[1000]);
    let parcels = [pack.parcel.clone()];
    let to = BundleKey::from_seed(&[4; 32]).address();
    let lacking = write(&hall.admission(), &to, &parcels, &mut |_, _, _| None, Vec::new()).unwrap_err();
    assert_eq!(lacking.code(), "page_missing");
    let mut stick = [0; 500];
    let full = write(&hall.admission(), &to, &parcels, &mut pack.bytes(), &mut stick[..]).unwrap_err();
    assert_eq!(full.code(), "stick_not_writable");
}

#[test]
fn receipts_on_a_stick_count_like_those_of_the_line_and_as_often_as_one_likes() {
    let hall = TinyHall::start();
    let packs = [pack(1, &[1000]), pack(2, &[10])];
    let mut client = client(&hall);
    for pack in &packs {
        client.deliver(&pack.parcel, &mut pack.bytes(), &mut |_| {}, &StopFlag::new());
    }
    let lines: Vec<String> = hall.state().acts.values().map(|(_, answer)| serde_json::to_string(answer).unwrap()).collect();
    let text = format!("{}\nnot a line of ours\n{}\n{}\n", lines[0], lines[1], lines[0]);
    let particulars = hall.admission().particulars;
    let waiting = [packs[0].parcel.clone()];
    let came = receipts(&particulars, &waiting, &text);
    assert_eq!(came.len(), 2);
    assert!(came.iter().all(|(act, outcome, _)| *act == waiting[0].act.id && matches!(outcome, Outcome::Done(_))));
    // A receipt for this act, but over other bytes: a filing changed since.
    let mut changed = waiting.clone();
    changed[0].act.revision = 9;
    changed[0].act_bytes = matters::canonical::to_bytes(&changed[0].act);
    assert_eq!(receipts(&particulars, &changed, &text)[0].1.code(), "receipt_differs");
    let other = TinyHall::start().admission().particulars;
    assert!(receipts(&other, &waiting, &text).is_empty(), "signed by nobody we know");
}
