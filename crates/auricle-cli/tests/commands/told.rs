//! What the program says: whether it could be said, whether it is true, and whether it is said once.

use crate::support::{Desk, noise, wav};

#[test]
fn what_another_listener_hears_over_a_cue_is_not_told_as_the_cues() {
    let desk = Desk::new();
    desk.noise("talk.wav", 6.0);
    let beneath = "listener = \"preset:deaf\"\n[[cue]]\nin = 0.5\nout = 5.5\n";
    let over = "[[cue]]\nin = 1.5\nout = 4.5\nlistener = \"preset:N1\"\n";
    let all_over = "[[cue]]\nin = 0.5\nout = 5.5\nlistener = \"preset:N1\"\n";
    let said = |cues: &str| {
        desk.text("gig.cues.toml", cues);
        desk.auricle(&["render", "talk.wav", "--cues", "gig.cues.toml", "-o", "heard.wav", "--force"]).well();
        let report = std::fs::read_to_string(desk.path("heard.report.html")).unwrap();
        let (_, sentences) = report.split_once("<ol class=\"sentences\">").unwrap();
        sentences.split_once("</li>").unwrap().0.to_owned()
    };
    assert!(said(beneath).contains("nothing is heard"));
    let covered = said(&format!("{beneath}{over}"));
    assert!(covered.contains("nothing is heard") && covered.contains("heard over 3.00 s of it"), "{covered}");
    let covered = said(&format!("{beneath}{all_over}"));
    assert!(covered.contains("Another listener is heard over all of it"), "{covered}");
}
