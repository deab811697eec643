//! The damaged file and its write-ahead log as one set of pages.

use std::{
    collections::HashMap,
    fs::File,
    io,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
};

use super::codec::{Codec, PAGE};
use crate::{CabinetError, CabinetKey};

const LOG_HEADER: u64 = 32;
const FRAME_HEADER: usize = 24;
const FRAME: u64 = (FRAME_HEADER + PAGE) as u64;

/// Where a page stands in the log.
type Frames = HashMap<u32, u64>;

/// Reads pages by number, newest whole version first.
pub struct Source {
    codec: Codec,
    file: File,
    log: Option<File>,
    frames: Frames,
    pages: u32,
}

impl Source {
    /// Opens the file and, where there is one, its log. Neither is changed.
    pub fn open(path: &Path, key: &CabinetKey) -> Result<Self, CabinetError> {
        let codec = Codec::new(key);
        let file = File::open(path)?;
        let mut pages = u32::try_from(file.metadata()?.len().div_ceil(PAGE as u64)).unwrap_or(u32::MAX);
        let log = match File::open(log_of(path)) {
            Ok(log) => Some(log),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error.into()),
        };
        let frames = log.as_ref().map(|log| committed(log, &codec)).transpose()?.unwrap_or_default();
        pages = pages.max(frames.keys().copied().max().unwrap_or(0));
        Ok(Self { codec, file, log, frames, pages })
    }

    /// The highest page number there may be.
    pub fn pages(&self) -> u32 {
        self.pages
    }

    /// What SQLite would see of a page; `None` when no whole version of it is left.
    pub fn page(&self, number: u32) -> Result<Option<Vec<u8>>, CabinetError> {
        let newest = match (&self.log, self.frames.get(&number)) {
            (Some(log), Some(at)) => read(log, *at)?.and_then(|page| self.codec.open(number, &page)),
            _ => None,
        };
        if newest.is_some() {
            return Ok(newest);
        }
        let Some(at) = number.checked_sub(1) else { return Ok(None) };
        Ok(read(&self.file, u64::from(at) * PAGE as u64)?.and_then(|page| self.codec.open(number, &page)))
    }

    /// Whether any page was written under this key: looks at a thousand over the whole file.
    pub fn has_any_page(&self) -> Result<bool, CabinetError> {
        const SAMPLES: usize = 1000;
        if !self.frames.is_empty() {
            return Ok(true);
        }
        for number in (1..=self.pages).step_by(self.pages as usize / SAMPLES + 1) {
            if self.page(number)?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

pub fn log_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push("-wal");
    name.into()
}

/// One page's bytes; `None` behind the end, or where the disk does not read.
fn read(file: &File, at: u64) -> Result<Option<[u8; PAGE]>, CabinetError> {
    let mut page = [0; PAGE];
    match file.read_exact_at(&mut page, at) {
        Ok(()) => Ok(Some(page)),
        // A bad sector takes its own page, not the rest of the file.
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof || error.raw_os_error() == Some(5) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The newest committed frame of each page.
///
/// SQLite stops at the first frame whose checksum fails, since it cannot know what lay in it.
/// Here every frame proves itself by the HMAC of its page, so that the frames behind a damaged
/// one count as well; a mix of versions that may result is caught by the digests of the rows.
/// What follows the last commit was never acknowledged and is left out.
fn committed(log: &File, codec: &Codec) -> Result<Frames, CabinetError> {
    let mut header = [0; LOG_HEADER as usize];
    if log.read_exact_at(&mut header, 0).is_err() {
        return Ok(Frames::new());
    }
    // https://www.sqlite.org/fileformat2.html#walformat: salts at 16..24 of the header and 8..16 of
    // a frame. They tell this round of the log from what the round before left behind it. Where
    // the header is destroyed, the first whole frame says them.
    let mut salts = header_is_whole(&header).then(|| header[16..24].to_vec());
    let mut known = Frames::new();
    let mut pending = Frames::new();
    let frames = log.metadata()?.len().saturating_sub(LOG_HEADER) / FRAME;
    for index in 0..frames {
        let start = LOG_HEADER + index * FRAME;
        let mut head = [0; FRAME_HEADER];
        if log.read_exact_at(&mut head, start).is_err() {
            continue;
        }
        let word = |at: usize| u32::from_be_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
        let (number, commit) = (word(0), word(4));
        let at = start + FRAME_HEADER as u64;
        let whole = read(log, at)?.is_some_and(|page| codec.is_whole(number, &page));
        if !whole {
            continue;
        }
        if salts.get_or_insert_with(|| head[8..16].to_vec())[..] != head[8..16] {
            break;
        }
        pending.insert(number, at);
        if commit != 0 {
            known.extend(pending.drain());
        }
    }
    Ok(known)
}

/// The log's own checksum over its header (section 4.1 of the format).
fn header_is_whole(header: &[u8; LOG_HEADER as usize]) -> bool {
    let big = header[3] & 1 == 1;
    let word = |at: usize| {
        let bytes = [header[at], header[at + 1], header[at + 2], header[at + 3]];
        if big { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) }
    };
    let (mut first, mut second) = (0u32, 0u32);
    for at in (0..24).step_by(8) {
        first = first.wrapping_add(word(at)).wrapping_add(second);
        second = second.wrapping_add(word(at + 4)).wrapping_add(first);
    }
    header[24..28] == first.to_be_bytes() && header[28..32] == second.to_be_bytes()
}
