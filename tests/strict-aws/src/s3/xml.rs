//! XML of requests.

use roxmltree::{Document, Node};

use crate::answer::Refusal;

/// Reads the body of a request, whose root element has this name.
pub(super) fn read<T>(
    body: &[u8],
    root: &str,
    read: impl FnOnce(Node<'_, '_>) -> Option<T>,
) -> Result<T, Refusal> {
    let text = std::str::from_utf8(body).ok();
    let document = text.and_then(|text| Document::parse(text).ok());
    let found = document.as_ref().map(Document::root_element);
    found.filter(|found| found.tag_name().name() == root).and_then(read).ok_or_else(malformed)
}

/// Refuses XML that cannot be read, or does not fit the operation.
pub(super) fn malformed() -> Refusal {
    let message = "The XML you provided was not well-formed or did not validate";
    Refusal::new(400, "MalformedXML", message)
}

/// The elements of this name in an element.
pub(super) fn children<'a, 'input>(
    parent: Node<'a, 'input>,
    name: &'static str,
) -> impl Iterator<Item = Node<'a, 'input>> {
    parent.children().filter(move |child| child.tag_name().name() == name)
}

/// The text of the first element of this name in an element.
pub(super) fn text(parent: Node<'_, '_>, name: &'static str) -> Option<String> {
    Some(children(parent, name).next()?.text().unwrap_or_default().to_owned())
}
