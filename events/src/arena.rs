//! The two texts that all events of a batch share.

use std::sync::{Arc, OnceLock};

use bytestring::ByteString;

use crate::decode::unmarshal::Attribute;
use changefan_json::JsonStr;
use changefan_json::Output;
use changefan_json::write_optional_string;

/// The payload, and what decoding has written: images as plain JSON, and strings that the payload does not hold as they
/// are meant.
#[derive(Debug)]
pub(crate) struct BatchText {
    payload: ByteString,
    /// Set when the whole batch has been read.
    written: OnceLock<String>,
}

/// A piece of the texts. Its bytes are counted through the payload and on through what was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    start: usize,
    end: usize,
}

impl Span {
    /// Stands for nothing, not even an empty text.
    pub const NONE: Span = Span { start: usize::MAX, end: usize::MAX };

    /// In bytes.
    pub fn len(self) -> usize {
        self.end - self.start
    }
}

impl BatchText {
    pub fn get(&self, span: Span) -> Option<&str> {
        match span.start.checked_sub(self.payload.len()) {
            None => self.payload.get(span.start..span.end),
            Some(start) => {
                self.written.get()?.get(start..span.end.checked_sub(self.payload.len())?)
            }
        }
    }

    /// Appends a piece as a JSON string, or `null`.
    pub fn write_string(&self, span: Span, out: &mut String) {
        match self.get(span) {
            // What the payload holds as it is meant needs no escapes.
            Some(text) if span.start < self.payload.len() => {
                out.push('"');
                out.push_str(text);
                out.push('"');
            }
            text => write_optional_string(text, out),
        }
    }

    /// Where a slice of the payload stands in it; `None` for any other text.
    fn span_of(&self, slice: &[u8]) -> Option<Span> {
        let start = slice.as_ptr().addr().checked_sub(self.payload.as_ptr().addr())?;
        let end = start + slice.len();
        (end <= self.payload.len()).then_some(Span { start, end })
    }
}

/// The texts while a batch is read.
#[derive(Debug)]
pub(crate) struct BatchTextBuilder {
    pub texts: Arc<BatchText>,
    pub out: Output,
    /// The attributes of the images that are being read; kept for their memory.
    pub old: Vec<Attribute>,
    pub new: Vec<Attribute>,
    pub keys: Vec<Attribute>,
    resource: Resource,
}

/// What was last asked for: the records of a batch mostly have the same.
#[derive(Debug)]
struct Resource {
    arn: Span,
    kind: &'static str,
    name: Span,
}

impl BatchTextBuilder {
    pub fn new(payload: ByteString) -> Self {
        let out = Output::new();
        let texts = Arc::new(BatchText { payload, written: OnceLock::new() });
        let resource = Resource { arn: Span::NONE, kind: "", name: Span::NONE };
        BatchTextBuilder {
            texts,
            out,
            old: Vec::new(),
            new: Vec::new(),
            keys: Vec::new(),
            resource,
        }
    }

    /// What has been written since the text had this length.
    pub fn since(&self, start: usize) -> Span {
        let before = self.texts.payload.len();
        Span { start: before + start, end: before + self.out.len() }
    }

    /// A string that a cursor found. It is only written when it does not stand in the payload.
    pub fn string(&mut self, raw: JsonStr<'_>) -> Span {
        let place = if raw.is_escaped() { None } else { self.texts.span_of(raw.bytes()) };
        place.unwrap_or_else(|| self.write(&raw.resolve()))
    }

    pub fn optional_string(&mut self, raw: Option<JsonStr<'_>>) -> Span {
        raw.map_or(Span::NONE, |raw| self.string(raw))
    }

    /// A text as it is.
    pub fn write(&mut self, text: &str) -> Span {
        let start = self.out.len();
        self.out.push_str(text);
        self.since(start)
    }

    /// A text as it is, which is only written when it does not stand in the payload.
    pub fn text(&mut self, text: &str) -> Span {
        self.texts.span_of(text.as_bytes()).unwrap_or_else(|| self.write(text))
    }

    /// The name of the table or stream in `arn:aws:dynamodb:REGION:ACCOUNT:table/NAME/stream/LABEL`.
    pub fn resource(&mut self, arn: Option<JsonStr<'_>>, kind: &'static str) -> Span {
        let Some(arn) = arn else { return Span::NONE };
        if self.resource.kind == kind
            && self.texts.get(self.resource.arn).map(str::as_bytes) == Some(arn.bytes())
        {
            return self.resource.name;
        }
        let resolved = arn.resolve();
        let Some(name) = resource(&resolved, kind) else { return Span::NONE };
        // What is written may be taken back with its record, so only what stands in the payload is remembered.
        let Some(place) = self.texts.span_of(name.as_bytes()) else { return self.write(name) };
        self.resource = Resource {
            arn: self.texts.span_of(arn.bytes()).unwrap_or(Span::NONE),
            kind,
            name: place,
        };
        place
    }

    /// Makes the texts complete. What was written is made of pieces of valid UTF-8.
    pub fn finish(self) -> Result<(), std::str::Utf8Error> {
        let written = self.out.into_text()?;
        self.texts.written.get_or_init(|| written);
        Ok(())
    }
}

fn resource<'a>(arn: &'a str, kind: &str) -> Option<&'a str> {
    let resource = arn.splitn(6, ':').nth(5)?.strip_prefix(kind)?;
    resource.split('/').next().filter(|name| !name.is_empty())
}
