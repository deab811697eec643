//! The configuration: one TOML file, unknown keys refused, all complaints at once.
//! The only file that reads the environment.

use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
};

use texts::Lang;
use toml::{Table, Value};

/// How long pages stay where the configuration does not say.
pub const KEEP_PAGES_DAYS: u32 = 30;

/// A checked configuration. Every value is usable as it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// Folder of the cabinet, its key and the log.
    pub data_dir: PathBuf,
    pub devices: Devices,
    pub window: Window,
    pub capture: Capture,
    pub shell: Shell,
    /// Days for which pages stay after their case has ended; they stay longer until the hall's receipt is held
    /// and a backup of its own holds them.
    pub keep_pages_days: u32,
    /// Catalogue of a town instead of the bundled one.
    pub catalogue_dir: Option<PathBuf>,
}

#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Devices {
    pub card: CardChoice,
    /// Profiles of card readers instead of the built-in ones.
    pub card_profiles: Option<PathBuf>,
    /// Decoder of the photo on the card, where the town has a licence for one.
    pub photo: Option<PhotoChoice>,
    /// The reader is a virtual card: said in a visible band.
    pub card_stand_in: bool,
    /// Socket of a private pcscd.
    pub card_socket: Option<PathBuf>,
    /// Control socket of the `virtual-card` tool: the window shows buttons for it.
    pub card_control: Option<PathBuf>,
    pub camera: CameraChoice,
    /// Milliseconds from one frame of the folder stand-in to the next; paper lies still for a while.
    pub camera_every_ms: Option<u32>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CardChoice {
    /// Each is watched by a thread of its own; named as [`card::Config::named`] understands it.
    Readers(Vec<String>),
    Off,
}

impl Default for CardChoice {
    fn default() -> Self {
        Self::Readers(vec!["pcsc".to_owned()])
    }
}

/// A vendor's library for the photo on the card, and how it is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhotoChoice {
    pub library: PathBuf,
    pub call: card::photo::Call,
    /// Longer than this and it is ended.
    pub seconds: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum CameraChoice {
    #[default]
    Nokhwa,
    /// Stand-in: plays the photographs of a folder.
    Folder(PathBuf),
    Off,
}

/// How pictures are taken.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Capture {
    /// A good page that lies still is taken by itself from the start.
    pub auto_shot: bool,
    pub watermark: Watermark,
    /// What the camera saw is kept beside the page, in the cabinet: a page can then be cut anew later. Never sent.
    pub keep_frames: bool,
}

/// Which pages carry 仅用于办理 … before the agent chooses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Watermark {
    /// Copies of identity papers, as the catalogue marks them.
    #[default]
    Catalogue,
    Always,
    Never,
}

/// What the commands go by.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Shell {
    /// The agent's account in whose name `file` files without asking for a password: a standing order of
    /// whoever owns this file, for scripts. `None`: the password is read from standard input.
    pub account: Option<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Window {
    pub fullscreen: bool,
    pub language: Lang,
    /// `None` = fitted to the size of the window.
    pub zoom: Option<f32>,
    /// Locks itself after so many minutes without a touch.
    pub idle_lock_minutes: u32,
}

impl Default for Window {
    fn default() -> Self {
        Self { fullscreen: false, language: Lang::Zh, zoom: None, idle_lock_minutes: 5 }
    }
}

/// One thing that is wrong with the file: where, by which code the texts say it, and with what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// Key with its table, e.g. `devices.card`; empty when the whole file is meant.
    pub key: String,
    /// `unreadable`, `not-toml`, `unknown-key`, `wrong-type`, `not-allowed`, `missing`, `not-absolute`, `not-a-folder`.
    pub code: &'static str,
    /// What may stand there, or what the system said.
    pub detail: String,
}

/// What became of the configuration.
#[derive(Debug)]
pub enum Loaded {
    Ready(Config),
    /// There is no file: the admission screen writes one.
    Absent,
    Wrong(Vec<Complaint>),
}

impl Config {
    /// A configuration for a machine that has none yet: data beside the file.
    pub fn fresh(file: &Path) -> Self {
        let base = file.parent().unwrap_or_else(|| Path::new("."));
        Self {
            data_dir: base.join("data"),
            devices: Devices::default(),
            window: Window::default(),
            capture: Capture::default(),
            shell: Shell::default(),
            keep_pages_days: KEEP_PAGES_DAYS,
            catalogue_dir: None,
        }
    }

    pub fn cabinet_file(&self) -> PathBuf {
        self.data_dir.join("cabinet.db")
    }

    pub fn key_file(&self) -> PathBuf {
        self.data_dir.join("cabinet.key")
    }

    pub fn log_dir(&self) -> PathBuf {
        self.data_dir.join("log")
    }

    /// The file as [`load`] reads it back.
    pub fn to_toml(&self) -> String {
        let mut out = String::new();
        let text = |path: &Path| Value::String(path.display().to_string()).to_string();
        let _ = writeln!(out, "data_dir = {}", text(&self.data_dir));
        if let Some(dir) = &self.catalogue_dir {
            let _ = writeln!(out, "catalogue_dir = {}", text(dir));
        }
        let _ = writeln!(out, "\n[devices]");
        let _ = match &self.devices.card {
            CardChoice::Off => writeln!(out, "card = \"off\""),
            CardChoice::Readers(names) => match names.as_slice() {
                [name] => writeln!(out, "card = {}", Value::String(name.clone())),
                names => writeln!(out, "card = {}", Value::Array(names.iter().cloned().map(Value::String).collect())),
            },
        };
        if self.devices.card_stand_in {
            let _ = writeln!(out, "card_stand_in = true");
        }
        for (key, path) in [
            ("card_profiles", &self.devices.card_profiles),
            ("card_socket", &self.devices.card_socket),
            ("card_control", &self.devices.card_control),
        ] {
            if let Some(path) = path {
                let _ = writeln!(out, "{key} = {}", text(path));
            }
        }
        if let Some(photo) = &self.devices.photo {
            let call = match photo.call {
                card::photo::Call::GetBmp => "get_bmp",
                card::photo::Call::Unpack => "unpack",
            };
            let _ = writeln!(
                out,
                "photo_library = {}\nphoto_call = {call:?}\nphoto_seconds = {}",
                text(&photo.library),
                photo.seconds
            );
        }
        match &self.devices.camera {
            CameraChoice::Nokhwa => out.push_str("camera = \"nokhwa\"\n"),
            CameraChoice::Off => out.push_str("camera = \"off\"\n"),
            CameraChoice::Folder(dir) => {
                let _ = writeln!(out, "camera = \"folder\"\ncamera_folder = {}", text(dir));
                if let Some(every) = self.devices.camera_every_ms {
                    let _ = writeln!(out, "camera_every_ms = {every}");
                }
            }
        }
        let _ = writeln!(out, "\n[window]\nfullscreen = {}\nlanguage = {:?}", self.window.fullscreen, self.window.language.tag());
        if let Some(zoom) = self.window.zoom {
            let _ = writeln!(out, "zoom = {zoom:?}");
        }
        let _ = writeln!(out, "idle_lock_minutes = {}", self.window.idle_lock_minutes);
        if self.capture != Capture::default() {
            let watermark = match self.capture.watermark {
                Watermark::Catalogue => "catalogue",
                Watermark::Always => "always",
                Watermark::Never => "never",
            };
            let _ =
                writeln!(out, "\n[capture]\nauto_shot = {}\nkeep_frames = {}", self.capture.auto_shot, self.capture.keep_frames);
            let _ = writeln!(out, "watermark = {watermark:?}");
        }
        if self.keep_pages_days != KEEP_PAGES_DAYS {
            let _ = writeln!(out, "\n[retention]\npages_days = {}", self.keep_pages_days);
        }
        if let Some(account) = &self.shell.account {
            let _ = writeln!(out, "\n[shell]\naccount = {}", Value::String(account.clone()));
        }
        out
    }
}

/// Where the configuration stands when none is named: the machine's, else the user's.
#[expect(clippy::disallowed_methods, reason = "config.rs owns the environment")]
pub fn default_file() -> PathBuf {
    let machine = Path::new("/etc/village-terminal/config.toml");
    if machine.exists() {
        return machine.to_owned();
    }
    let home = std::env::var_os("XDG_CONFIG_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|home| Path::new(&home).join(".config")))
        .unwrap_or_else(|| PathBuf::from("."));
    home.join("village-terminal/config.toml")
}

/// What the log shall say, from `VILLAGE_LOG` (as `tracing` writes filters).
#[expect(clippy::disallowed_methods, reason = "config.rs owns the environment")]
pub fn log_filter() -> Option<String> {
    std::env::var("VILLAGE_LOG").ok()
}

/// A secret that the service manager gave (systemd.exec(5), `LoadCredentialEncrypted=`), where there is one.
#[expect(clippy::disallowed_methods, reason = "config.rs owns the environment")]
pub fn credential(name: &str) -> Option<PathBuf> {
    let file = PathBuf::from(std::env::var_os("CREDENTIALS_DIRECTORY")?).join(name);
    file.exists().then_some(file)
}

/// Points this process at the private pcscd of the configuration. Before any thread is started.
pub fn use_card_socket(config: &Config) {
    if let Some(socket) = &config.devices.card_socket
        && card::environment::use_socket(socket).is_err()
    {
        tracing::error!("the card service's socket came too late: threads run already");
    }
}

/// Reads and checks the file; every complaint at once.
pub fn load(file: &Path) -> Loaded {
    match std::fs::read_to_string(file) {
        Ok(text) => match parse(&text) {
            Ok(config) => Loaded::Ready(config),
            Err(complaints) => Loaded::Wrong(complaints),
        },
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Loaded::Absent,
        Err(e) => Loaded::Wrong(vec![Complaint { key: String::new(), code: "unreadable", detail: e.to_string() }]),
    }
}

/// # Errors
/// All complaints about the text, in the order of the keys we know, then unknown keys.
pub fn parse(text: &str) -> Result<Config, Vec<Complaint>> {
    let table: Table = match text.parse() {
        Ok(table) => table,
        Err(e) => {
            // Only the place and the kind: the file may hold anything.
            let e: toml::de::Error = e;
            return Err(vec![Complaint { key: String::new(), code: "not-toml", detail: e.message().to_owned() }]);
        }
    };
    let mut raw = Raw { complaints: Vec::new() };
    let config = raw.config(table);
    match config {
        Some(config) if raw.complaints.is_empty() => Ok(config),
        _ => Err(raw.complaints),
    }
}

/// Collects complaints while it takes values out of the tables.
struct Raw {
    complaints: Vec<Complaint>,
}

impl Raw {
    fn config(&mut self, mut table: Table) -> Option<Config> {
        let data_dir = self.path(&mut table, "", "data_dir");
        if data_dir.is_none() && !self.complained("data_dir") {
            self.complain("data_dir", "missing", "");
        }
        let catalogue_dir = self.path(&mut table, "", "catalogue_dir");
        let devices = self.table(&mut table, "devices");
        let devices = self.devices(devices);
        let window = self.table(&mut table, "window");
        let window = self.window(window);
        let capture = self.table(&mut table, "capture");
        let capture = self.capture(capture);
        let mut retention = self.table(&mut table, "retention");
        let days = self.number(&mut retention, "retention.", "pages_days", 1.0, 3650.0);
        let keep_pages_days = days.map_or(KEEP_PAGES_DAYS, |days| days as u32);
        self.nothing_left(&retention, "retention.");
        let mut shell = self.table(&mut table, "shell");
        let account = self.text(&mut shell, "shell.", "account");
        self.nothing_left(&shell, "shell.");
        self.nothing_left(&table, "");
        Some(Config { data_dir: data_dir?, devices, window, capture, shell: Shell { account }, keep_pages_days, catalogue_dir })
    }

    fn devices(&mut self, mut table: Table) -> Devices {
        let card = self.readers(&mut table);
        let card_profiles = self.path(&mut table, "devices.", "card_profiles");
        let photo = self.photo(&mut table);
        let card_stand_in = self.flag(&mut table, "devices.", "card_stand_in").unwrap_or(false);
        let card_socket = self.path(&mut table, "devices.", "card_socket");
        let card_control = self.path(&mut table, "devices.", "card_control");
        let folder = self.path(&mut table, "devices.", "camera_folder");
        let every = self.number(&mut table, "devices.", "camera_every_ms", 10.0, 60_000.0).map(|every| every as u32);
        let chosen = self.one_of(&mut table, "devices.", "camera", &["nokhwa", "folder", "off"]);
        let camera = match chosen.as_deref() {
            Some("folder") => match folder {
                Some(folder) => CameraChoice::Folder(folder),
                None => {
                    if !self.complained("devices.camera_folder") {
                        self.complain("devices.camera_folder", "missing", "camera = \"folder\"");
                    }
                    CameraChoice::Off
                }
            },
            other => {
                if folder.is_some() {
                    // A folder that is never played would look like a stand-in that was chosen.
                    self.complain("devices.camera_folder", "not-allowed", "camera = \"folder\"");
                }
                if other == Some("off") { CameraChoice::Off } else { CameraChoice::Nokhwa }
            }
        };
        self.nothing_left(&table, "devices.");
        Devices { card, card_profiles, photo, card_stand_in, card_socket, card_control, camera, camera_every_ms: every }
    }

    /// One reader, several, or none at all.
    fn readers(&mut self, table: &mut Table) -> CardChoice {
        const ALLOWED: &str = "usb · serial:/dev/… · pcsc:… · pcsc · off";
        let names: Option<Vec<String>> = match table.remove("card") {
            None => return CardChoice::default(),
            Some(Value::String(name)) if name == "off" => return CardChoice::Off,
            Some(Value::String(name)) => Some(vec![name]),
            Some(Value::Array(names)) => names.into_iter().map(|name| name.as_str().map(str::to_owned)).collect(),
            Some(_) => None,
        };
        let Some(names) = names else {
            self.complain("devices.card", "wrong-type", "\"…\" · [\"…\", …]");
            return CardChoice::default();
        };
        // A slip of the pen must not become the name of a reader that never comes.
        let fits = |name: &String| {
            matches!(name.as_str(), "usb" | "pcsc")
                || name.strip_prefix("pcsc:").is_some_and(|name| !name.is_empty())
                || name.strip_prefix("serial:").is_some_and(|path| Path::new(path).is_absolute())
        };
        if names.is_empty() || !names.iter().all(fits) {
            self.complain("devices.card", "not-allowed", ALLOWED);
        }
        CardChoice::Readers(names)
    }

    fn photo(&mut self, table: &mut Table) -> Option<PhotoChoice> {
        let library = self.path(table, "devices.", "photo_library");
        let call = self.one_of(table, "devices.", "photo_call", &["get_bmp", "unpack"]);
        let seconds = self.number(table, "devices.", "photo_seconds", 1.0, 60.0);
        let call = match call.as_deref() {
            Some("unpack") => card::photo::Call::Unpack,
            _ => card::photo::Call::GetBmp,
        };
        Some(PhotoChoice { library: library?, call, seconds: seconds.map_or(5, |seconds| seconds as u32) })
    }

    fn window(&mut self, mut table: Table) -> Window {
        let default = Window::default();
        let fullscreen = self.flag(&mut table, "window.", "fullscreen").unwrap_or(default.fullscreen);
        let language = self
            .one_of(&mut table, "window.", "language", &["zh-CN", "en"])
            .and_then(|tag| Lang::from_tag(&tag))
            .unwrap_or(default.language);
        let zoom = self.number(&mut table, "window.", "zoom", 0.5, 3.0).map(|zoom| zoom as f32);
        let idle = self.number(&mut table, "window.", "idle_lock_minutes", 1.0, 120.0);
        let idle_lock_minutes = idle.map_or(default.idle_lock_minutes, |minutes| minutes as u32);
        self.nothing_left(&table, "window.");
        Window { fullscreen, language, zoom, idle_lock_minutes }
    }

    fn capture(&mut self, mut table: Table) -> Capture {
        let auto_shot = self.flag(&mut table, "capture.", "auto_shot").unwrap_or(false);
        let keep_frames = self.flag(&mut table, "capture.", "keep_frames").unwrap_or(false);
        let watermark = match self.one_of(&mut table, "capture.", "watermark", &["catalogue", "always", "never"]).as_deref() {
            Some("always") => Watermark::Always,
            Some("never") => Watermark::Never,
            _ => Watermark::Catalogue,
        };
        self.nothing_left(&table, "capture.");
        Capture { auto_shot, watermark, keep_frames }
    }

    fn table(&mut self, table: &mut Table, key: &str) -> Table {
        match table.remove(key) {
            None => Table::new(),
            Some(Value::Table(inner)) => inner,
            Some(_) => {
                self.complain(key, "wrong-type", "[…]");
                Table::new()
            }
        }
    }

    fn text(&mut self, table: &mut Table, at: &str, key: &str) -> Option<String> {
        match table.remove(key)? {
            Value::String(text) => Some(text),
            _ => {
                self.complain(&format!("{at}{key}"), "wrong-type", "\"…\"");
                None
            }
        }
    }

    fn one_of(&mut self, table: &mut Table, at: &str, key: &str, allowed: &[&str]) -> Option<String> {
        let text = self.text(table, at, key)?;
        if allowed.contains(&text.as_str()) {
            return Some(text);
        }
        self.complain(&format!("{at}{key}"), "not-allowed", &allowed.join(" · "));
        None
    }

    fn path(&mut self, table: &mut Table, at: &str, key: &str) -> Option<PathBuf> {
        let path = PathBuf::from(self.text(table, at, key)?);
        if path.is_absolute() {
            return Some(path);
        }
        // Relative to what? A service and a shell would answer differently.
        self.complain(&format!("{at}{key}"), "not-absolute", "/…");
        None
    }

    fn flag(&mut self, table: &mut Table, at: &str, key: &str) -> Option<bool> {
        match table.remove(key)? {
            Value::Boolean(flag) => Some(flag),
            _ => {
                self.complain(&format!("{at}{key}"), "wrong-type", "true · false");
                None
            }
        }
    }

    fn number(&mut self, table: &mut Table, at: &str, key: &str, min: f64, max: f64) -> Option<f64> {
        let number = match table.remove(key)? {
            Value::Float(number) => number,
            Value::Integer(number) => number as f64,
            _ => {
                self.complain(&format!("{at}{key}"), "wrong-type", &format!("{min}–{max}"));
                return None;
            }
        };
        if (min..=max).contains(&number) {
            return Some(number);
        }
        self.complain(&format!("{at}{key}"), "not-allowed", &format!("{min}–{max}"));
        None
    }

    fn nothing_left(&mut self, table: &Table, at: &str) {
        for key in table.keys() {
            self.complain(&format!("{at}{key}"), "unknown-key", "");
        }
    }

    fn complained(&self, key: &str) -> bool {
        self.complaints.iter().any(|complaint| complaint.key == key)
    }

    fn complain(&mut self, key: &str, code: &'static str, detail: &str) {
        self.complaints.push(Complaint { key: key.to_owned(), code, detail: detail.to_owned() });
    }
}

#[cfg(test)]
#[path = "config_tests.rs"]
mod tests;
