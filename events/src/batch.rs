//! The payload of one invocation, decoded.

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;

use crate::arena::{BatchText, Span};
use crate::decode::lambda::{self, Rest};
use crate::decode::piece::MAX_EVENTS;
use crate::error::{DecodeError, PayloadError};
use crate::event::ChangeEvent;

/// A batch of stream records, each decoded on its own.
///
/// Every record is accounted for: its position appears in [`Batch::events`] or in
/// [`Batch::undecodable`], or in both when it is an aggregate of which only a part could be
/// decoded.
///
/// ```
/// use changefan_events::{Batch, Operation};
///
/// let payload = r#"{"Records":[{
///     "eventID":"1", "eventName":"INSERT", "eventSource":"aws:dynamodb",
///     "dynamodb":{"Keys":{"id":{"N":"7"}}, "NewImage":{"id":{"N":"7"}}, "SequenceNumber":"111"}
/// }]}"#;
/// let batch = Batch::decode(payload.into())?;
/// assert_eq!(batch.events[0].operation(), Operation::Insert);
/// assert_eq!(batch.events[0].new_image(), Some(r#"{"id":7}"#));
/// assert_eq!(batch.identifier(0), Some("111"));
/// assert!(batch.next_piece().is_none());
/// # Ok::<(), changefan_events::PayloadError>(())
/// ```
///
/// # Pieces
///
/// A payload of 6 MB can hold millions of changes, in aggregates of the Kinesis Producer Library.
/// To bound memory, a batch is decoded in pieces of at most [`Batch::MAX_EVENTS`] events:
/// [`Batch::decode`] returns the first one, and [`Batch::next_piece`] the one that follows. A batch
/// of at most 10,000 records without aggregates is one piece, unless its text consists of control
/// characters.
#[derive(Debug)]
#[non_exhaustive]
pub struct Batch {
    /// The changes, in the order of the records.
    pub events: Vec<ChangeEvent>,
    /// The records that could not be decoded, in their order.
    pub undecodable: Vec<DecodeError>,
    /// What delivered the batch, and so which reply is expected.
    pub trigger: Trigger,
    /// The JSON text of a tumbling window's state, which the reply must return unchanged.
    pub window_state: Option<Arc<str>>,
    pub(crate) records: Vec<RecordText>,
    pub(crate) first_position: usize,
    pub(crate) record_count: usize,
    pub(crate) rest: Option<Rest>,
    pub(crate) texts: Arc<BatchText>,
}

/// One record as it was delivered.
#[derive(Debug)]
pub(crate) struct RecordText {
    pub text: Span,
    pub identifier: Span,
}

/// What delivered a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Trigger {
    /// A Lambda event source mapping: records are identified by sequence number.
    Mapping,
    /// EventBridge Pipes: records are identified by event id.
    Pipe,
    /// A caller that sent one record outside of a batch.
    Direct,
}

impl Batch {
    /// The largest number of events in a piece; also of errors.
    pub const MAX_EVENTS: usize = MAX_EVENTS;

    /// Checks that a payload is JSON and a batch, and decodes its first piece.
    ///
    /// # Errors
    ///
    /// [`PayloadError`] when the payload is not a batch at all. A malformed record is not such an
    /// error: it is found in [`Batch::undecodable`].
    pub fn decode(payload: Bytes) -> Result<Self, PayloadError> {
        lambda::first_piece(payload)
    }

    /// Decodes the piece that follows this one; `None` after the last one.
    ///
    /// An aggregate can start in one piece and end in a later one. Its position belongs to all of
    /// them.
    ///
    /// ```
    /// # use changefan_events::{Batch, PayloadError};
    /// fn events(payload: bytes::Bytes) -> Result<usize, PayloadError> {
    ///     let mut batch = Batch::decode(payload)?;
    ///     let mut events = batch.events.len();
    ///     while let Some(next) = batch.next_piece() {
    ///         batch = next;
    ///         events += batch.events.len();
    ///     }
    ///     Ok(events)
    /// }
    /// ```
    pub fn next_piece(&self) -> Option<Self> {
        self.rest.as_ref().map(|rest| lambda::following_piece(self, rest))
    }

    /// The number of records in the payload, those of other pieces included.
    pub fn record_count(&self) -> usize {
        self.record_count
    }

    /// The positions of this piece's records in the payload.
    pub fn positions(&self) -> Range<usize> {
        self.first_position..self.first_position + self.records.len()
    }

    /// The JSON text of the record at a position, as it was delivered.
    ///
    /// # Panics
    ///
    /// The position is not in [`Batch::positions`].
    pub fn record(&self, position: usize) -> &str {
        let text = self.texts.get(self.records[position - self.first_position].text);
        text.expect("a record has a text")
    }

    /// The identifier that the trigger has for the record at a position: the sequence number, or
    /// for Pipes the event id.
    ///
    /// # Panics
    ///
    /// The position is not in [`Batch::positions`].
    pub fn identifier(&self, position: usize) -> Option<&str> {
        self.texts.get(self.records[position - self.first_position].identifier)
    }
}
