//! The canonical text of an image, as the content of a JSON string.
//!
//! It is written in one pass, in the order of the image. Where that is not the canonical order, the text of the members
//! or elements is rearranged when their object or set ends.

use std::borrow::Cow;
use std::iter::Peekable;

use changefan_json::{Cursor, Label, SyntaxError, write_escaped, write_string};

use crate::attribute_type::AttributeType;

/// Appends an image as decoding wrote it. The labels are those of its values.
pub(super) fn write_content(json: &str, labels: impl Iterator<Item = Label>, out: &mut String) {
    let mut writer = Writer {
        cursor: Cursor::new(json),
        labels: labels.peekable(),
        parts: Vec::new(),
        scratch: String::new(),
        out,
    };
    writer.value().expect("decoding writes images as JSON");
}

struct Writer<'a, 'o, L: Iterator<Item = Label>> {
    cursor: Cursor<'a>,
    labels: Peekable<L>,
    /// The members and elements of the values that have not ended and may be rearranged.
    parts: Vec<Part<'a>>,
    scratch: String,
    out: &'o mut String,
}

/// A member or an element that was written.
struct Part<'a> {
    /// What the canonical order compares: the name of a member, or the text of an element.
    key: Cow<'a, str>,
    /// Where it is in the output.
    start: usize,
    end: usize,
}

impl<'a, L: Iterator<Item = Label>> Writer<'a, '_, L> {
    fn value(&mut self) -> Result<(), SyntaxError> {
        match self.cursor.peek() {
            Some(b'{') => self.object(),
            Some(b'[') => self.array(),
            _ => self.scalar().map(drop),
        }
    }

    /// Writes a string, a number, a Boolean or null, and returns its text with escapes resolved.
    fn scalar(&mut self) -> Result<Cow<'a, str>, SyntaxError> {
        if self.cursor.peek() == Some(b'"') {
            return self.string();
        }
        let literal = self.cursor.skip()?;
        self.out.push_str(literal);
        Ok(Cow::Borrowed(literal))
    }

    fn string(&mut self) -> Result<Cow<'a, str>, SyntaxError> {
        let start = self.cursor.position() + 1;
        let string = self.cursor.string()?;
        if string.is_escaped() {
            let text = string.resolve();
            let mut canonical = String::with_capacity(text.len() + 16);
            write_string(&text, &mut canonical);
            write_escaped(&canonical, self.out);
            return Ok(text);
        }
        let text = self.cursor.slice(start..self.cursor.position() - 1);
        self.out.push_str("\\\"");
        self.out.push_str(text);
        self.out.push_str("\\\"");
        Ok(Cow::Borrowed(text))
    }

    fn object(&mut self) -> Result<(), SyntaxError> {
        self.cursor.expect(b'{', "an object")?;
        self.out.push('{');
        let (first, start) = (self.parts.len(), self.out.len());
        let mut is_sorted = true;
        if !self.cursor.eat(b'}') {
            loop {
                let member = self.out.len();
                self.cursor.peek();
                let key = self.string()?;
                self.cursor.expect(b':', "`:`")?;
                self.out.push(':');
                self.value()?;
                is_sorted &= self.parts[first..].last().is_none_or(|last| last.key < key);
                self.parts.push(Part { key, start: member, end: self.out.len() });
                if !self.cursor.eat(b',') {
                    self.cursor.expect(b'}', "`,` or `}`")?;
                    break;
                }
                self.out.push(',');
            }
        }
        if !is_sorted {
            // Of several members with one name, which DynamoDB never sends, the last counts.
            self.rearrange(first, start, |part, next| part.key == next.key);
        }
        self.parts.truncate(first);
        self.out.push('}');
        Ok(())
    }

    fn array(&mut self) -> Result<(), SyntaxError> {
        let is_set = self.takes_label();
        self.cursor.expect(b'[', "an array")?;
        self.out.push('[');
        let (first, start) = (self.parts.len(), self.out.len());
        if !self.cursor.eat(b']') {
            loop {
                if is_set {
                    let element = self.out.len();
                    let key = self.scalar()?;
                    self.parts.push(Part { key, start: element, end: self.out.len() });
                } else {
                    self.value()?;
                }
                if !self.cursor.eat(b',') {
                    self.cursor.expect(b']', "`,` or `]`")?;
                    break;
                }
                self.out.push(',');
            }
        }
        if is_set {
            self.rearrange(first, start, |_, _| false);
        }
        self.parts.truncate(first);
        self.out.push(']');
        Ok(())
    }

    /// Whether the value at the cursor is a set. Labels of other values, which precede it, are not needed any more.
    fn takes_label(&mut self) -> bool {
        let position = self.cursor.position();
        while self.labels.next_if(|label| (label.at as usize) < position).is_some() {}
        let label = self.labels.next_if(|label| label.at as usize == position);
        label.is_some_and(|label| AttributeType::of_label(label.kind) != AttributeType::Binary)
    }

    /// Writes the parts from an index on again, in their order and without those that the next one replaces.
    fn rearrange(
        &mut self,
        first: usize,
        start: usize,
        is_replaced: impl Fn(&Part<'a>, &Part<'a>) -> bool,
    ) {
        self.parts[first..].sort_by(|left, right| left.key.cmp(&right.key));
        self.scratch.clear();
        let mut parts = self.parts[first..].iter().peekable();
        while let Some(part) = parts.next() {
            if parts.peek().is_some_and(|next| is_replaced(part, next)) {
                continue;
            }
            if !self.scratch.is_empty() {
                self.scratch.push(',');
            }
            self.scratch.push_str(&self.out[part.start..part.end]);
        }
        self.out.truncate(start);
        self.out.push_str(&self.scratch);
    }
}
