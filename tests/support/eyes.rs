//! Sees a window as a screen reader does: names, roles, places, through AT-SPI.

use std::time::{Duration, Instant};

use zbus::{
    blocking::Connection,
    zvariant::{OwnedObjectPath, OwnedValue},
};

const ACCESSIBLE: &str = "org.a11y.atspi.Accessible";
const STATE_ENABLED: u32 = 8;
const STATE_FOCUSED: u32 = 12;
const NODES_MAX: usize = 3000;

/// One widget as a screen reader is told of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    pub name: String,
    pub role: String,
    /// Text inside an entry.
    pub text: String,
    /// x, y, width, height on the screen.
    pub place: Option<(i32, i32, i32, i32)>,
    pub enabled: bool,
    pub focused: bool,
    pub depth: usize,
}

impl Node {
    pub fn centre(&self) -> Option<(i32, i32)> {
        self.place.map(|(x, y, w, h)| (x + w / 2, y + h / 2))
    }

    fn is_widget(&self) -> bool {
        matches!(
            self.role.as_str(),
            "push button"
                | "button"
                | "entry"
                | "password text"
                | "check box"
                | "radio button"
                | "toggle button"
                | "combo box"
                | "menu item"
                | "list item"
                | "text"
        )
    }
}

/// Names of the roles that occur, by their AT-SPI numbers.
fn role_name(role: u32) -> String {
    match role {
        7 => "check box",
        11 => "combo box",
        23 => "frame",
        27 => "image",
        29 => "label",
        31 => "list",
        32 => "list item",
        35 => "menu item",
        39 => "panel",
        40 => "password text",
        42 => "progress bar",
        43 => "push button",
        44 => "radio button",
        48 => "scroll bar",
        51 => "slider",
        61 => "text",
        62 => "toggle button",
        75 => "application",
        79 => "entry",
        88 => "link",
        other => return format!("role {other}"),
    }
    .to_owned()
}

pub struct Eyes {
    bus: Connection,
}

impl Eyes {
    pub fn new(bus: Connection) -> Self {
        Self { bus }
    }

    /// All nodes of all windows, in reading order.
    pub fn look(&self) -> Vec<Node> {
        let mut out = Vec::new();
        self.visit("org.a11y.atspi.Registry", "/org/a11y/atspi/accessible/root", 0, &mut out);
        out
    }

    fn visit(&self, owner: &str, path: &str, depth: usize, out: &mut Vec<Node>) {
        // A window that is just closing answers with errors: it is simply not there any more.
        if depth > 0
            && let Some(node) = self.node(owner, path, depth)
        {
            out.push(node);
        }
        if out.len() > NODES_MAX || depth > 60 {
            return;
        }
        let Ok(reply) = self.bus.call_method(Some(owner), path, Some(ACCESSIBLE), "GetChildren", &()) else { return };
        let Ok(children) = reply.body().deserialize::<Vec<(String, OwnedObjectPath)>>() else { return };
        for (owner, path) in children {
            self.visit(&owner, path.as_str(), depth + 1, out);
        }
    }

    fn node(&self, owner: &str, path: &str, depth: usize) -> Option<Node> {
        let get = |interface: &str, property: &str| -> Option<OwnedValue> {
            let reply = self
                .bus
                .call_method(Some(owner), path, Some("org.freedesktop.DBus.Properties"), "Get", &(interface, property))
                .ok()?;
            reply.body().deserialize().ok()
        };
        let call = |interface: &str, method: &str| self.bus.call_method(Some(owner), path, Some(interface), method, &()).ok();
        let name: String = get(ACCESSIBLE, "Name")?.try_into().ok()?;
        let role = role_name(call(ACCESSIBLE, "GetRole")?.body().deserialize().ok()?);
        let states: Vec<u32> = call(ACCESSIBLE, "GetState").and_then(|reply| reply.body().deserialize().ok()).unwrap_or_default();
        let has = |bit: u32| states.first().is_some_and(|low| low & (1 << bit) != 0);
        let place = self
            .bus
            .call_method(Some(owner), path, Some("org.a11y.atspi.Component"), "GetExtents", &(0u32,))
            .ok()
            .and_then(|reply| reply.body().deserialize::<(i32, i32, i32, i32)>().ok());
        let text = if matches!(role.as_str(), "entry" | "text" | "password text") {
            self.bus
                .call_method(Some(owner), path, Some("org.a11y.atspi.Text"), "GetText", &(0i32, -1i32))
                .ok()
                .and_then(|reply| reply.body().deserialize::<String>().ok())
                .unwrap_or_default()
        } else {
            String::new()
        };
        Some(Node { name, role, text, place, enabled: has(STATE_ENABLED), focused: has(STATE_FOCUSED), depth })
    }

    /// The widget with this name; an exact name goes before a name that only starts so,
    /// a widget before a label.
    pub fn find(&self, name: &str) -> Option<Node> {
        let mut found: Vec<Node> = self
            .look()
            .into_iter()
            .filter(|node| node.place.is_some_and(|(_, _, w, h)| w > 0 && h > 0) && node.name.starts_with(name))
            .collect();
        found.sort_by_key(|node| (node.name != name, !node.is_widget()));
        found.into_iter().next()
    }

    /// Is this text anywhere, as a name or inside an entry?
    pub fn sees(&self, text: &str) -> bool {
        self.look().iter().any(|node| node.name.contains(text) || node.text.contains(text))
    }

    /// Waits for a text.
    ///
    /// # Errors
    /// What stood there instead, after `patience`.
    pub fn wait(&self, text: &str, patience: Duration) -> Result<(), String> {
        let end = Instant::now() + patience;
        loop {
            if self.sees(text) {
                return Ok(());
            }
            if Instant::now() > end {
                return Err(format!("「{text}」 did not appear within {patience:?}; there was:\n{}", self.tree()));
            }
            std::thread::sleep(Duration::from_millis(60));
        }
    }

    /// The tree in words, for a report.
    pub fn tree(&self) -> String {
        self.look()
            .iter()
            .filter(|node| !node.name.is_empty() || !node.text.is_empty())
            .map(|node| {
                format!(
                    "{}{} 「{}」{}{} {:?}\n",
                    "  ".repeat(node.depth.saturating_sub(2)),
                    node.role,
                    node.name,
                    if node.text.is_empty() { String::new() } else { format!(" = {}", node.text) },
                    if node.enabled { "" } else { " (off)" },
                    node.place
                )
            })
            .collect()
    }
}
