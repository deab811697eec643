//! What child and parent say to each other over one socket.
//!
//! Child to parent: `VCAM`, one byte of kind, four bytes of length (little endian), the payload. The mark lets the parent find its
//! place again when a library below the child prints to standard output.
//! Parent to child: one byte of kind, two bytes of length, the payload.

use devices::{Kind, Trouble};

use crate::modes::{CameraInfo, Encoding, Mode};

const MARK: &[u8; 4] = b"VCAM";
const HEAD: usize = 9;
/// A frame of 50 MP MJPEG is below this; more is a broken child.
pub const PAYLOAD_MAX: usize = 64 * 1024 * 1024;
/// This much that is no message means the child does not speak our language.
pub const NOISE_MAX: usize = 256 * 1024;

/// What the child reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Report {
    /// The device is open; its name.
    Arrived(String),
    /// A step of opening or switching is done: the watch starts anew.
    Alive,
    Frame(Vec<u8>),
    Still(Vec<u8>),
    StillFailed(Trouble),
    /// The child cannot go on and leaves.
    Trouble(Trouble),
    Cameras(Vec<CameraInfo>),
}

/// What the parent asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Opens the device of this number, or the first that has a usable mode, and streams previews.
    Open(Option<u32>),
    Still,
    /// Sets a control by its V4L2 number; silently ignored where the driver has none.
    Control {
        id: u32,
        value: i64,
    },
    List,
    Quit,
}

/// Every trouble a child can have. A number travels; the words are the same on both sides.
pub const TROUBLES: [Trouble; 9] = [
    Trouble::new(Kind::Absent, "camera_absent", "no video device with a usable mode"),
    Trouble::new(Kind::Busy, "camera_busy", "another program holds the device"),
    Trouble::new(Kind::Denied, "camera_denied", "the device may not be opened"),
    Trouble::new(Kind::Unplugged, "camera_unplugged", "the device went away while streaming"),
    Trouble::new(Kind::Unsupported, "camera_no_mode", "the device has no mode that is understood"),
    Trouble::new(Kind::Broken, "camera_will_not_open", "the device refuses to open"),
    Trouble::new(Kind::Garbled, "camera_frames_garbled", "frames without beginning or end"),
    Trouble::new(Kind::Broken, "camera_will_not_stream", "the device opens and delivers nothing"),
    Trouble::new(Kind::Garbled, "camera_child_garbled", "the camera process speaks no sense"),
];
/// The child spoke no sense.
pub const CHILD_GARBLED: Trouble = TROUBLES[8];
/// The child said nothing in time.
pub const HANGS: Trouble = Trouble::new(Kind::Timeout, "camera_hangs", "no frame in time; its process was ended");

impl Report {
    /// As bytes on the line.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let (kind, payload): (u8, std::borrow::Cow<'_, [u8]>) = match self {
            Self::Arrived(name) => (b'A', name.as_bytes().into()),
            Self::Alive => (b'L', [].as_slice().into()),
            Self::Frame(jpeg) => (b'F', jpeg.into()),
            Self::Still(jpeg) => (b'S', jpeg.into()),
            Self::StillFailed(trouble) => (b'X', vec![number(*trouble)].into()),
            Self::Trouble(trouble) => (b'T', vec![number(*trouble)].into()),
            Self::Cameras(cameras) => (b'C', list_text(cameras).into_bytes().into()),
        };
        let mut bytes = Vec::with_capacity(HEAD + payload.len());
        bytes.extend_from_slice(MARK);
        bytes.push(kind);
        bytes.extend_from_slice(&u32::try_from(payload.len()).unwrap_or(u32::MAX).to_le_bytes());
        bytes.extend_from_slice(&payload);
        bytes
    }

    fn from_parts(kind: u8, payload: Vec<u8>) -> Option<Self> {
        let trouble = |payload: &[u8]| TROUBLES.get(usize::from(*payload.first()?)).copied();
        Some(match kind {
            b'A' => Self::Arrived(String::from_utf8_lossy(&payload).chars().take(80).collect()),
            b'L' => Self::Alive,
            b'F' => Self::Frame(payload),
            b'S' => Self::Still(payload),
            b'X' => Self::StillFailed(trouble(&payload)?),
            b'T' => Self::Trouble(trouble(&payload)?),
            b'C' => Self::Cameras(list_from(std::str::from_utf8(&payload).ok()?)?),
            _ => return None,
        })
    }
}

fn number(trouble: Trouble) -> u8 {
    TROUBLES.iter().position(|known| *known == trouble).map_or(8, |at| at as u8)
}

/// One line a camera, then one line a mode, tab-separated; names lose their control characters.
fn list_text(cameras: &[CameraInfo]) -> String {
    let mut text = String::new();
    for camera in cameras {
        let name: String = camera.name.chars().filter(|c| !c.is_control()).collect();
        text.push_str(&format!("camera\t{}\t{name}\n", camera.index));
        for mode in &camera.modes {
            text.push_str(&format!("mode\t{}\t{}\t{}\t{}\n", mode.encoding.name(), mode.width, mode.height, mode.rate));
        }
    }
    text
}

fn list_from(text: &str) -> Option<Vec<CameraInfo>> {
    let mut cameras: Vec<CameraInfo> = Vec::new();
    for line in text.lines() {
        match *line.split('\t').collect::<Vec<_>>() {
            ["camera", index, name] => {
                cameras.push(CameraInfo { index: index.parse().ok()?, name: name.to_owned(), modes: Vec::new() });
            }
            ["mode", encoding, width, height, rate] => cameras.last_mut()?.modes.push(Mode {
                encoding: Encoding::named(encoding)?,
                width: width.parse().ok()?,
                height: height.parse().ok()?,
                rate: rate.parse().ok()?,
            }),
            _ => return None,
        }
    }
    Some(cameras)
}

/// Collects what comes over the line and gives out whole reports.
#[derive(Debug, Default)]
pub struct Inbox {
    bytes: Vec<u8>,
    noise: usize,
}

impl Inbox {
    /// Adds what was read.
    pub fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// The next whole report, if there is one.
    ///
    /// # Errors
    /// [`CHILD_GARBLED`] for a payload beyond [`PAYLOAD_MAX`], an unknown kind, or too much between two marks.
    pub fn next(&mut self) -> Result<Option<Report>, Trouble> {
        let start = self.bytes.windows(MARK.len()).position(|window| window == MARK);
        // Without a mark keep what may be the beginning of one.
        let skip = start.unwrap_or_else(|| self.bytes.len().saturating_sub(MARK.len() - 1));
        self.noise += skip;
        if skip > 0 {
            self.bytes.drain(..skip);
        }
        if self.noise > NOISE_MAX {
            return Err(CHILD_GARBLED);
        }
        let Some(head) = self.bytes.first_chunk::<HEAD>().filter(|head| head.starts_with(MARK)) else { return Ok(None) };
        let length = u32::from_le_bytes([head[5], head[6], head[7], head[8]]) as usize;
        let kind = head[4];
        if length > PAYLOAD_MAX {
            return Err(CHILD_GARBLED);
        }
        if self.bytes.len() < HEAD + length {
            return Ok(None);
        }
        let rest = self.bytes.split_off(HEAD + length);
        let mut message = std::mem::replace(&mut self.bytes, rest);
        message.drain(..HEAD);
        self.noise = 0;
        Report::from_parts(kind, message).map(Some).ok_or(CHILD_GARBLED)
    }
}

impl Command {
    /// As bytes on the line.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let (kind, payload) = match self {
            Self::Open(None) => (b'o', vec![]),
            Self::Open(Some(index)) => (b'o', index.to_le_bytes().to_vec()),
            Self::Still => (b's', vec![]),
            Self::Control { id, value } => (b'c', [id.to_le_bytes().as_slice(), value.to_le_bytes().as_slice()].concat()),
            Self::List => (b'l', vec![]),
            Self::Quit => (b'q', vec![]),
        };
        let mut bytes = vec![kind, payload.len() as u8, 0];
        bytes.extend(payload);
        bytes
    }

    /// Reads one command; `None` at the end of the line or when it makes no sense, and then the child leaves.
    pub fn read(line: &mut impl std::io::Read) -> Option<Self> {
        let mut head = [0u8; 3];
        line.read_exact(&mut head).ok()?;
        let mut payload = vec![0u8; usize::from(u16::from_le_bytes([head[1], head[2]]))];
        line.read_exact(&mut payload).ok()?;
        match (head[0], payload.as_slice()) {
            (b'o', []) => Some(Self::Open(None)),
            (b'o', bytes) => Some(Self::Open(Some(u32::from_le_bytes(bytes.try_into().ok()?)))),
            (b's', []) => Some(Self::Still),
            (b'c', bytes) if bytes.len() == 12 => Some(Self::Control {
                id: u32::from_le_bytes(bytes[..4].try_into().ok()?),
                value: i64::from_le_bytes(bytes[4..].try_into().ok()?),
            }),
            (b'l', []) => Some(Self::List),
            (b'q', []) => Some(Self::Quit),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples() -> Vec<Report> {
        let modes = vec![Mode { encoding: Encoding::Mjpeg, width: 2592, height: 1944, rate: 10 }];
        vec![
            Report::Arrived("样机 camera".into()),
            Report::Alive,
            Report::Frame(vec![0xFF, 0xD8, b'V', b'C', b'A', b'M', 0xFF, 0xD9]),
            Report::Still(vec![7; 70_000]),
            Report::StillFailed(TROUBLES[3]),
            Report::Trouble(TROUBLES[0]),
            Report::Cameras(vec![
                CameraInfo { index: 2, name: "a b".into(), modes },
                CameraInfo { index: 4, name: String::new(), modes: vec![] },
            ]),
        ]
    }

    #[test]
    fn reports_survive_noise_and_any_cut() {
        for step in [1, 3, 1000] {
            let mut inbox = Inbox::default();
            let mut line = b"libfoo: warning\nVCA".to_vec();
            for report in samples() {
                line.extend(report.to_bytes());
                line.extend(b"stray\n");
            }
            let mut got = Vec::new();
            for piece in line.chunks(step) {
                inbox.push(piece);
                while let Some(report) = inbox.next().unwrap() {
                    got.push(report);
                }
            }
            assert_eq!(got, samples());
        }
    }

    #[test]
    fn nonsense_is_garbled_and_bounded() {
        let mut inbox = Inbox::default();
        let mut refused = false;
        for _ in 0..NOISE_MAX / 1000 + 2 {
            inbox.push(&[b'x'; 1000]);
            refused |= inbox.next().is_err();
        }
        assert!(refused && inbox.bytes.len() < 2000);
        for message in [b"VCAMF\xff\xff\xff\xff".as_slice(), b"VCAM?\0\0\0\0", b"VCAMT\x01\0\0\0\xEE", b"VCAMC\x01\0\0\0x"] {
            let mut inbox = Inbox::default();
            inbox.push(message);
            assert_eq!(inbox.next(), Err(CHILD_GARBLED));
        }
    }

    #[test]
    fn commands_go_over_the_line() {
        let all = [
            Command::Open(None),
            Command::Open(Some(3)),
            Command::Still,
            Command::Control { id: 0x9a_090c, value: -1 },
            Command::List,
            Command::Quit,
        ];
        let bytes: Vec<u8> = all.iter().flat_map(Command::to_bytes).collect();
        let mut line = bytes.as_slice();
        for command in all {
            assert_eq!(Command::read(&mut line), Some(command));
        }
        assert_eq!(Command::read(&mut line), None);
        assert_eq!(Command::read(&mut [b'z', 0, 0].as_slice()), None);
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_taken(pieces in proptest::collection::vec(proptest::collection::vec(proptest::prelude::any::<u8>(), 0..40), 0..20)) {
            let mut inbox = Inbox::default();
            for mut piece in pieces {
                piece.splice(0..0, *b"VCAM");
                inbox.push(&piece);
                for _ in 0..8 {
                    if !matches!(inbox.next(), Ok(Some(_))) { break; }
                }
            }
        }
    }
}
