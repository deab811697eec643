//! QR codes made and read; bar codes read. Work of rxing (measured: as many codes read as zxing-cpp, 60 of 75).

use rxing::{BarcodeFormat, DecodeHints, EncodeHints, Writer};

use crate::{Picture, ScanError};

/// Longest text that a code of ours holds, in bytes: a code of version 20 at level M can still be photographed from a screen.
pub const TEXT_BYTES_MAX: usize = 600;
/// Larger pictures are halved before reading: a code that needs more pixels than this is dust.
const READ_SIDE_MAX: u32 = 5000;

/// A QR code as squares, rows from the top, without its quiet zone (four light modules on each side belong around it).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matrix {
    pub side: usize,
    pub dark: Vec<bool>,
}

/// A code that was read in a picture.
#[derive(Clone, PartialEq)]
pub struct Code {
    pub text: String,
    /// `qr`, `data_matrix`, `pdf417`, or `bar` for the striped ones.
    pub kind: &'static str,
    /// Where it stands, in pixels of the picture.
    pub points: Vec<[f32; 2]>,
}

/// Shows the kind, never the text: a code on a paper may hold a person's number.
impl std::fmt::Debug for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Code({}, •••)", self.kind)
    }
}

/// A QR code of level M (15 % may be lost) of this text.
///
/// # Errors
/// Empty or longer than [`TEXT_BYTES_MAX`].
pub fn qr(text: &str) -> Result<Matrix, ScanError> {
    if text.is_empty() || text.len() > TEXT_BYTES_MAX {
        return Err(ScanError::BadCodeText);
    }
    let hints = EncodeHints {
        Margin: Some("0".into()),
        ErrorCorrection: Some("M".into()),
        CharacterSet: Some("UTF-8".into()),
        ..EncodeHints::default()
    };
    let bits = rxing::qrcode::QRCodeWriter
        .encode_with_hints(text, &BarcodeFormat::QR_CODE, 0, 0, &hints)
        .map_err(|_| ScanError::BadCodeText)?;
    let side = bits.getWidth();
    let dark = (0..side).flat_map(|y| (0..side).map(move |x| (x, y))).map(|(x, y)| bits.get(x, y)).collect();
    Ok(Matrix { side: side as usize, dark })
}

/// All codes in the picture, nothing when there are none.
#[must_use]
pub fn read(picture: &Picture) -> Vec<Code> {
    read_kinds(picture, DecodeHints::default())
}

/// The QR codes only, in a fraction of the time.
#[must_use]
pub(crate) fn read_qr(picture: &Picture) -> Vec<Code> {
    read_kinds(picture, DecodeHints { PossibleFormats: Some([BarcodeFormat::QR_CODE].into()), ..DecodeHints::default() })
}

fn read_kinds(picture: &Picture, mut hints: DecodeHints) -> Vec<Code> {
    let mut scale = 1;
    while picture.w.max(picture.h) / scale > READ_SIDE_MAX {
        scale += 1;
    }
    let grey = if scale > 1 { picture.shrunk(scale).to_luma() } else { picture.to_luma() };
    if grey.w < 16 || grey.h < 16 {
        return Vec::new();
    }
    let several = rxing::helpers::detect_multiple_in_luma_with_hints(grey.data, grey.w, grey.h, &mut hints).unwrap_or_default();
    let codes = several.into_iter().map(|result| Code {
        kind: match result.getBarcodeFormat() {
            BarcodeFormat::QR_CODE | BarcodeFormat::MICRO_QR_CODE => "qr",
            BarcodeFormat::DATA_MATRIX => "data_matrix",
            BarcodeFormat::PDF_417 => "pdf417",
            _ => "bar",
        },
        points: result.getPoints().iter().map(|p| [p.x * scale as f32, p.y * scale as f32]).collect(),
        text: result.getText().to_owned(),
    });
    without_stray_bars(codes.collect())
}

/// Quarter turns clockwise after which a page stands upright on which these codes are printed upright: a QR code has no pattern in
/// its lower right corner. `None` without one, or where two disagree.
#[must_use]
pub(crate) fn turns(codes: &[Code]) -> Option<u32> {
    let mut said = codes.iter().filter(|code| code.kind == "qr").filter_map(|code| {
        // From the upper left corner along the upper side.
        let [dx, dy] = match code.points[..] {
            [a, b, c] => {
                let square = |p: [f32; 2], q: [f32; 2]| (p[0] - q[0]).powi(2) + (p[1] - q[1]).powi(2);
                // Opposite the longest side stands the corner, and to its right the one from which the other lies clockwise.
                let (corner, p, q) =
                    [(a, b, c), (b, c, a), (c, a, b)].into_iter().max_by(|x, y| square(x.1, x.2).total_cmp(&square(y.1, y.2)))?;
                let (p, q) = ([p[0] - corner[0], p[1] - corner[1]], [q[0] - corner[0], q[1] - corner[1]]);
                if p[0] * q[1] - p[1] * q[0] > 0.0 { p } else { q }
            }
            [a, b, ..] => [b[0] - a[0], b[1] - a[1]],
            _ => return None,
        };
        Some(match dx.abs() > dy.abs() {
            true => {
                if dx > 0.0 {
                    0
                } else {
                    2
                }
            }
            false => {
                if dy > 0.0 {
                    3
                } else {
                    1
                }
            }
        })
    });
    let first = said.next()?;
    said.all(|other| other == first).then_some(first)
}

/// A row of a square code's modules can look like a striped one; what stripes are read on a square code are none.
fn without_stray_bars(mut codes: Vec<Code>) -> Vec<Code> {
    let squares: Vec<[f32; 4]> = codes
        .iter()
        .filter(|code| code.kind != "bar" && !code.points.is_empty())
        .map(|code| {
            let edge = |c: usize, pick: fn(f32, f32) -> f32| code.points.iter().map(|p| p[c]).reduce(pick).unwrap_or_default();
            let area = [edge(0, f32::min), edge(1, f32::min), edge(0, f32::max), edge(1, f32::max)];
            // The points are the middles of the patterns in the corners.
            let around = 0.35 * (area[2] - area[0]).max(area[3] - area[1]);
            [area[0] - around, area[1] - around, area[2] + around, area[3] + around]
        })
        .collect();
    let on_square = |code: &Code| {
        squares
            .iter()
            .any(|area| code.points.iter().any(|&[x, y]| (area[0]..area[2]).contains(&x) && (area[1]..area[3]).contains(&y)))
    };
    codes.retain(|code| code.kind != "bar" || !on_square(code));
    codes
}

#[cfg(test)]
#[path = "codes_tests.rs"]
mod tests;
