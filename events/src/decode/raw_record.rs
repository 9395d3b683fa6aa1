//! The members of a record that decoding needs, in any order.

use changefan_json::{Cursor, JsonStr, SyntaxError};

use super::constants::Constants;
use super::diff::write_changed;
use super::field::{Field, OF_CHANGE, OF_KINESIS};
use super::selection;
use super::shape::{Learner, Shapes};
use super::unmarshal;
use crate::arena::{BatchTextBuilder, Span};
use crate::event::Images;

/// A record of either source, nested or flat. Members that are missing or null are `None`.
#[derive(Debug, Default)]
pub(crate) struct RawRecord<'a> {
    pub event_id: Option<JsonStr<'a>>,
    pub event_name: Option<JsonStr<'a>>,
    pub event_source: Option<JsonStr<'a>>,
    pub region: Option<JsonStr<'a>>,
    pub arn: Option<JsonStr<'a>>,
    pub table_name: Option<JsonStr<'a>>,
    pub by_ttl: bool,
    /// Whether the record has the first of the known shapes.
    pub has_shape: bool,
    /// What the members say that do not vary. If it is known, they are not read.
    pub constants: Option<Constants>,
    /// Whether there is a member `_aws`.
    pub has_embedded_metrics: bool,
    /// The JSON text of the member that selects sub-records.
    pub sub_records: Option<&'a [u8]>,
    pub dynamodb: Option<RawChange<'a>>,
    pub kinesis: RawKinesis<'a>,
}

/// The `dynamodb` member of a record.
#[derive(Debug, Default)]
pub(crate) struct RawChange<'a> {
    pub created: Option<&'a [u8]>,
    pub precision: Option<JsonStr<'a>>,
    pub sequence_number: Option<JsonStr<'a>>,
    pub images: Images,
}

/// The `kinesis` member of a mapping's record; Pipes puts the same members beside the others.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct RawKinesis<'a> {
    pub data: Option<JsonStr<'a>>,
    pub sequence_number: Option<JsonStr<'a>>,
    pub partition_key: Option<JsonStr<'a>>,
    pub arrival: Option<&'a [u8]>,
}

/// As the bytes that the cursor compares.
const MEMBER: &[u8] = selection::MEMBER.as_bytes();

impl<'a> RawRecord<'a> {
    /// Reads a whole record into this one, which is empty, and writes its images as plain JSON.
    pub(crate) fn read(
        &mut self,
        cursor: &mut Cursor<'a>,
        text: &mut BatchTextBuilder,
    ) -> Result<(), SyntaxError> {
        let mut shapes = std::mem::take(&mut text.shapes);
        let read = if shapes.read(cursor, text, self) {
            Ok(())
        } else {
            self.read_and_learn(cursor, text, &mut shapes)
        };
        text.shapes = shapes;
        read
    }

    /// Whether the record says that it is a change of a DynamoDB table.
    pub(super) fn is_change(&self) -> bool {
        self.constants.is_some()
            || self.event_source.is_some_and(|source| *source.resolve_bytes() == *b"aws:dynamodb")
    }

    fn read_and_learn(
        &mut self,
        cursor: &mut Cursor<'a>,
        text: &mut BatchTextBuilder,
        shapes: &mut Shapes,
    ) -> Result<(), SyntaxError> {
        let mut learner = Learner::new(cursor.position());
        self.read_members(cursor, text, &mut learner)?;
        if let Some(shape) = learner.finish(self, cursor) {
            self.has_shape = true;
            shapes.keep(shape);
        }
        Ok(())
    }

    fn read_members(
        &mut self,
        cursor: &mut Cursor<'a>,
        text: &mut BatchTextBuilder,
        learner: &mut Learner,
    ) -> Result<(), SyntaxError> {
        let record = self;
        let mut nested = None;
        cursor.object(|cursor, name| {
            match name {
                b"dynamodb" => {
                    learner.enter(&OF_CHANGE);
                    let null = cursor.null();
                    record.dynamodb = if null { None } else { Some(RawChange::begin(text)) };
                    if !null {
                        record.read_change(cursor, text, learner)?;
                    }
                    learner.leave(&OF_CHANGE);
                }
                b"kinesis" => {
                    learner.enter(&OF_KINESIS);
                    let null = cursor.null();
                    nested =
                        if null { None } else { Some(RawKinesis::read(cursor, text, learner)?) };
                    learner.leave(&OF_KINESIS);
                }
                b"userIdentity" => record.by_ttl = is_ttl(cursor)?,
                b"_aws" => {
                    learner.give_up();
                    record.has_embedded_metrics = true;
                    cursor.skip_readable()?;
                }
                MEMBER => {
                    learner.give_up();
                    record.sub_records = Some(cursor.skip_readable()?);
                }
                _ => learner.read(Field::of_record(name), cursor, text, record)?,
            }
            Ok(())
        })?;
        // Beside a nested object, members of the same names mean something else.
        record.kinesis = nested.unwrap_or(record.kinesis);
        Ok(())
    }

    fn read_change(
        &mut self,
        cursor: &mut Cursor<'a>,
        text: &mut BatchTextBuilder,
        learner: &mut Learner,
    ) -> Result<(), SyntaxError> {
        cursor.object(|cursor, name| learner.read(Field::of_change(name), cursor, text, self))?;
        if let Some(change) = &mut self.dynamodb {
            change.finish(cursor.text(), text);
        }
        Ok(())
    }
}

impl RawChange<'_> {
    /// A change whose images will be written to this text.
    pub(super) fn begin(text: &mut BatchTextBuilder) -> Self {
        text.old.clear();
        text.new.clear();
        Self::default()
    }

    /// Writes what has changed between the images, once both are read from `source`.
    #[inline]
    pub(super) fn finish(&mut self, source: &[u8], text: &mut BatchTextBuilder) {
        if self.images.old != Span::NONE && self.images.new != Span::NONE {
            let start = text.out.len();
            write_changed(source, &text.old, &text.new, &mut text.out);
            self.images.changed = text.since(start);
        }
    }
}

impl Images {
    #[inline(never)]
    pub(super) fn read(
        &mut self,
        field: Field,
        cursor: &mut Cursor<'_>,
        text: &mut BatchTextBuilder,
    ) -> Result<(), SyntaxError> {
        let start = text.out.len();
        let null = cursor.null();
        let BatchTextBuilder { out, old, new, keys, .. } = text;
        let (image, other, attributes) = match field {
            Field::OldImage => (&mut self.old, &*new, old),
            Field::NewImage => (&mut self.new, &*old, new),
            _ => (&mut self.keys, &Vec::new(), keys),
        };
        if !null {
            unmarshal::image(cursor, out, other, attributes)?;
        }
        *image = if null { Span::NONE } else { text.since(start) };
        Ok(())
    }
}

impl<'a> RawKinesis<'a> {
    fn read(
        cursor: &mut Cursor<'a>,
        text: &mut BatchTextBuilder,
        learner: &mut Learner,
    ) -> Result<Self, SyntaxError> {
        let mut record = RawRecord::default();
        cursor.object(|cursor, name| {
            learner.read(Field::of_kinesis(name), cursor, text, &mut record)
        })?;
        Ok(record.kinesis)
    }
}

/// Whether the user identity is DynamoDB's own, which deletes expired items. Some emulators
/// capitalise its members.
fn is_ttl(cursor: &mut Cursor<'_>) -> Result<bool, SyntaxError> {
    let (mut service, mut dynamodb) = (false, false);
    if cursor.null() {
        return Ok(false);
    }
    cursor.object(|cursor, name| {
        let value = cursor.skip_readable()?;
        match name {
            b"type" | b"Type" => service = value == br#""Service""#,
            b"principalId" | b"PrincipalId" | b"PrincipalID" => {
                dynamodb = value == br#""dynamodb.amazonaws.com""#;
            }
            _ => {}
        }
        Ok(())
    })?;
    Ok(service && dynamodb)
}
