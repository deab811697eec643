//! Sealed files: page images and results outside the database, each under a key of its own.
//!
//! A file is a row of segments: 4 bytes length (little-endian), 24 bytes nonce, then the segment
//! sealed with XChaCha20-Poly1305 under the file's key. The offset of its first byte in the plain
//! text is authenticated with it, so segments cannot be moved, repeated or left out in the middle; the
//! number of durable bytes stands in the database, so the end cannot be cut off unseen.
//! Nonces are random: a tail that was lost in a power cut is written anew under another one.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, BufReader, Read as _, Seek as _, SeekFrom, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::PathBuf,
};

use chacha20poly1305::{
    Key, KeyInit as _, XChaCha20Poly1305, XNonce,
    aead::{Aead as _, Payload},
};
use zeroize::Zeroizing;

use super::{
    LedgerError,
    key::{LedgerKey, sync_parent},
};
use crate::clock::Ids;

const NONCE: usize = 24;
const TAG: usize = 16;
/// Plain bytes of a full segment: small enough that a cut costs little, large enough that the
/// 44 bytes around it do not count.
const SEGMENT: usize = 64 * 1024;

pub(super) struct FileKey(Zeroizing<[u8; 32]>);

pub(super) struct Vault {
    dir: PathBuf,
    wrap: XChaCha20Poly1305,
    ids: Ids,
}

impl Vault {
    pub fn new(dir: PathBuf, key: &LedgerKey, ids: Ids) -> Self {
        Self { dir, wrap: cipher(&key.derive("wrap")), ids }
    }

    /// Draws a name and a key; the second value is the key, wrapped, for the database. The file itself is
    /// made with its first bytes.
    pub fn draw(&self) -> Result<(String, Vec<u8>), LedgerError> {
        let name = hex::encode(self.ids.bytes::<16>()?);
        let key = FileKey(Zeroizing::new(self.ids.bytes()?));
        let nonce = self.ids.bytes::<NONCE>()?;
        let sealed = self.wrap.encrypt(&XNonce::from(nonce), Payload { msg: &*key.0, aad: name.as_bytes() });
        let mut wrapped = nonce.to_vec();
        wrapped.extend(sealed.map_err(|_| LedgerError::Damaged("file key"))?);
        Ok((name, wrapped))
    }

    /// Opens a file's key again.
    pub fn unwrap(&self, name: &str, wrapped: &[u8]) -> Result<FileKey, LedgerError> {
        let damaged = LedgerError::Damaged("file key");
        let Some((nonce, sealed)) = wrapped.split_first_chunk::<NONCE>() else { return Err(damaged) };
        let plain = self.wrap.decrypt(&XNonce::from(*nonce), Payload { msg: sealed, aad: name.as_bytes() });
        let plain = Zeroizing::new(plain.map_err(|_| LedgerError::Damaged("file key"))?);
        let key: [u8; 32] = plain.as_slice().try_into().map_err(|_| damaged)?;
        Ok(FileKey(Zeroizing::new(key)))
    }

    /// Continues a file behind its durable bytes; whatever stands behind them is dropped.
    pub fn append(&self, name: &str, key: &FileKey, sealed_len: u64, offset: u64) -> Result<Appender, LedgerError> {
        let path = if sealed_len == 0 { self.make_room(name)? } else { self.path(name) };
        let mut file = OpenOptions::new().write(true).create(sealed_len == 0).truncate(false).mode(0o600).open(&path)?;
        if sealed_len == 0 {
            // The name is durable before anything in the file is acknowledged.
            sync_parent(&path)?;
        }
        if file.metadata()?.len() < sealed_len {
            return Err(LedgerError::Damaged("page file is shorter than acknowledged"));
        }
        file.set_len(sealed_len)?;
        file.seek(SeekFrom::Start(sealed_len))?;
        Ok(Appender {
            file,
            cipher: cipher(&key.0),
            ids: self.ids.clone(),
            segment: Zeroizing::new(Vec::with_capacity(SEGMENT)),
            sealed_len,
            offset,
        })
    }

    /// The plain bytes, segment by segment.
    pub fn read(&self, name: &str, key: &FileKey, sealed_len: u64, each: &mut dyn FnMut(&[u8])) -> Result<(), LedgerError> {
        let damaged = || LedgerError::Damaged("page file");
        if sealed_len == 0 {
            return Ok(());
        }
        let mut file = match File::open(self.path(name)) {
            Ok(file) => BufReader::with_capacity(SEGMENT, file.take(sealed_len)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(LedgerError::Damaged("page file is gone")),
            Err(error) => return Err(error.into()),
        };
        let cipher = cipher(&key.0);
        let (mut offset, mut left) = (0u64, sealed_len);
        let mut sealed = Vec::new();
        while left > 0 {
            let mut head = [0u8; 4 + NONCE];
            read_exact(&mut file, &mut head)?;
            let (len, nonce) = head.split_at(4);
            let len = u32::from_le_bytes(len.try_into().map_err(|_| damaged())?) as usize;
            if len <= TAG || len > SEGMENT + TAG {
                return Err(damaged());
            }
            sealed.resize(len, 0);
            read_exact(&mut file, &mut sealed)?;
            let nonce = XNonce::try_from(nonce).map_err(|_| damaged())?;
            let plain = cipher.decrypt(&nonce, Payload { msg: &sealed, aad: &offset.to_le_bytes() });
            let plain = Zeroizing::new(plain.map_err(|_| damaged())?);
            each(&plain);
            offset += plain.len() as u64;
            left = left.checked_sub((head.len() + len) as u64).ok_or_else(damaged)?;
        }
        Ok(())
    }

    /// Another folder of files under the same wrapping key: a backup.
    pub fn beside(&self, dir: PathBuf) -> Self {
        Self { dir, wrap: self.wrap.clone(), ids: self.ids.clone() }
    }

    /// Copies the durable bytes of a file, still sealed, into another folder. Durable when it returns.
    pub fn copy_to(&self, to: &Vault, name: &str, sealed_len: u64) -> Result<(), LedgerError> {
        if sealed_len == 0 {
            return Ok(());
        }
        let source = match File::open(self.path(name)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(LedgerError::Damaged("page file is gone")),
            source => source?,
        };
        let path = to.make_room(name)?;
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
        if io::copy(&mut source.take(sealed_len), &mut file)? != sealed_len {
            return Err(LedgerError::Damaged("page file is shorter than acknowledged"));
        }
        file.sync_all()?;
        sync_parent(&path)
    }

    /// The path of a file whose folder exists.
    fn make_room(&self, name: &str) -> Result<PathBuf, LedgerError> {
        let path = self.path(name);
        let shard = path.parent().unwrap_or(&self.dir);
        match fs::DirBuilder::new().mode(0o700).create(shard) {
            Ok(()) => sync_parent(shard)?,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error.into()),
        }
        Ok(path)
    }

    /// Removes a file that no row names any more; one that is gone already is no mistake.
    pub fn remove(&self, name: &str) -> Result<(), LedgerError> {
        match fs::remove_file(self.path(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }

    /// Names of all files on the disk.
    pub fn names(&self) -> Result<Vec<String>, LedgerError> {
        let mut names = Vec::new();
        for shard in fs::read_dir(&self.dir)? {
            let shard = shard?;
            if !shard.file_type()?.is_dir() {
                continue;
            }
            for file in fs::read_dir(shard.path())? {
                names.extend(file?.file_name().into_string());
            }
        }
        Ok(names)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        // 256 folders: with a million pages a folder still lists quickly.
        self.dir.join(name.get(..2).unwrap_or("xx")).join(name)
    }
}

/// A file being written. Only what [`Appender::finish`] returned counts.
pub(super) struct Appender {
    file: File,
    cipher: XChaCha20Poly1305,
    ids: Ids,
    segment: Zeroizing<Vec<u8>>,
    sealed_len: u64,
    offset: u64,
}

impl Appender {
    /// Plain bytes written so far, from the start of the file.
    pub fn offset(&self) -> u64 {
        self.offset + self.segment.len() as u64
    }

    pub fn write(&mut self, mut bytes: &[u8]) -> Result<(), LedgerError> {
        while !bytes.is_empty() {
            let (now, later) = bytes.split_at(bytes.len().min(SEGMENT - self.segment.len()));
            self.segment.extend_from_slice(now);
            bytes = later;
            if self.segment.len() == SEGMENT {
                self.flush()?;
            }
        }
        Ok(())
    }

    /// Seals the rest and waits for the disk. Returns the plain and the sealed length, both durable.
    pub fn finish(mut self) -> Result<(u64, u64), LedgerError> {
        if !self.segment.is_empty() {
            self.flush()?;
        }
        self.file.sync_data()?;
        Ok((self.offset, self.sealed_len))
    }

    fn flush(&mut self) -> Result<(), LedgerError> {
        let nonce = self.ids.bytes::<NONCE>()?;
        let payload = Payload { msg: &self.segment, aad: &self.offset.to_le_bytes() };
        let sealed = self.cipher.encrypt(&XNonce::from(nonce), payload).map_err(|_| LedgerError::Damaged("segment"))?;
        let mut record = Vec::with_capacity(4 + NONCE + sealed.len());
        record.extend_from_slice(&(sealed.len() as u32).to_le_bytes());
        record.extend_from_slice(&nonce);
        record.extend_from_slice(&sealed);
        self.file.write_all(&record)?;
        self.sealed_len += record.len() as u64;
        self.offset += self.segment.len() as u64;
        self.segment.clear();
        Ok(())
    }
}

fn cipher(key: &[u8; 32]) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(&Key::from(*key))
}

fn read_exact(file: &mut impl io::Read, out: &mut [u8]) -> Result<(), LedgerError> {
    file.read_exact(out).map_err(|error| match error.kind() {
        io::ErrorKind::UnexpectedEof => LedgerError::Damaged("page file is shorter than acknowledged"),
        _ => error.into(),
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn vault(dir: &Path) -> Vault {
        Vault::new(dir.to_owned(), &LedgerKey::from_bytes([7; 32]), Ids::seeded(1))
    }

    fn all(vault: &Vault, name: &str, key: &FileKey, len: u64) -> Result<Vec<u8>, LedgerError> {
        let mut out = Vec::new();
        vault.read(name, key, len, &mut |part| out.extend_from_slice(part))?;
        Ok(out)
    }

    #[test]
    fn what_was_written_in_pieces_is_read_whole_and_stands_nowhere_in_clear() {
        let dir = tempfile::tempdir().unwrap();
        let vault = vault(dir.path());
        let (name, wrapped) = vault.draw().unwrap();
        let key = vault.unwrap(&name, &wrapped).unwrap();
        let bytes: Vec<u8> = (0..200_000u32).map(|i| (i % 251) as u8).collect();
        let mut at = (0, 0);
        for piece in [&bytes[..10], &bytes[10..70_000], &bytes[70_000..]] {
            let mut appender = vault.append(&name, &key, at.1, at.0).unwrap();
            appender.write(piece).unwrap();
            at = appender.finish().unwrap();
        }
        assert_eq!(at.0, 200_000);
        assert_eq!(all(&vault, &name, &key, at.1).unwrap(), bytes);
        let on_disk = fs::read(vault.path(&name)).unwrap();
        assert!(!on_disk.windows(16).any(|window| window == &bytes[..16]));
    }

    #[test]
    fn the_tail_of_a_broken_write_is_dropped_and_written_anew() {
        let dir = tempfile::tempdir().unwrap();
        let vault = vault(dir.path());
        let (name, wrapped) = vault.draw().unwrap();
        let key = vault.unwrap(&name, &wrapped).unwrap();
        let mut appender = vault.append(&name, &key, 0, 0).unwrap();
        appender.write(b"durable").unwrap();
        let (offset, len) = appender.finish().unwrap();
        let mut lost = vault.append(&name, &key, len, offset).unwrap();
        lost.write(&[9; 100_000]).unwrap();
        drop(lost);
        let mut again = vault.append(&name, &key, len, offset).unwrap();
        again.write(b" again").unwrap();
        let (_, len) = again.finish().unwrap();
        assert_eq!(all(&vault, &name, &key, len).unwrap(), b"durable again");
    }

    #[test]
    fn a_flipped_bit_a_cut_end_and_another_files_key_are_noticed() {
        let dir = tempfile::tempdir().unwrap();
        let vault = vault(dir.path());
        let (name, wrapped) = vault.draw().unwrap();
        let key = vault.unwrap(&name, &wrapped).unwrap();
        let mut appender = vault.append(&name, &key, 0, 0).unwrap();
        appender.write(&[1; 1000]).unwrap();
        let (_, len) = appender.finish().unwrap();
        let good = fs::read(vault.path(&name)).unwrap();
        for at in [0, 5, 30, good.len() - 1] {
            let mut bad = good.clone();
            bad[at] ^= 1;
            fs::write(vault.path(&name), &bad).unwrap();
            assert!(matches!(all(&vault, &name, &key, len), Err(LedgerError::Damaged(_))), "bit at {at}");
        }
        fs::write(vault.path(&name), &good[..good.len() - 1]).unwrap();
        assert!(matches!(all(&vault, &name, &key, len), Err(LedgerError::Damaged(_))));
        let (other, _) = vault.draw().unwrap();
        assert!(matches!(vault.unwrap(&other, &wrapped), Err(LedgerError::Damaged(_))));
    }
}
