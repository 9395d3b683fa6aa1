//! The Kinesis record of a sub-record, as its producer put it.

use std::ops::Range;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use changefan_json::{write_optional_string, write_string};

use super::aggregate::Located;
use crate::ChangeEvent;
use crate::arena::Span;

/// What the sub-records of an aggregate share.
#[derive(Debug)]
pub(crate) struct Parent {
    pub message: Bytes,
    pub arn: Span,
    pub arrival: Span,
}

/// Where the parts of a sub-record are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SubRecord {
    /// By [`BatchText::parent`](crate::arena::BatchText::parent).
    parent: u32,
    key: Option<Part>,
    data: Part,
}

/// A part of the parent's message.
#[derive(Clone, Copy, Debug)]
struct Part {
    start: u32,
    end: u32,
}

impl Part {
    fn new(range: &Range<usize>) -> Self {
        Self { start: offset(range.start), end: offset(range.end) }
    }

    fn of(self, parent: &Parent) -> &[u8] {
        &parent.message[self.start as usize..self.end as usize]
    }
}

fn offset(at: usize) -> u32 {
    u32::try_from(at).expect("a payload is below 4 GiB")
}

impl SubRecord {
    pub(crate) fn new(parent: u32, located: &Located) -> Self {
        let key = located.key.as_ref().map(Part::new);
        Self { parent, key, data: Part::new(&located.data) }
    }

    /// The record that Kinesis would have delivered, had the producer not aggregated it.
    pub(crate) fn compose(self, event: &ChangeEvent) -> String {
        let parent = event.texts.parent(self.parent);
        self.compose_with(event, parent, &STANDARD.encode(self.data.of(parent)))
    }

    /// The length of the composed record in bytes.
    pub(crate) fn composed_size(self, event: &ChangeEvent) -> usize {
        let parent = event.texts.parent(self.parent);
        let data = base64::encoded_len(self.data.of(parent).len(), true);
        self.compose_with(event, parent, "").len() + data.expect("a payload is below 4 GiB")
    }

    fn compose_with(self, event: &ChangeEvent, parent: &Parent, data: &str) -> String {
        let key = self.key.map(|key| {
            std::str::from_utf8(key.of(parent)).expect("the key was checked when it was located")
        });
        let mut out = String::with_capacity(data.len() + 400);
        out.push_str(r#"{"kinesis":{"partitionKey":"#);
        write_optional_string(key, &mut out);
        out.push_str(r#","sequenceNumber":"#);
        write_optional_string(event.sequence_number(), &mut out);
        out.push_str(r#","data":""#);
        out.push_str(data);
        out.push_str(r#"","approximateArrivalTimestamp":"#);
        out.push_str(event.texts.get(parent.arrival).unwrap_or("null"));
        out.push_str(r#"},"eventSource":"aws:kinesis","eventID":"#);
        write_string(event.event_id(), &mut out);
        out.push_str(r#","eventName":"aws:kinesis:record","awsRegion":"#);
        write_optional_string(event.region(), &mut out);
        out.push_str(r#","eventSourceARN":"#);
        write_optional_string(event.texts.get(parent.arn), &mut out);
        out.push('}');
        out
    }
}
