//! The canonical text of an image: equal items have equal text, whatever wrote them.
//!
//! Members are sorted by the bytes of their names and the elements of sets by the bytes of their texts; of several members
//! with one name, which DynamoDB never sends, the last counts. Strings are escaped only where JSON requires it, as
//! `serde_json` does. Numbers keep their text.

use std::borrow::Cow;
use std::iter::Peekable;
use std::ops::Range;

use changefan_json::{Cursor, Label, SyntaxError, write_string};

use crate::attribute_type::AttributeType;

/// An image whose members are sorted.
#[derive(Debug)]
pub(super) struct Image<'a> {
    nodes: Vec<Node<'a>>,
    pub root: Node<'a>,
}

/// A value in its place.
#[derive(Clone, Debug)]
pub(super) struct Node<'a> {
    /// The name of a member, escapes resolved; empty for an element.
    pub name: Cow<'a, [u8]>,
    pub value: Value<'a>,
    pub attribute_type: Option<AttributeType>,
    /// Whether the value or one inside it has an attribute type.
    pub is_typed: bool,
}

#[derive(Clone, Debug)]
pub(super) enum Value<'a> {
    /// A number, a Boolean or null.
    Literal(&'a str),
    /// Escapes resolved.
    String(Cow<'a, [u8]>),
    Array(Range<usize>),
    Object(Range<usize>),
}

impl<'a> Image<'a> {
    /// Reads an image as decoding wrote it. The labels are those of its values.
    pub fn read(json: &'a str, labels: impl Iterator<Item = Label>) -> Self {
        let mut reader = Reader {
            cursor: Cursor::new(json),
            labels: labels.peekable(),
            nodes: Vec::new(),
            open: Vec::new(),
        };
        let root = reader.node(Cow::Borrowed(b"")).expect("decoding writes images as JSON");
        Image { nodes: reader.nodes, root }
    }

    /// The members or elements of a value.
    pub fn children(&self, node: &Node<'a>) -> &[Node<'a>] {
        node.value.children().map_or(&[], |children| &self.nodes[children])
    }

    /// Appends the canonical text.
    pub fn write(&self, out: &mut String) {
        self.write_node(&self.root, out);
    }

    fn write_node(&self, node: &Node<'a>, out: &mut String) {
        match &node.value {
            Value::Literal(text) => out.push_str(text),
            Value::String(text) => write_string(as_text(text), out),
            Value::Array(_) => {
                out.push('[');
                for (index, element) in self.children(node).iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    self.write_node(element, out);
                }
                out.push(']');
            }
            Value::Object(_) => {
                out.push('{');
                for (index, member) in self.children(node).iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    write_string(as_text(&member.name), out);
                    out.push(':');
                    self.write_node(member, out);
                }
                out.push('}');
            }
        }
    }
}

pub(super) fn as_text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("a JSON string is UTF-8")
}

struct Reader<'a, L: Iterator<Item = Label>> {
    cursor: Cursor<'a>,
    labels: Peekable<L>,
    nodes: Vec<Node<'a>>,
    /// The children of the values that have not ended.
    open: Vec<Node<'a>>,
}

impl<'a, L: Iterator<Item = Label>> Reader<'a, L> {
    fn node(&mut self, name: Cow<'a, [u8]>) -> Result<Node<'a>, SyntaxError> {
        let first = self.cursor.peek();
        let position = self.cursor.position();
        let label = self.labels.next_if(|label| label.at as usize == position);
        let attribute_type = label.map(|label| AttributeType::of_label(label.kind));
        let value = match first {
            Some(b'{') => Value::Object(self.object()?),
            Some(b'[') => Value::Array(self.array(attribute_type.is_some())?),
            Some(b'"') => Value::String(self.cursor.string()?.resolve_bytes()),
            _ => Value::Literal(self.cursor.skip()?),
        };
        let is_typed = attribute_type.is_some()
            || value.children().is_some_and(|it| self.nodes[it].iter().any(|child| child.is_typed));
        Ok(Node { name, value, attribute_type, is_typed })
    }

    fn object(&mut self) -> Result<Range<usize>, SyntaxError> {
        let start = self.open.len();
        self.cursor.expect(b'{', "an object")?;
        if !self.cursor.eat(b'}') {
            loop {
                let name = self.cursor.string()?.resolve_bytes();
                self.cursor.expect(b':', "`:`")?;
                let member = self.node(name)?;
                self.open.push(member);
                if !self.cursor.eat(b',') {
                    self.cursor.expect(b'}', "`,` or `}`")?;
                    break;
                }
            }
        }
        self.open[start..].sort_by(|left, right| left.name.cmp(&right.name));
        Ok(self.close(start, |member, next| member.name == next.name))
    }

    fn array(&mut self, is_set: bool) -> Result<Range<usize>, SyntaxError> {
        let start = self.open.len();
        self.cursor.expect(b'[', "an array")?;
        if !self.cursor.eat(b']') {
            loop {
                let element = self.node(Cow::Borrowed(b""))?;
                self.open.push(element);
                if !self.cursor.eat(b',') {
                    self.cursor.expect(b']', "`,` or `]`")?;
                    break;
                }
            }
        }
        if is_set {
            self.open[start..].sort_by(|left, right| left.sort_key().cmp(right.sort_key()));
        }
        Ok(self.close(start, |_, _| false))
    }

    /// Moves the children of a value that has ended to their place, without those that the next one replaces.
    fn close(
        &mut self,
        start: usize,
        is_replaced: impl Fn(&Node<'a>, &Node<'a>) -> bool,
    ) -> Range<usize> {
        let first = self.nodes.len();
        let mut children = self.open.drain(start..).peekable();
        while let Some(child) = children.next() {
            if !children.peek().is_some_and(|next| is_replaced(&child, next)) {
                self.nodes.push(child);
            }
        }
        first..self.nodes.len()
    }
}

impl Value<'_> {
    fn children(&self) -> Option<Range<usize>> {
        match self {
            Value::Array(children) | Value::Object(children) => Some(children.clone()),
            Value::Literal(_) | Value::String(_) => None,
        }
    }
}

impl Node<'_> {
    /// The text of a set's element.
    fn sort_key(&self) -> &[u8] {
        match &self.value {
            Value::String(text) => text,
            Value::Literal(text) => text.as_bytes(),
            Value::Array(_) | Value::Object(_) => &[],
        }
    }
}
