//! Any 256 bytes: a record, an unknown type or an error; and no unit of the name is lost.
#![no_main]

use card::text_block::{self, Block, BlockError, LEN};
use card::units;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    match text_block::parse(input) {
        Ok(Block::Record(record)) => {
            assert_eq!(input.len(), LEN);
            let _ = units::display(&record.name);
            let _ = units::fold_name(&record.name);
            let today = card::dates::Date::new(2026, 11, 24).expect("a date");
            let _ = text_block::warnings_on(&record, today);
            if record.card == devices::CardType::ResidentId {
                let raw: Vec<u16> = input[..30].chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
                assert!(raw.starts_with(&units::encode(&record.name)));
            }
        }
        Ok(Block::Unknown { text, .. }) => assert!(!text.is_empty()),
        Err(BlockError::Length(len)) => assert!(len == input.len() && len != LEN),
        Err(BlockError::Blank) => assert_eq!(input.len(), LEN),
    }
});
