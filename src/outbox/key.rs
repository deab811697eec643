//! The key that opens the cabinet.

use std::{
    fs::{self, File, OpenOptions},
    io::{ErrorKind, Read, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::Path,
};

use matters::Digest;
use seal::bundle::{BundleAddress, Sealer};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::CabinetError;

/// 32 secret bytes, wiped when dropped. In its file they stand as 64 lower-case hex digits.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct CabinetKey([u8; 32]);

impl CabinetKey {
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Reads the key, or draws one when there is no file. The new file has mode 600 and is on
    /// the disk, with its name, before this returns; two programs that start at once get one key.
    ///
    /// # Errors
    /// See [`CabinetKey::load`]; [`CabinetError::Full`] and [`CabinetError::Io`] when it cannot be written.
    pub fn load_or_create(path: &Path) -> Result<Self, CabinetError> {
        match Self::load(path) {
            Err(CabinetError::Io(error)) if error.kind() == ErrorKind::NotFound => Self::create(path),
            other => other,
        }
    }

    /// # Errors
    /// [`CabinetError::KeyMode`] when group or others may read it, [`CabinetError::KeyFile`]
    /// when it holds no key, [`CabinetError::Io`].
    pub fn load(path: &Path) -> Result<Self, CabinetError> {
        Self::read(path, 0o077)
    }

    fn read(path: &Path, closed_to: u32) -> Result<Self, CabinetError> {
        let mut file = File::open(path)?;
        let mode = file.metadata()?.permissions().mode() & 0o7777;
        if mode & closed_to != 0 {
            return Err(CabinetError::KeyMode { mode });
        }
        // One byte more than a key with its newline, so that a longer file is noticed.
        let mut text = Zeroizing::new(Vec::with_capacity(66));
        Read::by_ref(&mut file).take(66).read_to_end(&mut text)?;
        let digits = text.strip_suffix(b"\n").unwrap_or(&text);
        let mut key = Self([0; 32]);
        hex::decode_to_slice(digits, &mut key.0).map_err(|_| CabinetError::KeyFile)?;
        Ok(key)
    }

    /// Reads a key that the service manager gave (systemd.exec(5), `LoadCredentialEncrypted=`): such
    /// files have mode 440 on a file system of their own, and the group is the service's.
    ///
    /// # Errors
    /// As [`CabinetKey::load`].
    pub fn load_credential(path: &Path) -> Result<Self, CabinetError> {
        Self::read(path, 0o037)
    }

    /// Writes this key where there is none yet, mode 600, durable before it returns.
    ///
    /// # Errors
    /// [`CabinetError::Exists`] for another key, [`CabinetError::Full`], [`CabinetError::Io`].
    pub fn keep(&self, path: &Path) -> Result<(), CabinetError> {
        let kept = self.write_new(path)?;
        if kept.0 == self.0 { Ok(()) } else { Err(CabinetError::Exists(path.to_owned())) }
    }

    /// This key, sealed to a recovery key (hex), bound to the terminal whose it is. `None` when that is
    /// no key.
    pub(crate) fn sealed_to(&self, recovery: &str, terminal: &str) -> Option<Vec<u8>> {
        let mut public = [0; 32];
        hex::decode_to_slice(recovery, &mut public).ok()?;
        let header = serde_json::to_vec(&serde_json::json!({ "terminal": terminal })).ok()?;
        let mut sealer = Sealer::new(&BundleAddress::from_bytes(public), &header, Vec::new()).ok()?;
        sealer.piece(&self.0).ok()?;
        sealer.finish().ok()
    }

    fn create(path: &Path) -> Result<Self, CabinetError> {
        let mut key = Self([0; 32]);
        getrandom::fill(&mut key.0).map_err(|_| CabinetError::Io(ErrorKind::Other.into()))?;
        key.write_new(path)
    }

    /// The key that stands there afterwards: this one, or the one that was there.
    fn write_new(&self, path: &Path) -> Result<Self, CabinetError> {
        let mut random = [0; 8];
        getrandom::fill(&mut random).map_err(|_| CabinetError::Io(ErrorKind::Other.into()))?;
        let draft = path.with_added_extension(hex::encode(random));
        let written = (|| {
            let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
            let text = Zeroizing::new(hex::encode(self.0) + "\n");
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            // A link refuses an existing name, which a rename would overwrite: a key is never lost.
            fs::hard_link(&draft, path)
        })();
        // The draft's name goes in either case; its absence is no news.
        let _ = fs::remove_file(&draft);
        match written {
            Ok(()) => {
                sync_folder_of(path)?;
                Ok(self.clone())
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Self::load(path),
            Err(error) => Err(error.into()),
        }
    }

    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The salt of every cabinet under this key. It is derived and not random, so that a
    /// cabinet whose first sector is destroyed can still be read page by page. The key has
    /// 256 random bits: a salt adds nothing to it.
    pub(crate) fn salt(&self) -> [u8; 16] {
        let mut input = Zeroizing::new(b"village-point cabinet salt 1\0".to_vec());
        input.extend_from_slice(&self.0);
        let mut salt = [0; 16];
        salt.copy_from_slice(&Digest::of(&input).0[..16]);
        salt
    }

    /// The key as SQLCipher takes it, without derivation: `x'<64 digits key><32 digits salt>'`.
    pub(crate) fn pragma(&self) -> Zeroizing<String> {
        let digits = Zeroizing::new(hex::encode(self.0));
        Zeroizing::new(format!("PRAGMA key = \"x'{}{}'\";", &*digits, hex::encode(self.salt())))
    }
}

impl std::fmt::Debug for CabinetKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CabinetKey(•••)")
    }
}

/// Makes a created, renamed or removed name in the folder of `path` durable.
pub(crate) fn sync_folder_of(path: &Path) -> std::io::Result<()> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_drawn_once_and_kept_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cabinet.key");
        assert!(matches!(CabinetKey::load(&path), Err(CabinetError::Io(_))));
        let key = CabinetKey::load_or_create(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o600);
        assert_eq!(CabinetKey::load_or_create(&path).unwrap().0, key.0);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing else is left in the folder");
        assert_eq!(format!("{key:?}"), "CabinetKey(•••)");
    }

    #[test]
    fn threads_that_start_at_once_get_one_key() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cabinet.key");
        let keys: Vec<[u8; 32]> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| CabinetKey::load_or_create(&path).unwrap().0)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(keys.iter().all(|key| *key == keys[0]));
    }

    #[test]
    fn a_key_file_that_others_may_read_or_that_holds_no_key_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cabinet.key");
        CabinetKey::load_or_create(&path).unwrap();
        for mode in [0o640, 0o604, 0o644, 0o666, 0o610] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            assert!(matches!(CabinetKey::load(&path), Err(CabinetError::KeyMode { mode: found }) if found == mode));
        }
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        for text in ["", "\n", "00", &"0".repeat(63), &"0".repeat(65), &("0".repeat(64) + "\n\n"), &"g".repeat(64)] {
            fs::write(&path, text).unwrap();
            assert!(matches!(CabinetKey::load_or_create(&path), Err(CabinetError::KeyFile)), "{text:?}");
            assert_eq!(fs::read_to_string(&path).unwrap(), text, "a bad key file is not overwritten");
        }
    }
}
