//! Days without a network, and a machine that is gone: what travels on a stick.

use std::path::{Path, PathBuf};

use serde_json::{Value as Json, json};

use crate::shell::{Said, Shell, jpeg, say, text};

/// Another terminal of the same point, admitted over the line.
struct Other<'a> {
    shell: &'a Shell,
    config: PathBuf,
}

impl<'a> Other<'a> {
    fn admitted(shell: &'a Shell) -> Self {
        let config = shell.dir().join("other.toml");
        let data = shell.dir().join("other");
        std::fs::write(&config, format!("data_dir = {data:?}\n")).expect("written");
        let other = Self { shell, config };
        let code = shell.town.code();
        let address = &shell.hall.as_ref().expect("the hall runs").1.api;
        assert_eq!(other.terminal(&["admit", "--hall", address, "--code", &code]).exit, 0);
        other
    }

    fn terminal(&self, words: &[&str]) -> Said {
        let mut command = std::process::Command::new(crate::support::children::program("village-terminal"));
        say(command.arg("--config").arg(&self.config).args(words), &self.shell.password)
    }
}

fn import(shell: &Shell, stick: &Path) -> Said {
    say(shell.town.hall().args(["bundle", "import", "--json", "--dir"]).arg(shell.town.hall_dir()).arg("--from").arg(stick), "")
}

#[test]
fn a_stick_goes_to_the_hall_as_often_as_one_likes_and_its_receipts_come_back() {
    let mut shell = Shell::new();
    let answers = shell.answers();
    let (photo, card) = (shell.write("photo.jpg", &jpeg(3)), shell.write("card.jpg", &jpeg(5)));
    let file = ["file", "M09", "--answers", text(&answers), "--page", text(&photo), text(&card), "--json"];
    let (here, there) = (shell.dir().join("here.bundle"), shell.dir().join("there.bundle"));
    {
        let other = Other::admitted(&shell);
        assert_eq!(other.terminal(&file).exit, 0);
        assert_eq!(other.terminal(&["bundle", "export", "--to", text(&there)]).exit, 0);
    }
    shell.hall.take().expect("the hall runs").0.kill();
    let filed = shell.terminal(&file).json();
    let exported = shell.terminal(&["bundle", "export", "--to", text(&here), "--json"]);
    assert_eq!(exported.json()["acts"], json!([filed["act"]]), "{}", exported.err);
    assert_eq!(
        shell.terminal(&["queue", "--json"]).json()["waiting"][0]["act"],
        filed["act"],
        "it waits until receipts are back"
    );

    // A byte that was changed, and a copy that was cut: nothing of it is taken.
    let whole = std::fs::read(&here).expect("read");
    let mut changed = whole.clone();
    let middle = changed.len() / 2;
    changed[middle] ^= 1;
    for (name, bytes) in [("changed", &changed[..]), ("cut", &whole[..whole.len() - 30])] {
        let said = import(&shell, &shell.write(name, bytes));
        assert_eq!((said.exit, said.out.as_str()), (1, ""), "{name}: {}", said.err);
        assert_eq!(shell.town.filings(), json!([]), "{name}");
    }

    let first = import(&shell, &here);
    assert_eq!(
        (first.exit, first.json()["acts"].as_u64(), first.json()["pages"].as_u64()),
        (0, Some(1), Some(2)),
        "{}",
        first.err
    );
    let receipts = shell.dir().join("here.bundle.receipts");
    let once = std::fs::read(&receipts).expect("receipts");
    let again = import(&shell, &here);
    assert_eq!((again.json()["known"].as_u64(), again.json()["pages"].as_u64()), (Some(1), Some(0)), "{}", again.err);
    assert_eq!(std::fs::read(&receipts).expect("receipts"), once, "the same receipts, byte for byte");
    assert_eq!(import(&shell, &there).exit, 0);
    let held = shell.town.filings();
    assert_eq!(held.as_array().map(Vec::len), Some(2), "two terminals, two filings");

    let foreign = shell.terminal(&["bundle", "import", "--from", text(&shell.dir().join("there.bundle.receipts")), "--json"]);
    assert_eq!((foreign.exit, foreign.json()["received"].clone()), (0, json!([])), "another's receipts say nothing here");
    let back = shell.terminal(&["bundle", "import", "--from", text(&receipts), "--json"]);
    assert_eq!((back.exit, back.json()["received"].clone()), (0, json!([filed["act"]])), "{}", back.err);
    assert_eq!(shell.terminal(&["bundle", "import", "--from", text(&receipts)]).exit, 0, "as often as one likes");
    let queue = shell.terminal(&["queue", "--json"]).json();
    assert_eq!((queue["waiting"].clone(), queue["filings"][0]["stage"].clone()), (json!([]), json!("received")));

    // And when the line is back nothing goes up twice.
    let hall = shell.town.serve();
    let sent = shell.terminal(&["sync", "--once", "--json"]);
    assert_eq!((sent.exit, sent.json()["delivered"].clone()), (0, json!([])), "{}", sent.err);
    assert_eq!(shell.town.filings(), held);
    drop(hall);
}

#[test]
fn a_cabinets_backup_opens_on_another_machine_with_the_administrators_key() {
    let shell = Shell::new();
    let answers = shell.answers();
    let (photo, card) = (shell.write("photo.jpg", &jpeg(3)), shell.write("card.jpg", &jpeg(5)));
    let filed =
        shell.terminal(&["file", "M09", "--answers", text(&answers), "--page", text(&photo), text(&card), "--json"]).json();
    let backup = shell.dir().join("cabinet.backup");
    assert_eq!(shell.terminal(&["backup", "--to", text(&backup)]).exit, 0);
    std::fs::rename(shell.dir().join("terminal"), shell.dir().join("burnt")).expect("the machine is gone");

    let terminal = filed["terminal"].as_str().expect("a terminal").to_owned();
    let recover = |key: &Path, to: &Path| {
        let mut command = shell.town.hall();
        command.args(["recover", "--terminal", &terminal, "--dir"]).arg(shell.town.hall_dir());
        say(command.arg("--recovery-key").arg(key).arg("--to").arg(to), "")
    };
    let key = shell.dir().join("cabinet.key");
    // The hall's own key is not the town's recovery key.
    assert_eq!(recover(&shell.town.hall_dir().join("ledger.key"), &key).exit, 1);
    assert!(!key.exists());
    let recovered = recover(&shell.town.hall_dir().join("recovery.key"), &key);
    assert_eq!(recovered.exit, 0, "{}", recovered.err);

    let wrong = shell.write("wrong.key", format!("{}\n", "0".repeat(64)).as_bytes());
    std::fs::set_permissions(&wrong, std::os::unix::fs::PermissionsExt::from_mode(0o600)).expect("closed");
    let refused = shell.terminal(&["restore", "--from", text(&backup), "--key", text(&wrong)]);
    assert_eq!(refused.exit, 1);
    assert!(!shell.dir().join("terminal/cabinet.db").exists(), "nothing is left behind: {}", refused.err);
    let restored = shell.terminal(&["restore", "--from", text(&backup), "--key", text(&key)]);
    assert_eq!(restored.exit, 0, "{}", restored.err);
    let sent = shell.terminal(&["sync", "--until-empty", "--seconds", "60", "--json"]);
    assert_eq!((sent.exit, sent.json()["delivered"].clone()), (0, json!([filed["act"]])), "{} {}", sent.out, sent.err);
    assert_eq!(shell.town.filings()[0]["case_number"], filed["case_number"]);
    let twice = shell.terminal(&["restore", "--from", text(&backup), "--key", text(&key)]);
    assert_eq!(twice.exit, 1, "a cabinet that is there is not replaced");

    // The key from the service manager goes before the file.
    let credentials = shell.dir().join("credentials");
    std::fs::create_dir(&credentials).expect("made");
    std::fs::rename(shell.dir().join("terminal/cabinet.key"), credentials.join("cabinet.key")).expect("moved");
    std::fs::set_permissions(credentials.join("cabinet.key"), std::os::unix::fs::PermissionsExt::from_mode(0o440))
        .expect("as systemd");
    assert_ne!(shell.terminal(&["queue", "--json"]).exit, 0);
    let given = say(shell.town.terminal().env("CREDENTIALS_DIRECTORY", &credentials).args(["queue", "--json"]), "");
    assert_eq!((given.exit, given.json()["waiting"].clone()), (0, Json::Array(Vec::new())), "{}", given.err);
}
