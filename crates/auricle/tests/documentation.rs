//! The examples of docs/files.md are complete files that read without a warning.

use auricle::cue::CueSheet;
use auricle::listener::{Listener, Reference};
use auricle::presets;

#[test]
fn examples_of_the_documentation_read() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/files.md");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let blocks: Vec<&str> = text.split("```toml\n").skip(1).map(|block| block.split("```").next().unwrap()).collect();
    let (sheets, listeners): (Vec<&str>, Vec<&str>) = blocks.iter().partition(|block| block.contains("[[cue]]"));
    assert_eq!((sheets.len(), listeners.len()), (1, 1));
    for listener in listeners {
        let (_, warnings) = Listener::parse(listener, "docs/files.md").unwrap_or_else(|e| panic!("{e}"));
        assert!(warnings.0.is_empty(), "{warnings}");
    }
    for sheet in sheets {
        let (sheet, warnings) = CueSheet::parse(sheet, "docs/files.md").unwrap_or_else(|e| panic!("{e}"));
        assert!(warnings.0.is_empty(), "{warnings}");
        let listeners: Vec<(String, Listener)> = sheet
            .references()
            .into_iter()
            .map(|reference| match Reference::parse(reference) {
                Ok(Reference::Preset { name, .. }) => (reference.to_owned(), presets::get(&name).unwrap()),
                other => panic!("{other:?}"),
            })
            .collect();
        let faults = sheet.check_against(&listeners, "docs/files.md");
        assert!(faults.0.is_empty(), "{faults}");
    }
}
