//! A change, the same for every source.

use std::borrow::Cow;
use std::sync::Arc;

use crate::arena::{BatchText, Span, Table};
use crate::builder::EventBuilder;
use crate::decode::sub_record::SubRecord;
use crate::{Actor, Operation, Source, Timestamp};

/// One change of one item, or one record appended to a stream.
///
/// Cloning is cheap: events share the text of the batch that they came in.
///
/// Batches are decoded into events; [`ChangeEvent::builder`] makes events without a batch.
#[derive(Clone, Debug)]
pub struct ChangeEvent {
    pub(crate) ordinal: usize,
    pub(crate) position: usize,
    pub(crate) operation: Operation,
    pub(crate) source: Source,
    pub(crate) actor: Actor,
    pub(crate) has_embedded_metrics: bool,
    pub(crate) timestamp: Option<Timestamp>,
    pub(crate) event_id: Span,
    /// By [`BatchText::table`].
    pub(crate) table: u32,
    pub(crate) sequence_number: Span,
    pub(crate) record: Record,
    pub(crate) sub_record: Option<u32>,
    pub(crate) images: Images,
    pub(crate) texts: Arc<BatchText>,
}

/// The text of an event's record.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Record {
    Text(Span),
    /// Composed on demand: it did not arrive as text.
    Composed(SubRecord),
}

/// Keys and images as plain JSON.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Images {
    pub keys: Span,
    pub old: Span,
    pub new: Span,
    pub changed: Span,
}

impl Default for Images {
    fn default() -> Self {
        Self { keys: Span::NONE, old: Span::NONE, new: Span::NONE, changed: Span::NONE }
    }
}

impl ChangeEvent {
    /// Makes an event without a batch: for tests, custom sources and backfills.
    pub fn builder() -> EventBuilder {
        EventBuilder::default()
    }

    /// The event's index in [`Batch::events`](crate::Batch::events). Outcomes refer to events by
    /// it.
    pub fn ordinal(&self) -> usize {
        self.ordinal
    }

    /// The index in the batch of the record that carried the change, from 0. An aggregate carries
    /// several changes.
    pub fn position(&self) -> usize {
        self.position
    }

    /// The index in its aggregate of the sub-record that carried the change, from 0; `None` outside
    /// of aggregates.
    pub fn sub_record(&self) -> Option<usize> {
        self.sub_record.map(|index| index as usize)
    }

    /// The source's `eventID`: the same for every delivery of the change.
    pub fn event_id(&self) -> &str {
        self.texts.get(self.event_id).expect("an event has an id")
    }

    /// What was done.
    pub fn operation(&self) -> Operation {
        self.operation
    }

    /// The kind of source that the change was read from.
    pub fn source(&self) -> Source {
        self.source
    }

    /// Who made the change.
    pub fn actor(&self) -> Actor {
        self.actor
    }

    /// The AWS account of the table, as in `123456789012`, from the ARN in the record. A change
    /// that came through Kinesis without its own ARN has the account of its stream.
    pub fn account(&self) -> Option<&str> {
        self.texts.get(self.table_spans().account)
    }

    /// The AWS region of the table, as in `us-east-1`.
    pub fn region(&self) -> Option<&str> {
        self.texts.get(self.table_spans().region)
    }

    /// The table's name, or the stream's for an [`Operation::Append`]. `None` when the record does
    /// not name it.
    pub fn table(&self) -> Option<&str> {
        self.texts.get(self.table_spans().name)
    }

    /// Whether another change is of the same account, region and table. It costs less than
    /// comparing these.
    pub fn is_of_same_table(&self, other: &Self) -> bool {
        if !Arc::ptr_eq(&self.texts, &other.texts) {
            return (self.account(), self.region(), self.table())
                == (other.account(), other.region(), other.table());
        }
        self.is_of_table(other.table)
    }

    /// The same for a table of this batch.
    pub(crate) fn is_of_table(&self, table: u32) -> bool {
        let (one, other) = (self.table_spans(), self.texts.table(table));
        self.texts.are_same(one.account, other.account)
            && self.texts.are_same(one.region, other.region)
            && self.texts.are_same(one.name, other.name)
    }

    #[inline]
    pub(crate) fn table_spans(&self) -> &Table {
        self.texts.table(self.table)
    }

    /// The label of the DynamoDB stream, the time of its creation as in `2015-06-27T00:48:05.899`.
    /// A stream that is enabled again has a later label. `None` for every other source.
    pub fn stream_label(&self) -> Option<&str> {
        self.texts.get(self.table_spans().stream_label)
    }

    /// The sequence number of the record in the batch: Kinesis's own for a change that came through
    /// Kinesis.
    ///
    /// It is a decimal number of any length, as text: compare positions in the batch rather than
    /// numbers.
    pub fn sequence_number(&self) -> Option<&str> {
        self.texts.get(self.sequence_number)
    }

    /// When the change was made, or for an [`Operation::Append`] when it arrived in the stream.
    pub fn timestamp(&self) -> Option<Timestamp> {
        self.timestamp
    }

    /// The stream record as AWS sent it, in DynamoDB's JSON; the Kinesis record for an
    /// [`Operation::Append`], and the line of the data file for an [`Operation::Read`].
    ///
    /// For a sub-record of an aggregate it is the record that Kinesis would have sent, had the
    /// producer not aggregated. Each call composes that text.
    pub fn record(&self) -> Cow<'_, str> {
        match self.record {
            Record::Text(span) => {
                Cow::Borrowed(self.texts.get(span).expect("an event has a record"))
            }
            Record::Composed(sub_record) => Cow::Owned(sub_record.compose(self)),
        }
    }

    /// The same as bytes, which costs less.
    pub(crate) fn record_bytes(&self) -> Cow<'_, [u8]> {
        match self.record {
            Record::Text(span) => {
                Cow::Borrowed(self.texts.bytes(span).expect("an event has a record"))
            }
            Record::Composed(sub_record) => Cow::Owned(sub_record.compose(self).into_bytes()),
        }
    }

    /// The length of [`ChangeEvent::record`] in bytes, without composing it.
    pub fn record_size(&self) -> usize {
        match self.record {
            Record::Text(span) => span.len(),
            Record::Composed(sub_record) => sub_record.composed_size(self),
        }
    }

    /// Whether the record's top level has a member `_aws`, which CloudWatch takes for metrics in
    /// the embedded metric format. No record of AWS has one.
    pub fn has_embedded_metrics(&self) -> bool {
        self.has_embedded_metrics
    }

    /// The item's key attributes as a plain JSON object.
    pub fn keys(&self) -> Option<&str> {
        self.texts.get(self.images.keys)
    }

    /// The item before the change as a plain JSON object.
    pub fn old_image(&self) -> Option<&str> {
        self.texts.get(self.images.old)
    }

    /// The item after the change as a plain JSON object, or what was appended.
    pub fn new_image(&self) -> Option<&str> {
        self.texts.get(self.images.new)
    }

    /// The sorted names of the top-level attributes that differ, as a JSON array. `None` unless
    /// both images are present.
    pub fn changed(&self) -> Option<&str> {
        self.texts.get(self.images.changed)
    }
}
