//! JPEG bytes in and out, with limits; what a camera's frame is worth before anything is stored.
//!
//! libjpeg-turbo does the work (measured at 13 MP: 61 ms against 81 for zune-jpeg and 122 for image); the walk over the markers
//! is ours, because a camera's buffer holds more than one picture and libjpeg does not say where the first one ends.

use turbojpeg::{
    Colorspace, Compressor, DecompressHeader, Decompressor, Image, PixelFormat, ScalingFactor, Subsamp, YuvImage, yuv_pixels_len,
};

use crate::{Picture, Pixels, Planar, ScanError};

/// Largest file that is looked at: four times the largest frame of a 16 MP camera.
pub const INPUT_BYTES_MAX: usize = 48 * 1024 * 1024;
/// Largest picture that is unpacked, in pixels: 150 MB of RGB.
pub const PIXELS_MAX: u64 = 50_000_000;
/// What one page may weigh on the line (issue 3, point 6).
pub const PAGE_BYTES_MAX: usize = 2_000_000;
/// A progressive file with more scans than this is an attack on our time, not a photograph.
const SCANS_MAX: u32 = 64;

struct Walk {
    size: Option<(u32, u32)>,
    components: Option<u8>,
    has_tables: bool,
    /// Where the first scan's marker stands.
    scan: Option<usize>,
    end: Option<usize>,
}

/// Walks over segments by their lengths, so that a preview picture inside APP1 does not end the frame.
fn walk(bytes: &[u8]) -> Option<Walk> {
    if !bytes.starts_with(&[0xFF, 0xD8]) {
        return None;
    }
    let mut found = Walk { size: None, components: None, has_tables: false, scan: None, end: None };
    let mut at = 2;
    loop {
        // Fill bytes (FF) may stand before a marker.
        let Some(&lead) = bytes.get(at) else { return Some(found) };
        if lead != 0xFF {
            return Some(found);
        }
        let Some(&marker) = bytes.get(at + 1) else { return Some(found) };
        match marker {
            0xFF => at += 1,
            0xD9 => {
                found.end = Some(at + 2);
                return Some(found);
            }
            0x01 | 0xD0..=0xD8 => at += 2,
            _ => {
                let (Some(&high), Some(&low)) = (bytes.get(at + 2), bytes.get(at + 3)) else { return Some(found) };
                let length = usize::from(u16::from_be_bytes([high, low]));
                if length < 2 {
                    return Some(found);
                }
                match marker {
                    // Frame headers: all SOFn, that is C0–CF without DHT (C4), JPG (C8) and DAC (CC).
                    0xC0..=0xCF if !matches!(marker, 0xC4 | 0xC8 | 0xCC) => {
                        if let Some(&[h1, h0, w1, w0]) = bytes.get(at + 5..at + 9) {
                            found.components = bytes.get(at + 9).copied();
                            found.size = Some((u32::from(u16::from_be_bytes([w1, w0])), u32::from(u16::from_be_bytes([h1, h0]))));
                        }
                    }
                    0xC4 => found.has_tables = true,
                    _ => {}
                }
                let is_scan = marker == 0xDA;
                if is_scan && found.scan.is_none() {
                    found.scan = Some(at);
                }
                at += 2 + length;
                if is_scan {
                    at = skip_entropy(bytes, at);
                }
            }
        }
    }
}

/// From inside a scan to the next marker that is neither a stuffed zero nor a restart.
fn skip_entropy(bytes: &[u8], mut at: usize) -> usize {
    while at + 1 < bytes.len() {
        match bytes[at..].iter().position(|&b| b == 0xFF) {
            None => return bytes.len(),
            Some(step) => at += step,
        }
        match bytes.get(at + 1) {
            Some(0x00 | 0xD0..=0xD7) => at += 2,
            Some(0xFF) => at += 1,
            _ => return at,
        }
    }
    bytes.len()
}

/// The frame cut behind its first end marker: drivers hand over their whole buffer, with a stale tail of the frame before.
/// Bytes that are no JPEG, or have no end, come back as they are, and [`decode`] says what is wrong with them.
#[must_use]
pub fn cut_first_jpeg(bytes: &[u8]) -> &[u8] {
    walk(bytes).and_then(|found| found.end).map_or(bytes, |end| &bytes[..end])
}

/// Width and height from the frame header, whatever mode the camera claims.
///
/// # Errors
/// No JPEG, no frame header within the bytes, or a size beyond [`PIXELS_MAX`].
pub fn size(bytes: &[u8]) -> Result<(u32, u32), ScanError> {
    let found = walk(bytes).ok_or(ScanError::NotJpeg)?;
    let (width, height) = found.size.ok_or(ScanError::Truncated)?;
    checked(width, height)
}

/// Number of colour components, from the frame header.
pub(crate) fn components(bytes: &[u8]) -> Option<u8> {
    walk(bytes)?.components
}

fn checked(width: u32, height: u32) -> Result<(u32, u32), ScanError> {
    if width == 0 || height == 0 {
        return Err(ScanError::Corrupt);
    }
    if u64::from(width) * u64::from(height) > PIXELS_MAX {
        return Err(ScanError::TooLarge { width, height });
    }
    Ok((width, height))
}

/// The frame with the standard Huffman tables put in where it has none: the UVC standard lets a camera leave them out, and then
/// half the world's readers cannot open the file. Needed before a raw frame is stored or wrapped into a PDF.
#[must_use]
pub fn with_tables(bytes: &[u8]) -> std::borrow::Cow<'_, [u8]> {
    match walk(bytes) {
        Some(Walk { has_tables: false, scan: Some(at), .. }) => {
            let tables = crate::huffman::standard_tables();
            let mut whole = Vec::with_capacity(bytes.len() + tables.len());
            whole.extend_from_slice(&bytes[..at]);
            whole.extend_from_slice(&tables);
            whole.extend_from_slice(&bytes[at..]);
            whole.into()
        }
        _ => bytes.into(),
    }
}

/// Unpacks to RGB. With `max_side` the picture is halved inside the decoder (1/2, 1/4, 1/8) until its longer side fits, or until
/// an eighth, which costs little more than reading the Huffman codes.
///
/// # Errors
/// Typed: not a JPEG, too many bytes or pixels, cut off, damaged. A frame that decoded in part is damaged: half a page is never
/// handed out as a page.
pub fn decode(jpeg: &[u8], max_side: Option<u32>) -> Result<Picture, ScanError> {
    decode_as(jpeg, max_side, Pixels::Rgb8)
}

/// As [`decode`], brightness only: a third of the time is colour.
///
/// # Errors
/// As [`decode`].
pub fn decode_luma(jpeg: &[u8], max_side: Option<u32>) -> Result<Picture, ScanError> {
    decode_as(jpeg, max_side, Pixels::Luma8)
}

/// Limits, header and the picture's own bytes, before anything is unpacked.
fn opened(jpeg: &[u8]) -> Result<(Decompressor, DecompressHeader, &[u8]), ScanError> {
    if jpeg.len() > INPUT_BYTES_MAX {
        return Err(ScanError::TooManyBytes);
    }
    let found = walk(jpeg).ok_or(ScanError::NotJpeg)?;
    let (width, height) = found.size.ok_or(ScanError::Truncated)?;
    checked(width, height)?;
    let jpeg = &jpeg[..found.end.ok_or(ScanError::Truncated)?];
    let mut decompressor = Decompressor::new().map_err(|_| ScanError::OutOfMemory)?;
    decompressor.set_scan_limit(SCANS_MAX).map_err(|_| ScanError::Corrupt)?;
    let header = decompressor.read_header(jpeg).map_err(|_| ScanError::Corrupt)?;
    // Two frame headers in one file would let the check above look at the wrong one.
    checked(header.width.try_into().unwrap_or(u32::MAX), header.height.try_into().unwrap_or(u32::MAX))?;
    if header.is_lossless {
        return Err(ScanError::Unsupported);
    }
    Ok((decompressor, header, jpeg))
}

/// What the decoder said of a frame: half a page is never handed out as a page.
fn whole(said: turbojpeg::Result<()>) -> Result<(), ScanError> {
    match said {
        Ok(()) => Ok(()),
        Err(turbojpeg::Error::TurboJpegError(message)) if harmless(&message) => Ok(()),
        Err(_) => Err(ScanError::Corrupt),
    }
}

/// Unpacks a still as it was packed, brightness and colour apart: neither a conversion nor a byte more than the file holds.
///
/// # Errors
/// As [`decode`].
pub fn decode_planar(jpeg: &[u8]) -> Result<Planar, ScanError> {
    let (mut decompressor, header, bytes) = opened(jpeg)?;
    let per_colour = match (header.colorspace, header.subsamp) {
        (Colorspace::Gray, _) => None,
        (Colorspace::YCbCr, Subsamp::None | Subsamp::Sub2x1 | Subsamp::Sub2x2 | Subsamp::Sub1x2 | Subsamp::Sub4x1) => {
            Some(header.subsamp.size())
        }
        // What no camera makes, and what opens all the same.
        _ => return decode(jpeg, None).and_then(|picture| Planar::of(&picture).ok_or(ScanError::Corrupt)),
    };
    let (width, height, subsamp) = (header.width, header.height, per_colour.map_or(Subsamp::Gray, |_| header.subsamp));
    let mut pixels = vec![0u8; yuv_pixels_len(width, 1, height, subsamp).map_err(|_| ScanError::Corrupt)?];
    whole(decompressor.decompress_to_yuv(bytes, YuvImage { pixels: pixels.as_mut_slice(), width, align: 1, height, subsamp }))?;
    let (w, h) = (width.try_into().map_err(|_| ScanError::Corrupt)?, height.try_into().map_err(|_| ScanError::Corrupt)?);
    let full = padded((width, height), per_colour);
    if full != (width, height) {
        let luma = reshaped(&pixels[..full.0 * full.1], full, (width, height));
        pixels.splice(..full.0 * full.1, luma);
    }
    Planar::new(w, h, per_colour, pixels).ok_or(ScanError::Corrupt)
}

/// libjpeg-turbo's plane of brightness has whole pixels of colour only.
fn padded((w, h): (usize, usize), per_colour: Option<(usize, usize)>) -> (usize, usize) {
    let (across, down) = per_colour.unwrap_or((1, 1));
    (w.next_multiple_of(across), h.next_multiple_of(down))
}

/// A plane cut to another size, or with its last column and row repeated.
fn reshaped(plane: &[u8], (w, h): (usize, usize), (to_w, to_h): (usize, usize)) -> Vec<u8> {
    let mut out = Vec::with_capacity(to_w * to_h);
    for y in 0..to_h {
        let row = &plane[y.min(h - 1) * w..][..w];
        out.extend_from_slice(&row[..w.min(to_w)]);
        out.extend(std::iter::repeat_n(row[w - 1], to_w.saturating_sub(w)));
    }
    out
}

fn decode_as(jpeg: &[u8], max_side: Option<u32>, pixels: Pixels) -> Result<Picture, ScanError> {
    let (mut decompressor, header, jpeg) = opened(jpeg)?;
    let factor = match max_side.map(|side| header.width.max(header.height).div_ceil(side.max(1) as usize)) {
        None | Some(0 | 1) => ScalingFactor::ONE,
        Some(2) => ScalingFactor::ONE_HALF,
        Some(3 | 4) => ScalingFactor::ONE_QUARTER,
        Some(_) => ScalingFactor::ONE_EIGHTH,
    };
    decompressor.set_scaling_factor(factor).map_err(|_| ScanError::Corrupt)?;
    let (w, h) = (factor.scale(header.width), factor.scale(header.height));
    let mut data = vec![0u8; w * h * pixels.bytes()];
    let format = match pixels {
        Pixels::Rgb8 => PixelFormat::RGB,
        Pixels::Luma8 => PixelFormat::GRAY,
    };
    let image = Image { pixels: data.as_mut_slice(), width: w, pitch: w * pixels.bytes(), height: h, format };
    whole(decompressor.decompress(jpeg, image))?;
    let (w, h) = (w.try_into().map_err(|_| ScanError::Corrupt)?, h.try_into().map_err(|_| ScanError::Corrupt)?);
    Ok(Picture { w, h, pixels, data })
}

/// Many cameras pad their frames before the end marker. All pixels are there by then, so the warning is none.
fn harmless(message: &str) -> bool {
    message.contains("extraneous bytes before marker 0xd9")
}

/// Qualities that are tried in turn.
const QUALITIES: [u8; 4] = [85, 78, 70, 60];

/// Packs as JPEG at quality 85 (4:2:0), lower only when the page would weigh more than `max_bytes`, and smaller in pixels only
/// when quality alone does not do it.
///
/// # Errors
/// When even a quarter of the size does not fit, or the picture has no pixels.
pub fn encode(picture: &Picture, max_bytes: usize) -> Result<Vec<u8>, ScanError> {
    if let Some(jpeg) = fitting(max_bytes, |quality| encode_at(picture, quality))? {
        return Ok(jpeg);
    }
    for shrink in 2..=4 {
        let smaller = picture.shrunk(shrink);
        if let Some(jpeg) = fitting(max_bytes, |quality| encode_at(&smaller, quality))? {
            return Ok(jpeg);
        }
    }
    Err(ScanError::DoesNotFit)
}

/// As [`encode`], straight from the planes; colour keeps its size.
///
/// # Errors
/// As [`encode`].
pub fn encode_planar(picture: &Planar, max_bytes: usize) -> Result<Vec<u8>, ScanError> {
    match fitting(max_bytes, |quality| encode_planar_at(picture, quality))? {
        Some(jpeg) => Ok(jpeg),
        // A page of nothing but grain.
        None => encode(&picture.to_picture(), max_bytes),
    }
}

/// The first quality at which the bytes fit.
fn fitting(max_bytes: usize, pack: impl Fn(u8) -> Result<Vec<u8>, ScanError>) -> Result<Option<Vec<u8>>, ScanError> {
    for quality in QUALITIES {
        let jpeg = pack(quality)?;
        if jpeg.len() <= max_bytes {
            return Ok(Some(jpeg));
        }
        // Far too large: a lower quality will not do.
        if jpeg.len() > max_bytes.saturating_mul(3) {
            break;
        }
    }
    Ok(None)
}

fn encode_planar_at(picture: &Planar, quality: u8) -> Result<Vec<u8>, ScanError> {
    let subsamp = match picture.per_colour() {
        None => Subsamp::Gray,
        Some((1, 1)) => Subsamp::None,
        Some((2, 1)) => Subsamp::Sub2x1,
        Some((2, 2)) => Subsamp::Sub2x2,
        Some((1, 2)) => Subsamp::Sub1x2,
        Some((4, 1)) => Subsamp::Sub4x1,
        Some(_) => return encode_at(&picture.to_picture(), quality),
    };
    let mut compressor = Compressor::new().map_err(|_| ScanError::OutOfMemory)?;
    compressor.set_quality(i32::from(quality.clamp(1, 100))).map_err(|_| ScanError::Encode)?;
    let (width, height) = (picture.w as usize, picture.h as usize);
    let full = padded((width, height), picture.per_colour());
    let mut pixels = std::borrow::Cow::Borrowed(picture.data());
    if full != (width, height) {
        let luma = reshaped(picture.luma(), (width, height), full);
        pixels.to_mut().splice(..width * height, luma);
    }
    compressor
        .compress_yuv_to_vec(YuvImage { pixels: &pixels[..], width, align: 1, height, subsamp })
        .map_err(|_| ScanError::Encode)
}

/// Packs as JPEG at a fixed quality (1–100).
///
/// # Errors
/// When the picture has no pixels or memory runs out.
pub fn encode_at(picture: &Picture, quality: u8) -> Result<Vec<u8>, ScanError> {
    if picture.w == 0 || picture.h == 0 || picture.data.len() != picture.stride() * picture.h as usize {
        return Err(ScanError::Empty);
    }
    let mut compressor = Compressor::new().map_err(|_| ScanError::OutOfMemory)?;
    compressor.set_quality(i32::from(quality.clamp(1, 100))).map_err(|_| ScanError::Encode)?;
    let (format, subsamp) = match picture.pixels {
        Pixels::Rgb8 => (PixelFormat::RGB, Subsamp::Sub2x2),
        Pixels::Luma8 => (PixelFormat::GRAY, Subsamp::Gray),
    };
    compressor.set_subsamp(subsamp).map_err(|_| ScanError::Encode)?;
    compressor
        .compress_to_vec(Image {
            pixels: picture.data.as_slice(),
            width: picture.w as usize,
            pitch: picture.stride(),
            height: picture.h as usize,
            format,
        })
        .map_err(|_| ScanError::Encode)
}

#[cfg(test)]
#[path = "jpeg_tests.rs"]
mod tests;
