//! A person at the terminal: looks, clicks what has a name, types, and takes a picture of each step.

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use crate::support::{
    desktop::Desktop,
    eyes::{Eyes, Node},
    hand::Hand,
};

const PATIENCE: Duration = Duration::from_secs(30);

pub struct Pilot {
    pub eyes: Eyes,
    pub hand: Hand,
    pictures: Option<PathBuf>,
    step: u32,
    started: Instant,
}

impl Pilot {
    pub fn new(desktop: &Desktop, pictures: Option<&Path>) -> Self {
        Self {
            eyes: Eyes::new(desktop.accessibility()),
            hand: Hand::new(&desktop.display),
            pictures: pictures.map(Path::to_path_buf),
            step: 0,
            started: Instant::now(),
        }
    }

    /// Waits until this text is in the window.
    pub fn sees(&self, text: &str) {
        self.sees_within(text, PATIENCE);
    }

    pub fn sees_within(&self, text: &str, patience: Duration) {
        if self.eyes.wait(text, patience).is_err() {
            self.give_up(&format!("「{text}」 did not appear within {patience:?}"));
        }
    }

    /// Says what stood there instead, with a picture.
    fn give_up(&self, what: &str) -> ! {
        if let Some(dir) = &self.pictures {
            self.hand.picture(&dir.join("failed.png"));
        }
        panic!("{what}; there was:\n{}", self.eyes.tree())
    }

    /// The widget with this name, once it is there, usable, and has stopped moving.
    fn widget(&self, name: &str) -> Node {
        let end = Instant::now() + PATIENCE;
        let mut before: Option<Node> = None;
        loop {
            let now = self.eyes.find(name).filter(|node| node.enabled);
            if let (Some(now), Some(before)) = (&now, &before)
                && now.place == before.place
            {
                return now.clone();
            }
            if Instant::now() > end {
                self.give_up(&format!("no usable 「{name}」"));
            }
            before = now;
            std::thread::sleep(Duration::from_millis(40));
        }
    }

    /// Scrolls until the widget lies inside the window, then says where it is.
    fn bring_into_view(&self, name: &str) -> (i32, i32) {
        let (width, height) = (i32::from(self.hand.width), i32::from(self.hand.height));
        // The top bar and the foot stay where they are: what lies under them must be scrolled out.
        let (top, bottom) = (height / 12, height - height / 9);
        for _ in 0..40 {
            let node = self.widget(name);
            let (x, y) = node.centre().expect("a widget has a place");
            let fixed = !(top..bottom).contains(&y) && (0..height).contains(&y) && self.is_fixed(&node);
            if fixed || ((0..width).contains(&x) && (top..bottom).contains(&y)) {
                return (x, y);
            }
            self.hand.wheel((width * 2 / 5, height / 2), if y >= bottom { 3 } else { -3 });
            std::thread::sleep(Duration::from_millis(120));
        }
        self.give_up(&format!("「{name}」 cannot be brought into view"))
    }

    /// Does the widget stay where it is when the page is scrolled? (Top bar, foot.)
    fn is_fixed(&self, node: &Node) -> bool {
        let (width, height) = (i32::from(self.hand.width), i32::from(self.hand.height));
        let before = node.place;
        self.hand.wheel((width * 2 / 5, height / 2), 1);
        std::thread::sleep(Duration::from_millis(150));
        let after = self.eyes.find(&node.name).and_then(|node| node.place);
        self.hand.wheel((width * 2 / 5, height / 2), -1);
        std::thread::sleep(Duration::from_millis(150));
        before == after
    }

    pub fn click(&self, name: &str) {
        let place = self.bring_into_view(name);
        self.hand.click(place);
    }

    /// Draws on what has this name: strokes of points in hundredths of its width and height.
    pub fn draw(&self, name: &str, strokes: &[&[(i32, i32)]]) {
        self.bring_into_view(name);
        let (x, y, width, height) = self.widget(name).place.expect("a widget has a place");
        for stroke in strokes {
            let places: Vec<_> = stroke.iter().map(|(right, down)| (x + width * right / 100, y + height * down / 100)).collect();
            self.hand.draw(&places);
        }
    }

    /// Clicks and waits for what must come of it.
    pub fn click_for(&self, name: &str, text: &str) {
        self.click(name);
        self.sees(text);
    }

    /// Types into the entry with this name, replacing what stands there.
    pub fn fill(&self, name: &str, text: &str) {
        self.click(name);
        let end = Instant::now() + PATIENCE;
        while !self.eyes.find(name).is_some_and(|node| node.focused) {
            if Instant::now() > end {
                self.give_up(&format!("「{name}」 does not take the keyboard"));
            }
            std::thread::sleep(Duration::from_millis(40));
        }
        self.hand.clear();
        self.hand.type_text(text);
        let wanted: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let end = Instant::now() + PATIENCE;
        // A password tells nobody what it holds: what follows must show that it was right.
        while !self.eyes.find(name).is_some_and(|node| {
            let shown: String = node.text.chars().filter(|c| !c.is_whitespace()).collect();
            node.role == "password text" || shown == wanted
        }) {
            if Instant::now() > end {
                self.give_up(&format!("「{name}」 does not show what was typed"));
            }
            std::thread::sleep(Duration::from_millis(60));
        }
    }

    /// A numbered picture of the screen.
    pub fn picture(&mut self, name: &str) {
        self.step += 1;
        let seconds = self.started.elapsed().as_secs_f32();
        println!("  {:02} {name} ({seconds:.1} s)", self.step);
        if let Some(file) = self.picture_file(name) {
            // One more frame for what was just learned to be drawn.
            std::thread::sleep(Duration::from_millis(250));
            self.hand.move_to((i32::from(self.hand.width) - 2, i32::from(self.hand.height) - 2));
            std::thread::sleep(Duration::from_millis(150));
            self.hand.picture(&file);
        }
    }

    /// Number for a picture that somebody else takes.
    pub fn next_file(&mut self, name: &str) -> Option<PathBuf> {
        self.step += 1;
        println!("  {:02} {name} ({:.1} s)", self.step, self.started.elapsed().as_secs_f32());
        self.picture_file(name)
    }

    fn picture_file(&self, name: &str) -> Option<PathBuf> {
        self.pictures.as_ref().map(|dir| dir.join(format!("{:02}-{name}.png", self.step)))
    }
}
