use super::*;
use crate::Picture;

/// Of what lay around nothing is known.
const ALONE: Seen<'_> = Seen::Nowhere;

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
    assert_eq!(judge(&good, ALONE), []);
    assert_eq!(judge(&printed(1000, 1400, 50, 8), ALONE), [Issue::Dark]);
    assert_eq!(judge(&printed(1000, 1400, 255, 250), ALONE), [Issue::Bright, Issue::Blank]);
    assert_eq!(judge(&blurred(&good, 4), ALONE), [Issue::Blurred]);
    assert_eq!(judge(&printed(1000, 1400, 225, 222), ALONE), [Issue::Blank]);
    assert_eq!(judge(&printed(500, 700, 225, 40), ALONE), [Issue::Small]);
    assert_eq!(judge(&printed(690, 435, 225, 40), ALONE), [], "a card needs fewer pixels than a sheet");
    let mut glare = printed(1000, 1400, 200, 40);
    for y in 500..620 {
        glare.data[y * 1000 + 300..y * 1000 + 420].fill(255);
    }
    assert_eq!(judge(&glare, ALONE), [Issue::Glare]);
}

#[test]
fn a_hand_that_moved_is_told_from_one_that_held_still() {
    let good = printed(1000, 1400, 225, 40);
    let mut moved = good.clone();
    for y in 0..1400 {
        for x in 4..996 {
            let sum: u32 = (x - 4..=x + 4).map(|i| u32::from(good.data[y * 1000 + i])).sum();
            moved.data[y * 1000 + x] = (sum / 9) as u8;
        }
    }
    assert_eq!(judge(&moved, ALONE), [Issue::Blurred]);
}

#[test]
fn a_seal_alone_is_no_text_and_a_finger_is_seen_only_at_the_edge() {
    let disc = |page: &mut Picture, cx: f32, cy: f32, r: f32, colour: [u8; 3]| {
        for y in 0..1400u32 {
            for x in 0..1000u32 {
                if (x as f32 - cx).hypot(y as f32 - cy) < r {
                    let at = (y as usize * 1000 + x as usize) * 3;
                    page.data[at..at + 3].copy_from_slice(&colour);
                }
            }
        }
    };
    let mut sealed = Picture::filled(1000, 1400, [238, 236, 232]);
    disc(&mut sealed, 600.0, 1000.0, 95.0, [206, 44, 48]);
    assert_eq!(judge(&sealed, ALONE), [Issue::Blank]);
    let corners: Corners = [[20.0, 30.0], [900.0, 30.0], [900.0, 1300.0], [20.0, 1300.0]];
    let frame = Picture::filled(1000, 1400, [90; 3]);
    let seen = Seen::Within { corners: &corners, frame: &frame };
    let mut page = printed(1000, 1400, 225, 40).to_rgb();
    disc(&mut page, 500.0, 700.0, 70.0, [205, 160, 132]);
    assert_eq!(judge(&page, seen), [], "a portrait in the middle is no finger");
    disc(&mut page, 10.0, 600.0, 110.0, [205, 160, 132]);
    assert_eq!(judge(&page, seen), [Issue::Fingers]);
    let mut wood = printed(1000, 1400, 225, 40).to_rgb();
    (0..1400)
        .for_each(|y| wood.data[y * 3000..y * 3000 + 120].chunks_exact_mut(3).for_each(|p| p.copy_from_slice(&[150, 105, 70])));
    assert_eq!(judge(&wood, seen), [], "a strip of desk is no finger");
}

/// A desk with a sheet on it whose upper left corner stands here, with rows of strokes across the whole sheet.
fn on_desk(x: i32, y: i32, desk: u8) -> (Picture, Corners) {
    let (w, h, pw, ph) = (1200i32, 1600i32, 900, 1270);
    let data = (0..h)
        .flat_map(|py| (0..w).map(move |px| (px - x, py - y)))
        .map(|(px, py)| match (0..pw).contains(&px) && (0..ph).contains(&py) {
            true if py % 40 < 18 && px > 60 && (px * 7 + py * 3) % 23 < 6 => 40,
            true => 225,
            false => desk,
        })
        .collect();
    let (left, top) = (x as f32, y as f32);
    let (right, low) = (left + pw as f32 - 1.0, top + ph as f32 - 1.0);
    (Picture::luma(w as u32, h as u32, data).unwrap(), [[left, top], [right, top], [right, low], [left, low]])
}

#[test]
fn a_sheet_that_leaves_the_frame_is_cut_wherever_its_outline_was_seen() {
    let good = printed(1000, 1400, 225, 40);
    let issues = |(frame, corners): &(Picture, Corners)| judge(&good, Seen::Within { corners, frame });
    assert_eq!(issues(&on_desk(100, 100, 90)), []);
    assert_eq!(issues(&on_desk(6, 8, 90)), [], "six pixels of desk are enough");
    assert_eq!(issues(&on_desk(294, 324, 90)), []);
    for (x, y) in [(-60, 100), (100, -60), (360, 100), (100, 380), (-60, -60)] {
        let (frame, corners) = on_desk(x, y, 90);
        let inside = |by: f32| corners.map(|[x, y]| [x.clamp(by, 1199.0 - by), y.clamp(by, 1599.0 - by)]);
        assert_eq!(issues(&(frame.clone(), corners)), [Issue::CutEdge], "as it is: {x} {y}");
        assert_eq!(issues(&(frame.clone(), inside(0.0))), [Issue::CutEdge], "at the border: {x} {y}");
        assert_eq!(issues(&(frame, inside(60.0))), [Issue::CutEdge], "along a line of print: {x} {y}");
    }
}

#[test]
fn on_a_desk_as_white_as_paper_only_the_outline_says_what_is_cut() {
    let good = printed(1000, 1400, 225, 40);
    let issues = |(frame, corners): &(Picture, Corners)| judge(&good, Seen::Within { corners, frame });
    assert_eq!(issues(&on_desk(100, 100, 218)), []);
    assert_eq!(issues(&on_desk(4, 100, 218)), [Issue::CutEdge], "too near to be told");
    assert_eq!(issues(&on_desk(-40, 100, 218)), [Issue::CutEdge]);
}

#[test]
fn a_tiny_picture_is_judged_without_harm() {
    assert!(judge(&Picture::filled(3, 2, [200; 3]), ALONE).contains(&Issue::Small));
    assert!(judge(&Picture::filled(1, 900, [200; 3]), ALONE).contains(&Issue::Small));
}
