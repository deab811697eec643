//! No real-looking person anywhere: citizens' numbers are of region 000000, or published specimens.

use super::sources::{files, read};

/// Published specimens: nobody's numbers (GB 11643 examples; the 2023 foreigner's card specimen).
const PUBLISHED: &[&str] = &["11010519491231002X", "440524188001010014", "931586198001010028"];

/// Valid 18-character citizens' numbers in a text.
fn numbers(text: &str) -> Vec<String> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut i = 0;
    while i < bytes.len() {
        if !bytes[i].is_ascii_digit() {
            i += 1;
            continue;
        }
        let start = i;
        while i < bytes.len() && bytes[i].is_ascii_digit() {
            i += 1;
        }
        let mut end = i;
        if end - start == 17 && end < bytes.len() && bytes[end] == b'X' {
            end += 1;
        }
        let inside_a_word = start > 0 && bytes[start - 1].is_ascii_alphanumeric();
        if end - start == 18 && !inside_a_word && valid(&bytes[start..end]) {
            found.push(String::from_utf8_lossy(&bytes[start..end]).into_owned());
        }
    }
    found
}

fn valid(number: &[u8]) -> bool {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = number[..17].iter().zip(WEIGHTS).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    let month = (number[10] - b'0') * 10 + (number[11] - b'0');
    b"10X98765432"[(sum % 11) as usize] == number[17] && (1..=12).contains(&month)
}

#[test]
fn no_citizens_number_looks_real() {
    let mut faults = Vec::new();
    for file in files() {
        if !["rs", "toml", "ftl", "md", "html", "json", "txt", "sql"].iter().any(|ext| file.ends_with(&format!(".{ext}"))) {
            continue;
        }
        for number in numbers(&read(&file)) {
            let fictitious = number.starts_with("000000") || number.starts_with('9') || PUBLISHED.contains(&number.as_str());
            if !fictitious {
                faults.push(format!("{file}: a number of region {}…", &number[..6]));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_search_finds_what_it_must() {
    assert_eq!(numbers("a 11010519491231002X b 110105194912310021"), ["11010519491231002X"]);
    assert!(numbers("sha 440524188001010014a0").len() == 1, "a longer word that starts with digits is looked at");
    assert!(numbers("f440524188001010014").is_empty());
}
