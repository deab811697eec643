//! Pages as one PDF: the JPEGs themselves in a thin wrapper, nothing packed again (ISO 32000-1, DCTDecode).

use std::fmt::Write;

use crate::{ScanError, jpeg};

/// Most pages in one file.
pub const PAGES_MAX: usize = 500;
/// A4 in points; every page is fitted into it, upright or across as the picture is.
const A4: (f32, f32) = (595.276, 841.890);

/// A PDF of these JPEG pages, in this order.
///
/// # Errors
/// No page, too many, or a page that is not a whole JPEG.
pub fn pdf(pages: &[&[u8]]) -> Result<Vec<u8>, ScanError> {
    if pages.is_empty() || pages.len() > PAGES_MAX {
        return Err(ScanError::Empty);
    }
    let mut out = b"%PDF-1.4\n%\xE2\xE3\xCF\xD3\n".to_vec();
    let mut offsets = Vec::with_capacity(2 + pages.len() * 3);
    let begin = |out: &mut Vec<u8>, offsets: &mut Vec<usize>| {
        offsets.push(out.len());
        out.extend_from_slice(format!("{} 0 obj\n", offsets.len()).as_bytes());
    };
    begin(&mut out, &mut offsets);
    out.extend_from_slice(b"<< /Type /Catalog /Pages 2 0 R >>\nendobj\n");
    begin(&mut out, &mut offsets);
    let kids = (0..pages.len()).fold(String::new(), |mut kids, i| {
        let _ = write!(kids, "{} 0 R ", 3 + 3 * i);
        kids
    });
    out.extend_from_slice(format!("<< /Type /Pages /Count {} /Kids [ {kids}] >>\nendobj\n", pages.len()).as_bytes());
    for (i, page) in pages.iter().enumerate() {
        let page = jpeg::with_tables(jpeg::cut_first_jpeg(page));
        let (w, h) = jpeg::size(&page)?;
        let space = match jpeg::components(&page) {
            Some(1) => "DeviceGray",
            Some(3) => "DeviceRGB",
            _ => return Err(ScanError::Unsupported),
        };
        let (sheet_w, sheet_h) = if w > h { (A4.1, A4.0) } else { A4 };
        let scale = (sheet_w / w as f32).min(sheet_h / h as f32);
        let (pw, ph) = (w as f32 * scale, h as f32 * scale);
        let (x, y) = ((sheet_w - pw) / 2.0, (sheet_h - ph) / 2.0);
        let (content, image) = (4 + 3 * i, 5 + 3 * i);
        begin(&mut out, &mut offsets);
        out.extend_from_slice(
            format!(
                "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {sheet_w:.2} {sheet_h:.2}] /Contents {content} 0 R \
                 /Resources << /XObject << /P {image} 0 R >> >> >>\nendobj\n"
            )
            .as_bytes(),
        );
        let draw = format!("q {pw:.2} 0 0 {ph:.2} {x:.2} {y:.2} cm /P Do Q");
        begin(&mut out, &mut offsets);
        out.extend_from_slice(format!("<< /Length {} >>\nstream\n{draw}\nendstream\nendobj\n", draw.len()).as_bytes());
        begin(&mut out, &mut offsets);
        out.extend_from_slice(
            format!(
                "<< /Type /XObject /Subtype /Image /Width {w} /Height {h} /ColorSpace /{space} /BitsPerComponent 8 \
                 /Filter /DCTDecode /Length {} >>\nstream\n",
                page.len()
            )
            .as_bytes(),
        );
        out.extend_from_slice(&page);
        out.extend_from_slice(b"\nendstream\nendobj\n");
    }
    let start = out.len();
    out.extend_from_slice(format!("xref\n0 {}\n0000000000 65535 f \n", offsets.len() + 1).as_bytes());
    for offset in &offsets {
        out.extend_from_slice(format!("{offset:010} 00000 n \n").as_bytes());
    }
    out.extend_from_slice(
        format!("trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n", offsets.len() + 1).as_bytes(),
    );
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Picture, jpeg::encode_at};

    #[test]
    fn every_object_stands_where_the_table_says() {
        let colour = encode_at(&Picture::filled(200, 300, [240, 20, 30]), 80).unwrap();
        let grey = encode_at(&Picture::filled(300, 200, [90; 3]).to_luma(), 80).unwrap();
        let file = pdf(&[&colour, &grey]).unwrap();
        let text = String::from_utf8_lossy(&file);
        assert!(text.starts_with("%PDF-1.4") && text.ends_with("%%EOF\n"));
        assert!(text.contains("/Count 2") && text.contains("DeviceGray") && text.contains("DeviceRGB"));
        let find = |needle: &[u8]| file.windows(needle.len()).rposition(|w| w == needle).unwrap();
        let table = find(b"xref\n0 9\n");
        // `startxref` holds "xref" as well; the table itself is the one at the named place.
        let start: usize = text.rsplit("startxref\n").next().unwrap().lines().next().unwrap().parse().unwrap();
        assert_eq!(start, table);
        let rows: Vec<&str> = std::str::from_utf8(&file[table..]).unwrap().lines().skip(3).take(8).collect();
        for (i, row) in rows.iter().enumerate() {
            let at: usize = row[..10].parse().unwrap();
            assert!(file[at..].starts_with(format!("{} 0 obj", i + 1).as_bytes()), "object {}", i + 1);
        }
        assert!(file.windows(colour.len()).any(|w| w == colour), "the page's bytes are carried unchanged");
    }

    #[test]
    fn nothing_and_junk_make_no_file() {
        assert_eq!(pdf(&[]), Err(ScanError::Empty));
        assert!(pdf(&[b"junk"]).is_err());
    }
}
