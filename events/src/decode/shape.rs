//! The shape of a record: its text between the values that differ from record to record.
//!
//! AWS writes the records of a stream alike. A record that begins like an earlier one is not read
//! member by member: its text is compared with the earlier one's up to the next value that varies,
//! and only that value is read. A difference leads back to reading all members.

use changefan_json::{Cursor, Literal, SyntaxError};

use super::constants::Constants;
use super::field::Field;
use super::raw_record::{RawChange, RawRecord};
use crate::arena::BatchTextBuilder;

/// The shapes of the records that were read last, the one that fitted last first.
#[derive(Debug, Default)]
pub(crate) struct Shapes(Vec<Shape>);

/// One per operation, source and envelope of a stream.
const MAX_SHAPES: usize = 8;

/// The longest literal text that is kept of a record, in bytes. AWS's envelopes are far shorter.
const MAX_LITERALS: usize = 4096;

/// What a record has in common with others, in its order.
#[derive(Debug, Default)]
pub(crate) struct Shape {
    steps: Vec<Step>,
    constants: Vec<Constant>,
    /// The length of all literals, in bytes.
    length: usize,
    by_ttl: bool,
    has_change: bool,
    /// What the constants say, once a record was decoded.
    decoded: Option<Constants>,
}

/// A literal, and a value that varies behind it. The last one has none.
#[derive(Debug)]
struct Step {
    literal: Literal,
    constants: usize,
    value: Option<Field>,
}

/// A string inside of a literal.
#[derive(Debug)]
struct Constant {
    field: Field,
    /// In bytes from the start of the literal.
    start: usize,
    end: usize,
}

impl Shapes {
    /// Reads the record at the cursor if it has a known shape. Otherwise the cursor does not move,
    /// and false is returned.
    pub(super) fn read<'a>(
        &mut self,
        cursor: &mut Cursor<'a>,
        text: &mut BatchTextBuilder,
        record: &mut RawRecord<'a>,
    ) -> bool {
        let (start, mark) = (cursor.position(), text.out.len());
        for index in 0..self.0.len() {
            if self.0[index].read(cursor, text, record).is_some() {
                self.0.swap(0, index);
                return true;
            }
            cursor.seek(start);
            *record = RawRecord::default();
            // Images are not written over and over.
            if text.out.len() > mark {
                text.out.truncate(mark);
                return false;
            }
        }
        false
    }

    /// Keeps the shape of the record that was read last.
    pub(super) fn keep(&mut self, shape: Shape) {
        self.0.truncate(MAX_SHAPES - 1);
        self.0.insert(0, shape);
    }

    /// Keeps what the constants say of the record that was read last, which has a shape.
    pub(super) fn keep_constants(&mut self, constants: Constants) {
        if let Some(last) = self.0.first_mut() {
            last.decoded = Some(constants);
        }
    }
}

impl Shape {
    fn read<'a>(
        &self,
        cursor: &mut Cursor<'a>,
        text: &mut BatchTextBuilder,
        record: &mut RawRecord<'a>,
    ) -> Option<()> {
        record.by_ttl = self.by_ttl;
        record.has_shape = true;
        record.constants = self.decoded;
        record.dynamodb = self.has_change.then(|| RawChange::begin(text));
        let mut constants = self.constants.as_slice();
        for step in &self.steps {
            let start = cursor.position();
            if !cursor.eat_literal(&step.literal) {
                return None;
            }
            if self.decoded.is_none() {
                let strings;
                (strings, constants) = constants.split_at(step.constants);
                for Constant { field, start: from, end } in strings {
                    field.set(Some(cursor.plain_string(start + from..start + end)), record);
                }
            }
            if let Some(field) = step.value {
                field.read(cursor, text, record).ok()?;
            }
        }
        if let Some(change) = &mut record.dynamodb {
            change.finish(cursor.text(), text);
        }
        Some(())
    }
}

/// A shape while its record is read.
pub(super) struct Learner {
    shape: Shape,
    /// Where the literal before the next value starts.
    start: usize,
    constants: usize,
    /// A bit per field.
    seen: u32,
    has_shape: bool,
}

impl Learner {
    /// Of a record that starts here.
    pub(super) fn new(start: usize) -> Self {
        Self { shape: Shape::default(), start, constants: 0, seen: 0, has_shape: true }
    }

    /// The record cannot be read by a shape.
    pub(super) fn give_up(&mut self) {
        self.has_shape = false;
    }

    /// An object with these fields is read. A second one, or one beside the same fields, means
    /// what the order says.
    pub(super) fn enter(&mut self, fields: &[Field]) {
        self.has_shape &= self.seen & bits(fields) == 0;
    }

    /// The object has been read.
    pub(super) fn leave(&mut self, fields: &[Field]) {
        self.seen |= bits(fields);
    }

    /// Reads the value of a field at the cursor.
    pub(super) fn read<'a>(
        &mut self,
        field: Field,
        cursor: &mut Cursor<'a>,
        text: &mut BatchTextBuilder,
        record: &mut RawRecord<'a>,
    ) -> Result<(), SyntaxError> {
        let start = cursor.position();
        field.read(cursor, text, record)?;
        if field != Field::Other {
            self.enter(&[field]);
            self.leave(&[field]);
            self.value(field, start, cursor);
        }
        Ok(())
    }

    /// A value was read, from `start` to the cursor.
    fn value(&mut self, field: Field, start: usize, cursor: &Cursor<'_>) {
        let value = cursor.slice(start..cursor.position());
        match value {
            _ if !self.has_shape => {}
            b"null" => {}
            _ if field.varies() => {
                self.step(start, Some(field), cursor);
                self.start = cursor.position();
            }
            [b'"', inside @ .., b'"'] if !inside.contains(&b'\\') => {
                let start = start + 1 - self.start;
                self.shape.constants.push(Constant { field, start, end: start + inside.len() });
                self.constants += 1;
            }
            // White space before a string, or an escape in it.
            _ => self.give_up(),
        }
    }

    /// Adds the literal up to `end`, and the value behind it.
    fn step(&mut self, end: usize, value: Option<Field>, cursor: &Cursor<'_>) {
        let literal = cursor.slice(self.start..end);
        self.shape.length += literal.len();
        if self.shape.length > MAX_LITERALS {
            return self.give_up();
        }
        let constants = std::mem::take(&mut self.constants);
        self.shape.steps.push(Step { literal: literal.into(), constants, value });
    }

    /// The shape of a record that was read up to the cursor.
    pub(super) fn finish(mut self, record: &RawRecord<'_>, cursor: &Cursor<'_>) -> Option<Shape> {
        if self.has_shape {
            self.step(cursor.position(), None, cursor);
        }
        self.shape.by_ttl = record.by_ttl;
        self.shape.has_change = record.dynamodb.is_some();
        self.has_shape.then_some(self.shape)
    }
}

/// One per field.
fn bits(fields: &[Field]) -> u32 {
    fields.iter().fold(0, |bits, &field| bits | 1 << field as u32)
}
