//! Which of a camera's modes for the still, which for the preview. Pure.

/// How a mode's frames are packed. In the order in which they are preferred: a compressed frame of full size passes USB 2 at ten
/// times the rate of a raw one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Encoding {
    Mjpeg,
    Yuyv,
    Nv12,
    Grey,
}

impl Encoding {
    /// Name for lists and the line between child and parent.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mjpeg => "MJPEG",
            Self::Yuyv => "YUYV",
            Self::Nv12 => "NV12",
            Self::Grey => "GREY",
        }
    }

    /// The encoding of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::Mjpeg, Self::Yuyv, Self::Nv12, Self::Grey].into_iter().find(|encoding| encoding.name() == name)
    }
}

/// One mode of a camera.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Mode {
    pub encoding: Encoding,
    pub width: u32,
    pub height: u32,
    /// Frames a second.
    pub rate: u32,
}

impl Mode {
    fn pixels(self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }
}

/// A camera that the system knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CameraInfo {
    /// Number of the device (`/dev/videoN`).
    pub index: u32,
    pub name: String,
    pub modes: Vec<Mode>,
}

/// A preview wider than this only costs: it is shown at 960 × 540 at most.
const PREVIEW_WIDTH_MAX: u32 = 1920;
/// Below this the page finder sees too little.
const PREVIEW_WIDTH_MIN: u32 = 640;
/// Fewer frames a second look like a picture book.
const PREVIEW_RATE_MIN: u32 = 10;
/// A frame larger than this is a driver's fairy tale.
const PIXELS_MAX: u64 = 50_000_000;

/// The largest picture wins. MJPEG wins over raw of the same class of size (a raw mode must have a quarter more pixels to be
/// worth its second on the cable), then the higher rate.
#[must_use]
pub fn best_still(modes: &[Mode]) -> Option<Mode> {
    let usable = |mode: &&Mode| mode.pixels() > 0 && mode.pixels() <= PIXELS_MAX;
    let best = |encoding: Encoding| {
        modes
            .iter()
            .filter(usable)
            .filter(move |mode| mode.encoding == encoding)
            .max_by_key(|mode| (mode.pixels(), mode.rate))
            .copied()
    };
    let mut chosen = best(Encoding::Mjpeg);
    for raw in [Encoding::Yuyv, Encoding::Nv12, Encoding::Grey].into_iter().filter_map(best) {
        if chosen.is_none_or(|mode| raw.pixels() * 4 > mode.pixels() * 5) {
            chosen = Some(raw);
        }
    }
    chosen
}

/// A light mode of the same shape as the still, so that the outline drawn on the preview is the one that is cut: 640 to 1920 wide
/// at ten frames a second or more, MJPEG before raw, the largest of these. Without one the still mode serves.
#[must_use]
pub fn best_preview(modes: &[Mode], still: Mode) -> Mode {
    let same_shape = |mode: &Mode| {
        let (a, b) = (u64::from(mode.width) * u64::from(still.height), u64::from(mode.height) * u64::from(still.width));
        a.abs_diff(b) * 100 <= a.max(b)
    };
    let light = |mode: &&Mode| {
        (PREVIEW_WIDTH_MIN..=PREVIEW_WIDTH_MAX).contains(&mode.width)
            && mode.rate >= PREVIEW_RATE_MIN
            && mode.encoding != Encoding::Grey
    };
    let rank = |mode: &&Mode| (mode.encoding == Encoding::Mjpeg, mode.pixels(), mode.rate.min(30));
    let (shaped, any): (Vec<&Mode>, Vec<&Mode>) = modes.iter().filter(light).partition(|mode| same_shape(mode));
    shaped.iter().max_by_key(|mode| rank(mode)).or_else(|| any.iter().max_by_key(|mode| rank(mode))).map_or(still, |mode| **mode)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(encoding: Encoding, width: u32, height: u32, rate: u32) -> Mode {
        Mode { encoding, width, height, rate }
    }

    #[test]
    fn stills_take_the_largest_and_prefer_mjpeg() {
        use Encoding::{Grey, Mjpeg, Nv12, Yuyv};
        let full = mode(Mjpeg, 4160, 3120, 10);
        let table = [
            (vec![], None),
            (vec![mode(Yuyv, 4160, 3120, 1), full, mode(Mjpeg, 1920, 1080, 30)], Some(full)),
            (vec![mode(Yuyv, 4160, 3120, 1), mode(Mjpeg, 1920, 1080, 30)], Some(mode(Yuyv, 4160, 3120, 1))),
            (vec![mode(Yuyv, 1920, 1200, 5), mode(Mjpeg, 1920, 1080, 30)], Some(mode(Mjpeg, 1920, 1080, 30))),
            (vec![mode(Nv12, 1280, 720, 30), mode(Grey, 640, 480, 30)], Some(mode(Nv12, 1280, 720, 30))),
            (vec![mode(Mjpeg, 1920, 1080, 15), mode(Mjpeg, 1920, 1080, 30)], Some(mode(Mjpeg, 1920, 1080, 30))),
            (vec![mode(Mjpeg, 100_000, 100_000, 1), mode(Mjpeg, 640, 480, 30)], Some(mode(Mjpeg, 640, 480, 30))),
            (vec![mode(Mjpeg, 0, 0, 30)], None),
        ];
        for (modes, want) in table {
            assert_eq!(best_still(&modes), want, "{modes:?}");
        }
    }

    #[test]
    fn the_preview_is_light_and_has_the_shape_of_the_still() {
        use Encoding::{Mjpeg, Yuyv};
        let still = mode(Mjpeg, 2592, 1944, 10);
        let table = [
            (
                vec![mode(Mjpeg, 1920, 1080, 30), mode(Mjpeg, 1600, 1200, 20), mode(Mjpeg, 640, 480, 30), still],
                mode(Mjpeg, 1600, 1200, 20),
            ),
            (vec![mode(Mjpeg, 1920, 1080, 30), still], mode(Mjpeg, 1920, 1080, 30)),
            (vec![mode(Yuyv, 1600, 1200, 5), mode(Yuyv, 640, 480, 30), still], mode(Yuyv, 640, 480, 30)),
            (vec![mode(Mjpeg, 320, 240, 30), still], still),
        ];
        for (modes, want) in table {
            assert_eq!(best_preview(&modes, still), want, "{modes:?}");
        }
    }

    #[test]
    fn names_go_both_ways() {
        for encoding in [Encoding::Mjpeg, Encoding::Yuyv, Encoding::Nv12, Encoding::Grey] {
            assert_eq!(Encoding::named(encoding.name()), Some(encoding));
        }
        assert_eq!(Encoding::named("H264"), None);
    }
}
