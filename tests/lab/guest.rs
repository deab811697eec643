//! A guest: Debian's own kernel, busybox, and the programs under test with their libraries, packed
//! into one initial file system in memory. There is no disk and no network.
//!
//! Where the kernel and busybox lie is told by `VILLAGE_LAB_DIR`: Debian packages unpacked by the
//! Makefile, not installed.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

/// Said by the script's end; what comes before it was said by the script.
const DONE: &str = "LAB DONE";
const MEMORY_MB: &str = "1536";

/// What goes into the guest.
pub struct Guest {
    kernel: PathBuf,
    modules: PathBuf,
    archive: Archive,
    /// File names of modules to load, each after what it needs, with its parameters.
    load: Vec<(PathBuf, String)>,
}

impl Guest {
    /// An empty guest with busybox in it.
    ///
    /// # Errors
    /// A sentence that names what is not there.
    pub fn new() -> Result<Self, String> {
        #[expect(clippy::disallowed_methods, reason = "the lab is told where its kernel lies by the Makefile")]
        let root = std::env::var_os("VILLAGE_LAB_DIR").map(PathBuf::from).ok_or("VILLAGE_LAB_DIR is not set; use `make lab`")?;
        let first = |folder: PathBuf, head: &str| {
            let entries = fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
            let found = entries
                .flatten()
                .map(|entry| entry.path())
                .filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(head)));
            found.max().ok_or_else(|| format!("no {head}… in {}", folder.display()))
        };
        let kernel = first(root.join("boot"), "vmlinuz-")?;
        let modules = first(root.join("lib/modules"), "")?;
        let mut archive = Archive::default();
        for folder in ["bin", "dev", "proc", "sys", "tmp", "lab", "lib", "lib64", "etc", "run"] {
            archive.folder(folder);
        }
        archive.file("bin/busybox", &read(&root.join("bin/busybox"))?, 0o755);
        Ok(Self { kernel, modules, archive, load: Vec::new() })
    }

    /// Puts a file into the guest, as `/lab/NAME`.
    pub fn file(&mut self, name: &str, bytes: &[u8]) {
        self.archive.file(&format!("lab/{name}"), bytes, 0o644);
    }

    /// Puts a program into the guest, as `/lab/NAME`, without its debug information and with the
    /// libraries that it is linked to.
    ///
    /// # Errors
    /// A sentence that names the step.
    pub fn program(&mut self, path: &Path) -> Result<(), String> {
        let name = path.file_name().ok_or("a program has a name")?.to_string_lossy().into_owned();
        let small = tempfile::NamedTempFile::new().map_err(|error| error.to_string())?;
        let stripped = Command::new("strip").arg("-o").arg(small.path()).arg(path).status();
        if !stripped.is_ok_and(|status| status.success()) {
            return Err(format!("strip {}", path.display()));
        }
        self.archive.file(&format!("lab/{name}"), &read(small.path())?, 0o755);
        let linked = Command::new("ldd").arg(path).output().map_err(|error| format!("ldd: {error}"))?;
        for line in String::from_utf8_lossy(&linked.stdout).lines() {
            // `name => /path (address)`, or `/path (address)` for the loader itself.
            let Some(library) = line.split_whitespace().find(|word| word.starts_with('/')) else { continue };
            self.archive.file(library.trim_start_matches('/'), &read(Path::new(library))?, 0o755);
        }
        Ok(())
    }

    /// Puts a kernel module into the guest, and what it needs before it.
    ///
    /// # Errors
    /// A sentence that names a module that this kernel does not have.
    pub fn module(&mut self, name: &str) -> Result<(), String> {
        let wanted = name.replace('-', "_");
        let path = find(&self.modules.join("kernel"), &wanted).ok_or_else(|| format!("this kernel has no module {name}"))?;
        if self.load.iter().any(|(known, _)| *known == path) {
            return Ok(());
        }
        let bytes = read(&path)?;
        for needed in needs(&bytes) {
            // What is built into the kernel is no file.
            if find(&self.modules.join("kernel"), &needed.replace('-', "_")).is_some() {
                self.module(&needed)?;
            }
        }
        self.archive.file(&format!("lib/{wanted}.ko"), &bytes, 0o644);
        self.load.push((path, String::new()));
        Ok(())
    }

    /// As [`Self::module`], with parameters.
    ///
    /// # Errors
    /// As [`Self::module`].
    pub fn module_with(&mut self, name: &str, parameters: &str) -> Result<(), String> {
        self.module(name)?;
        if let Some((_, said)) = self.load.last_mut() {
            parameters.clone_into(said);
        }
        Ok(())
    }

    /// Boots the guest, runs the script in it and gives back the lines that begin with `LAB `.
    ///
    /// # Errors
    /// The last lines of a guest that did not come to the script's end in time.
    pub fn run(mut self, script: &str, patience: Duration) -> Result<Vec<String>, String> {
        let mut init = String::from(
            "#!/bin/busybox sh\n/bin/busybox --install -s /bin\nexport PATH=/bin\n\
             mount -t proc proc /proc\nmount -t sysfs sys /sys\nmount -t devtmpfs dev /dev\n",
        );
        for (module, parameters) in &self.load {
            let name = module.file_stem().unwrap_or_default().to_string_lossy().replace('-', "_");
            init.push_str(&format!("insmod /lib/{name}.ko {parameters} || echo \"LAB module {name} refused\"\n"));
        }
        init.push_str(&format!("sh /lab/script < /dev/null\necho \"{DONE}\"\npoweroff -f\n"));
        self.archive.file("init", init.as_bytes(), 0o755);
        self.archive.file("lab/script", script.as_bytes(), 0o755);
        let image = tempfile::NamedTempFile::new().map_err(|error| error.to_string())?;
        fs::write(image.path(), self.archive.end()).map_err(|error| error.to_string())?;

        let mut qemu = Command::new("qemu-system-x86_64");
        qemu.args(["-m", MEMORY_MB, "-display", "none", "-no-reboot", "-nodefaults", "-serial", "stdio"]);
        // KVM is not asked for: on machines that are guests themselves it is there and does not work.
        qemu.args(["-accel", "tcg", "-cpu", "max"]);
        qemu.arg("-kernel").arg(&self.kernel).arg("-initrd").arg(image.path());
        qemu.args(["-append", "console=ttyS0 quiet loglevel=3 panic=-1 mitigations=off"]);
        let mut child = qemu
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .map_err(|error| format!("qemu-system-x86_64: {error}"))?;
        let out = child.stdout.take().ok_or("no output of the guest")?;
        let (send, lines) = sync_channel::<String>(1024);
        std::thread::Builder::new()
            .name("guest".to_owned())
            .spawn(move || {
                let mut out = BufReader::new(out);
                let mut line = Vec::new();
                while out.read_until(b'\n', &mut line).is_ok_and(|len| len > 0) {
                    if send.send(String::from_utf8_lossy(&line).trim().to_owned()).is_err() {
                        return;
                    }
                    line.clear();
                }
            })
            .map_err(|error| error.to_string())?;
        let (start, mut said, mut last) = (Instant::now(), Vec::new(), Vec::new());
        let done = loop {
            match lines.recv_timeout(patience.saturating_sub(start.elapsed())) {
                Ok(line) if line == DONE => break true,
                Ok(line) => {
                    if let Some(at) = line.find("LAB ") {
                        println!("{}", &line[at..]);
                        said.push(line[at + 4..].to_owned());
                    }
                    last.push(line);
                    let surplus = last.len().saturating_sub(40);
                    last.drain(..surplus);
                }
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => break false,
            }
        };
        // Ours and not yet waited for; a guest that came to its end is going down by itself.
        let _ = child.kill();
        let _ = child.wait();
        if done { Ok(said) } else { Err(format!("the guest did not come to the end; it last said:\n{}", last.join("\n"))) }
    }
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    fs::read(path).map_err(|error| format!("{}: {error}", path.display()))
}

/// A module's file, below a folder.
fn find(folder: &Path, name: &str) -> Option<PathBuf> {
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "ko")
                && path.file_stem().is_some_and(|stem| stem.to_string_lossy().replace('-', "_") == name)
            {
                return Some(path);
            }
        }
    }
    None
}

/// Names of the modules that a module needs, from its own `.modinfo`.
fn needs(module: &[u8]) -> Vec<String> {
    const KEY: &[u8] = b"\0depends=";
    let Some(at) = module.windows(KEY.len()).position(|window| window == KEY) else { return Vec::new() };
    let text: Vec<u8> = module[at + KEY.len()..].iter().copied().take_while(|byte| *byte != 0).collect();
    String::from_utf8_lossy(&text).split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// An archive as the kernel unpacks it at its start (cpio, the format "newc").
#[derive(Default)]
struct Archive {
    bytes: Vec<u8>,
    inside: BTreeSet<String>,
    entries: u32,
}

impl Archive {
    fn folder(&mut self, path: &str) {
        let path = path.trim_end_matches('/');
        if !path.is_empty() && !self.inside.contains(path) {
            if let Some((above, _)) = path.rsplit_once('/') {
                self.folder(above);
            }
            self.entry(path, 0o040_755, &[]);
        }
    }

    fn file(&mut self, path: &str, bytes: &[u8], mode: u32) {
        if self.inside.contains(path) {
            return;
        }
        if let Some((above, _)) = path.rsplit_once('/') {
            self.folder(above);
        }
        self.entry(path, 0o100_000 | mode, bytes);
    }

    fn entry(&mut self, path: &str, mode: u32, bytes: &[u8]) {
        self.inside.insert(path.to_owned());
        self.entries += 1;
        let (ino, len, name_len) = (self.entries, bytes.len(), path.len() + 1);
        self.bytes.extend_from_slice(b"070701");
        // Number, mode, owner, group, links, time, length, device twice, special device twice, length of the name, no sum.
        for word in [ino as usize, mode as usize, 0, 0, 1, 0, len, 0, 0, 0, 0, name_len, 0] {
            self.bytes.extend_from_slice(format!("{word:08X}").as_bytes());
        }
        self.bytes.extend_from_slice(path.as_bytes());
        self.bytes.push(0);
        self.fill();
        self.bytes.extend_from_slice(bytes);
        self.fill();
    }

    fn fill(&mut self) {
        self.bytes.resize(self.bytes.len().next_multiple_of(4), 0);
    }

    fn end(mut self) -> Vec<u8> {
        self.entry("TRAILER!!!", 0, &[]);
        self.bytes
    }
}
