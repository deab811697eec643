//! Packages on their way: what is not signed, not named or not whole is never taken.

use jiff::civil::date;
use matters::{Digest, canonical};
use outbox::{PackageFile, PackageKind, PackageOffer};
use wire::{package, path};

use crate::{
    Outcome, StopFlag,
    client::tests::{
        client,
        scripted::{Fault, Forgery, TinyHall},
    },
};

fn manifest(version: &str, names: &[&str]) -> package::Manifest {
    let file = |name: &&str| package::PackageFile {
        name: (*name).into(),
        sha256: Digest::of(name.as_bytes()),
        bytes: name.len() as u64,
    };
    package::Manifest {
        kind: package::CATALOGUE.into(),
        version: version.into(),
        in_force_from: date(2026, 6, 1),
        files: names.iter().map(file).collect(),
    }
}

/// Lays the package out at the hall; what the feed would name.
fn lay_out(hall: &TinyHall, manifest: &package::Manifest) -> PackageOffer {
    let bytes = canonical::to_bytes(manifest);
    let sha256 = Digest::of(&bytes);
    let mut state = hall.state();
    state.packages.insert(sha256, bytes);
    state.package_files.extend(manifest.files.iter().map(|file| (file.sha256, file.name.as_bytes().to_vec())));
    PackageOffer {
        kind: PackageKind::Catalogue,
        version: manifest.version.clone(),
        sha256,
        bytes: manifest.bytes(),
        in_force_from: manifest.in_force_from,
    }
}

fn code<T: std::fmt::Debug>(came: Result<T, Outcome>) -> &'static str {
    came.unwrap_err().code()
}

#[test]
fn a_package_comes_signed_and_each_of_its_files_by_its_digest() {
    let hall = TinyHall::start();
    let offer = lay_out(&hall, &manifest("2026.4", &["catalogue.toml", "M09.toml"]));
    let (mut client, stop) = (client(&hall), StopFlag::new());
    let signed = client.package(&offer, &stop).unwrap();
    assert_eq!(
        seal::verify(&[hall.key.public()], package::PACKAGE, &signed.jws).map(|bytes| Digest::of(&bytes)),
        Ok(offer.sha256)
    );
    for file in &signed.value {
        assert_eq!(client.package_file(file, &stop).unwrap(), file.name.as_bytes());
    }
}

#[test]
fn a_package_that_is_forged_or_is_not_the_one_that_was_named_is_not_taken() {
    let stop = StopFlag::new();
    for (forgery, expected) in [(Forgery::UnknownKey, "signer_unknown"), (Forgery::Signature, "signature_wrong")] {
        let hall = TinyHall::start();
        let offer = lay_out(&hall, &manifest("2026.4", &["catalogue.toml"]));
        hall.fault("GET", path::PACKAGES, Fault::Forge(forgery));
        assert_eq!(code(client(&hall).package(&offer, &stop)), expected, "{forgery:?}");
    }
    let hall = TinyHall::start();
    let offer = lay_out(&hall, &manifest("2026.4", &["catalogue.toml"]));
    // Signed by the hall, but another one: a version of yesterday, or a file more.
    for other in [manifest("2026.3", &["catalogue.toml"]), manifest("2026.4", &["catalogue.toml", "M09.toml"])] {
        hall.state().packages.insert(offer.sha256, canonical::to_bytes(&other));
        assert_eq!(code(client(&hall).package(&offer, &stop)), "package_differs");
    }
    // The feed names it otherwise than it names itself, or it leads out of its folder.
    let honest = lay_out(&hall, &manifest("2026.4", &["catalogue.toml"]));
    for differs in [
        PackageOffer { version: "2026.5".into(), ..honest.clone() },
        PackageOffer { kind: PackageKind::Calendar, ..honest.clone() },
        PackageOffer { in_force_from: date(2026, 5, 1), ..honest.clone() },
        lay_out(&hall, &manifest("2026.4", &["../catalogue.toml"])),
    ] {
        assert_eq!(code(client(&hall).package(&differs, &stop)), "package_differs", "{differs:?}");
    }
    assert!(client(&hall).package(&honest, &stop).is_ok());
    // A receipt is no package.
    let receipt = seal::sign(&hall.key, "receipt", b"{}");
    hall.fault("GET", path::PACKAGES, Fault::Say(200, vec![("content-type", "application/jose".into())], receipt));
    assert_eq!(code(client(&hall).package(&honest, &stop)), "signature_wrong");
}

#[test]
fn a_file_with_other_bytes_is_not_taken_and_comes_whole_when_it_is_asked_for_again() {
    let hall = TinyHall::start();
    let (mut client, stop) = (client(&hall), StopFlag::new());
    let file = PackageFile { name: "M09.toml".into(), sha256: Digest::of(b"whole"), bytes: 5 };
    hall.state().package_files.insert(file.sha256, b"whole".to_vec());
    for (body, expected) in [("wh0le", "package_damaged"), ("whol", "package_damaged"), ("whole and more", "answer_too_long")] {
        hall.fault("GET", path::PACKAGE_FILES, Fault::Say(200, Vec::new(), body.into()));
        assert_eq!(code(client.package_file(&file, &stop)), expected, "{body}");
    }
    hall.fault("GET", path::PACKAGE_FILES, Fault::LoseAnswer);
    assert!(matches!(client.package_file(&file, &stop), Err(Outcome::Wait { .. })));
    assert_eq!(client.package_file(&file, &stop).unwrap(), b"whole");
}
