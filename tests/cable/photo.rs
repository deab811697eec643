//! The photo plug-in as a town would use it: a library named in the configuration, decoders of
//! every temper compiled on the spot, and the terminal's own hidden subcommand around them.

use std::path::Path;
use std::process::Command;

use crate::harness::{Case, Ended};
use crate::stand_in::StandIn;

pub const CASES: &[Case] = &[Case {
    name: "trap_28_the_program_itself_becomes_the_decoders_child",
    run: || match StandIn::serial(115_200) {
        Ok(stand_in) => {
            trap_28_the_program_itself_becomes_the_decoders_child(&stand_in);
            Ended::Passed
        }
        Err(why) => Ended::NotRun(why),
    },
}];

/// Writes down where it was called, litters, and then does what the case wants.
const DECODER: &str = r#"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
int GetBmp(char *wlt, int kind) {
    char here[4096]; int y;
    unsigned char head[54] = "BM", row[308]; memset(row, 127, sizeof row);
    FILE *f = fopen(REPORT, "w"); fputs(getcwd(here, sizeof here), f); fclose(f);
    f = fopen("wz.txt", "w"); fputs("a name", f); fclose(f);
    f = fopen("zp.bmp", "wb"); fwrite(head, 1, 54, f);
    for (y = 0; y < 126; y++) fwrite(row, 1, 308, f);
    fclose(f);
    END
}
"#;

fn trap_28_the_program_itself_becomes_the_decoders_child(stand_in: &StandIn) {
    let folder = tempfile::tempdir().expect("a folder");
    let (report, source) = (folder.path().join("report"), folder.path().join("decoder.c"));
    stand_in.insert("li-yangben", &[]);
    let port = format!("serial:{}", stand_in.dir().join("serial").display());
    for (at, (end, said)) in [
        ("return 1;", "照片：能解码，102×126"),
        ("return -5;", "照片没有解出来"),
        ("abort();", "照片没有解出来"),
        ("exit(0);", "照片没有解出来"),
        ("for (;;) sleep(1);", "照片解码太慢"),
    ]
    .into_iter()
    .enumerate()
    {
        let library = folder.path().join(format!("decoder-{at}.so"));
        std::fs::write(&source, DECODER.replace("END", end)).expect("a file");
        let built = Command::new("cc")
            .arg(format!("-DREPORT=\"{}\"", report.display()))
            .args(["-shared", "-fPIC", "-w", "-o"])
            .args([&library, &source])
            .status();
        assert!(built.is_ok_and(|status| status.success()), "cc (build-essential) is needed");
        let text = read(stand_in, folder.path(), &port, &library);
        assert!(text.contains("李样本") && text.contains(said), "{end}: {text}");
        // The library was really called, in a folder of its own that is gone with all that it left there.
        let called_in = std::fs::read_to_string(&report).expect("the library was called");
        assert!(!Path::new(&called_in).exists(), "{end}: {called_in} is left");
        std::fs::remove_file(&report).expect("it was there");
        stand_in.remove();
        stand_in.insert("li-yangben", &[]);
    }
    let text = read(stand_in, folder.path(), &port, Path::new("/no/such/library.so"));
    assert!(text.contains("李样本") && text.contains("照片解码库装不进来"), "{text}");
}

/// What the installer's command says with this library in the configuration. The card is always read.
fn read(stand_in: &StandIn, folder: &Path, port: &str, library: &Path) -> String {
    let config = folder.join("terminal.toml");
    let text = format!(
        "data_dir = {:?}\n[devices]\nphoto_library = {:?}\nphoto_seconds = 2\n",
        folder.join("data").display().to_string(),
        library.display().to_string()
    );
    std::fs::write(&config, text).expect("a file");
    let out = stand_in.card(&["--config", config.to_str().expect("a plain path"), "--reader", port]);
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    assert_eq!(out.status.code(), Some(0), "{text}{}", String::from_utf8_lossy(&out.stderr));
    text
}
