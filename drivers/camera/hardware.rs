//! The only file that calls nokhwa, with `kernel` beside it for what nokhwa gets wrong. Every call in here may hang for ever; that
//! is why it runs in the child.

use std::borrow::Cow;
use std::path::Path;

use devices::Trouble;
use devices::jpeg_frame::first_jpeg;
use nokhwa::utils::{
    ApiBackend, CameraFormat, CameraIndex, ControlValueSetter, FrameFormat, KnownCameraControl, RequestedFormat,
    RequestedFormatType, Resolution,
};
use nokhwa::{Camera, NokhwaError, query};

use crate::modes::{CameraInfo, Encoding, Mode};
use crate::protocol::TROUBLES;

const ABSENT: Trouble = TROUBLES[0];
const BUSY: Trouble = TROUBLES[1];
const DENIED: Trouble = TROUBLES[2];
const UNPLUGGED: Trouble = TROUBLES[3];
const NO_MODE: Trouble = TROUBLES[4];
const WILL_NOT_OPEN: Trouble = TROUBLES[5];
const GARBLED: Trouble = TROUBLES[6];
const WILL_NOT_STREAM: Trouble = TROUBLES[7];

const FORMATS: [FrameFormat; 4] = [FrameFormat::MJPEG, FrameFormat::YUYV, FrameFormat::NV12, FrameFormat::GRAY];
/// A raw frame is packed at this quality: the page is unpacked and packed once more later on.
const RAW_QUALITY: u8 = 92;

fn encoding(format: FrameFormat) -> Option<Encoding> {
    match format {
        FrameFormat::MJPEG => Some(Encoding::Mjpeg),
        FrameFormat::YUYV => Some(Encoding::Yuyv),
        FrameFormat::NV12 => Some(Encoding::Nv12),
        FrameFormat::GRAY => Some(Encoding::Grey),
        _ => None,
    }
}

fn format(encoding: Encoding) -> FrameFormat {
    match encoding {
        Encoding::Mjpeg => FrameFormat::MJPEG,
        Encoding::Yuyv => FrameFormat::YUYV,
        Encoding::Nv12 => FrameFormat::NV12,
        Encoding::Grey => FrameFormat::GRAY,
    }
}

/// What an error of nokhwa means to a person. Its text is the system's (`EBUSY` and the like), there is no better handle.
fn trouble(error: &NokhwaError, otherwise: Trouble) -> Trouble {
    let text = error.to_string().to_ascii_lowercase();
    if text.contains("os error 16") || text.contains("busy") {
        BUSY
    } else if text.contains("os error 13") || text.contains("os error 1)") || text.contains("permission") {
        DENIED
    } else if text.contains("os error 19") || text.contains("no such device") {
        UNPLUGGED
    } else if text.contains("os error 2)") || text.contains("no such file") {
        ABSENT
    } else {
        otherwise
    }
}

/// Numbers and names of the video devices, the first one first. UVC lists a second node a camera that only carries metadata; it
/// has no modes and drops out when opened.
fn devices() -> Result<Vec<(u32, String)>, Trouble> {
    let mut all: Vec<(u32, String)> = query(ApiBackend::Auto)
        .map_err(|error| trouble(&error, ABSENT))?
        .into_iter()
        .filter_map(|info| Some((info.index().as_index().ok()?, info.human_name())))
        .collect();
    all.sort();
    all.dedup();
    Ok(all)
}

fn opened(index: u32) -> Result<Camera, Trouble> {
    #[cfg(target_os = "linux")]
    match crate::kernel::settle(index) {
        Err(error) if error.kind() == std::io::ErrorKind::ResourceBusy => return Err(BUSY),
        // Whatever else is wrong is found again by the opening itself.
        Ok(()) | Err(_) => {}
    }
    Camera::new(CameraIndex::Index(index), RequestedFormat::with_formats(RequestedFormatType::None, &FORMATS))
        .map_err(|error| trouble(&error, WILL_NOT_OPEN))
}

fn modes(index: u32, camera: &mut Camera) -> Vec<Mode> {
    let mut modes: Vec<Mode> = camera
        .compatible_camera_formats()
        .unwrap_or_default()
        .into_iter()
        .filter_map(|format| {
            Some(Mode {
                encoding: encoding(format.format())?,
                width: format.width(),
                height: format.height(),
                rate: format.frame_rate(),
            })
        })
        .collect();
    modes.sort_by_key(|mode| (mode.encoding, std::cmp::Reverse((mode.width, mode.height, mode.rate))));
    modes.dedup();
    #[cfg(target_os = "linux")]
    let modes = crate::kernel::truly_offered(index, modes);
    modes
}

/// All cameras that have a usable mode.
pub(crate) fn list() -> Result<Vec<CameraInfo>, Trouble> {
    let mut cameras = Vec::new();
    for (index, name) in devices()? {
        if let Ok(mut camera) = opened(index) {
            let modes = modes(index, &mut camera);
            if !modes.is_empty() {
                cameras.push(CameraInfo { index, name, modes });
            }
        }
    }
    Ok(cameras)
}

/// An open device.
pub(crate) struct Device {
    camera: Camera,
    mode: Mode,
}

impl Device {
    /// The device of this number, or the first usable; its name and modes come with it.
    pub(crate) fn open(wanted: Option<u32>) -> Result<(Self, CameraInfo), Trouble> {
        let mut last = ABSENT;
        for (index, name) in devices()? {
            if wanted.is_some_and(|wanted| wanted != index) {
                continue;
            }
            // Without a look at the node a permission problem reads like an unknown error.
            if std::fs::File::open(Path::new("/dev").join(format!("video{index}")))
                .is_err_and(|error| error.kind() == std::io::ErrorKind::PermissionDenied)
            {
                last = DENIED;
                continue;
            }
            match opened(index) {
                Ok(mut camera) => {
                    let modes = modes(index, &mut camera);
                    let Some(first) = modes.first().copied() else {
                        last = if wanted.is_some() { NO_MODE } else { last };
                        continue;
                    };
                    return Ok((Self { camera, mode: first }, CameraInfo { index, name, modes }));
                }
                Err(trouble) => last = trouble,
            }
        }
        Err(last)
    }

    /// Stops, sets the mode, starts.
    pub(crate) fn stream(&mut self, mode: Mode) -> Result<(), Trouble> {
        let _ = self.camera.stop_stream();
        let wanted = CameraFormat::new(Resolution::new(mode.width, mode.height), format(mode.encoding), mode.rate);
        self.camera
            .set_camera_requset(RequestedFormat::with_formats(RequestedFormatType::Exact(wanted), &FORMATS))
            .map_err(|error| trouble(&error, WILL_NOT_STREAM))?;
        self.mode = mode;
        self.camera.open_stream().map_err(|error| trouble(&error, WILL_NOT_STREAM))
    }

    /// The next frame as a whole JPEG.
    pub(crate) fn frame(&mut self) -> Result<Vec<u8>, Trouble> {
        let mode = self.mode;
        let bytes = self.camera.frame_raw().map_err(|error| trouble(&error, UNPLUGGED))?;
        as_jpeg(&bytes, mode).ok_or(GARBLED)
    }

    /// Sets a control by its V4L2 number. nokhwa's named focus and exposure are the relative ones, which UVC does not have.
    /// A driver that clamps the value reports a refusal; the value it took is good enough.
    pub(crate) fn control(&mut self, id: u32, value: i64) {
        let _ = self.camera.set_camera_control(KnownCameraControl::Other(id.into()), ControlValueSetter::Integer(value));
    }
}

/// A frame of a mode as a JPEG: cut at its end, or packed.
pub(crate) fn as_jpeg(bytes: &[u8], mode: Mode) -> Option<Vec<u8>> {
    let (w, h) = (usize::from(u16::try_from(mode.width).ok()?), usize::from(u16::try_from(mode.height).ok()?));
    let (pixels, colour): (Cow<'_, [u8]>, _) = match mode.encoding {
        Encoding::Mjpeg => return first_jpeg(bytes).map(<[u8]>::to_vec),
        Encoding::Grey => (bytes.get(..w * h)?.into(), jpeg_encoder::ColorType::Luma),
        Encoding::Yuyv => (yuyv_to_ycbcr(bytes.get(..w * h * 2)?).into(), jpeg_encoder::ColorType::Ycbcr),
        Encoding::Nv12 => (nv12_to_ycbcr(bytes, w, h)?.into(), jpeg_encoder::ColorType::Ycbcr),
    };
    let mut jpeg = Vec::with_capacity(pixels.len() / 6);
    let mut encoder = jpeg_encoder::Encoder::new(&mut jpeg, RAW_QUALITY);
    encoder.set_sampling_factor(jpeg_encoder::SamplingFactor::F_2_1);
    encoder.encode(&pixels, w as u16, h as u16, colour).ok()?;
    Some(jpeg)
}

fn yuyv_to_ycbcr(bytes: &[u8]) -> Vec<u8> {
    bytes.chunks_exact(4).flat_map(|p| [p[0], p[1], p[3], p[2], p[1], p[3]]).map_full_range().collect()
}

fn nv12_to_ycbcr(bytes: &[u8], w: usize, h: usize) -> Option<Vec<u8>> {
    let (luma, rest) = bytes.split_at_checked(w * h)?;
    let chroma = rest.get(..w * h.div_ceil(2))?;
    let pixel = |y: usize, x: usize| {
        let at = y / 2 * w + x / 2 * 2;
        [luma[y * w + x], chroma[at], chroma.get(at + 1).copied().unwrap_or(128)]
    };
    Some((0..h).flat_map(|y| (0..w).map(move |x| (y, x))).flat_map(|(y, x)| pixel(y, x)).map_full_range().collect())
}

/// Cameras speak BT.601 with headroom (16–235), JPEG without it.
trait FullRange: Iterator<Item = u8> + Sized {
    fn map_full_range(self) -> impl Iterator<Item = u8> {
        self.enumerate().map(|(i, v)| {
            let v = i32::from(v);
            let full = if i % 3 == 0 { (v - 16) * 255 / 219 } else { (v - 128) * 255 / 224 + 128 };
            full.clamp(0, 255) as u8
        })
    }
}

impl<I: Iterator<Item = u8>> FullRange for I {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn raw_frames_become_whole_pictures() {
        let (w, h) = (32u32, 16u32);
        let mode = |encoding| Mode { encoding, width: w, height: h, rate: 5 };
        let n = (w * h) as usize;
        for (encoding, bytes) in [
            (Encoding::Yuyv, [235u8, 128, 235, 128].repeat(n / 2)),
            (Encoding::Nv12, [vec![235u8; n], vec![128u8; n / 2]].concat()),
            (Encoding::Grey, vec![200u8; n]),
        ] {
            let jpeg = as_jpeg(&bytes, mode(encoding)).unwrap();
            assert_eq!(first_jpeg(&jpeg), Some(jpeg.as_slice()), "{encoding:?}");
            assert_eq!(as_jpeg(&bytes[..n - 1], mode(encoding)), None, "a short {encoding:?} frame is none");
        }
        assert_eq!(yuyv_to_ycbcr(&[235, 128, 16, 240]), [255, 128, 255, 0, 128, 255]);
    }

    #[test]
    fn an_mjpeg_buffer_is_cut_and_junk_is_refused() {
        let mode = Mode { encoding: Encoding::Mjpeg, width: 8, height: 8, rate: 5 };
        let frame = [0xFF, 0xD8, 0xFF, 0xE0, 0, 2, 0xFF, 0xD9];
        assert_eq!(as_jpeg(&[&frame[..], &[0; 50]].concat(), mode), Some(frame.to_vec()));
        assert_eq!(as_jpeg(&[0; 50], mode), None);
    }
}
