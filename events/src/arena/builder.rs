//! The texts of a batch while it is decoded.

use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use changefan_json::{JsonStr, Output};

use super::{BatchText, Span, Table, Written};
use crate::decode::shape::Shapes;
use crate::decode::sub_record::Parent;
use crate::decode::unmarshal::Attribute;
use crate::timestamp::{Timestamp, Unit};

/// The texts while a batch is decoded.
#[derive(Debug)]
pub(crate) struct BatchTextBuilder {
    pub texts: Arc<BatchText>,
    pub out: Output,
    /// The attributes of the images that are being read; kept for their memory.
    pub old: Vec<Attribute>,
    pub new: Vec<Attribute>,
    pub keys: Vec<Attribute>,
    /// The shapes of the records that were read.
    pub shapes: Shapes,
    parents: Vec<Parent>,
    tables: Vec<Table>,
    /// The ARN that was parsed last: the records of a batch mostly have the same.
    last_arn: Option<(Span, &'static str, Arn)>,
    /// The time that was read last, with its text: records that follow each other mostly have the
    /// same.
    last_time: Option<(Vec<u8>, Option<Unit>, Timestamp)>,
}

/// The parts of an ARN such as `arn:aws:dynamodb:REGION:ACCOUNT:table/NAME/stream/LABEL`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arn {
    pub region: Span,
    pub account: Span,
    pub name: Span,
    pub label: Span,
}

impl Arn {
    pub(crate) const NONE: Self =
        Self { region: Span::NONE, account: Span::NONE, name: Span::NONE, label: Span::NONE };
}

impl BatchTextBuilder {
    pub(crate) fn new(payload: Bytes) -> Self {
        Self {
            texts: Arc::new(BatchText {
                payload,
                written: OnceLock::new(),
                kept: Default::default(),
            }),
            out: Output::new(),
            old: Vec::new(),
            new: Vec::new(),
            keys: Vec::new(),
            shapes: Shapes::default(),
            parents: Vec::new(),
            tables: Vec::new(),
            last_arn: None,
            last_time: None,
        }
    }

    /// The text that was written since the output had this length.
    pub(crate) fn since(&self, start: usize) -> Span {
        let before = self.texts.payload.len();
        Span::new(before + start, before + self.out.len())
    }

    /// The string that a cursor found. It is only written when it does not occur in the payload as
    /// it is meant.
    pub(crate) fn string(&mut self, string: JsonStr<'_>) -> Span {
        let span = if string.is_escaped() { None } else { self.texts.span_of(string.bytes()) };
        span.unwrap_or_else(|| self.write(&string.resolve()))
    }

    pub(crate) fn optional_string(&mut self, string: Option<JsonStr<'_>>) -> Span {
        string.map_or(Span::NONE, |string| self.string(string))
    }

    /// Writes a text.
    pub(crate) fn write(&mut self, text: &str) -> Span {
        self.write_bytes(text.as_bytes())
    }

    fn write_bytes(&mut self, text: &[u8]) -> Span {
        let start = self.out.len();
        self.out.push_bytes(text);
        self.since(start)
    }

    /// A text that is only written when it is not a slice of the payload.
    pub(crate) fn text(&mut self, text: &[u8]) -> Span {
        self.texts.span_of(text).unwrap_or_else(|| self.write_bytes(text))
    }

    /// Whether a span is of the payload, or absent.
    pub(crate) fn is_of_payload(&self, span: Span) -> bool {
        span == Span::NONE || span.end as usize <= self.texts.payload.len()
    }

    /// Whether a span is of the payload and these are its bytes.
    pub(crate) fn is_same(&self, span: Span, bytes: &[u8]) -> bool {
        let payload = &self.texts.payload;
        payload.get(span.start as usize..span.end as usize) == Some(bytes)
    }

    /// Keeps what the records of an aggregate's sub-records are composed of.
    pub(crate) fn add_parent(&mut self, parent: Parent) -> u32 {
        self.parents.push(parent);
        u32::try_from(self.parents.len() - 1).expect("a payload holds fewer aggregates than bytes")
    }

    /// Keeps a table, of which one copy is enough for the events that follow each other.
    pub(crate) fn add_table(&mut self, table: Table) -> u32 {
        if self.tables.last() != Some(&table) {
            self.tables.push(table);
        }
        u32::try_from(self.tables.len() - 1).expect("a payload holds fewer tables than bytes")
    }

    /// A table that was kept.
    pub(crate) fn table(&self, index: u32) -> Table {
        self.tables[index as usize]
    }

    /// Reads a time, a number in this unit.
    pub(crate) fn time(&mut self, number: &[u8], unit: Option<Unit>) -> Option<Timestamp> {
        match &self.last_time {
            Some((last, of, time)) if last == number && *of == unit => Some(*time),
            _ => {
                let time = Timestamp::parse(std::str::from_utf8(number).ok()?, unit)?;
                self.last_time = Some((number.to_owned(), unit, time));
                Some(time)
            }
        }
    }

    /// The parts of an ARN. The name is that of a resource of this kind, `table/` or `stream/`.
    pub(crate) fn arn(&mut self, arn: Option<JsonStr<'_>>, kind: &'static str) -> Arn {
        let Some(arn) = arn else { return Arn::NONE };
        if let Some((span, last_kind, parts)) = self.last_arn
            && last_kind == kind
            && self.is_same(span, arn.bytes())
        {
            return parts;
        }
        let span = if arn.is_escaped() { None } else { self.texts.span_of(arn.bytes()) };
        let parts = self.parse_arn(&arn.resolve(), kind);
        // Written text may be removed with its record, so only parts of the payload are remembered.
        self.last_arn = span.map(|span| (span, kind, parts)).or(self.last_arn);
        parts
    }

    fn parse_arn(&mut self, arn: &str, kind: &str) -> Arn {
        let mut parts = arn.splitn(6, ':').skip(3);
        let mut next = || parts.next().filter(|part| !part.is_empty());
        let (region, account) = (next(), next());
        let mut path = next().and_then(|path| path.strip_prefix(kind)).unwrap_or("").split('/');
        let name = path.next().filter(|name| !name.is_empty());
        let label = path.next().and(path.next()).filter(|label| !label.is_empty());
        let mut span =
            |part: Option<&str>| part.map_or(Span::NONE, |part| self.text(part.as_bytes()));
        Arn { region: span(region), account: span(account), name: span(name), label: span(label) }
    }

    /// Completes the texts.
    pub(crate) fn finish(self) -> Arc<BatchText> {
        let (text, labels) = self.out.into_labelled_bytes();
        let written = Written { text, labels, parents: self.parents, tables: self.tables };
        assert!(self.texts.written.set(written).is_ok(), "a batch is completed once");
        self.texts
    }
}
