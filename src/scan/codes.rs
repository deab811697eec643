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
    let mut scale = 1;
    while picture.w.max(picture.h) / scale > READ_SIDE_MAX {
        scale += 1;
    }
    let grey = if scale > 1 { picture.shrunk(scale).to_luma() } else { picture.to_luma() };
    if grey.w < 16 || grey.h < 16 {
        return Vec::new();
    }
    let mut hints = DecodeHints::default();
    let several = rxing::helpers::detect_multiple_in_luma_with_hints(grey.data, grey.w, grey.h, &mut hints).unwrap_or_default();
    several
        .into_iter()
        .map(|result| Code {
            kind: match result.getBarcodeFormat() {
                BarcodeFormat::QR_CODE | BarcodeFormat::MICRO_QR_CODE => "qr",
                BarcodeFormat::DATA_MATRIX => "data_matrix",
                BarcodeFormat::PDF_417 => "pdf417",
                _ => "bar",
            },
            points: result.getPoints().iter().map(|p| [p.x * scale as f32, p.y * scale as f32]).collect(),
            text: result.getText().to_owned(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(matrix: &Matrix, module: u32) -> Picture {
        let side = (matrix.side as u32 + 8) * module;
        let mut data = vec![255u8; (side * side) as usize];
        for y in 0..side {
            for x in 0..side {
                let (mx, my) = ((x / module).wrapping_sub(4) as usize, (y / module).wrapping_sub(4) as usize);
                if mx < matrix.side && my < matrix.side && matrix.dark[my * matrix.side + mx] {
                    data[(y * side + x) as usize] = 0;
                }
            }
        }
        Picture::luma(side, side, data).unwrap()
    }

    #[test]
    fn what_is_written_is_read() {
        for text in ["SLC-2026-000001-7F", "https://town.example/q?n=SLC-1&c=AB12", "查询码 样张 000"] {
            let matrix = qr(text).unwrap();
            assert_eq!(matrix.dark.len(), matrix.side * matrix.side);
            assert!(matrix.dark[0], "a finder pattern stands in the first corner");
            let codes = read(&drawn(&matrix, 5));
            assert_eq!(codes.len(), 1, "{text}");
            assert_eq!((codes[0].text.as_str(), codes[0].kind), (text, "qr"));
        }
    }

    #[test]
    fn too_long_or_empty_is_refused_and_an_empty_picture_holds_no_code() {
        assert!(matches!(qr(""), Err(ScanError::BadCodeText)));
        assert!(matches!(qr(&"a".repeat(TEXT_BYTES_MAX + 1)), Err(ScanError::BadCodeText)));
        assert!(qr(&"好".repeat(TEXT_BYTES_MAX / 3)).is_ok());
        assert!(read(&Picture::filled(300, 200, [240, 240, 240])).is_empty());
        assert!(read(&Picture::filled(3, 2, [240, 240, 240])).is_empty());
    }
}
