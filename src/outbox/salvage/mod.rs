//! What is left of a damaged cabinet.
//!
//! SQLite gives up a table with the first page of its tree that cannot be read. Here every page
//! of the file is read for itself: it proves by its HMAC that it is what was written, a leaf
//! says by its rows' tags to which table it belongs, and a row proves by its digest that its
//! parts fit together. So a destroyed sector costs the rows that lay on it, and no others.
//!
//! Start reading at `mend.rs`.

mod codec;
mod leaf;
mod mend;
mod restore;
mod source;

#[cfg(test)]
mod damage_tests;

use std::path::Path;

pub use mend::{Lost, LostPart, Salvage};

use crate::{CabinetError, CabinetKey};

pub(crate) use codec::PAGE;
pub(crate) use mend::is_being_mended;
pub(crate) use source::log_of;

/// Whether the file was written under this key, judged without SQLite.
pub(crate) fn key_fits(path: &Path, key: &CabinetKey) -> Result<bool, CabinetError> {
    use std::os::unix::fs::FileExt;
    let mut salt = [0; 16];
    // The salt comes from the key: where the first sector is whole, it says all.
    if std::fs::File::open(path)?.read_exact_at(&mut salt, 0).is_ok() && salt == key.salt() {
        return Ok(true);
    }
    source::Source::open(path, key)?.has_any_page()
}
