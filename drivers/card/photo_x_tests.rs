//! Decoders that behave as vendors' libraries do, compiled on the spot.

use std::process::Command;

use super::*;

const BITMAP: &str = r#"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
static int bitmap(void) {
    FILE *f = fopen("zp.bmp", "wb");
    unsigned char head[54] = "BM", row[308];
    int y, x;
    fwrite(head, 1, 54, f);
    for (y = 0; y < 126; y++) {
        memset(row, 0, sizeof row);
        for (x = 0; x < 102; x++) { row[3 * x] = 1; row[3 * x + 1] = 2; row[3 * x + 2] = (unsigned char)y; }
        fwrite(row, 1, 308, f);
    }
    fclose(f);
    f = fopen("wz.txt", "w"); fputs("left behind", f); fclose(f);
    return 1;
}
"#;

/// Compiles a decoder whose `GetBmp` and `unpack` have this body.
fn decoder(folder: &Path, body: &str) -> Decoder {
    let (source, library) = (folder.join("decoder.c"), folder.join("decoder.so"));
    let text = format!(
        "{BITMAP}\nint GetBmp(char *file, int kind) {{ FILE *f = fopen(file, \"rb\"); if (!f) return -3; fclose(f); {body} }}\n\
         int unpack(char *in, char *out, int save) {{ (void)out; (void)save; FILE *f; if (in[0] != 'W') return -4; {body} }}\n"
    );
    fs::write(&source, text).unwrap();
    let built = Command::new("cc").args(["-shared", "-fPIC", "-w", "-o"]).arg(&library).arg(&source).status();
    assert!(built.is_ok_and(|status| status.success()), "cc (build-essential) is needed");
    ours(library)
}

/// This test binary becomes the child by way of the test `as_child`.
fn ours(library: PathBuf) -> Decoder {
    let words = ["photo::x_tests::as_child", "--exact", "--nocapture"].map(str::to_owned).to_vec();
    let program = std::env::current_exe().unwrap();
    Decoder { library, call: Call::GetBmp, program, words, time_limit: Duration::from_secs(20) }
}

fn wlt() -> Vec<u8> {
    [b"WLf~".to_vec(), vec![7; WLT_LEN - 4]].concat()
}

fn leftovers(root: &Path) -> usize {
    fs::read_dir(root).unwrap().count()
}

/// Not a test of its own: with a task beside it this binary is the child.
#[test]
fn as_child() {
    if Path::new(INPUT).exists() {
        std::process::exit(run_child());
    }
}

#[test]
fn trap_28_decoders_of_every_temper_leave_no_file_and_never_hang() {
    let (folder, root) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for (call, body, expected) in [
        (Call::GetBmp, "return bitmap();", None),
        (Call::Unpack, "return bitmap();", None),
        (Call::GetBmp, "bitmap(); return -5;", Some("photo_decoder_failed")),
        (Call::GetBmp, "bitmap(); abort();", Some("photo_decoder_failed")),
        (Call::GetBmp, "bitmap(); exit(0);", Some("photo_decoder_failed")),
        (Call::GetBmp, "bitmap(); *(volatile int *)0 = 1; return 1;", Some("photo_decoder_failed")),
        (Call::GetBmp, "return 1;", Some("photo_decoder_failed")),
        (Call::GetBmp, "f = fopen(\"zp.bmp\", \"wb\"); fputs(\"BM\", f); fclose(f); return 1;", Some("photo_decoder_failed")),
    ] {
        let decoder = Decoder { call, ..decoder(folder.path(), body) };
        let photo = decode_below(root.path(), &decoder, &wlt());
        assert_eq!(photo.as_ref().err().map(|trouble| trouble.code), expected, "{body}");
        if let Ok(photo) = photo {
            assert_eq!(photo.rgb.len(), WIDTH * HEIGHT * 3);
            // Rows come bottom-up and blue first.
            assert_eq!((&photo.rgb[..3], &photo.rgb[photo.rgb.len() - 3..]), (&[125, 2, 1][..], &[0, 2, 1][..]));
        }
        assert_eq!(leftovers(root.path()), 0, "{body}");
    }
}

#[test]
fn a_decoder_that_never_ends_is_ended() {
    let (folder, root) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut hanging = decoder(folder.path(), "bitmap(); sleep(600); return 1;");
    hanging.time_limit = Duration::from_secs(2);
    let start = Instant::now();
    assert_eq!(decode_below(root.path(), &hanging, &wlt()).err().map(|trouble| trouble.code), Some("photo_decoder_slow"));
    assert!(start.elapsed() < Duration::from_secs(15));
    assert_eq!(leftovers(root.path()), 0);
}

#[test]
fn what_a_killed_program_left_is_erased_by_the_next_one() {
    let root = tempfile::tempdir().unwrap();
    // A process that has ended, and one that runs: ourselves.
    let mut ended = Command::new("true").spawn().unwrap();
    ended.wait().unwrap();
    let (old, running) = (format!("{PREFIX}{}-abc", ended.id()), format!("{PREFIX}{}-abc", std::process::id()));
    for folder in [old.as_str(), running.as_str(), "someone-elses"] {
        fs::create_dir_all(root.path().join(folder).join("below")).unwrap();
        fs::write(root.path().join(folder).join("below/zp.bmp"), "left behind").unwrap();
    }
    sweep(root.path());
    assert!(!root.path().join(old).exists());
    assert!(root.path().join(running).exists() && root.path().join("someone-elses").exists());
}

#[test]
fn a_decoder_that_is_not_there_is_no_trouble_of_the_card() {
    let missing = ours("/no/such/library.so".into());
    assert_eq!(decode(&missing, &wlt()).err().map(|trouble| trouble.code), Some("photo_decoder_absent"));
    assert_eq!(decode(&missing, &[0; 3]).err().map(|trouble| trouble.code), Some("photo_decoder_failed"));
    let no_program = Decoder { program: "/no/such/program".into(), ..missing };
    assert_eq!(decode(&no_program, &wlt()).err().map(|trouble| trouble.code), Some("photo_decoder_absent"));
}
