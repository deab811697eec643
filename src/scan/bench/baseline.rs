//! The baseline in Python, run as a child on the same core.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use scan::Corners;
use scan::square::ordered;
use serde_json::Value;

pub struct Baseline {
    set: PathBuf,
    /// Where pictures are drawn and figures are written; kept between runs, as drawing takes ten minutes.
    pub out: PathBuf,
    python: String,
}

/// Pictures of one kind with their true corners; without truth they show no page.
pub struct Pictures {
    pub name: &'static str,
    pub files: Vec<(String, PathBuf, Option<Corners>)>,
}

impl Baseline {
    pub fn new(set: &Path, python: &str, fast: bool) -> Result<Self, String> {
        let set = set.canonicalize().map_err(|why| why.to_string())?;
        let it = Self { set, out: std::env::temp_dir().join("village-scan-bench"), python: python.to_owned() };
        std::fs::create_dir_all(&it.out).map_err(|why| why.to_string())?;
        it.python(if fast { "frames" } else { "draw" })?;
        Ok(it)
    }

    /// Runs a part of bench/baseline.py.
    pub fn python(&self, what: &str) -> Result<(), String> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("bench/baseline.py");
        let run = Command::new(&self.python).arg("-B").arg(script).arg(&self.set).arg(&self.out).arg(what).status();
        match run {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(format!("{} said {status}; it needs numpy, opencv-python-headless and Pillow", self.python)),
            Err(why) => Err(format!("{}: {why}", self.python)),
        }
    }

    /// What OpenCV said of itself.
    pub fn version(&self) -> String {
        let said = Command::new(&self.python).args(["-c", "import cv2; print(cv2.__version__)"]).output();
        said.map(|out| String::from_utf8_lossy(&out.stdout).trim().to_owned()).unwrap_or_default()
    }

    /// Frames of one size, drawn for the times.
    pub fn frames(&self, mp: u32) -> Vec<PathBuf> {
        let folder = self.out.join(format!("frames/{mp}"));
        let mut files: Vec<PathBuf> =
            std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
        files.retain(|file| file.extension().is_some_and(|end| end == "jpg"));
        files.sort();
        files
    }

    /// `{"5/camera_0000.jpg": {"decode": ms}}`.
    pub fn times(&self) -> BTreeMap<String, BTreeMap<String, f64>> {
        serde_json::from_value(read(&self.out.join("times.json"))).unwrap_or_default()
    }

    /// What a mode of the baseline found in a picture of a kind.
    pub fn found(&self) -> impl Fn(&str, &str, &str) -> Option<Corners> {
        let found = read(&self.out.join("found.json"));
        move |kind, mode, file| corners(&found[kind][mode][file])
    }

    pub fn pictures(&self) -> Vec<Pictures> {
        let with_truth = |name: &'static str, folder: PathBuf, truth: Value| Pictures {
            name,
            files: truth
                .as_object()
                .into_iter()
                .flatten()
                .map(|(file, points)| (file.clone(), folder.join(file), corners(points)))
                .collect(),
        };
        let mut all = vec![with_truth("photos", self.set.join("photos"), read(&self.set.join("truth.json")))];
        for name in ["camera", "hand", "card", "hard"] {
            let folder = self.out.join("pages").join(name);
            let truth = read(&folder.join("truth.json"));
            all.push(with_truth(name, folder, truth));
        }
        let desks = std::fs::read_dir(self.out.join("desks")).into_iter().flatten().flatten();
        let mut files: Vec<_> =
            desks.map(|entry| (entry.file_name().to_string_lossy().into_owned(), entry.path(), None)).collect();
        files.sort_by(|a: &(String, PathBuf, Option<Corners>), b| a.0.cmp(&b.0));
        all.push(Pictures { name: "desks", files });
        all
    }
}

fn read(file: &Path) -> Value {
    std::fs::read(file).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
}

fn corners(points: &Value) -> Option<Corners> {
    let points: Vec<[f32; 2]> =
        points.as_array()?.iter().filter_map(|p| Some([p[0].as_f64()? as f32, p[1].as_f64()? as f32])).collect();
    ordered(points.try_into().ok()?)
}
