use super::*;

#[test]
fn the_built_in_catalogue_has_no_fault() {
    if let Err(faults) = Catalogue::bundled() {
        let told: Vec<String> = faults.iter().map(ToString::to_string).collect();
        panic!("{}", told.join("\n"));
    }
}
