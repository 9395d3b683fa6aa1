//! What the plain JSON of images cannot express: which strings are binary, and which arrays are sets.

use changefan_json::write_string;

use super::image::{Image, Node, Value, as_text};

/// A JSON object that maps, for each image, RFC 6901 pointers to `B`, `SS`, `NS` and `BS`. `None` when no image has a value
/// of these types.
pub(super) fn describe(images: &[(&str, Option<&Image<'_>>)]) -> Option<String> {
    if !images.iter().any(|(_, image)| image.is_some_and(|image| image.root.is_typed)) {
        return None;
    }
    let mut out = String::new();
    for (name, image) in images {
        out.push(if out.is_empty() { '{' } else { ',' });
        write_string(name, &mut out);
        out.push_str(":{");
        if let Some(image) = image {
            let mut pointers = Pointers { image, path: String::new(), is_first: true };
            pointers.write(&image.root, &mut out);
        }
        out.push('}');
    }
    out.push('}');
    Some(out)
}

struct Pointers<'a> {
    image: &'a Image<'a>,
    /// The pointer to the value that is described.
    path: String,
    is_first: bool,
}

impl Pointers<'_> {
    fn write(&mut self, node: &Node<'_>, out: &mut String) {
        if !node.is_typed {
            return;
        }
        if let Some(attribute_type) = node.attribute_type {
            if !self.is_first {
                out.push(',');
            }
            self.is_first = false;
            write_string(&self.path, out);
            out.push_str(":\"");
            out.push_str(attribute_type.as_str());
            out.push('"');
        }
        let end = self.path.len();
        for (index, child) in self.image.children(node).iter().enumerate() {
            self.path.push('/');
            match node.value {
                Value::Array(_) => self.path.push_str(&index.to_string()),
                _ => self.push_name(as_text(&child.name)),
            }
            self.write(child, out);
            self.path.truncate(end);
        }
    }

    /// RFC 6901, section 3: `~` and `/` are escaped.
    fn push_name(&mut self, name: &str) {
        for character in name.chars() {
            match character {
                '~' => self.path.push_str("~0"),
                '/' => self.path.push_str("~1"),
                other => self.path.push(other),
            }
        }
    }
}
