//! The programs under test as children of this binary, and their events as they happen.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

use serde_json::Value;

pub const AS_VIRTUAL_CARD: &str = "as-virtual-card";
pub const AS_CARD: &str = "as-card";
/// Waits very long for an event and is called off.
pub const AS_PATIENT: &str = "as-patient";
/// Much longer than anything takes on a loaded machine.
pub const PATIENCE: Duration = Duration::from_secs(60);

fn this_binary() -> Command {
    Command::new(std::env::current_exe().expect("a test binary has a path"))
}

/// `assets/demo/personas/NAME.toml`
pub fn persona(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../assets/demo/personas/{name}.toml"))
}

/// A virtual reader in a folder of its own; ends with the test.
pub struct StandIn {
    folder: tempfile::TempDir,
    child: Child,
}

impl StandIn {
    /// A private pcscd with a virtual reader, or why this machine cannot have one.
    pub fn reader() -> Result<Self, String> {
        Self::start(&["reader"])
    }

    /// A serial reader on a pseudo-terminal.
    pub fn serial(rate: u32) -> Result<Self, String> {
        Self::start(&["serial", "--rate", &rate.to_string()])
    }

    #[expect(clippy::disallowed_methods, reason = "a test is told where things are by the Makefile, through its environment")]
    fn start(words: &[&str]) -> Result<Self, String> {
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        let mut command = this_binary();
        command.arg(AS_VIRTUAL_CARD).args(words).arg("--dir").arg(folder.path());
        if let Some(unpacked) = std::env::var_os("VILLAGE_VPCD_DIR") {
            command.arg("--lib-dir").arg(unpacked);
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(|error| error.to_string())?;
        let mut line = String::new();
        // The child says one line or ends.
        let _ = BufReader::new(child.stdout.take().expect("piped")).read_line(&mut line);
        if line.trim() == "ready" {
            return Ok(Self { folder, child });
        }
        let mut why = String::new();
        let _ = child.stderr.take().expect("piped").read_to_string(&mut why);
        let _ = child.wait();
        Err(why.trim().to_owned())
    }

    pub fn dir(&self) -> &Path {
        self.folder.path()
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Says words of the tool to this stand-in; they must be carried out.
    pub fn say(&self, words: &[&str]) {
        let out = self.try_say(words);
        assert!(out.status.success(), "{words:?}: {}", String::from_utf8_lossy(&out.stderr));
    }

    pub fn try_say(&self, words: &[&str]) -> Output {
        this_binary().arg(AS_VIRTUAL_CARD).args(words).arg("--dir").arg(self.dir()).output().expect("runs")
    }

    /// Puts a persona of the demo in, with faults.
    pub fn insert(&self, name: &str, faults: &[&str]) {
        let file = persona(name);
        let mut words = vec!["insert", file.to_str().expect("a plain path")];
        for fault in faults {
            words.extend(["--fault", fault]);
        }
        self.say(&words);
    }

    pub fn remove(&self) {
        self.say(&["remove"]);
    }

    /// The driver in a process of its own, telling its events.
    pub fn watch(&self) -> Events {
        Events::of(this_binary().arg(AS_VIRTUAL_CARD).arg("watch").arg("--dir").arg(self.dir()))
    }

    /// Another program that holds the card in the reader exclusively.
    pub fn hold(&self) -> Events {
        Events::of(this_binary().arg(AS_VIRTUAL_CARD).arg("hold").arg("--dir").arg(self.dir()))
    }

    /// The installer's command against this reader.
    pub fn card(&self, words: &[&str]) -> Output {
        let mut command = this_binary();
        command.arg(AS_CARD).args(words).env("PCSCLITE_CSOCK_NAME", self.dir().join("pcscd/pcscd.comm"));
        // A machine that was never configured.
        command.env("XDG_CONFIG_HOME", self.dir().join("no-configuration"));
        command.output().expect("runs")
    }

    /// A driver that is called off while it waits; what it tells.
    pub fn patient(&self) -> Events {
        Events::of(this_binary().arg(AS_PATIENT).env("PCSCLITE_CSOCK_NAME", self.dir().join("pcscd/pcscd.comm")))
    }

    /// Kills the stand-in as the kernel would when memory runs out.
    pub fn kill(&mut self) {
        self.child.kill().expect("still ours");
        self.child.wait().expect("still ours");
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        // Asked first, so that pcscd ends in order; the kernel ends it with its parent otherwise.
        if let Ok(None) = self.child.try_wait() {
            let _ = self.try_say(&["stop"]);
            let deadline = Instant::now() + PATIENCE;
            while matches!(self.child.try_wait(), Ok(None)) && Instant::now() < deadline {
                std::thread::sleep(Duration::from_millis(5));
            }
            let _ = self.child.kill();
        }
        let _ = self.child.wait();
    }
}

/// Events of a child, as they come.
pub struct Events {
    child: Child,
    lines: Receiver<Value>,
}

impl Events {
    fn of(command: &mut Command) -> Self {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().expect("starts");
        let out = child.stdout.take().expect("piped");
        let (send, lines) = sync_channel(256);
        std::thread::Builder::new()
            .name("events".to_owned())
            .spawn(move || {
                for line in BufReader::new(out).lines().map_while(Result::ok) {
                    let value = serde_json::from_str(&line).unwrap_or(Value::String(line));
                    if send.send(value).is_err() {
                        return;
                    }
                }
            })
            .expect("a thread");
        Self { child, lines }
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The next event; panics when none comes.
    pub fn next(&self) -> Value {
        match self.lines.recv_timeout(PATIENCE) {
            Ok(value) => value,
            Err(RecvTimeoutError::Timeout) => panic!("no event within {PATIENCE:?}"),
            Err(RecvTimeoutError::Disconnected) => panic!("the watching program ended"),
        }
    }

    /// The next event as a short word: `card_present`, `failed card_moved`, `read 李样本`.
    pub fn word(&self) -> String {
        word(&self.next())
    }

    /// The next words must be these.
    #[track_caller]
    pub fn expect(&self, words: &[&str]) {
        for expected in words {
            assert_eq!(self.word(), *expected, "of {words:?}");
        }
    }

    /// Words up to and including the first that begins like this.
    #[track_caller]
    pub fn until(&self, beginning: &str) -> Vec<String> {
        let mut words = Vec::new();
        loop {
            words.push(self.word());
            if words.last().is_some_and(|word| word.starts_with(beginning)) {
                return words;
            }
            assert!(words.len() < 100, "no {beginning} in {words:?}");
        }
    }

    /// Nothing may be told within this time.
    #[track_caller]
    pub fn quiet(&self, time: Duration) {
        if let Ok(value) = self.lines.recv_timeout(time) {
            panic!("told unasked: {}", word(&value));
        }
    }

    /// The two slots of the virtual reader have arrived.
    pub fn ready(&self) {
        self.expect(&["reader_arrived Virtual PCD 00 00", "reader_arrived Virtual PCD 00 01"]);
    }
}

fn word(value: &Value) -> String {
    let text = |key: &str| value.get(key).and_then(Value::as_str);
    let event = text("event").map_or_else(|| value.to_string(), str::to_owned);
    let name = value.pointer("/card/name").and_then(Value::as_str);
    match name.or(text("code")).or(text("name")) {
        Some(detail) => format!("{event} {detail}"),
        None => event,
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
