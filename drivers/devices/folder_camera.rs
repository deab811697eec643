//! A folder of photographs in place of a camera: for the demo, for tests, for a machine without a camera.
//!
//! The preview shows one photograph again and again at the set rate; a still delivers that file as it is and turns to the next,
//! in the order of the names, and after the last to the first. Never chosen silently: the configuration names it, and
//! [`Camera::is_stand_in`] makes the window say so.

use std::ffi::OsString;
use std::fs;
use std::io::{self, Read};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::jpeg_frame::first_jpeg;
use crate::{Camera, CameraEvent, Kind, Trouble};

/// Larger files are not read: no camera makes them.
const FILE_BYTES_MAX: u64 = 48 * 1024 * 1024;
/// More names are not kept; a folder of a million files is a mistake.
const FILES_MAX: usize = 10_000;

const ABSENT: Trouble = Trouble::new(Kind::Absent, "camera_folder_absent", "no such folder, or not a folder");
const EMPTY: Trouble = Trouble::new(Kind::Absent, "camera_folder_empty", "no .jpg or .jpeg file in the folder");
const DENIED: Trouble = Trouble::new(Kind::Denied, "camera_folder_denied", "the folder or a file in it may not be read");
const GARBLED: Trouble = Trouble::new(Kind::Garbled, "camera_picture_garbled", "not a whole JPEG; the next file is taken");
const CLOSED: Trouble = Trouble::new(Kind::Absent, "camera_not_open", "a still needs an open preview");

/// Photographs from a folder, played as a camera.
#[derive(Debug)]
pub struct FolderCamera {
    folder: PathBuf,
    every: Duration,
    on: bool,
    arrived: bool,
    still_asked: bool,
    next_due: Option<Instant>,
    /// Name of the file shown last; its successor is found by name, so files may come and go.
    shown: Option<OsString>,
    current: Option<Vec<u8>>,
}

impl FolderCamera {
    /// Plays `folder`, one preview frame every `every`. The folder is looked at when the preview starts, not before.
    #[must_use]
    pub fn new(folder: PathBuf, every: Duration) -> Self {
        Self { folder, every, on: false, arrived: false, still_asked: false, next_due: None, shown: None, current: None }
    }

    fn names(&self) -> Result<Vec<OsString>, Trouble> {
        let entries = fs::read_dir(&self.folder).map_err(|error| match error.kind() {
            io::ErrorKind::PermissionDenied => DENIED,
            _ => ABSENT,
        })?;
        let mut names: Vec<OsString> = entries
            .filter_map(Result::ok)
            .map(|entry| entry.file_name())
            .filter(|name| {
                let lower = name.to_string_lossy().to_ascii_lowercase();
                !lower.starts_with('.') && (lower.ends_with(".jpg") || lower.ends_with(".jpeg"))
            })
            .take(FILES_MAX)
            .collect();
        names.sort();
        if names.is_empty() { Err(EMPTY) } else { Ok(names) }
    }

    /// Reads the file behind the one shown last. A broken one counts as shown, so that the next call is past it.
    fn turn(&mut self) -> Result<(), Trouble> {
        self.current = None;
        let names = self.names()?;
        let behind = self.shown.as_ref().map_or(0, |shown| names.partition_point(|name| name <= shown));
        let name = names.get(behind).unwrap_or(&names[0]).clone();
        let path = self.folder.join(&name);
        self.shown = Some(name);
        self.current = Some(read_jpeg(&path)?);
        Ok(())
    }

    fn gone(&mut self) -> CameraEvent {
        self.arrived = false;
        self.current = None;
        self.still_asked = false;
        CameraEvent::Gone
    }
}

fn read_jpeg(path: &std::path::Path) -> Result<Vec<u8>, Trouble> {
    let trouble = |error: io::Error| if error.kind() == io::ErrorKind::PermissionDenied { DENIED } else { GARBLED };
    let mut bytes = Vec::new();
    fs::File::open(path).map_err(trouble)?.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(trouble)?;
    // A file still being copied has no end. What is damaged inside is found by who unpacks it.
    if bytes.len() as u64 > FILE_BYTES_MAX {
        return Err(GARBLED);
    }
    let length = first_jpeg(&bytes).ok_or(GARBLED)?.len();
    bytes.truncate(length);
    Ok(bytes)
}

impl Camera for FolderCamera {
    fn next(&mut self, patience: Duration) -> Result<CameraEvent, Trouble> {
        if !self.on {
            std::thread::sleep(patience);
            return Ok(CameraEvent::Quiet);
        }
        if self.current.is_none()
            && let Err(trouble) = self.turn()
        {
            if trouble.kind == Kind::Absent && self.arrived {
                return Ok(self.gone());
            }
            if self.still_asked && trouble.kind != Kind::Absent {
                self.still_asked = false;
                return Ok(CameraEvent::Failed(trouble));
            }
            // A folder that stays away must not spin.
            if trouble.kind != Kind::Garbled {
                std::thread::sleep(patience);
            }
            return Err(trouble);
        }
        if !self.arrived {
            self.arrived = true;
            let name = self.folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            return Ok(CameraEvent::Arrived { name });
        }
        if self.still_asked {
            self.still_asked = false;
            if let Some(jpeg) = self.current.take() {
                return Ok(CameraEvent::Still(jpeg));
            }
        }
        let now = Instant::now();
        let due = self.next_due.unwrap_or(now);
        if due > now + patience {
            std::thread::sleep(patience);
            return Ok(CameraEvent::Quiet);
        }
        std::thread::sleep(due.saturating_duration_since(now));
        self.next_due = Some(due.max(now) + self.every);
        Ok(self.current.clone().map_or(CameraEvent::Quiet, CameraEvent::Frame))
    }

    fn preview(&mut self, on: bool) -> Result<(), Trouble> {
        if on && !self.on {
            self.names()?;
            self.next_due = None;
        }
        if !on {
            self.current = None;
            self.still_asked = false;
            // The photograph that was shown but not taken is shown again next time.
            self.step_back();
        }
        self.on = on;
        Ok(())
    }

    fn still(&mut self) -> Result<(), Trouble> {
        if !self.on {
            return Err(CLOSED);
        }
        self.still_asked = true;
        Ok(())
    }

    fn is_stand_in(&self) -> bool {
        true
    }
}

impl FolderCamera {
    fn step_back(&mut self) {
        if let (Some(shown), Ok(names)) = (&self.shown, self.names()) {
            let here = names.partition_point(|name| name < shown);
            self.shown = here.checked_sub(1).map(|before| names[before].clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUICK: Duration = Duration::from_millis(1);

    fn whole(mark: u8) -> Vec<u8> {
        vec![0xFF, 0xD8, 0xFF, 0xE0, 0, 3, mark, 0xFF, 0xD9]
    }

    fn folder(files: &[(&str, Vec<u8>)]) -> (tempfile::TempDir, FolderCamera) {
        let dir = tempfile::tempdir().unwrap();
        for (name, bytes) in files {
            fs::write(dir.path().join(name), bytes).unwrap();
        }
        let camera = FolderCamera::new(dir.path().to_path_buf(), Duration::ZERO);
        (dir, camera)
    }

    fn still(camera: &mut FolderCamera) -> u8 {
        camera.still().unwrap();
        loop {
            match camera.next(QUICK).unwrap() {
                CameraEvent::Still(jpeg) => return jpeg[6],
                CameraEvent::Failed(trouble) => panic!("{trouble}"),
                _ => {}
            }
        }
    }

    #[test]
    fn photographs_come_in_name_order_and_begin_anew() {
        let (_dir, mut camera) = folder(&[("b.JPG", whole(2)), ("a.jpg", whole(1)), ("c.jpeg", whole(3)), ("note.txt", vec![9])]);
        camera.preview(true).unwrap();
        assert!(matches!(camera.next(QUICK).unwrap(), CameraEvent::Arrived { .. }));
        for _ in 0..3 {
            assert!(matches!(camera.next(QUICK).unwrap(), CameraEvent::Frame(jpeg) if jpeg[6] == 1), "the preview does not turn");
        }
        assert_eq!([1, 2, 3, 1].map(|_| still(&mut camera)), [1, 2, 3, 1]);
        assert!(camera.is_stand_in());
    }

    #[test]
    fn leaving_the_screen_loses_no_photograph() {
        let (_dir, mut camera) = folder(&[("a.jpg", whole(1)), ("b.jpg", whole(2))]);
        camera.preview(true).unwrap();
        assert_eq!(still(&mut camera), 1);
        while !matches!(camera.next(QUICK).unwrap(), CameraEvent::Frame(jpeg) if jpeg[6] == 2) {}
        camera.preview(false).unwrap();
        assert!(matches!(camera.next(QUICK).unwrap(), CameraEvent::Quiet));
        camera.preview(true).unwrap();
        assert_eq!(still(&mut camera), 2);
    }

    #[test]
    fn a_missing_or_empty_folder_is_absent_and_may_come_back() {
        let (dir, mut camera) = folder(&[]);
        assert_eq!(camera.preview(true).unwrap_err().kind, Kind::Absent);
        let mut nowhere = FolderCamera::new(dir.path().join("nowhere"), Duration::ZERO);
        assert_eq!(nowhere.preview(true).unwrap_err().code, "camera_folder_absent");
        assert_eq!(camera.still().unwrap_err().code, "camera_not_open");
        fs::write(dir.path().join("a.jpg"), whole(7)).unwrap();
        camera.preview(true).unwrap();
        assert_eq!(still(&mut camera), 7);
        fs::remove_file(dir.path().join("a.jpg")).unwrap();
        assert!(matches!(camera.next(QUICK).unwrap(), CameraEvent::Gone));
        assert_eq!(camera.next(QUICK).unwrap_err().kind, Kind::Absent);
        fs::write(dir.path().join("b.jpg"), whole(8)).unwrap();
        assert!(matches!(camera.next(QUICK).unwrap(), CameraEvent::Arrived { .. }));
        assert_eq!(still(&mut camera), 8);
    }

    #[test]
    fn a_thousand_times_unplugged_and_plugged_in_again() {
        let (dir, mut camera) = folder(&[("a.jpg", whole(1))]);
        let (here, away) = (dir.path().join("a.jpg"), dir.path().join("a.away"));
        camera.preview(true).unwrap();
        let unhurried = Duration::ZERO;
        for round in 0..1000 {
            assert!(matches!(camera.next(unhurried).unwrap(), CameraEvent::Arrived { .. }), "round {round}");
            // Every third time it goes in the middle of a shot, which is then not delivered later.
            let shot = round % 3 == 0;
            if shot {
                camera.still().unwrap();
                assert!(matches!(camera.next(unhurried).unwrap(), CameraEvent::Still(jpeg) if jpeg[6] == 1));
                camera.still().unwrap();
            } else {
                assert!(matches!(camera.next(unhurried).unwrap(), CameraEvent::Frame(_)));
                camera.current = None;
            }
            fs::rename(&here, &away).unwrap();
            assert!(matches!(camera.next(unhurried).unwrap(), CameraEvent::Gone), "round {round}");
            assert_eq!(camera.next(unhurried).unwrap_err().kind, Kind::Absent);
            fs::rename(&away, &here).unwrap();
        }
        assert!(matches!(camera.next(unhurried).unwrap(), CameraEvent::Arrived { .. }));
        assert!(matches!(camera.next(unhurried).unwrap(), CameraEvent::Frame(_)), "no still is left over");
    }

    #[test]
    fn a_broken_file_is_reported_once_and_passed_over() {
        let (_dir, mut camera) = folder(&[("a.jpg", whole(1)), ("b.jpg", vec![0xFF, 0xD8, 0xFF, 1, 2]), ("c.jpg", whole(3))]);
        camera.preview(true).unwrap();
        assert_eq!(still(&mut camera), 1);
        assert_eq!(camera.next(QUICK).unwrap_err(), GARBLED);
        assert_eq!(still(&mut camera), 3);
    }

    #[test]
    fn a_still_of_a_broken_file_fails_instead_of_delivering_another_page() {
        let (_dir, mut camera) = folder(&[("a.jpg", whole(1)), ("b.jpg", b"junk".to_vec()), ("c.jpg", whole(3))]);
        camera.preview(true).unwrap();
        assert_eq!(still(&mut camera), 1);
        camera.still().unwrap();
        assert!(matches!(camera.next(QUICK).unwrap(), CameraEvent::Failed(trouble) if trouble.kind == Kind::Garbled));
        assert_eq!(still(&mut camera), 3);
    }

    #[test]
    fn frames_keep_the_rate() {
        let (dir, _) = folder(&[("a.jpg", whole(1))]);
        let mut camera = FolderCamera::new(dir.path().to_path_buf(), Duration::from_secs(3600));
        camera.preview(true).unwrap();
        assert!(matches!(camera.next(QUICK).unwrap(), CameraEvent::Arrived { .. }));
        assert!(matches!(camera.next(QUICK).unwrap(), CameraEvent::Frame(_)));
        assert!(matches!(camera.next(QUICK).unwrap(), CameraEvent::Quiet), "the next one is an hour away");
    }
}
