//! `village-terminal`: the window of a service point, and its commands.

use std::{
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::ExitCode,
};

use eframe::egui;
use terminal::{
    app::{App, Begin, Start},
    catalogue::{Sent, Town},
    clock::Clock,
    command::{self, Asked},
    config::{self, Config, Loaded},
    crash,
    frames::Meter,
    ids::Ids,
    kiosk, words,
};
use texts::{Lang, Texts};

/// Memory is wiped when it is given back: what somebody typed does not lie about.
#[global_allocator]
static ALLOCATOR: zeroizing_alloc::ZeroAlloc<std::alloc::System> = zeroizing_alloc::ZeroAlloc(std::alloc::System);

fn main() -> ExitCode {
    crash::shut_memory();
    let words: Vec<String> = std::env::args().skip(1).collect();
    match command::asked(words) {
        Ok(Asked::CameraChild) => camera::child_main(),
        Ok(Asked::PhotoChild) => {
            // Its own codes, which the parent understands; a library may have left threads behind.
            std::process::exit(card::photo::run_child())
        }
        Ok(Asked::Help) => {
            print!("{}", texts::command::help(&Texts::new(Lang::Zh)));
            ExitCode::SUCCESS
        }
        Ok(Asked::Command { name, words }) => {
            // The installer's command says one line when it fails; decisions are told to who asks for them.
            log_to_stderr(if name == "card" { "off" } else { "info" });
            crash::install_hook();
            match command::run(&name, words, &Clock::System) {
                Ok(()) => ExitCode::SUCCESS,
                Err(refusal) => {
                    eprintln!("{}", refusal.sentence);
                    ExitCode::from(refusal.status)
                }
            }
        }
        Ok(Asked::Window(file)) => match window(&file) {
            Ok(Ended::Closed) => ExitCode::SUCCESS,
            Ok(Ended::Restart) => restart(),
            Err(error) => {
                tracing::error!(?error, "the window cannot be opened");
                eprintln!("{}", texts::command::no_window(&Texts::new(Lang::Zh), format!("{error:#}")));
                ExitCode::FAILURE
            }
        },
        Err(fault) => fail(&Texts::new(Lang::Zh), &fault),
    }
}

fn fail(texts: &Texts, fault: &command::Fault) -> ExitCode {
    eprintln!("{}", fault.sentence(texts));
    ExitCode::from(fault.exit())
}

enum Ended {
    Closed,
    /// The agent pressed 重新打开 on a trouble screen.
    Restart,
}

fn window(file: &Path) -> anyhow::Result<Ended> {
    let (config, begin) = match config::load(file) {
        Loaded::Ready(config) => (config, Begin::Work),
        Loaded::Absent => (Config::fresh(file), Begin::Admit),
        Loaded::Wrong(complaints) => (Config::fresh(file), Begin::Wrong(complaints)),
    };
    log_to_file(&config, matches!(begin, Begin::Work));
    crash::install_hook();
    config::use_card_socket(&config);
    // What the town sent lies in the cabinet, which nobody has opened yet.
    let town = Town::load(&config, words::day(Clock::System.now()), &Sent::default());
    let options = kiosk::options(&config);
    let file: PathBuf = file.to_owned();
    let restart = std::rc::Rc::new(std::cell::Cell::new(false));
    let wish = std::rc::Rc::clone(&restart);
    eframe::run_native(
        "village-terminal",
        options,
        Box::new(move |cc| {
            let start = Start { config, config_file: file, clock: Clock::System, ids: Ids::random(), town, begin };
            if !start.config.window.fullscreen {
                // Some window managers forget it when it is asked for before the window is there.
                cc.egui_ctx.send_viewport_cmd(egui::ViewportCommand::Maximized(true));
            }
            let app = App::new(&cc.egui_ctx, start);
            Ok(Box::new(Watched { app, wish, meter: Meter::default() }))
        }),
    )
    .map_err(|error| anyhow::anyhow!(error.to_string()).context("eframe"))?;
    Ok(if restart.get() { Ended::Restart } else { Ended::Closed })
}

/// The app, with its wish to be started anew carried out of the event loop.
struct Watched {
    app: App,
    wish: std::rc::Rc<std::cell::Cell<bool>>,
    meter: Meter,
}

impl eframe::App for Watched {
    fn logic(&mut self, ctx: &egui::Context, frame: &mut eframe::Frame) {
        self.meter.begin();
        self.app.logic(ctx, frame);
    }

    fn ui(&mut self, ui: &mut egui::Ui, frame: &mut eframe::Frame) {
        self.app.ui(ui, frame);
        self.wish.set(self.app.restart);
        self.meter.end(ui.ctx());
    }

    fn on_exit(&mut self, gl: Option<&eframe::glow::Context>) {
        self.app.on_exit(gl);
    }
}

/// Becomes itself again, with the same words.
fn restart() -> ExitCode {
    let words = std::env::args_os().skip(1);
    let program = std::env::current_exe().unwrap_or_else(|_| PathBuf::from("village-terminal"));
    let error = std::process::Command::new(program).args(words).exec();
    eprintln!("{}", texts::command::no_window(&Texts::new(Lang::Zh), error.to_string()));
    ExitCode::FAILURE
}

fn log_to_stderr(ordinary: &str) {
    let filter = tracing_subscriber::EnvFilter::new(config::log_filter().unwrap_or_else(|| ordinary.to_owned()));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
}

/// One line a decision, beside the cabinet. Without a configuration there is no folder to write to yet.
fn log_to_file(config: &Config, ready: bool) {
    let file = ready.then(|| open_log(config)).and_then(Result::ok);
    let filter = tracing_subscriber::EnvFilter::new(config::log_filter().unwrap_or_else(|| "info".to_owned()));
    match file {
        Some(file) => {
            tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false).with_writer(std::sync::Mutex::new(file)).init()
        }
        None => tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init(),
    }
}

/// Larger than this, and the log is set aside; two are kept.
const LOG_BYTES_MAX: u64 = 4 << 20;

fn open_log(config: &Config) -> std::io::Result<std::fs::File> {
    let dir = config.log_dir();
    std::fs::create_dir_all(&dir)?;
    let file = dir.join("terminal.log");
    if std::fs::metadata(&file).is_ok_and(|meta| meta.len() > LOG_BYTES_MAX) {
        std::fs::rename(&file, dir.join("terminal.log.1"))?;
    }
    std::fs::OpenOptions::new().create(true).append(true).open(file)
}
