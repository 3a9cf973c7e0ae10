//! The report of a render, read by an HTML parser.

use std::path::Path;

use html5ever::driver::ParseOpts;
use html5ever::tendril::TendrilSink;
use markup5ever_rcdom::{Handle, NodeData, RcDom};

/// Elements and text of a page.
#[derive(Default)]
struct Page {
    text: String,
    elements: Vec<String>,
    /// What would be fetched from elsewhere.
    outside: Vec<String>,
}

impl Page {
    fn visit(&mut self, node: &Handle) {
        match &node.data {
            NodeData::Text { contents } => self.text.push_str(&contents.borrow()),
            NodeData::Element { name, attrs, .. } => {
                self.elements.push(name.local.to_string());
                for attr in attrs.borrow().iter() {
                    let loads = matches!(attr.name.local.as_ref(), "src" | "href" | "data" | "poster" | "srcset");
                    let here = attr.value.starts_with('#') || attr.value.starts_with("data:");
                    if loads && !here {
                        self.outside.push(format!("{}={}", attr.name.local, attr.value));
                    }
                }
            }
            _ => {}
        }
        for child in node.children.borrow().iter() {
            self.visit(child);
        }
    }
}

/// Without a parse error, self-contained, with pictures, and naming whose ears it is about.
pub(crate) fn check(path: &Path, names: &[&str]) {
    let bytes = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let dom = html5ever::parse_document(RcDom::default(), ParseOpts::default())
        .from_utf8()
        .read_from(&mut bytes.as_slice())
        .expect("bytes from memory");
    let errors = dom.errors.borrow();
    assert!(errors.is_empty(), "{}: {errors:?}", path.display());
    let mut page = Page::default();
    page.visit(&dom.document);
    assert!(page.outside.is_empty(), "{}: not self-contained: {:?}", path.display(), page.outside);
    for element in ["title", "h1", "svg"] {
        assert!(page.elements.iter().any(|e| e == element), "{}: no <{element}>", path.display());
    }
    for name in names {
        assert!(page.text.contains(name), "{}: does not say {name:?}", path.display());
    }
    for level in ["LUFS", "dBTP"] {
        assert!(page.text.contains(level), "{}: no level in {level}", path.display());
    }
}
