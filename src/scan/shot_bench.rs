//! What each stage of a shot costs: `shot-bench [JPEG…]`; without files the papers of the demo. CPU time of one thread, median of
//! several runs, in milliseconds, as rows of a table. Pin it to one core (`taskset -c 0`) for figures that can be compared.

use std::path::PathBuf;

use scan::{PAGE_BYTES_MAX, Tone, Wanted, clean, decode, encode, find, judge, look, square, twin::Print, upright};

const RUNS: usize = 7;

fn main() {
    let mut files: Vec<PathBuf> = std::env::args().skip(1).map(PathBuf::from).filter(|file| file.extension().is_some()).collect();
    if files.is_empty() {
        let demo = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../assets/demo/pages");
        files = std::fs::read_dir(demo).expect("the demo's papers").filter_map(|entry| Some(entry.ok()?.path())).collect();
        files.sort();
        println!("The project's own pages; name photographs to measure those.\n");
    }
    println!(
        "| picture | MP | page | decode | find | warp | judge | upright | known again | clean | encode | whole shot | decode + encode alone | ratio |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|---|---|---|");
    for file in files {
        let bytes = std::fs::read(&file).expect("a picture");
        let frame = decode(&bytes, None).expect("a JPEG");
        let found = find(&frame);
        let Some(corners) = found.first().map(|found| found.corners) else {
            println!("| {} | no page found |", file.display());
            continue;
        };
        let page = square(&frame, &corners).expect("a page");
        let small = encode(&page, PAGE_BYTES_MAX).expect("a JPEG");
        let stages = [
            median(|| drop(decode(&bytes, None))),
            median(|| drop(find(&frame))),
            median(|| drop(square(&frame, &corners))),
            median(|| drop(judge(&page, None))),
            median(|| {
                std::hint::black_box(upright::turns(&page));
            }),
            median(|| drop(Print::of(&page))),
            median(|| drop(clean::toned(page.clone(), Tone::Clean))),
            median(|| drop(encode(&page, PAGE_BYTES_MAX))),
        ];
        let whole = median(|| drop(look(&bytes, &Wanted::default()).and_then(|looked| looked.pack(PAGE_BYTES_MAX))));
        let alone = median(|| drop(encode(&decode(&bytes, None).expect("a JPEG"), usize::MAX)));
        let row: Vec<String> = stages.iter().map(|ms| format!("{ms:.1}")).collect();
        println!(
            "| {} | {:.1} | {}×{}, {} kB | {} | {whole:.1} | {alone:.1} | {:.2} |",
            file.file_name().unwrap_or_default().to_string_lossy(),
            f64::from(frame.w) * f64::from(frame.h) / 1e6,
            page.w,
            page.h,
            small.len() / 1000,
            row.join(" | "),
            whole / alone,
        );
    }
}

fn median(mut work: impl FnMut()) -> f64 {
    work();
    let mut times: Vec<f64> = (0..RUNS)
        .map(|_| {
            let began = cpu_ms();
            work();
            cpu_ms() - began
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[RUNS / 2]
}

/// CPU time of this thread so far.
fn cpu_ms() -> f64 {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    stat.split(' ').next().and_then(|ns| ns.parse::<f64>().ok()).unwrap_or_default() / 1e6
}
