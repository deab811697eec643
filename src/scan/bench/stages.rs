//! One still, stage by stage.

use std::hint::black_box;

use scan::{
    PAGE_BYTES_MAX, Tone, Wanted, clean, decode, decode_planar, encode, encode_planar, judge, judge::Seen, look, square,
    square_planar, twin, upright,
};

const RUNS: usize = 9;

/// CPU milliseconds of each stage.
#[derive(Clone, Debug, Default)]
pub struct Stages {
    pub frame: (u32, u32),
    pub page: (u32, u32),
    pub decode: f64,
    pub find: f64,
    pub warp: f64,
    pub upright: f64,
    pub judge: f64,
    pub print: f64,
    pub clean: f64,
    pub encode: f64,
    /// Bytes in, JPEG of the squared and cleaned page out; with everything above.
    pub whole: f64,
    /// libjpeg-turbo unpacks the still to RGB and packs it again.
    pub alone: f64,
}

/// `None` where no page is found.
pub fn measured(jpeg: &[u8]) -> Option<Stages> {
    let frame = decode_planar(jpeg).ok()?;
    let corners = scan::shot::pages(&frame).first()?.corners;
    let size = square::page_size(&corners, (frame.w, frame.h), None);
    let page = square_planar(&frame, &corners, size).ok()?;
    let cleaned = clean::toned(page.clone(), Tone::Clean);
    let wanted = Wanted { tone: Tone::Clean, ..Wanted::default() };
    Some(Stages {
        frame: (frame.w, frame.h),
        page: (page.w, page.h),
        decode: median(|| decode_planar(jpeg)),
        find: median(|| scan::shot::pages(&frame)),
        warp: median(|| square_planar(&frame, &corners, size)),
        upright: median(|| upright::turns(&page)),
        judge: median(|| judge(&page, Seen::Within { corners: &corners, frame: &frame })),
        print: median(|| twin::Print::of(&page)),
        clean: {
            let mut pages = vec![page.clone(); RUNS + 1];
            median(|| clean::toned(pages.pop().expect("one for each run"), Tone::Clean))
        },
        encode: median(|| encode_planar(&cleaned, PAGE_BYTES_MAX)),
        whole: median(|| look(jpeg, &wanted).and_then(|looked| looked.pack(PAGE_BYTES_MAX))),
        alone: median(|| encode(&decode(jpeg, None).expect("it was unpacked before"), usize::MAX)),
    })
}

fn median<T>(mut work: impl FnMut() -> T) -> f64 {
    black_box(work());
    let mut times: Vec<f64> = (0..RUNS)
        .map(|_| {
            let began = cpu_ms();
            black_box(work());
            cpu_ms() - began
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[RUNS / 2]
}

/// CPU time of this thread so far.
fn cpu_ms() -> f64 {
    // The kernel brings the figure up to date when a thread gives way, otherwise only at its ticks.
    std::thread::yield_now();
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    stat.split(' ').next().and_then(|ns| ns.parse::<f64>().ok()).unwrap_or_default() / 1e6
}
