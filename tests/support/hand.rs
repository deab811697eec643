//! Moves the mouse and presses keys on an X server as a person would (XTest), and takes pictures.

use std::{path::Path, time::Duration};

use x11rb::{
    connection::Connection as _,
    protocol::{
        xproto::{
            BUTTON_PRESS_EVENT, BUTTON_RELEASE_EVENT, ConnectionExt as _, ImageFormat, KEY_PRESS_EVENT, KEY_RELEASE_EVENT,
            MOTION_NOTIFY_EVENT,
        },
        xtest::ConnectionExt as _,
    },
    rust_connection::RustConnection,
};

pub struct Hand {
    x: RustConnection,
    root: u32,
    pub width: u16,
    pub height: u16,
    /// keysym → (keycode, with shift)
    keys: std::collections::HashMap<u32, (u8, bool)>,
}

const SHIFT: u32 = 0xffe1;

impl Hand {
    pub fn new(display: &str) -> Self {
        let (x, screen) = RustConnection::connect(Some(display)).expect("the X server answers");
        let setup = x.setup();
        let root = &setup.roots[screen];
        let (root, width, height) = (root.root, root.width_in_pixels, root.height_in_pixels);
        let (min, max) = (setup.min_keycode, setup.max_keycode);
        let mapping = x.get_keyboard_mapping(min, max - min + 1).expect("X request").reply().expect("the server has a keyboard");
        let mut keys = std::collections::HashMap::new();
        for (index, symbols) in mapping.keysyms.chunks(mapping.keysyms_per_keycode as usize).enumerate() {
            for (column, symbol) in symbols.iter().take(2).enumerate() {
                if *symbol != 0 {
                    keys.entry(*symbol).or_insert((min + index as u8, column == 1));
                }
            }
        }
        Self { x, root, width, height, keys }
    }

    fn fake(&self, kind: u8, detail: u8, place: (i32, i32)) {
        self.x.xtest_fake_input(kind, detail, 0, self.root, place.0 as i16, place.1 as i16, 0).expect("XTest is there");
        self.x.flush().expect("the X server listens");
    }

    pub fn move_to(&self, place: (i32, i32)) {
        self.fake(MOTION_NOTIFY_EVENT, 0, place);
    }

    pub fn click(&self, place: (i32, i32)) {
        self.move_to(place);
        // A person's finger is down for a moment; a press and release within one frame is not seen by every toolkit.
        std::thread::sleep(Duration::from_millis(30));
        self.fake(BUTTON_PRESS_EVENT, 1, (0, 0));
        std::thread::sleep(Duration::from_millis(30));
        self.fake(BUTTON_RELEASE_EVENT, 1, (0, 0));
    }

    /// Draws a line through these places with the button held down.
    pub fn draw(&self, places: &[(i32, i32)]) {
        let Some(first) = places.first() else { return };
        self.move_to(*first);
        std::thread::sleep(Duration::from_millis(30));
        self.fake(BUTTON_PRESS_EVENT, 1, (0, 0));
        for place in places {
            std::thread::sleep(Duration::from_millis(30));
            self.move_to(*place);
        }
        std::thread::sleep(Duration::from_millis(30));
        self.fake(BUTTON_RELEASE_EVENT, 1, (0, 0));
    }

    /// Turns the wheel at a place; positive goes down.
    pub fn wheel(&self, place: (i32, i32), notches: i32) {
        self.move_to(place);
        let button = if notches > 0 { 5 } else { 4 };
        for _ in 0..notches.abs() {
            self.fake(BUTTON_PRESS_EVENT, button, (0, 0));
            self.fake(BUTTON_RELEASE_EVENT, button, (0, 0));
            std::thread::sleep(Duration::from_millis(15));
        }
    }

    fn key(&self, keysym: u32) {
        let (code, shifted) = *self.keys.get(&keysym).unwrap_or_else(|| panic!("no key for keysym {keysym:#x}"));
        let shift = self.keys[&SHIFT].0;
        if shifted {
            self.fake(KEY_PRESS_EVENT, shift, (0, 0));
        }
        self.fake(KEY_PRESS_EVENT, code, (0, 0));
        std::thread::sleep(Duration::from_millis(8));
        self.fake(KEY_RELEASE_EVENT, code, (0, 0));
        if shifted {
            self.fake(KEY_RELEASE_EVENT, shift, (0, 0));
        }
        std::thread::sleep(Duration::from_millis(8));
    }

    /// Types printable ASCII.
    pub fn type_text(&self, text: &str) {
        for c in text.chars() {
            assert!(c.is_ascii_graphic() || c == ' ', "only ASCII is typed");
            self.key(c as u32);
        }
    }

    /// Selects all and deletes, so that typing replaces.
    pub fn clear(&self) {
        let control = self.keys[&0xffe3].0;
        self.fake(KEY_PRESS_EVENT, control, (0, 0));
        self.key('a' as u32);
        self.fake(KEY_RELEASE_EVENT, control, (0, 0));
        self.key(0xff08);
    }

    pub fn tab(&self) {
        self.key(0xff09);
    }

    /// The pixels of a part of the screen, as they are now.
    pub fn patch(&self, (x, y): (i16, i16), (width, height): (u16, u16)) -> Vec<u8> {
        let reply = self.x.get_image(ImageFormat::Z_PIXMAP, self.root, x, y, width, height, u32::MAX);
        reply.expect("X request").reply().expect("the screen can be read").data
    }

    /// The whole screen as a PNG file.
    pub fn picture(&self, file: &Path) {
        let reply = self
            .x
            .get_image(ImageFormat::Z_PIXMAP, self.root, 0, 0, self.width, self.height, u32::MAX)
            .expect("X request")
            .reply()
            .expect("the screen can be read");
        let rgb: Vec<u8> = reply.data.chunks_exact(4).flat_map(|bgrx| [bgrx[2], bgrx[1], bgrx[0]]).collect();
        let image = image::RgbImage::from_raw(self.width.into(), self.height.into(), rgb).expect("one pixel is four bytes");
        image.save(file).expect("picture can be written");
    }
}
