//! The child is a shell script that says what it is told to and then behaves badly.

use super::*;

const ARRIVED: &str = r"printf 'VCAMA\004\000\000\000fake'";
const FRAME: &str = r"printf 'VCAMF\003\000\000\000abc'";
const STILL: &str = r"printf 'VCAMS\005\000\000\000still'";
/// Reads its line and does nothing with it; ends with the line, so nothing is left behind.
const HANG: &str = "cat >/dev/null";
const TICK: Duration = Duration::from_millis(20);

fn config(script: &str) -> CameraConfig {
    CameraConfig {
        program: "/bin/sh".into(),
        args: vec!["-c".into(), script.into()],
        device: None,
        late: Duration::from_millis(250),
        rest: Duration::from_millis(10),
    }
}

fn camera(parts: &[&str]) -> ChildCamera {
    let mut camera = open(config(&parts.join("; ")));
    camera.preview(true).unwrap();
    camera
}

/// The next thing that is not silence, within five seconds.
fn heard(camera: &mut ChildCamera) -> Result<CameraEvent, Trouble> {
    let until = Instant::now() + Duration::from_secs(5);
    while Instant::now() < until {
        match camera.next(TICK) {
            Ok(CameraEvent::Quiet) => {}
            other => return other,
        }
    }
    panic!("nothing within five seconds");
}

fn exists(pid: u32) -> bool {
    std::path::Path::new(&format!("/proc/{pid}/stat")).exists()
}

#[test]
fn frames_and_stills_arrive() {
    // Two reads: the command to open is three bytes, the one for a still as well.
    let mut camera = camera(&[ARRIVED, FRAME, "head -c 6 >/dev/null", STILL, FRAME, HANG]);
    assert_eq!(camera.still().unwrap_err().code, "camera_not_open");
    assert!(matches!(heard(&mut camera), Ok(CameraEvent::Arrived { name }) if name == "fake"));
    assert!(matches!(heard(&mut camera), Ok(CameraEvent::Frame(bytes)) if bytes == b"abc"));
    camera.still().unwrap();
    assert!(matches!(heard(&mut camera), Ok(CameraEvent::Still(bytes)) if bytes == b"still"));
    assert!(matches!(heard(&mut camera), Ok(CameraEvent::Frame(_))));
    assert!(!camera.is_stand_in());
}

#[test]
fn a_child_that_hangs_in_open_is_ended_in_time_and_started_again() {
    let mut camera = camera(&[HANG]);
    let began = Instant::now();
    assert_eq!(heard(&mut camera).unwrap_err(), HANGS);
    assert!(began.elapsed() < Duration::from_secs(3));
    let first = camera.child_id();
    assert_eq!(heard(&mut camera).unwrap_err(), HANGS, "a new child was started and watched as well");
    assert_eq!(first, None, "the late child is no longer ours");
}

#[test]
fn a_child_that_hangs_in_a_frame_is_ended() {
    let mut camera = camera(&[ARRIVED, FRAME, "printf VCAMF", HANG]);
    assert!(matches!(heard(&mut camera), Ok(CameraEvent::Arrived { .. })));
    let pid = camera.child_id().unwrap();
    assert!(matches!(heard(&mut camera), Ok(CameraEvent::Frame(_))));
    assert_eq!(heard(&mut camera).unwrap_err(), HANGS);
    assert!(matches!(heard(&mut camera), Ok(CameraEvent::Arrived { .. })), "the next one delivers");
    assert!(!exists(pid));
}

#[test]
fn a_still_that_never_comes_fails_and_is_not_delivered_later() {
    let mut camera = camera(&[ARRIVED, HANG]);
    assert!(matches!(heard(&mut camera), Ok(CameraEvent::Arrived { .. })));
    camera.still().unwrap();
    assert!(matches!(heard(&mut camera), Ok(CameraEvent::Failed(trouble)) if trouble == HANGS));
    assert!(matches!(heard(&mut camera), Ok(CameraEvent::Arrived { .. })));
}

#[test]
fn a_child_that_hangs_in_close_never_holds_the_window() {
    let mut camera = camera(&["trap '' TERM HUP", ARRIVED, FRAME, "while :; do sleep 0.05; done"]);
    assert!(matches!(heard(&mut camera), Ok(CameraEvent::Arrived { .. })));
    let pid = camera.child_id().unwrap();
    let began = Instant::now();
    camera.preview(false).unwrap();
    assert!(began.elapsed() < Duration::from_millis(100), "leaving the screen waits for nobody");
    let until = Instant::now() + Duration::from_secs(3);
    while exists(pid) {
        assert!(Instant::now() < until, "still there");
        assert!(matches!(camera.next(TICK), Ok(CameraEvent::Quiet)));
    }
}

#[test]
fn closing_and_opening_again_waits_for_the_device() {
    let mut camera = camera(&[ARRIVED, "cat >/dev/null"]);
    assert!(matches!(heard(&mut camera), Ok(CameraEvent::Arrived { .. })));
    let first = camera.child_id().unwrap();
    camera.preview(false).unwrap();
    camera.preview(true).unwrap();
    assert!(matches!(heard(&mut camera), Ok(CameraEvent::Arrived { .. })));
    assert!(!exists(first), "never two children on one device");
    assert_ne!(camera.child_id(), Some(first));
}

#[test]
fn no_device_is_absent_and_a_device_that_goes_is_gone() {
    let mut none = camera(&[r"printf 'VCAMT\001\000\000\000\000'", HANG]);
    assert_eq!(heard(&mut none).unwrap_err().kind, Kind::Absent);
    let mut pulled = camera(&[ARRIVED, r"printf 'VCAMT\001\000\000\000\003'"]);
    assert!(matches!(heard(&mut pulled), Ok(CameraEvent::Arrived { .. })));
    assert!(matches!(heard(&mut pulled), Ok(CameraEvent::Gone)));
    let mut crashed = camera(&[ARRIVED, "exit 1"]);
    assert!(matches!(heard(&mut crashed), Ok(CameraEvent::Arrived { .. })));
    assert!(matches!(heard(&mut crashed), Ok(CameraEvent::Gone)));
    assert!(matches!(heard(&mut crashed), Ok(CameraEvent::Arrived { .. })), "and is looked for again");
}

#[test]
fn a_program_that_is_not_there_or_speaks_no_sense() {
    let mut missing = open(CameraConfig::new("/nonexistent/program".into(), vec![]));
    missing.preview(true).unwrap();
    assert_eq!(heard(&mut missing).unwrap_err(), CANNOT_START);
    let mut babble = camera(&["printf 'VCAMF\\377\\377\\377\\377'", HANG]);
    assert_eq!(heard(&mut babble).unwrap_err().code, "camera_child_garbled");
}

#[test]
fn the_list_has_a_time_limit_too() {
    assert_eq!(list(&config(HANG)).unwrap_err(), HANGS);
    let text = r"printf 'VCAMC\034\000\000\000camera\0110\011x\nmode\011MJPEG\0112\0113\0114\n'; cat >/dev/null";
    let cameras = list(&config(text)).unwrap();
    assert_eq!(cameras[0].modes[0], crate::Mode { encoding: crate::Encoding::Mjpeg, width: 2, height: 3, rate: 4 });
}

#[test]
fn dropping_the_camera_leaves_no_process() {
    let mut camera = camera(&[ARRIVED, "trap '' TERM HUP", "while :; do sleep 0.05; done"]);
    assert!(matches!(heard(&mut camera), Ok(CameraEvent::Arrived { .. })));
    let pid = camera.child_id().unwrap();
    drop(camera);
    assert!(!exists(pid));
}
