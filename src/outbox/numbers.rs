//! Epoch and sequence: the two parts of a case number that this cabinet answers for.

use std::path::Path;

use rusqlite::Connection;

use crate::{
    Cabinet, CabinetError,
    mark::{BLOCK, Machine, Mark, inode_of},
    settings,
};

/// Letters and digits that are not mistaken for each other over the telephone.
const LETTERS: &[u8; 30] = b"23456789ABCDEFGHJKMNPQRSTVWXYZ";

impl Cabinet {
    /// Two characters that were drawn when this cabinet was created, and anew whenever an older
    /// state or a copy of it was opened.
    ///
    /// # Errors
    /// When the cabinet cannot be read.
    pub fn epoch(&self) -> Result<String, CabinetError> {
        settings::get(&self.conn, settings::EPOCH)?.ok_or(CabinetError::Contradiction("epoch"))
    }

    /// The next sequence number, from 1. It is spent when this returns, whatever happens after:
    /// no number comes twice, not after a kill and not from a restored backup.
    ///
    /// # Errors
    /// When cabinet or mark cannot be written; no number is then handed out.
    pub fn next_sequence(&mut self) -> Result<u64, CabinetError> {
        let next: u64 = settings::get(&self.conn, settings::SEQUENCE)?.ok_or(CabinetError::Contradiction("sequence"))?;
        if next >= self.mark.reserved {
            let mark = Mark { reserved: next + BLOCK, ..self.mark.clone() };
            mark.write(&self.path)?;
            self.mark = mark;
        }
        self.write(|tx| settings::put(tx, settings::SEQUENCE, &(next + 1)))?;
        Ok(next)
    }
}

/// Called at every opening: compares the cabinet with the mark beside it, draws a new epoch
/// when it is not the one that stood here, and returns the new mark (to be written after the
/// commit) and whether it was the same.
pub(crate) fn arrive(
    conn: &Connection,
    path: &Path,
    machine: &Machine,
    before: Option<&Mark>,
    new: bool,
) -> Result<(Mark, bool), CabinetError> {
    let inode = inode_of(path)?;
    let openings: u64 = settings::get(conn, settings::OPENINGS)?.unwrap_or(0);
    let epoch: Option<String> = settings::get(conn, settings::EPOCH)?;
    let sequence: u64 = settings::get(conn, settings::SEQUENCE)?.unwrap_or(1);
    let copy: bool = settings::get(conn, settings::COPY)?.unwrap_or(false);
    let same = !copy
        && before.is_some_and(|mark| {
            mark.machine == *machine
                && mark.inode == inode
                && epoch.as_ref() == Some(&mark.epoch)
                // The cabinet is written first: a kill in between leaves it one ahead.
                && (openings == mark.openings || openings == mark.openings + 1)
                && sequence <= mark.reserved
        });
    let mut past: Vec<String> = settings::get(conn, settings::EPOCHS_PAST)?.unwrap_or_default();
    let epoch = match epoch {
        Some(epoch) if same => epoch,
        old => {
            past.extend(old);
            past.extend(before.map(|mark| mark.epoch.clone()));
            past.sort();
            past.dedup();
            let drawn = draw_epoch(&past)?;
            settings::put(conn, settings::EPOCH, &drawn)?;
            settings::put(conn, settings::EPOCHS_PAST, &past)?;
            settings::remove(conn, settings::COPY)?;
            drawn
        }
    };
    // Behind every number that this cabinet or the one before it may have handed out.
    let sequence = if same { sequence } else { sequence.max(before.map_or(1, |mark| mark.reserved)) };
    let openings = openings.max(before.map_or(0, |mark| mark.openings)) + 1;
    settings::put(conn, settings::SEQUENCE, &sequence)?;
    settings::put(conn, settings::OPENINGS, &openings)?;
    let reserved = if same { before.map_or(sequence, |mark| mark.reserved) } else { sequence };
    let mark = Mark { format: 1, machine: machine.clone(), epoch, reserved, openings, inode };
    Ok((mark, same && !new))
}

/// Draws two characters that are none of `past`.
fn draw_epoch(past: &[String]) -> Result<String, CabinetError> {
    let random = |max: usize| -> Result<usize, CabinetError> {
        loop {
            let mut byte = [0];
            getrandom::fill(&mut byte).map_err(|_| CabinetError::Io(std::io::ErrorKind::Other.into()))?;
            // 240 is the largest multiple of 30 below 256: every letter is equally likely.
            if byte[0] < 240 {
                return Ok(usize::from(byte[0]) % max);
            }
        }
    };
    // 900 pairs; a cabinet restored more often than that may repeat one, but not its sequence.
    for _ in 0..10_000 {
        let pair = [LETTERS[random(30)?], LETTERS[random(30)?]];
        let text: String = pair.iter().map(|letter| char::from(*letter)).collect();
        if !past.contains(&text) {
            return Ok(text);
        }
    }
    Err(CabinetError::Contradiction("epochs are used up"))
}
