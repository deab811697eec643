//! Reading a file that SQLite refuses.

use std::{fs::File, io::Read, path::Path};

use crate::{CabinetError, CabinetKey};

/// Whether the file was written under this key, judged without SQLite.
pub(crate) fn key_fits(path: &Path, key: &CabinetKey) -> Result<bool, CabinetError> {
    let mut salt = [0; 16];
    File::open(path)?.read_exact(&mut salt)?;
    Ok(salt == key.salt())
}
