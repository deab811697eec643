//! The photo on the card, by a licensed decoder of the operator's choice, at arm's length.
//!
//! The 1,024 WLT bytes cannot be decoded openly. Vendors' libraries can; they also write the
//! holder's files into the current folder, crash and call `exit`. So one runs in a child process,
//! in a private folder in memory, under a time limit; whatever it does, its files are erased and
//! the reading of the card stands without a picture.

use std::fs::{self, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use devices::{Kind, Trouble};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

pub use crate::photo_library::{Call, WLT_LEN};

/// Pixels of a decoded photo.
pub const WIDTH: usize = 102;
pub const HEIGHT: usize = 126;
/// A row of the bitmap with its padding.
const ROW_LEN: usize = 308;
const BITMAP_LEN: usize = 54 + ROW_LEN * HEIGHT;
const LOOK: Duration = Duration::from_millis(5);
/// Names that the calls expect beside each other.
const INPUT: &str = "zp.wlt";
const OUTPUT: &str = "zp.bmp";
/// Beginning of the private folders' names; the owner's process number follows.
const PREFIX: &str = "village-photo-";

const ABSENT: Trouble = Trouble::new(Kind::Absent, "photo_decoder_absent", "the photo decoder cannot be loaded");
const FAILED: Trouble = Trouble::new(Kind::Broken, "photo_decoder_failed", "the photo decoder did not make a picture");
const SLOW: Trouble = Trouble::new(Kind::Timeout, "photo_decoder_slow", "the photo decoder did not end in time");

/// A decoder that the operator has a licence for.
#[derive(Clone, Debug)]
pub struct Decoder {
    pub library: PathBuf,
    pub call: Call,
    /// The program (this one, usually) and the words by which it becomes [`run_child`].
    pub program: PathBuf,
    pub words: Vec<String>,
    pub time_limit: Duration,
}

/// What the child is told on its standard input.
#[derive(Serialize, Deserialize)]
struct Task {
    library: PathBuf,
    call: Call,
}

/// A decoded photo: rows from the top, three bytes a pixel (red, green, blue). Wiped when dropped.
pub struct Photo {
    pub rgb: Zeroizing<Vec<u8>>,
}

/// Decodes the photo of a card.
///
/// # Errors
/// `photo_decoder_absent`, `photo_decoder_failed` or `photo_decoder_slow`. None of them concerns the reading.
pub fn decode(decoder: &Decoder, wlt: &[u8]) -> Result<Photo, Trouble> {
    // In memory where the system has such a place, so that no disk ever holds the photo.
    decode_below(Path::new("/dev/shm"), decoder, wlt)
}

fn decode_below(root: &Path, decoder: &Decoder, wlt: &[u8]) -> Result<Photo, Trouble> {
    if wlt.len() != WLT_LEN {
        return Err(FAILED);
    }
    sweep(root);
    let folder = private_folder(root).map_err(|_| FAILED)?;
    let outcome = go(decoder, wlt, folder.path());
    // Erased here and not on drop, so that a failure to erase is seen.
    match (outcome, erase(folder)) {
        (outcome, Ok(())) => outcome,
        (_, Err(error)) => {
            tracing::error!(%error, "files of the photo decoder could not be erased");
            Err(FAILED)
        }
    }
}

/// A folder that only we can enter. It carries our process number, so that it can be erased by
/// whoever comes later should we be killed.
fn private_folder(root: &Path) -> io::Result<tempfile::TempDir> {
    let mut builder = tempfile::Builder::new();
    let prefix = format!("{PREFIX}{}-", std::process::id());
    builder.prefix(&prefix);
    builder.tempdir_in(root).or_else(|_| builder.tempdir())
}

/// Erases what a killed program of this kind left behind.
fn sweep(root: &Path) {
    for entry in fs::read_dir(root).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let owner = name.to_str().and_then(|name| name.strip_prefix(PREFIX)?.split('-').next()?.parse::<u32>().ok());
        let Some(owner) = owner else { continue };
        if !Path::new("/proc").join(owner.to_string()).exists() {
            // Another user's folder cannot be erased by us, and is that user's own to erase.
            let _ = overwrite(&entry.path()).and_then(|()| fs::remove_dir_all(entry.path()));
        }
    }
}

fn go(decoder: &Decoder, wlt: &[u8], folder: &Path) -> Result<Photo, Trouble> {
    let input = folder.join(INPUT);
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(input).map_err(|_| FAILED)?;
    file.write_all(wlt).map_err(|_| FAILED)?;
    drop(file);
    let task = Task { library: decoder.library.clone(), call: decoder.call };
    let task = serde_json::to_vec(&task).map_err(|_| FAILED)?;
    let mut command = Command::new(&decoder.program);
    // The library's search path is all that it may need of our environment, and it gets a fixed one.
    command.args(&decoder.words).current_dir(folder).env_clear().env("HOME", folder).env("TMPDIR", folder);
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().map_err(|_| ABSENT)?;
    if let Some(mut stdin) = child.stdin.take() {
        // A child that ended already is seen below.
        let _ = stdin.write_all(&task);
    }
    let deadline = Instant::now() + decoder.time_limit;
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if Instant::now() < deadline => std::thread::sleep(LOOK),
            _ => {
                // Ours and not yet waited for; killed whatever it is doing.
                let _ = child.kill();
                let _ = child.wait();
                return Err(SLOW);
            }
        }
    };
    match status.code() {
        Some(EXIT_DECODED) => picture(&folder.join(OUTPUT)),
        Some(EXIT_ABSENT) => Err(ABSENT),
        _ => Err(FAILED),
    }
}

fn picture(path: &Path) -> Result<Photo, Trouble> {
    let mut bitmap = Zeroizing::new(Vec::with_capacity(BITMAP_LEN + 1));
    let file = fs::File::open(path).map_err(|_| FAILED)?;
    file.take(BITMAP_LEN as u64 + 1).read_to_end(&mut bitmap).map_err(|_| FAILED)?;
    // One size, one depth: anything else is not what these libraries make.
    if bitmap.len() != BITMAP_LEN || !bitmap.starts_with(b"BM") {
        return Err(FAILED);
    }
    let mut rgb = Zeroizing::new(Vec::with_capacity(WIDTH * HEIGHT * 3));
    let rows = bitmap.get(54..).unwrap_or_default().chunks_exact(ROW_LEN);
    for row in rows.rev() {
        for pixel in row.chunks_exact(3).take(WIDTH) {
            rgb.extend(pixel.iter().rev());
        }
    }
    Ok(Photo { rgb })
}

/// Overwrites and removes whatever the library left, whatever its names.
fn erase(folder: tempfile::TempDir) -> io::Result<()> {
    overwrite(folder.path())?;
    folder.close()
}

fn overwrite(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)?.flatten() {
        let kind = entry.file_type()?;
        if kind.is_file() {
            let len = entry.metadata()?.len();
            let mut file = OpenOptions::new().write(true).open(entry.path())?;
            io::copy(&mut io::repeat(0).take(len), &mut file)?;
        } else if kind.is_dir() {
            overwrite(&entry.path())?;
        }
    }
    Ok(())
}

// Exit codes between child and parent. Libraries that call `exit` themselves mostly say 0 or 1.
const EXIT_DECODED: i32 = 81;
const EXIT_REFUSED: i32 = 82;
const EXIT_ABSENT: i32 = 83;

/// What the child process does: reads its task, loads the library, makes one call. Gives the exit code.
pub fn run_child() -> i32 {
    crate::photo_library::die_with_parent();
    let mut text = String::new();
    let task = io::stdin().take(16 * 1024).read_to_string(&mut text).ok().and_then(|_| serde_json::from_str::<Task>(&text).ok());
    let Some(task) = task else { return EXIT_ABSENT };
    let wlt = Zeroizing::new(fs::read(INPUT).unwrap_or_default());
    match crate::photo_library::call(&task.library, task.call, INPUT, &wlt) {
        Ok(1) => EXIT_DECODED,
        Ok(_) => EXIT_REFUSED,
        Err(()) => EXIT_ABSENT,
    }
}

#[cfg(test)]
#[path = "photo_x_tests.rs"]
mod x_tests;
