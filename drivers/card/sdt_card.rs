//! One card over any line that carries SDT frames: find, select, read, and is it still there.

use devices::CardRecord;

use crate::fault::{self, Failure, Fault};
use crate::reading;
use crate::sdt::{self, Command, Reply};

/// A line to a security module: one request, one answer that fits it.
pub(crate) trait Link {
    /// # Errors
    /// A [`Fault`] of the line. A status that is no success is an answer, not an error.
    fn ask(&mut self, command: Command) -> Result<Reply, Fault>;
}

/// Looks for a card that has not been read yet. After a good reading the module does not find the
/// same card again until it has left the field: "none" also means "still there".
pub(crate) fn find(link: &mut dyn Link) -> Result<bool, Failure> {
    let reply = link.ask(Command::Find)?;
    match reply.status() {
        0x9F if reply.sound() => Ok(true),
        0x80 if reply.sound() => Ok(false),
        _ => Err(sdt::trouble(&reply).into()),
    }
}

/// Whether the card that was read last still lies there; `None` where the firmware cannot say.
pub(crate) fn still_there(link: &mut dyn Link) -> Result<Option<bool>, Failure> {
    let reply = link.ask(Command::ReadNewAddress)?;
    Ok(match reply.status() {
        0x90 | 0x91 if reply.sound() => Some(true),
        0x21 | 0x23 => None,
        _ => Some(false),
    })
}

/// Reads the card that was just found. Text and photo come in one answer; then the same card must
/// still be there, or nothing is given out.
pub(crate) fn read(link: &mut dyn Link) -> Result<CardRecord, Failure> {
    let reply = link.ask(Command::Select)?;
    if !reply.sound() || reply.status() != 0x90 {
        return Err(sdt::trouble(&reply).into());
    }
    let reply = link.ask(Command::ReadBase)?;
    if !reply.sound() || reply.status() != 0x90 {
        return Err(sdt::trouble(&reply).into());
    }
    let base = sdt::base(&reply.data)?;
    let parsed = reading::identity(base.text, Some(base.photo));

    // Also for a card that could not be used: the question keeps the module's order of commands.
    let address = link.ask(Command::ReadNewAddress)?;
    let mut record = parsed?;
    match address.status() {
        _ if !address.sound() => return Err(fault::READER_GARBLED.into()),
        0x90 => record.new_address = sdt::new_address(&address.data),
        0x91 => {}
        0x21 | 0x23 => record.warnings.push("new_address_not_read"),
        _ => return Err(fault::REMOVED.into()),
    }
    Ok(record)
}

#[cfg(test)]
mod tests {
    use zeroize::Zeroizing;

    use super::*;
    use crate::text_block::put;

    /// A request and the status and data that it brings.
    type Step = (Command, Result<(u8, Vec<u8>), Fault>);

    /// A module that is data: the answers in order.
    struct Module(Vec<Step>);

    impl Link for Module {
        fn ask(&mut self, command: Command) -> Result<Reply, Fault> {
            let (expected, answer) = self.0.remove(0);
            assert_eq!(expected, command);
            answer.map(|(sw3, data)| Reply { sw: [0, 0, sw3], data: Zeroizing::new(data) })
        }
    }

    fn base() -> Vec<u8> {
        let mut text = [0; 256];
        put(&mut text, 0, 256, "");
        put(&mut text, 0, 30, "李样本");
        [&[1, 0, 4, 0][..], &text, &[0x57; 1024]].concat()
    }

    fn address(text: &str) -> Vec<u8> {
        let mut bytes = vec![0; 70];
        put(&mut bytes, 0, 70, text);
        bytes
    }

    #[test]
    fn a_reading_takes_text_photo_and_added_address_of_one_card() {
        let mut module = Module(vec![
            (Command::Select, Ok((0x90, vec![0; 8]))),
            (Command::ReadBase, Ok((0x90, base()))),
            (Command::ReadNewAddress, Ok((0x90, address("某镇某村2号")))),
        ]);
        let record = read(&mut module).ok().unwrap();
        assert_eq!(record.name, "李样本");
        assert_eq!(record.new_address.as_deref(), Some("某镇某村2号"));
        assert_eq!(record.photo.as_ref().map(Vec::len), Some(1024));
    }

    #[test]
    fn trap_6_a_card_lifted_at_any_step_leaves_nothing() {
        let steps = [
            (Command::Select, (0x90, vec![0; 8])),
            (Command::ReadBase, (0x90, base())),
            (Command::ReadNewAddress, (0x91, Vec::new())),
        ];
        for broken in 0..steps.len() {
            for fault in [Err(Fault::Timeout), Ok(([0x81, 0x41, 0x41][broken], Vec::new()))] {
                let mut script: Vec<_> = steps[..broken].iter().cloned().map(|(command, answer)| (command, Ok(answer))).collect();
                script.push((steps[broken].0, fault));
                assert!(read(&mut Module(script)).is_err(), "step {broken}");
            }
        }
    }

    #[test]
    fn trap_5_no_card_and_the_same_card_are_told_apart() {
        for (status, expected) in [(0x90, Some(true)), (0x91, Some(true)), (0x41, Some(false)), (0x80, Some(false)), (0x21, None)]
        {
            let mut module = Module(vec![(Command::ReadNewAddress, Ok((status, Vec::new())))]);
            assert_eq!(still_there(&mut module).ok().unwrap(), expected, "{status:02X}");
        }
    }

    #[test]
    fn trap_30_fingerprints_are_never_asked_for() {
        assert!(Command::ALL.iter().all(|command| !command.frame().windows(2).any(|pair| pair == [0x30, 0x10])));
    }
}
