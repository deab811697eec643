//! SDT answers in any pieces: the reader ends, keeps to its limits, and every answer that it gives
//! out had a checksum that holds and parts that lie inside it.
#![no_main]

use card::sdt::{self, Command, Frames, LEN_MAX};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let Some((&chunk, bytes)) = input.split_first() else { return };
    let mut frames = Frames::default();
    let mut given = 0;
    for part in bytes.chunks(usize::from(chunk).max(1)) {
        frames.push(part);
        while let Some(reply) = frames.next_reply() {
            let Ok(reply) = reply else { continue };
            given += reply.data.len() + 10;
            assert!(reply.data.len() <= LEN_MAX);
            for command in Command::ALL {
                let _ = command.fits(&reply);
            }
            let _ = sdt::trouble(&reply);
            let _ = sdt::sam_id(&reply.data);
            let _ = sdt::new_address(&reply.data);
            if let Ok(base) = sdt::base(&reply.data) {
                assert_eq!((base.text.len(), base.photo.len()), (256, 1024));
            }
        }
    }
    // Every byte is in one answer, is stray, or is still waited with.
    assert!(given + frames.stray() <= bytes.len() + 1);
    while frames.partial() {
        frames.skip_false_start();
        while frames.next_reply().is_some() {}
    }
});
