use super::*;

/// Photographs that this project drew.
fn demo() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/demo/pages")
}

fn photographs() -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(demo()).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

#[test]
fn damaged_and_absent_files_are_entries_among_the_good_ones() {
    let dir = tempfile::tempdir().unwrap();
    let good = photographs().remove(0);
    let half = dir.path().join("half.jpg");
    let whole = std::fs::read(&good).unwrap();
    std::fs::write(&half, &whole[..whole.len() / 2]).unwrap();
    let text = dir.path().join("text.jpg");
    std::fs::write(&text, b"no picture").unwrap();
    let files = [half, dir.path().join("absent.jpg"), good, text, dir.path().to_owned()];
    let seen = look_at_all(&files, &[]);
    let codes: Vec<&[&str]> = seen.iter().map(|seen| seen.issues.as_slice()).collect();
    assert_eq!(codes, [&["picture_truncated"][..], &["file_absent"], &[], &["picture_not_jpeg"], &["file_unreadable"]]);
    let found: Vec<bool> = seen.iter().map(|seen| seen.corners.is_some()).collect();
    assert_eq!(found, [false, false, true, false, false]);
    let lost = entry(&seen[0]);
    assert_eq!((&lost["corners"], &lost["confidence"]), (&Value::Null, &json!(0.0)));
    let page = entry(&seen[2]);
    assert_eq!(page["corners"].as_array().map(Vec::len), Some(4));
    assert!(page["confidence"].as_f64().is_some_and(|sure| sure > 0.5 && sure <= 1.0));
}

#[test]
fn the_same_page_twice_in_a_batch_is_named_once() {
    let first = photographs().remove(2);
    let mut files = photographs();
    files.push(first);
    let mut seen = look_at_all(&files, &[]);
    mark_twins(&mut seen);
    let twice: Vec<bool> = seen.iter().map(|seen| seen.issues.contains(&"twice")).collect();
    assert_eq!(twice.iter().filter(|twice| **twice).count(), 1, "{twice:?}");
    assert_eq!(twice.last(), Some(&true));
}

#[test]
fn two_files_of_one_name_keep_both_answers_and_both_pages() {
    let files = [PathBuf::from("/a/page.jpg"), PathBuf::from("/b/page.jpg"), PathBuf::from("/b/other.jpeg")];
    let names = names(&files);
    assert_eq!(names, ["/a/page.jpg", "/b/page.jpg", "other.jpeg"]);
    let dir = tempfile::tempdir().unwrap();
    let targets = targets(dir.path(), &files, &names).unwrap();
    let files: Vec<_> = targets.iter().map(|target| target.file_name().unwrap().to_str().unwrap()).collect();
    assert_eq!(files, ["a_page.jpg", "b_page.jpg", "other.jpg"]);
}

#[test]
fn a_photograph_is_never_written_over() {
    let dir = tempfile::tempdir().unwrap();
    let own = dir.path().join("own.jpg");
    std::fs::copy(&photographs()[0], &own).unwrap();
    let refused = targets(dir.path(), std::slice::from_ref(&own), &names(std::slice::from_ref(&own)));
    assert!(matches!(refused, Err(Fault::File(file, _)) if file.file_name() == own.file_name()));
    let other = dir.path().join("pages");
    let files = [own.clone()];
    let targets = targets(&other, &files, &names(&files)).unwrap();
    let seen = look_at_all(&files, &targets);
    assert!(seen[0].unwritten.is_none());
    let page = std::fs::read(other.join("own.jpg")).unwrap();
    assert!(page.len() <= scan::PAGE_BYTES_MAX && scan::decode(&page, Some(400)).is_ok());
}

#[test]
fn every_code_has_its_sentence_in_both_languages() {
    for lang in [texts::Lang::Zh, texts::Lang::En] {
        let t = Texts::new(lang);
        let codes = scan::Issue::ALL.iter().map(|issue| issue.code());
        let troubles = ["no_page", "file_absent", "file_unreadable", "picture_truncated", "picture_corrupt", "picture_not_jpeg"];
        for code in codes.chain(troubles) {
            let said = crate::words::page_issue(&t, code);
            assert_ne!(said, texts::capture::verdict_other(&t, code), "{code}");
        }
    }
}
