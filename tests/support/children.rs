//! Child processes that never outlive the test that started them.

use std::{
    io::{BufRead as _, BufReader},
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// Folder with the built programs: the test binary lies in its `deps`.
pub fn programs() -> PathBuf {
    let me = std::env::current_exe().expect("a running program has a path");
    me.ancestors().nth(2).expect("target/<profile>/deps/<test>").to_path_buf()
}

pub fn program(name: &str) -> PathBuf {
    let path = programs().join(name);
    assert!(path.exists(), "{name} is not built: run `cargo build --workspace --all-targets` first ({})", path.display());
    path
}

/// Root of the checkout.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests lies in the checkout").to_path_buf()
}

/// A child that is ended, with its whole group, when this is dropped, and by the kernel when
/// this process dies first.
pub struct Running {
    pub name: String,
    child: Child,
}

impl Running {
    /// Starts the command in a process group of its own; its output goes to `log`.
    pub fn start(name: &str, command: &mut Command, log: &Path) -> Self {
        let out = std::fs::OpenOptions::new().create(true).append(true).open(log).expect("log file can be written");
        command.stdin(Stdio::null()).stdout(out.try_clone().expect("log file handle")).stderr(out);
        Self::spawn(name, command)
    }

    /// Starts the command and hands back the first line of its standard output that `wanted` accepts.
    pub fn start_and_read<T>(
        name: &str,
        command: &mut Command,
        log: &Path,
        patience: Duration,
        wanted: impl Fn(&str) -> Option<T>,
    ) -> (Self, T) {
        let err = std::fs::OpenOptions::new().create(true).append(true).open(log).expect("log file can be written");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(err);
        let mut running = Self::spawn(name, command);
        let out = running.child.stdout.take().expect("stdout is piped");
        let (send, lines) = std::sync::mpsc::sync_channel(64);
        std::thread::Builder::new()
            .name(format!("{name}-out"))
            .spawn(move || {
                for line in BufReader::new(out).lines().map_while(Result::ok) {
                    // Nobody listens any more once the wanted line came: keep draining the pipe.
                    let _ = send.try_send(line);
                }
            })
            .expect("a thread can be started");
        let end = Instant::now() + patience;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            match lines.recv_timeout(left) {
                Ok(line) => {
                    if let Some(found) = wanted(&line) {
                        return (running, found);
                    }
                }
                Err(_) => panic!("{name} did not say what was expected within {patience:?}; see {}", log.display()),
            }
        }
    }

    fn spawn(name: &str, command: &mut Command) -> Self {
        command.process_group(0);
        let parent = std::process::id();
        #[expect(unsafe_code, reason = "pre_exec is the only door to PR_SET_PDEATHSIG; the closure only makes two system calls")]
        // SAFETY: prctl and getppid are async-signal-safe and touch no memory of the parent.
        unsafe {
            command.pre_exec(move || {
                libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGTERM);
                if libc::getppid() as u32 != parent {
                    return Err(std::io::Error::other("the parent is gone already"));
                }
                Ok(())
            });
        }
        let child = command.spawn().unwrap_or_else(|e| panic!("{name} cannot be started: {e}"));
        Self { name: name.to_owned(), child }
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    pub fn has_ended(&mut self) -> Option<std::process::ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// SIGKILL, as a power switch would: no chance to tidy up.
    pub fn kill(mut self) {
        self.signal(libc::SIGKILL);
        let _ = self.child.wait();
    }

    /// SIGTERM to the group, SIGKILL after five seconds.
    fn end(&mut self) {
        if self.has_ended().is_some() {
            self.signal(libc::SIGKILL);
            return;
        }
        self.signal(libc::SIGTERM);
        let end = Instant::now() + Duration::from_secs(5);
        while Instant::now() < end {
            if self.has_ended().is_some() {
                break;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        self.signal(libc::SIGKILL);
        let _ = self.child.wait();
    }

    fn signal(&self, signal: i32) {
        #[expect(unsafe_code, reason = "the standard library cannot signal a process group")]
        // SAFETY: kill takes two integers; the group was made by us in `spawn`.
        unsafe {
            libc::kill(-(self.child.id() as i32), signal);
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end();
    }
}

/// Runs a command to its end; panics with its output when it fails.
pub fn run(command: &mut Command, input: &str) -> String {
    use std::io::Write as _;
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|e| panic!("{command:?} cannot be started: {e}"));
    child.stdin.take().expect("stdin is piped").write_all(input.as_bytes()).ok();
    let out = child.wait_with_output().expect("the child can be waited for");
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    assert!(out.status.success(), "{command:?} failed ({}):\n{text}\n{}", out.status, String::from_utf8_lossy(&out.stderr));
    text
}

/// Asks again until it answers; panics after `patience`.
pub fn wait_for<T>(what: &str, patience: Duration, mut ask: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + patience;
    loop {
        if let Some(found) = ask() {
            return found;
        }
        assert!(Instant::now() < end, "{what} did not come within {patience:?}");
        std::thread::sleep(Duration::from_millis(50));
    }
}
