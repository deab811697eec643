//! A town and a village from the shell alone: the commands that installers and scripts use.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use matters::Digest;
use serde_json::{Value as Json, json};

use crate::support::{
    children::{Running, run},
    town::{AGENT, Addresses, Town},
    village::{li_yangben, morning},
};

/// What a command said and how it ended.
pub struct Said {
    pub exit: i32,
    pub out: String,
    pub err: String,
}

impl Said {
    pub fn json(&self) -> Json {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {} {}", self.out, self.err))
    }
}

pub fn say(command: &mut Command, input: &str) -> Said {
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
    // A command that fails before it asks has closed its end.
    let _ = child.stdin.take().expect("stdin is piped").write_all(input.as_bytes());
    let out = child.wait_with_output().expect("the command ends");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    Said { exit: out.status.code().unwrap_or(-1), out: text(out.stdout), err: text(out.stderr) }
}

pub struct Shell {
    pub town: Town,
    pub hall: Option<(Running, Addresses)>,
    pub password: String,
    _dir: tempfile::TempDir,
}

impl Shell {
    pub fn new() -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let town = Town::prepare(dir.path());
        let (running, addresses) = town.serve();
        std::fs::write(town.config(), format!("data_dir = {:?}\n", dir.path().join("terminal"))).expect("written");
        town.admit(&addresses);
        Self { town, hall: Some((running, addresses)), password: format!("{}\n", AGENT.1), _dir: dir }
    }

    pub fn dir(&self) -> &Path {
        &self.town.dir
    }

    pub fn terminal(&self, words: &[&str]) -> Said {
        say(self.town.terminal().args(words), &self.password)
    }

    pub fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.dir().join(name);
        std::fs::write(&path, bytes).expect("written");
        path
    }

    /// A file of answers for 高龄津贴 in the form of `town-hall catalogue try`.
    pub fn answers(&self) -> PathBuf {
        let applicant = serde_json::to_value(li_yangben(morning())).expect("JSON");
        let answers = json!({
            "situations": { "residence": "same" },
            "applicant": applicant,
            "answers": {
                "phone_of": "own",
                "phone": "029-00000003",
                "payee": { "bank": "样本农商银行石榴支行", "account": "6200000000000000003", "owner": "李样本" },
                "head_relation": "head",
                "declared": true,
            },
        });
        self.write("answers.json", answers.to_string().as_bytes())
    }
}

pub fn text(path: &Path) -> &str {
    path.to_str().expect("a plain name")
}

/// A JPEG that opens: grey, and different for every seed.
pub fn jpeg(seed: u8) -> Vec<u8> {
    let picture = image::GrayImage::from_fn(160, 120, |x, y| image::Luma([(x as u8).wrapping_mul(seed) ^ (y as u8)]));
    let mut out = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut out, image::ImageFormat::Jpeg).expect("packed");
    out.into_inner()
}

#[test]
fn from_the_first_command_to_the_halls_list() {
    let mut shell = Shell::new();
    let answers = shell.answers();
    let (photo, card) = (shell.write("photo.jpg", &jpeg(3)), shell.write("card.jpg", &jpeg(5)));

    // What authors try and what scripts file is one form.
    let tried = run(shell.town.hall().args(["catalogue", "try", "M09", "--answers", text(&answers)]), "");
    let tried: Json = serde_json::from_str(&tried).expect("JSON");
    let errors =
        tried["complaints"].as_array().expect("complaints").iter().filter(|complaint| complaint["warning"] != json!(true));
    assert_eq!(errors.count(), 0, "{tried}");

    // Sealed without a network, and said so only then.
    let (running, _) = shell.hall.take().expect("the hall runs");
    running.kill();
    let named = format!("BK={}", text(&card));
    let filed = shell.terminal(&["file", "M09", "--answers", text(&answers), "--page", text(&photo), &named, "--json"]);
    assert_eq!(filed.exit, 0, "{} {}", filed.out, filed.err);
    let filed = filed.json();
    assert_eq!(filed["pages"][0]["sha256"], json!(Digest::of(&jpeg(5))), "a page is filed as it was handed over");
    assert_eq!(filed["pages"][1]["material"], json!("PH2"), "a plain file goes to the first required material");
    assert_eq!(filed["query_code"].as_str().map(str::len), Some(6));

    let alone = shell.terminal(&["sync", "--once", "--json"]);
    assert_eq!(alone.exit, 3, "{}", alone.err);
    assert_eq!(alone.json()["line"]["code"], json!("connection_refused"));
    let queue = shell.terminal(&["queue", "--json"]).json();
    assert_eq!(queue["waiting"][0]["act"], filed["act"]);
    assert_eq!(queue["waiting"][0]["code"], json!("connection_refused"));
    assert!(queue["waiting"][0]["sentence"].as_str().is_some_and(|sentence| !sentence.is_empty()));
    assert_eq!(queue["filings"][0]["hall"], Json::Null);

    // The line is back.
    let hall = shell.town.serve();
    let sent = shell.terminal(&["sync", "--until-empty", "--seconds", "60", "--json"]);
    assert_eq!(sent.exit, 0, "{} {}", sent.out, sent.err);
    let sent = sent.json();
    assert_eq!(sent["delivered"], json!([filed["act"]]));
    assert_eq!(sent["queue"]["waiting"], json!([]));
    assert_eq!(sent["queue"]["filings"][0]["hall"]["state"], json!("received"));

    let terminals = run(shell.town.hall().args(["terminals", "--dir"]).arg(shell.town.hall_dir()), "");
    let terminals: Json = serde_json::from_str(&terminals).expect("JSON");
    assert_eq!(terminals[0]["heartbeat"]["waiting"], json!(0), "the terminal has said how it is: {terminals}");
    let held = shell.town.filings();
    assert_eq!(held.as_array().map(Vec::len), Some(1));
    assert_eq!(held[0]["filing"], filed["filing"]);
    assert_eq!(held[0]["case_number"], filed["case_number"]);
    assert_eq!(held[0]["sha256"], filed["sha256"]);
    let digests: Vec<&Json> = filed["pages"].as_array().expect("pages").iter().map(|page| &page["sha256"]).collect();
    assert_eq!(held[0]["pages"].as_array().expect("pages").iter().collect::<Vec<_>>(), digests);
    drop(hall);
}

#[test]
fn a_second_program_says_that_the_cabinet_is_held_and_changes_nothing() {
    let shell = Shell::new();
    let answers = shell.answers();
    let (photo, card) = (shell.write("photo.jpg", &jpeg(3)), shell.write("card.jpg", &jpeg(5)));
    let named = format!("BK={}", text(&card));
    let before = shell.terminal(&["queue", "--json"]).json();
    let data = shell.dir().join("terminal");
    let lock = std::fs::OpenOptions::new().write(true).open(data.join("cabinet.db.lock")).expect("the lock is there");
    lock.lock().expect("held as the window holds it");
    let file = ["file", "M09", "--answers", text(&answers), "--page", text(&photo), &named, "--json"];
    let sync = ["sync", "--once", "--json"];
    for words in [&file[..], &sync[..]] {
        let said = shell.terminal(words);
        assert_eq!((said.exit, said.json()["code"].as_str()), (4, Some("cabinet_held")), "{}", said.err);
        assert!(!said.err.is_empty(), "a person is told too");
    }
    assert_eq!(shell.terminal(&["queue", "--json"]).json(), before, "and looking needs no pen");
    drop(lock);
    assert_eq!(shell.terminal(&file).exit, 0);
}

#[test]
fn what_the_hall_would_refuse_is_not_sealed_and_the_same_request_is_filed_once() {
    let shell = Shell::new();
    let answers = shell.answers();
    let (photo, card) = (shell.write("photo.jpg", &jpeg(3)), shell.write("card.jpg", &jpeg(5)));

    let lacking = shell.terminal(&["file", "M09", "--answers", text(&answers), "--page", text(&photo), "--json"]);
    assert_eq!(lacking.exit, 1);
    assert_eq!(lacking.json()["fields"][0]["field"], json!("BK"), "{}", lacking.out);
    let noise = shell.write("noise.jpg", b"no picture");
    let unread = shell.terminal(&["file", "M09", "--answers", text(&answers), "--page", text(&photo), text(&noise), "--json"]);
    assert_eq!((unread.exit, unread.json()["code"].as_str()), (1, Some("picture_not_jpeg")));
    let nobody = say(
        shell.town.terminal().args(["file", "M09", "--answers", text(&answers), "--page", text(&photo), text(&card)]),
        "wrong\n",
    );
    assert_eq!((nobody.exit, nobody.out.as_str()), (1, ""), "nothing is filed by nobody");
    assert_eq!(shell.terminal(&["queue", "--json"]).json()["filings"], json!([]), "nothing was sealed");

    let request = "01970000-0000-7000-8000-000000000001";
    let words = ["file", "M09", "--answers", text(&answers), "--request", request, "--page", text(&photo), text(&card), "--json"];
    let first = shell.terminal(&words);
    let again = shell.terminal(&words);
    assert_eq!((first.exit, again.exit), (0, 0), "{}", first.err);
    assert_eq!(first.json()["filing"], again.json()["filing"]);
    assert_eq!(shell.terminal(&["queue", "--json"]).json()["waiting"].as_array().map(Vec::len), Some(1));

    // A standing order in the configuration: no password is asked.
    let config = std::fs::read_to_string(shell.town.config()).expect("read");
    std::fs::write(shell.town.config(), format!("{config}\n[shell]\naccount = {:?}\n", AGENT.0)).expect("written");
    let standing = say(
        shell.town.terminal().args(["file", "M09", "--answers", text(&answers), "--page", text(&photo), text(&card), "--json"]),
        "",
    );
    assert_eq!((standing.exit, standing.json()["account"].as_str()), (0, Some(AGENT.0)), "{}", standing.err);
}

#[test]
fn a_hall_put_back_to_yesterdays_backup_gets_everything_again_under_its_old_number() {
    let mut shell = Shell::new();
    let answers = shell.answers();
    let mut filed = Vec::new();
    for seed in [3, 7, 11] {
        let photo = shell.write("photo.jpg", &jpeg(seed));
        let card = shell.write("card.jpg", &jpeg(seed + 1));
        let said = shell.terminal(&["file", "M09", "--answers", text(&answers), "--page", text(&photo), text(&card), "--json"]);
        assert_eq!(said.exit, 0, "{}", said.err);
        filed.push(said.json());
        assert_eq!(shell.terminal(&["sync", "--until-empty", "--seconds", "60"]).exit, 0);
        if seed == 3 {
            let to = shell.dir().join("backup");
            run(shell.town.hall().args(["backup", "--dir"]).arg(shell.town.hall_dir()).arg("--to").arg(to), "");
        }
    }
    let before = shell.town.filings();
    assert_eq!(before.as_array().map(Vec::len), Some(3));

    // The hall's disk is gone; the backup of the first evening is put back with its key.
    let (running, _) = shell.hall.take().expect("the hall runs");
    running.kill();
    let (hall, gone) = (shell.town.hall_dir(), shell.dir().join("gone"));
    std::fs::rename(&hall, &gone).expect("set aside");
    let mut restore = shell.town.hall();
    restore.args(["restore", "--from"]).arg(shell.dir().join("backup")).arg("--dir").arg(&hall);
    run(restore.arg("--key").arg(gone.join("ledger.key")), "");
    assert_eq!(shell.town.filings().as_array().map(Vec::len), Some(1), "the hall knows only what its backup knew");
    let running = shell.town.serve();

    let said = shell.terminal(&["sync", "--until-empty", "--seconds", "60", "--json"]);
    assert_eq!(said.exit, 0, "{} {}", said.out, said.err);
    assert_eq!(said.json()["delivered"].as_array().map(Vec::len), Some(3), "{}", said.out);
    let after = shell.town.filings();
    let named = |list: &Json, key: &str| -> Vec<Json> {
        list.as_array().expect("filings").iter().map(|filing| filing[key].clone()).collect()
    };
    for key in ["filing", "case_number", "sha256", "pages"] {
        assert_eq!(named(&after, key), named(&before, key), "the same {key}, and none twice");
    }
    drop(running);
}

#[test]
fn a_terminal_that_is_too_old_still_seals_and_queues_and_says_so() {
    let mut shell = Shell::new();
    let answers = shell.answers();
    let (photo, card) = (shell.write("photo.jpg", &jpeg(3)), shell.write("card.jpg", &jpeg(5)));
    let (running, _) = shell.hall.take().expect("the hall runs");
    running.kill();
    // The town has gone on: its hall answers no version that this terminal speaks.
    let newer = (wire::VERSION + 1).to_string();
    let hall = shell.town.serve_with(&["--wire-from", &newer]);
    let filed = shell.terminal(&["file", "M09", "--answers", text(&answers), "--page", text(&photo), text(&card), "--json"]);
    assert_eq!(filed.exit, 0, "{} {}", filed.out, filed.err);
    let sent = shell.terminal(&["sync", "--once", "--json"]);
    assert_eq!((sent.exit, sent.json()["line"]["code"].as_str()), (3, Some("wire_version")), "{}", sent.out);
    let queue = shell.terminal(&["queue", "--json"]).json();
    assert_eq!(queue["waiting"][0]["act"], filed.json()["act"]);
    assert_eq!(queue["waiting"][0]["code"], json!("wire_version"));
    assert!(queue["waiting"][0]["sentence"].as_str().is_some_and(|said| said.contains("版本")), "{queue}");
    assert_eq!(queue["aside"], json!([]), "nothing is given up");
    // Somebody updates it (here: the hall goes back), and everything goes by itself.
    hall.0.kill();
    let _hall = shell.town.serve();
    let sent = shell.terminal(&["sync", "--until-empty", "--seconds", "60", "--json"]);
    assert_eq!(sent.json()["delivered"], json!([filed.json()["act"]]), "{}", sent.out);
}

#[test]
fn a_receipt_on_paper_is_checked_without_a_network() {
    let mut shell = Shell::new();
    let answers = shell.answers();
    let (photo, card) = (shell.write("photo.jpg", &jpeg(3)), shell.write("card.jpg", &jpeg(5)));
    let filed =
        shell.terminal(&["file", "M09", "--answers", text(&answers), "--page", text(&photo), text(&card), "--json"]).json();
    let number = filed["case_number"].as_str().expect("a number").to_owned();
    let page = shell.dir().join("receipt.html");
    let early = shell.terminal(&["receipt", &number, "--to", text(&page)]);
    assert_eq!(early.exit, 1);
    assert!(early.err.contains("还没收到") && !page.exists(), "nothing is printed of what the hall does not have: {}", early.err);
    assert_eq!(shell.terminal(&["sync", "--until-empty", "--seconds", "60"]).exit, 0);
    let key = run(shell.town.hall().arg("key").arg("--dir").arg(shell.town.hall_dir()), "");
    let key: Json = serde_json::from_str(&key).expect("JSON");
    let (running, _) = shell.hall.take().expect("the hall runs");
    running.kill();

    let written = shell.terminal(&["receipt", &number, "--to", text(&page)]);
    assert_eq!(written.exit, 0, "{}", written.err);
    let html = std::fs::read_to_string(&page).expect("written");
    assert!(html.contains(&number) && html.contains(key[0]["public"].as_str().expect("a key")));
    assert!(!html.contains("000000"), "the citizen's number is masked");
    assert_eq!(shell.terminal(&["receipt", &number, "--to", text(&page)]).exit, 1, "nothing is written over");

    // A phone reads the codes off the paper.
    let drawn: Vec<&str> = html.split("<svg").skip(1).collect();
    let scanned: Vec<String> = drawn.iter().map(|svg| scan(svg)).collect();
    assert_eq!(scanned.len(), drawn.len());
    let lines = |lines: &[String]| lines.join("\n") + "\n";
    let mut any_order = scanned.clone();
    any_order.reverse();
    let (paper, half) =
        (shell.write("scanned.txt", lines(&any_order).as_bytes()), shell.write("half.txt", lines(&scanned[1..]).as_bytes()));
    let checked = shell.terminal(&["receipt", "check", text(&paper), "--json"]);
    assert_eq!(checked.json()["case_number"], filed["case_number"], "{} {}", checked.out, checked.err);
    assert_eq!(checked.json()["filing_sha256"], filed["sha256"]);
    assert_eq!(shell.terminal(&["receipt", "check", text(&half), "--json"]).json()["code"], json!("missing"));
    // And anybody at all, with the town's published key.
    let public = key[0]["public"].as_str().expect("a key");
    let town = |file: &Path, key: &str| say(shell.town.hall().args(["check-receipt", text(file), "--key", key]), "");
    let said = town(&paper, public);
    assert_eq!(said.json()["filing"], filed["filing"], "{} {}", said.out, said.err);
    let other = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
    assert_eq!(town(&paper, other).exit, 1);
    // One letter changed.
    let at = scanned[0].len() - 9;
    let letter = if scanned[0].as_bytes()[at] == b'A' { "B" } else { "A" };
    let mut forged = scanned.clone();
    forged[0].replace_range(at..=at, letter);
    let forged = shell.write("forged.txt", lines(&forged).as_bytes());
    assert_eq!(shell.terminal(&["receipt", "check", text(&forged), "--json"]).json()["code"], json!("changed"));
    assert_eq!(town(&forged, public).exit, 1);
}

/// What a scanner reads of a code that is drawn as bars (`M x y h run v1 …`) on a square of so many units.
fn scan(svg: &str) -> String {
    let between =
        |from: &str, to: &str| svg.split_once(from).and_then(|(_, rest)| rest.split_once(to)).expect("drawn").0.to_owned();
    let side: usize = between("viewBox=\"0 0 ", " ").parse().expect("a number");
    const PIXELS: usize = 4;
    let mut picture = image::GrayImage::from_pixel((side * PIXELS) as u32, (side * PIXELS) as u32, image::Luma([255]));
    for bar in between("<path d=\"", "\"").split('M').skip(1) {
        let numbers: Vec<usize> = bar
            .split(|c: char| !c.is_ascii_digit())
            .filter(|number| !number.is_empty())
            .map(|number| number.parse().expect("a number"))
            .collect();
        let (x, y, run) = (numbers[0], numbers[1], numbers[2]);
        for dark in (y * PIXELS..(y + 1) * PIXELS).flat_map(|y| (x * PIXELS..(x + run) * PIXELS).map(move |x| (x, y))) {
            picture.put_pixel(dark.0 as u32, dark.1 as u32, image::Luma([0]));
        }
    }
    let mut jpeg = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut jpeg, image::ImageFormat::Jpeg).expect("packed");
    let read = scan::codes::read(&scan::decode_luma(jpeg.get_ref(), None).expect("a picture"));
    assert_eq!(read.len(), 1);
    read[0].text.clone()
}
