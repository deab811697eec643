//! Whether a receipt on paper is the town's: by its signature alone, without a network or a ledger.

use std::{fs, io::Read as _, path::Path};

use seal::{PublicKey, parts};
use serde_json::json;
use texts::town_hall as said;
use wire::Receipt;

use super::{Args, Desk, Failure};

/// Bytes of a file of scanned codes.
const SCANNED_BYTES_MAX: u64 = 1 << 20;

/// `check-receipt [FILE] (--key HEX… | --dir DIR)`: FILE, or standard input, holds what the codes say, one a line.
pub fn check(desk: &Desk<'_>, raw: &[String]) -> Result<(), Failure> {
    let args = Args::parse(raw, &["dir", "key"], &["json"])?;
    let mut text = String::new();
    match args.words() {
        [] => drop(std::io::stdin().lock().take(SCANNED_BYTES_MAX).read_to_string(&mut text)?),
        [file] => drop(fs::File::open(file)?.take(SCANNED_BYTES_MAX).read_to_string(&mut text)?),
        [_, word, ..] => return Err(Failure::usage("too-many-words").with("word", word)),
    }
    let mut keys: Vec<PublicKey> = args.all("key").iter().map(|hex| key(hex)).collect::<Result<_, _>>()?;
    if let Some(dir) = args.maybe("dir")? {
        for own in desk.hall(Path::new(dir))?.ledger.hall_info()?.keys {
            keys.push(key(&own.public)?);
        }
    }
    if keys.is_empty() {
        return Err(Failure::usage("option-missing").with("option", "--key"));
    }
    let jws = parts::join(text.lines()).map_err(|fault| match fault {
        parts::PartsFault::None => Failure::new("receipt-none"),
        parts::PartsFault::Mixed => Failure::new("receipt-mixed"),
        parts::PartsFault::Changed => Failure::new("receipt-changed"),
        parts::PartsFault::Missing { missing, of } => {
            let missing: Vec<String> = missing.iter().map(ToString::to_string).collect();
            Failure::new("receipt-missing").with("missing", missing.join("、")).with("of", of.to_string())
        }
    })?;
    let payload = seal::verify(&keys, "receipt", &jws).map_err(|error| match error {
        seal::SealError::UnknownKey => Failure::new("receipt-foreign"),
        _ => Failure::new("receipt-changed"),
    })?;
    let receipt: Receipt = serde_json::from_slice(&payload).map_err(|_| Failure::new("receipt-newer"))?;
    desk.tell(&said::receipt_good(desk.t, receipt.case_number.as_str()));
    desk.print_json(&json!({
        "case_number": receipt.case_number,
        "received_at": receipt.received_at,
        "filing": receipt.filing,
        "filing_sha256": receipt.filing_sha256,
        "act": receipt.act,
        "act_sha256": receipt.act_sha256,
        "pages": receipt.pages,
        "revision": receipt.revision,
        "refused": receipt.refused,
    }))
}

/// `key --dir DIR`: the public key by which receipts are checked, to be published.
pub fn key_of(desk: &Desk<'_>, raw: &[String]) -> Result<(), Failure> {
    let args = Args::parse(raw, &["dir"], &["json"])?;
    args.no_words()?;
    desk.print_json(&json!(desk.hall(&desk.dir(&args)?)?.ledger.hall_info()?.keys))
}

fn key(text: &str) -> Result<PublicKey, Failure> {
    let unfit = || Failure::usage("receipt-key");
    let mut bytes = [0; 32];
    hex::decode_to_slice(text.trim(), &mut bytes).map_err(|_| unfit())?;
    PublicKey::from_bytes(&bytes).map_err(|_| unfit())
}
