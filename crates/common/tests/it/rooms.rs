//! The two rooms of this crate stay apart: `domain` does no I/O and does not know `graph`.

use std::fs;
use std::path::Path;

#[test]
fn the_domain_names_neither_the_client_nor_any_io() {
    let domain = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/domain");
    let mut seen = 0;
    for file in fs::read_dir(domain).unwrap().map(Result::unwrap) {
        let source = fs::read_to_string(file.path()).unwrap();
        for name in ["graph::", "tokio", "reqwest", "diesel", "actix", "prost", "std::fs", "std::net"] {
            assert!(!source.contains(name), "{} names {name}", file.path().display());
        }
        seen += 1;
    }
    assert!(seen > 5);
}
