//! The configuration's file, read and complained about.

use super::*;

#[test]
fn a_full_file_is_read_and_written_back_the_same() {
    let text = r#"
        data_dir = "/var/lib/village-terminal"
        [devices]
        card = ["pcsc:Virtual", "usb", "serial:/dev/ttyUSB0"]
        card_profiles = "/etc/village-terminal/readers.toml"
        photo_library = "/opt/decoder/libwlt.so"
        photo_call = "unpack"
        photo_seconds = 3
        card_stand_in = true
        card_socket = "/demo/pcscd.comm"
        card_control = "/demo/control.sock"
        camera = "folder"
        camera_folder = "/demo/pages"
        camera_every_ms = 100
        [window]
        fullscreen = true
        language = "en"
        zoom = 1.25
        idle_lock_minutes = 3
        [capture]
        auto_shot = true
        keep_frames = true
        watermark = "never"
        [retention]
        pages_days = 90
        [shell]
        account = "wang"
    "#;
    let config = parse(text).unwrap();
    assert_eq!(config.keep_pages_days, 90);
    assert_eq!(config.shell.account.as_deref(), Some("wang"));
    assert_eq!(config.devices.camera, CameraChoice::Folder("/demo/pages".into()));
    assert_eq!(config.devices.camera_every_ms, Some(100));
    assert!(matches!(&config.devices.card, CardChoice::Readers(names) if names.len() == 3));
    assert_eq!(config.devices.photo.as_ref().map(|photo| (photo.call, photo.seconds)), Some((card::photo::Call::Unpack, 3)));
    assert_eq!(config.window, Window { fullscreen: true, language: Lang::En, zoom: Some(1.25), idle_lock_minutes: 3 });
    assert_eq!(config.capture, Capture { auto_shot: true, watermark: Watermark::Never, keep_frames: true });
    assert_eq!(parse(&config.to_toml()).unwrap(), config);
    let fresh = Config::fresh(Path::new("/etc/village-terminal/config.toml"));
    assert_eq!(parse(&fresh.to_toml()).unwrap(), fresh);
    assert_eq!(fresh.keep_pages_days, 30);
    let never = parse("data_dir = \"/var\"\n[retention]\npages_days = 0\n").unwrap_err();
    assert_eq!((never[0].key.as_str(), never[0].code), ("retention.pages_days", "not-allowed"));
}

#[test]
fn every_complaint_comes_at_once() {
    let text = r#"
        data_dir = "relative"
        colour = "blue"
        [devices]
        card = ["usb", "serial:ttyUSB0"]
        card_stand_in = "yes"
        camera = "folder"
        speed = 3
        [window]
        zoom = 9
        idle_lock_minutes = "soon"
        [capture]
        watermark = "sometimes"
        original = true
    "#;
    let complaints = parse(text).unwrap_err();
    let seen: Vec<(&str, &str)> = complaints.iter().map(|complaint| (complaint.key.as_str(), complaint.code)).collect();
    assert_eq!(
        seen,
        [
            ("data_dir", "not-absolute"),
            ("devices.card", "not-allowed"),
            ("devices.card_stand_in", "wrong-type"),
            ("devices.camera_folder", "missing"),
            ("devices.speed", "unknown-key"),
            ("window.zoom", "not-allowed"),
            ("window.idle_lock_minutes", "wrong-type"),
            ("capture.watermark", "not-allowed"),
            ("capture.original", "unknown-key"),
            ("colour", "unknown-key"),
        ]
    );
}

#[test]
fn an_empty_file_a_broken_file_and_no_file_are_three_different_things() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("config.toml");
    assert!(matches!(load(&file), Loaded::Absent));
    std::fs::write(&file, "").unwrap();
    assert!(matches!(load(&file), Loaded::Wrong(list) if list[0].code == "missing"));
    std::fs::write(&file, "data_dir = ").unwrap();
    assert!(matches!(load(&file), Loaded::Wrong(list) if list[0].code == "not-toml"));
    std::fs::write(&file, [0xff, 0xfe]).unwrap();
    assert!(matches!(load(&file), Loaded::Wrong(list) if list[0].code == "unreadable"));
}

#[test]
fn a_folder_of_pictures_without_the_stand_in_is_refused_rather_than_ignored() {
    let complaints = parse("data_dir = \"/d\"\n[devices]\ncamera_folder = \"/p\"").unwrap_err();
    assert_eq!(complaints[0].key, "devices.camera_folder");
}
