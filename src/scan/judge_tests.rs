use super::*;

/// A page with rows of strokes, of a given ink and paper.
fn printed(w: u32, h: u32, paper: u8, ink: u8) -> Picture {
    let data = (0..h)
        .flat_map(|y| {
            (0..w).map(move |x| {
                let row = y % 40 < 18 && y > h / 8 && y < h * 7 / 8 && x > w / 8 && x < w * 7 / 8;
                if row && (x * 7 + y * 3) % 23 < 6 { ink } else { paper }
            })
        })
        .collect();
    Picture::luma(w, h, data).unwrap()
}

fn blurred(picture: &Picture, r: usize) -> Picture {
    let (w, h) = (picture.w as usize, picture.h as usize);
    let mut data = picture.data.clone();
    for _ in 0..2 {
        let from = data.clone();
        for y in r..h - r {
            for x in r..w - r {
                let sum: u32 = (x - r..=x + r).map(|i| u32::from(from[y * w + i])).sum();
                data[y * w + x] = (sum / (2 * r as u32 + 1)) as u8;
            }
        }
        let from = data.clone();
        for y in r..h - r {
            for x in r..w - r {
                let sum: u32 = (y - r..=y + r).map(|i| u32::from(from[i * w + x])).sum();
                data[y * w + x] = (sum / (2 * r as u32 + 1)) as u8;
            }
        }
    }
    Picture::luma(picture.w, picture.h, data).unwrap()
}

#[test]
fn a_good_page_passes_and_each_fault_is_named() {
    let good = printed(1000, 1400, 225, 40);
    assert_eq!(judge(&good, None), []);
    assert_eq!(judge(&printed(1000, 1400, 50, 8), None), [Issue::Dark]);
    assert_eq!(judge(&printed(1000, 1400, 255, 250), None), [Issue::Bright]);
    assert_eq!(judge(&blurred(&good, 4), None), [Issue::Blurred]);
    assert_eq!(judge(&printed(1000, 1400, 225, 222), None), [Issue::Blank]);
    assert_eq!(judge(&printed(500, 700, 225, 40), None), [Issue::Small]);
    assert_eq!(judge(&printed(690, 435, 225, 40), None), [], "a card needs fewer pixels than a sheet");
    let mut glare = good.clone();
    for y in 500..620 {
        glare.data[y * 1000 + 300..y * 1000 + 420].fill(255);
    }
    assert_eq!(judge(&glare, None), [Issue::Glare]);
}

#[test]
fn paper_at_the_frame_is_cut() {
    let good = printed(1000, 1400, 225, 40);
    let inside: Corners = [[20.0, 30.0], [900.0, 30.0], [900.0, 1300.0], [20.0, 1300.0]];
    let cut: Corners = [[20.0, 30.0], [999.0, 30.0], [999.0, 1300.0], [20.0, 1300.0]];
    let frame = (1000, 1400);
    assert_eq!(judge(&good, Some(Seen { corners: Some(&inside), frame })), []);
    assert_eq!(judge(&good, Some(Seen { corners: Some(&cut), frame })), [Issue::CutEdge]);
}

#[test]
fn a_tiny_picture_is_judged_without_harm() {
    assert!(judge(&Picture::filled(3, 2, [200; 3]), None).contains(&Issue::Small));
    assert!(judge(&Picture::filled(1, 900, [200; 3]), None).contains(&Issue::Small));
}
