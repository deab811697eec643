//! What V4L2 itself says of a camera: its true frame rates, and a state in which nokhwa can open it.
//!
//! nokhwa counts whole frames a second. It lists a frame every 2/25 s as 25 a second, refuses to open a camera that stands at such
//! a rate, and leaves the camera standing there: seen on a real kernel (`make lab PART=camera`), where one preview made the
//! device useless until it was plugged in again. Modes that are offered at such rates alone are not used.

use std::io;

use v4l::frameinterval::FrameIntervalEnum;
use v4l::framesize::FrameSizeEnum;
use v4l::video::Capture;
use v4l::video::capture::Parameters;
use v4l::{Device, Format, FourCC};

use crate::modes::{Encoding, Mode};

const USED: [Encoding; 4] = [Encoding::Mjpeg, Encoding::Yuyv, Encoding::Nv12, Encoding::Grey];

fn fourcc(encoding: Encoding) -> FourCC {
    FourCC::new(match encoding {
        Encoding::Mjpeg => b"MJPG",
        Encoding::Yuyv => b"YUYV",
        Encoding::Nv12 => b"NV12",
        Encoding::Grey => b"GREY",
    })
}

/// Whole frames a second at which the device offers this size; `None` where it does not list them one by one.
fn whole_rates(device: &Device, encoding: Encoding, width: u32, height: u32) -> Option<Vec<u32>> {
    let intervals = device.enum_frameintervals(fourcc(encoding), width, height).ok().filter(|list| !list.is_empty())?;
    let mut rates = Vec::new();
    for interval in intervals {
        match interval.interval {
            FrameIntervalEnum::Discrete(it) if it.numerator == 1 => rates.push(it.denominator),
            FrameIntervalEnum::Discrete(_) => {}
            FrameIntervalEnum::Stepwise(_) => return None,
        }
    }
    Some(rates)
}

/// Those of the modes that the device has at that very rate. A device that cannot be asked keeps them all.
pub(crate) fn truly_offered(index: u32, modes: Vec<Mode>) -> Vec<Mode> {
    let Ok(device) = Device::new(index as usize) else { return modes };
    modes
        .into_iter()
        .filter(|mode| {
            whole_rates(&device, mode.encoding, mode.width, mode.height).is_none_or(|rates| rates.contains(&mode.rate))
        })
        .collect()
}

/// Sets a device that stands where nokhwa cannot take it up, at a rate or in a format that it does not know, to a mode that it
/// does. A device in such a mode already is not touched.
///
/// # Errors
/// The system's, `EBUSY` when another program streams from it.
pub(crate) fn settle(index: u32) -> io::Result<()> {
    let device = Device::new(index as usize)?;
    let is_used = USED.iter().any(|encoding| device.format().is_ok_and(|now| now.fourcc == fourcc(*encoding)));
    if is_used && device.params()?.interval.numerator == 1 {
        return Ok(());
    }
    for encoding in USED {
        for size in device.enum_framesizes(fourcc(encoding)).unwrap_or_default() {
            let FrameSizeEnum::Discrete(size) = size.size else { continue };
            let rates = whole_rates(&device, encoding, size.width, size.height).unwrap_or_default();
            let Some(rate) = rates.into_iter().max() else { continue };
            device.set_format(&Format::new(size.width, size.height, fourcc(encoding)))?;
            if device.set_params(&Parameters::with_fps(rate))?.interval.numerator == 1 {
                return Ok(());
            }
        }
    }
    // Nothing is offered one by one; nokhwa says what it thinks of it.
    Ok(())
}
