use super::*;

#[test]
fn the_built_in_catalogue_passes_every_rule() {
    let faults = check(crate::bundled::FILES);
    let told: Vec<String> = faults.iter().map(ToString::to_string).collect();
    assert!(told.is_empty(), "\n{}", told.join("\n"));
}
