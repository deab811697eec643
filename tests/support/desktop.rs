//! A virtual desktop: an X server, a window manager, a session bus and the accessibility bus,
//! all on addresses of their own.

use std::{path::Path, process::Command, time::Duration};

use zbus::{blocking::Connection, zvariant::Value};

use super::children::Running;

pub struct Desktop {
    pub display: String,
    pub bus: String,
    session: Connection,
    // Dropped in this order: the window manager before the server it draws on.
    _manager: Running,
    _bus: Running,
    _server: Running,
}

impl Desktop {
    /// Starts a screen of this size.
    pub fn start(dir: &Path, width: u32, height: u32) -> Self {
        let log = dir.join("desktop.log");
        let mut server = Command::new("Xvfb");
        server.args(["-displayfd", "1", "-nolisten", "tcp", "-screen", "0", &format!("{width}x{height}x24")]);
        let (server, display) = Running::start_and_read("Xvfb", &mut server, &log, Duration::from_secs(30), |line| {
            line.trim().parse::<u32>().ok().map(|number| format!(":{number}"))
        });
        let mut bus = Command::new("dbus-daemon");
        // The session's services (the accessibility bus) inherit the display from the daemon.
        bus.args(["--session", "--nofork", "--print-address=1"]).env("DISPLAY", &display).env_remove("WAYLAND_DISPLAY");
        let (bus, address) = Running::start_and_read("dbus-daemon", &mut bus, &log, Duration::from_secs(30), |line| {
            line.starts_with("unix:").then(|| line.trim().to_owned())
        });
        let mut manager = Command::new("openbox");
        manager.env("DISPLAY", &display).env("DBUS_SESSION_BUS_ADDRESS", &address);
        let manager = Running::start("openbox", &mut manager, &log);
        let session = zbus::blocking::connection::Builder::address(address.as_str())
            .and_then(zbus::blocking::connection::Builder::build)
            .expect("the session bus answers");
        // Before any program starts: a toolkit looks once whether somebody listens.
        for property in ["IsEnabled", "ScreenReaderEnabled"] {
            session
                .call_method(
                    Some("org.a11y.Bus"),
                    "/org/a11y/bus",
                    Some("org.freedesktop.DBus.Properties"),
                    "Set",
                    &("org.a11y.Status", property, Value::from(true)),
                )
                .expect("the accessibility bus can be switched on (package at-spi2-core)");
        }
        Self { display, bus: address, session, _manager: manager, _bus: bus, _server: server }
    }

    /// Lets a program draw on this desktop.
    pub fn dress<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        command
            .env("DISPLAY", &self.display)
            .env("DBUS_SESSION_BUS_ADDRESS", &self.bus)
            .env_remove("WAYLAND_DISPLAY")
            .env_remove("AT_SPI_BUS_ADDRESS")
    }

    /// Connection to the accessibility bus.
    pub fn accessibility(&self) -> Connection {
        let reply = self
            .session
            .call_method(Some("org.a11y.Bus"), "/org/a11y/bus", Some("org.a11y.Bus"), "GetAddress", &())
            .expect("the accessibility bus has an address");
        let address: String = reply.body().deserialize().expect("an address is text");
        zbus::blocking::connection::Builder::address(address.as_str())
            .and_then(zbus::blocking::connection::Builder::build)
            .expect("the accessibility bus answers")
    }
}
