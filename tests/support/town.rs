//! A town and a village point in a folder, made only by the public commands that a town uses.

use std::{
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use super::children::{Running, program, run, wait_for};

/// Accounts of the demo. The passwords belong to the demo folder only; releases contain no account.
pub const AGENT: (&str, &str) = ("wang", "yangben-2026");
pub const CLERK: (&str, &str) = ("zhou", "chuangkou-2026");

pub struct Town {
    pub dir: PathBuf,
}

#[derive(serde::Deserialize, Clone)]
pub struct Addresses {
    pub api: String,
    pub desk: String,
}

impl Town {
    /// Prepares a hall with one point, one agent and one clerk, unless the folder has one already.
    pub fn prepare(dir: &Path) -> Self {
        std::fs::create_dir_all(dir).expect("demo folder can be made");
        let town = Self { dir: dir.to_path_buf() };
        if !town.hall_dir().join("ready").exists() {
            let hall = |args: &[&str], input: &str| run(town.hall().args(args), input);
            let folder = town.hall_dir();
            let folder = folder.to_str().expect("demo folder has a plain name");
            hall(
                &[
                    "init",
                    "--dir",
                    folder,
                    "--name",
                    "样本镇综合服务大厅",
                    "--phone",
                    "029-0000 0001",
                    "--supervision-phone",
                    "029-0000 0002",
                ],
                "",
            );
            hall(
                &[
                    "point",
                    "add",
                    "--dir",
                    folder,
                    "--id",
                    "SLC",
                    "--name",
                    "石榴村便民服务点",
                    "--hours",
                    "09:00–12:00,14:00–17:30",
                    "--phone",
                    "029-0000 0003",
                ],
                "",
            );
            hall(
                &["user", "add", "--dir", folder, "--account", AGENT.0, "--name", "王样本", "--role", "agent", "--point", "SLC"],
                &format!("{}\n", AGENT.1),
            );
            hall(
                &["user", "add", "--dir", folder, "--account", CLERK.0, "--name", "周示例", "--role", "clerk"],
                &format!("{}\n", CLERK.1),
            );
            std::fs::write(town.hall_dir().join("ready"), "").expect("demo folder can be written");
        }
        town
    }

    pub fn hall_dir(&self) -> PathBuf {
        self.dir.join("hall")
    }

    pub fn config(&self) -> PathBuf {
        self.dir.join("terminal.toml")
    }

    pub fn hall(&self) -> Command {
        Command::new(program("town-hall"))
    }

    pub fn terminal(&self) -> Command {
        let mut command = Command::new(program("village-terminal"));
        command.arg("--config").arg(self.config());
        command
    }

    /// Starts the hall and waits until it listens. The ports stay the same over restarts, as a
    /// town's address does.
    pub fn serve(&self) -> (Running, Addresses) {
        self.serve_with(&[])
    }

    /// The same with more words on the command line.
    pub fn serve_with(&self, words: &[&str]) -> (Running, Addresses) {
        let ready = self.dir.join("hall-ready.json");
        let ports = std::fs::read_to_string(&ready).ok().and_then(|text| serde_json::from_str::<Addresses>(&text).ok());
        let _ = std::fs::remove_file(&ready);
        let listen = |url: Option<&String>| {
            url.and_then(|url| url.rsplit('/').next().map(str::to_owned)).unwrap_or_else(|| "127.0.0.1:0".into())
        };
        let mut command = self.hall();
        command.arg("serve").arg("--dir").arg(self.hall_dir()).arg("--ready-file").arg(&ready);
        command.args(words);
        command.args(["--api", &listen(ports.as_ref().map(|p| &p.api)), "--desk", &listen(ports.as_ref().map(|p| &p.desk))]);
        let mut running = Running::start("town-hall", &mut command, &self.dir.join("town-hall.log"));
        let log = self.dir.join("town-hall.log");
        let addresses = wait_for("the hall's address", Duration::from_secs(60), || {
            if let Some(status) = running.has_ended() {
                panic!("town-hall ended ({status}): {}", std::fs::read_to_string(&log).unwrap_or_default());
            }
            serde_json::from_str::<Addresses>(&std::fs::read_to_string(&ready).ok()?).ok()
        });
        (running, addresses)
    }

    /// One admission code, as an administrator would read it out.
    pub fn code(&self) -> String {
        run(self.hall().args(["code", "--point", "SLC", "--dir"]).arg(self.hall_dir()), "")
            .trim()
            .lines()
            .last()
            .unwrap_or_default()
            .trim()
            .to_owned()
    }

    /// Writes the terminal's configuration.
    pub fn configure(&self, devices: &Devices, fullscreen: bool) {
        let window = format!("\n[window]\nfullscreen = {fullscreen}\n");
        let text = match devices {
            Devices::StandIn { card_dir, pages } => {
                let quote = |path: PathBuf| toml::Value::String(path.to_string_lossy().into_owned()).to_string();
                format!(
                    "data_dir = {}\n\n[devices]\ncard = \"pcsc\"\ncard_socket = {}\ncard_stand_in = true\ncard_control = {}\ncamera = \"folder\"\ncamera_folder = {}\n",
                    quote(self.dir.join("terminal")),
                    quote(card_dir.join("pcscd/pcscd.comm")),
                    quote(card_dir.join("control.sock")),
                    quote(pages.clone()),
                )
            }
            Devices::Real => {
                let dir = toml::Value::String(self.dir.join("terminal").to_string_lossy().into_owned());
                format!("data_dir = {dir}\n\n[devices]\ncard = \"pcsc\"\ncamera = \"nokhwa\"\n")
            }
        };
        std::fs::write(self.config(), text + &window).expect("demo folder can be written");
    }

    /// Admits the terminal, unless it is admitted already.
    pub fn admit(&self, addresses: &Addresses) {
        if self.dir.join("admitted").exists() {
            return;
        }
        let code = self.code();
        run(self.terminal().args(["admit", "--hall", &addresses.api, "--code", &code]), "");
        std::fs::write(self.dir.join("admitted"), "").expect("demo folder can be written");
    }

    /// Starts the private card reader with its virtual card and waits until it is ready.
    #[expect(clippy::disallowed_methods, reason = "a test is told where things are by the Makefile, through its environment")]
    pub fn card_reader(&self) -> (Running, PathBuf) {
        // Sockets have short names: the folder must not lie too deep.
        let dir = self.dir.join("card");
        std::fs::create_dir_all(&dir).expect("demo folder can be written");
        let mut command = Command::new(program("virtual-card"));
        command.arg("reader").arg("--dir").arg(&dir);
        if let Some(unpacked) = std::env::var_os("VILLAGE_VPCD_DIR") {
            command.arg("--lib-dir").arg(unpacked);
        }
        let (running, ()) = Running::start_and_read(
            "virtual-card",
            &mut command,
            &self.dir.join("virtual-card.log"),
            Duration::from_secs(60),
            |line| line.contains("ready").then_some(()),
        );
        (running, dir)
    }

    /// What the hall holds, as its public command says it.
    pub fn filings(&self) -> serde_json::Value {
        let text = run(self.hall().args(["filings", "--json", "--read-pages", "--dir"]).arg(self.hall_dir()), "");
        serde_json::from_str(&text).expect("town-hall filings prints JSON")
    }
}

/// Which devices the terminal is configured with.
pub enum Devices {
    StandIn { card_dir: PathBuf, pages: PathBuf },
    Real,
}
