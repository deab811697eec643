//! `bundle export` and `bundle import`: the queue by a stick, for days without a network.

use std::{
    fs::File,
    io::{BufWriter, Read as _},
    path::Path,
};

use courier::{Outcome, bundle};
use outbox::Cabinet;
use seal::bundle::BundleAddress;
use serde_json::json;
use texts::{Texts, command as say};

use super::{Fault, Options, cabinet, print};
use crate::{clock::Clock, config::Config, worker::key};

/// Receipts of more than this are no receipts.
const RECEIPTS_BYTES_MAX: u64 = 64 << 20;

/// `bundle export --to FILE` · `bundle import --from FILE`
pub fn bundle(t: &Texts, options: &mut Options, config: &Config, clock: &Clock) -> Result<(), Fault> {
    match options.loose().as_deref() {
        Some("export") => export(t, options, config, clock),
        Some("import") => import(t, options, config, clock),
        Some(other) => Err(Fault::Unknown(other.to_owned())),
        None => Err(Fault::Missing("export | import")),
    }
}

fn export(t: &Texts, options: &mut Options, config: &Config, clock: &Clock) -> Result<(), Fault> {
    let as_json = options.flag("--json");
    let to = options.path("--to").ok_or(Fault::Missing("--to"))?;
    options.nothing_left()?;
    let cabinet = cabinet(config, clock)?;
    let admission = cabinet.admission()?.ok_or(Fault::NotAdmitted)?;
    let address = admission.particulars.bundle.as_deref().and_then(|text| {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes).ok()?;
        Some(BundleAddress::from_bytes(bytes))
    });
    let address = address.ok_or(Fault::NoBundleAddress)?;
    let parcels = cabinet.waiting()?;
    let reading = Cabinet::reading(&config.cabinet_file(), &key(config)?)?;
    let cannot = |error| Fault::File(to.clone(), error);
    let part = to.with_added_extension("part");
    let mut bytes = |digest, offset, len| reading.page_range(digest, offset, len).ok().flatten();
    let out = BufWriter::new(File::create(&part).map_err(cannot)?);
    let written = bundle::write(&admission, &address, &parcels, &mut bytes, out);
    let done = written.map_err(|fault| Fault::Line(fault.code().to_owned())).and_then(|out| {
        let file = out.into_inner().map_err(|error| cannot(error.into_error()))?;
        // A stick is pulled out as soon as somebody reads that it is done.
        file.sync_all().map_err(cannot)?;
        std::fs::rename(&part, &to).map_err(cannot)?;
        let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(cannot)
    });
    if done.is_err() {
        let _ = std::fs::remove_file(&part);
    }
    done?;
    if as_json {
        let acts: Vec<_> = parcels.iter().map(|parcel| parcel.act.id).collect();
        return print(&json!({ "bundle": to, "acts": acts }).to_string());
    }
    print(&say::bundle_written(t, parcels.len() as u64, to.display().to_string()))
}

fn import(t: &Texts, options: &mut Options, config: &Config, clock: &Clock) -> Result<(), Fault> {
    let as_json = options.flag("--json");
    let from = options.path("--from").ok_or(Fault::Missing("--from"))?;
    options.nothing_left()?;
    let mut cabinet = cabinet(config, clock)?;
    let admission = cabinet.admission()?.ok_or(Fault::NotAdmitted)?;
    let mut text = String::new();
    File::open(&from)
        .and_then(|file| file.take(RECEIPTS_BYTES_MAX).read_to_string(&mut text))
        .map_err(|error| Fault::File(from.clone(), error))?;
    let (mut received, mut refused) = (Vec::new(), 0u64);
    for (act, outcome, stood) in bundle::receipts(&admission.particulars, &cabinet.waiting()?, &text) {
        match outcome {
            Outcome::Done(news) => {
                // Before the receipt, which counts as later than whatever was noted before it.
                cabinet.note_carried(stood)?;
                cabinet.record_receipt(&news)?;
                received.push(act);
            }
            other => {
                tracing::warn!(%act, code = other.code(), "a receipt from the stick counts for nothing");
                refused += 1;
            }
        }
    }
    if as_json {
        print(&json!({ "received": received, "not_counted": refused }).to_string())?;
    } else {
        print(&say::delivered(t, received.len() as u64))?;
    }
    if refused > 0 { Err(Fault::Line("receipt_differs".to_owned())) } else { Ok(()) }
}
