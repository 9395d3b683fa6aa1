//! Events that are made without a batch.

mod record;
mod typed;

use std::sync::Arc;

use bytes::Bytes;
use changefan_json::{Cursor, Expectation, SyntaxError};

use crate::arena::{BatchTextBuilder, Span, Table};
use crate::decode::raw_record::RawRecord;
use crate::event::{ChangeEvent, Images, Record};
use crate::{Actor, Operation, Source, Timestamp};

/// Makes a [`ChangeEvent`] without a batch: for tests, custom sources and backfills.
///
/// Every format can write the result. Images are given as plain JSON or in DynamoDB's JSON
/// ([`Image`]); the stream record that `log` and `dynamodb-json` write is composed from them.
///
/// ```
/// use changefan_events::{ChangeEvent, Format, Encoder, Image, Operation, Timestamp};
///
/// let event = ChangeEvent::builder()
///     .operation(Operation::Modify)
///     .event_id("7")
///     .account("123456789012")
///     .region("us-east-1")
///     .table("orders")
///     .sequence_number("111")
///     .timestamp("2023-07-11T19:25:30.000Z".parse::<Timestamp>()?)
///     .keys(Image::plain(r#"{"id":"a"}"#))
///     .old_image(Image::typed(r#"{"id":{"S":"a"},"tags":{"SS":["x"]}}"#))
///     .new_image(Image::typed(r#"{"id":{"S":"a"},"tags":{"SS":["x","y"]}}"#))
///     .build()?;
/// assert_eq!(event.changed(), Some(r#"["tags"]"#));
/// let mut line = String::new();
/// Encoder::from(Format::Json).write(&event, &mut line);
/// assert!(line.contains(r#""new":{"id":"a","tags":["x","y"]}"#));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct EventBuilder {
    ordinal: usize,
    position: usize,
    sub_record: Option<u32>,
    operation: Operation,
    source: Source,
    actor: Actor,
    timestamp: Option<Timestamp>,
    event_id: Option<String>,
    account: Option<String>,
    region: Option<String>,
    table: Option<String>,
    stream_label: Option<String>,
    sequence_number: Option<String>,
    keys: Option<Image>,
    old: Option<Image>,
    new: Option<Image>,
}

/// An item, or its keys, as JSON text.
#[derive(Clone, Debug)]
pub struct Image(Json);

#[derive(Clone, Debug)]
enum Json {
    Plain(String),
    Typed(String),
}

impl Image {
    /// Plain JSON, as in `{"id":7}`. Strings become `S`, numbers `N`, arrays `L`; sets and binary
    /// values need [`Image::typed`].
    pub fn plain(json: impl Into<String>) -> Self {
        Self(Json::Plain(json.into()))
    }

    /// DynamoDB's JSON, as in `{"id":{"N":"7"}}`.
    pub fn typed(json: impl Into<String>) -> Self {
        Self(Json::Typed(json.into()))
    }
}

/// An event that cannot be built.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// Every event has an id.
    #[error("the event has no id: call `event_id`")]
    NoEventId,
    /// An image is not an object of the JSON that it was given as.
    #[error("expected {expected} at byte {at} of {image}")]
    Image {
        /// `keys`, `old_image` or `new_image`; `the record` for a value that is not DynamoDB's
        /// JSON.
        image: &'static str,
        /// Bytes from its start.
        at: usize,
        /// What should have been there.
        expected: &'static str,
    },
}

impl BuildError {
    fn at(cursor: &Cursor<'_>, image: &'static str) -> Self {
        let Expectation { at, expected } = cursor.expectation();
        Self::Image { image, at, expected }
    }
}

impl Default for EventBuilder {
    fn default() -> Self {
        Self {
            ordinal: 0,
            position: 0,
            sub_record: None,
            operation: Operation::Insert,
            source: Source::DynamoDb,
            actor: Actor::User,
            timestamp: None,
            event_id: None,
            account: None,
            region: None,
            table: None,
            stream_label: None,
            sequence_number: None,
            keys: None,
            old: None,
            new: None,
        }
    }
}

impl EventBuilder {
    /// The index among the events of a batch; 0 by default.
    pub fn ordinal(mut self, ordinal: usize) -> Self {
        self.ordinal = ordinal;
        self
    }

    /// The index in the batch of the record that carried the change; 0 by default.
    pub fn position(mut self, position: usize) -> Self {
        self.position = position;
        self
    }

    /// The index in its aggregate of the sub-record that carried the change; none by default.
    pub fn sub_record(mut self, index: u32) -> Self {
        self.sub_record = Some(index);
        self
    }

    /// What was done; [`Operation::Insert`] by default.
    pub fn operation(mut self, operation: Operation) -> Self {
        self.operation = operation;
        self
    }

    /// The kind of source; [`Source::DynamoDb`] by default.
    pub fn source(mut self, source: Source) -> Self {
        self.source = source;
        self
    }

    /// Who made the change; [`Actor::User`] by default.
    pub fn actor(mut self, actor: Actor) -> Self {
        self.actor = actor;
        self
    }

    /// When the change was made.
    pub fn timestamp(mut self, timestamp: Timestamp) -> Self {
        self.timestamp = Some(timestamp);
        self
    }

    /// The id, which is required.
    pub fn event_id(mut self, event_id: impl Into<String>) -> Self {
        self.event_id = Some(event_id.into());
        self
    }

    /// The AWS account of the table.
    pub fn account(mut self, account: impl Into<String>) -> Self {
        self.account = Some(account.into());
        self
    }

    /// The AWS region of the table.
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.region = Some(region.into());
        self
    }

    /// The table's name, or the stream's for an [`Operation::Append`].
    pub fn table(mut self, table: impl Into<String>) -> Self {
        self.table = Some(table.into());
        self
    }

    /// The label of the DynamoDB stream.
    pub fn stream_label(mut self, label: impl Into<String>) -> Self {
        self.stream_label = Some(label.into());
        self
    }

    /// The sequence number of the record.
    pub fn sequence_number(mut self, number: impl Into<String>) -> Self {
        self.sequence_number = Some(number.into());
        self
    }

    /// The item's key attributes.
    pub fn keys(mut self, keys: Image) -> Self {
        self.keys = Some(keys);
        self
    }

    /// The item before the change.
    pub fn old_image(mut self, image: Image) -> Self {
        self.old = Some(image);
        self
    }

    /// The item after the change. For an [`Operation::Append`] it must be plain.
    pub fn new_image(mut self, image: Image) -> Self {
        self.new = Some(image);
        self
    }

    /// The event.
    ///
    /// # Errors
    ///
    /// It has no id, or an image is malformed.
    pub fn build(self) -> Result<ChangeEvent, BuildError> {
        let record = Bytes::from(self.compose()?);
        let mut text = BatchTextBuilder::new(record.clone());
        let images = match self.operation {
            Operation::Append => self.appended(&mut text),
            _ => read_images(&record, &mut text)?,
        };
        let record = Record::Text(text.text(&record));
        let mut write =
            |part: &Option<String>| part.as_deref().map_or(Span::NONE, |part| text.write(part));
        let [account, region, name, stream_label] =
            [&self.account, &self.region, &self.table, &self.stream_label].map(&mut write);
        let [event_id, sequence_number] = [&self.event_id, &self.sequence_number].map(write);
        let table = text.add_table(Table { account, region, name, stream_label });
        let event = ChangeEvent {
            ordinal: self.ordinal,
            position: self.position,
            operation: self.operation,
            source: self.source,
            actor: self.actor,
            has_embedded_metrics: false,
            timestamp: self.timestamp,
            event_id,
            table,
            sequence_number,
            record,
            sub_record: self.sub_record,
            images,
            texts: Arc::clone(&text.texts),
        };
        text.finish();
        Ok(event)
    }

    fn appended(&self, text: &mut BatchTextBuilder) -> Images {
        let new = self
            .new
            .as_ref()
            .map_or(Span::NONE, |Image(Json::Plain(json) | Json::Typed(json))| text.write(json));
        Images { new, ..Images::default() }
    }
}

/// Reads the images of a composed record as those of a stream's record are read.
fn read_images(record: &[u8], text: &mut BatchTextBuilder) -> Result<Images, BuildError> {
    let (mut cursor, mut raw) = (Cursor::new(record), RawRecord::default());
    match raw.read(&mut cursor, text) {
        Ok(()) => Ok(raw.dynamodb.map(|change| change.images).unwrap_or_default()),
        Err(SyntaxError) => Err(BuildError::at(&cursor, "the record")),
    }
}
