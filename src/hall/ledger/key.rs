//! The ledger's key: 32 bytes in a file of its own, and what is derived from it.

use std::{
    fs::{File, OpenOptions},
    io::{Read as _, Write as _},
    os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _},
    path::Path,
};

use sha2::{Digest as _, Sha256};
use zeroize::{Zeroize as _, Zeroizing};

use super::LedgerError;
use crate::clock::Ids;

/// The one secret from which every other is derived. Wiped when dropped; cannot print itself.
pub struct LedgerKey(Zeroizing<[u8; 32]>);

impl LedgerKey {
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Draws a key and writes it, mode 0600, durable before it returns.
    ///
    /// # Errors
    /// When the file exists already or cannot be written.
    pub fn create(path: &Path, ids: &Ids) -> Result<Self, LedgerError> {
        let key = Self::from_bytes(ids.bytes()?);
        key.write(path)?;
        Ok(key)
    }

    /// Writes the key into a new file, mode 0600, durable before it returns.
    pub(super) fn write(&self, path: &Path) -> Result<(), LedgerError> {
        let text = Zeroizing::new(hex::encode(*self.0) + "\n");
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        sync_parent(path)
    }

    /// Reads a key file; one that others may read is refused, for then it is no secret.
    ///
    /// # Errors
    /// [`LedgerError::KeyMode`], [`LedgerError::KeyForm`] or the file system's.
    pub fn load(path: &Path) -> Result<Self, LedgerError> {
        let mut file = File::open(path)?;
        // systemd's credentials are 0440 on a file system of their own; the group is the service's.
        if file.metadata()?.permissions().mode() & 0o037 != 0 {
            return Err(LedgerError::KeyMode(path.to_owned()));
        }
        let mut text = Zeroizing::new(String::new());
        std::io::Read::take(&mut file, 256).read_to_string(&mut text)?;
        let mut bytes = [0; 32];
        hex::decode_to_slice(text.trim_end(), &mut bytes).map_err(|_| LedgerError::KeyForm)?;
        let key = Self::from_bytes(bytes);
        bytes.zeroize();
        Ok(key)
    }

    /// A key for one purpose; knowing it tells nothing about the others.
    pub(super) fn derive(&self, purpose: &str) -> Zeroizing<[u8; 32]> {
        // The ledger's key is uniformly random and of fixed length, so one hash over label and
        // key is a sound derivation; no password is involved.
        let mut hash = Sha256::new();
        hash.update(b"town-hall/1/");
        hash.update(purpose.as_bytes());
        hash.update([0]);
        hash.update(*self.0);
        Zeroizing::new(hash.finalize().into())
    }
}

/// Makes a new name in a directory durable.
pub(super) fn sync_parent(path: &Path) -> Result<(), LedgerError> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(parent)?.sync_all()?;
    Ok(())
}
