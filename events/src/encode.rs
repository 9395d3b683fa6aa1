//! From change events to lines of JSON, one file per format.

mod debezium;
mod dynamodb_json;
mod json;
mod kept;
mod log;
mod rows;

use std::str::FromStr;

use changefan_json::{Append, Output};

use crate::ChangeEvent;
use crate::arena::Span;

pub(crate) use kept::Kept;
pub(crate) use rows::canonical;
pub use rows::{Column, ColumnKind, ROWS_COLUMNS};

/// A way to write a change event as one line of JSON.
///
/// Formats are stable byte for byte: the same event always makes the same line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Encoder {
    /// The format of the line.
    pub format: Format,
    /// How the numbers of plain images are written. Typed images always hold them as text, and
    /// [`Format::Rows`] always writes numbers.
    pub numbers: Numbers,
}

/// The format of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// A structured log entry around the stream record.
    Log,
    /// The stream record as AWS sent it.
    DynamoDbJson,
    /// A flat envelope with plain images, the same for every source.
    Json,
    /// A flat envelope with canonical images as text: the columns of [`ROWS_COLUMNS`], the same for
    /// every table and source.
    Rows,
    /// The envelope of Debezium's connectors.
    Debezium,
}

/// How the numbers of plain images are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Numbers {
    /// As JSON numbers of up to 38 digits.
    #[default]
    Number,
    /// As JSON strings, for readers that would round them.
    String,
}

impl Encoder {
    /// Appends an event as one line, without a line break at its end.
    pub fn write(self, event: &ChangeEvent, out: &mut String) {
        if self.format == Format::Rows {
            let mut line = Output::new();
            self.append(event, &mut line);
            out.push_str(&line.into_text().expect("a line consists of pieces of UTF-8"));
        } else {
            event.texts.with_kept(|kept| self.write_pieces(event, kept, out));
        }
    }

    /// The same for a text of many lines, at less cost.
    ///
    /// ```
    /// # use changefan_events::{ChangeEvent, Encoder, Format, Output};
    /// # let event = ChangeEvent::builder().event_id("7").build()?;
    /// let (mut text, mut lines) = (String::new(), Output::new());
    /// Encoder::from(Format::Rows).write(&event, &mut text);
    /// Encoder::from(Format::Rows).append(&event, &mut lines);
    /// assert_eq!(text.as_bytes(), lines.as_bytes());
    /// # Ok::<(), changefan_events::BuildError>(())
    /// ```
    pub fn append(self, event: &ChangeEvent, out: &mut Output) {
        event.texts.with_kept(|kept| match self.format {
            Format::Rows => rows::write(event, kept, out),
            _ => self.write_pieces(event, kept, out),
        });
    }

    fn write_pieces(self, event: &ChangeEvent, kept: &mut Kept, out: &mut impl Append) {
        match self.format {
            Format::Log => log::write(event, kept, out),
            Format::DynamoDbJson => dynamodb_json::write(event, out),
            Format::Json => json::write(event, self.numbers, kept, out),
            Format::Debezium => debezium::write(event, self.numbers, out),
            Format::Rows => unreachable!("rows are written by blocks"),
        }
    }
}

impl From<Format> for Encoder {
    fn from(format: Format) -> Self {
        Self { format, numbers: Numbers::default() }
    }
}

/// A name that is not one of the choices.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("found `{found}`, expected one of {allowed}")]
pub struct UnknownName {
    /// The given name.
    pub found: String,
    /// All valid names, comma-separated.
    pub allowed: &'static str,
}

impl Format {
    /// The name that options use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Log => "log",
            Self::DynamoDbJson => "dynamodb-json",
            Self::Json => "json",
            Self::Rows => "rows",
            Self::Debezium => "debezium",
        }
    }
}

impl FromStr for Format {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        match name {
            "log" => Ok(Self::Log),
            "dynamodb-json" => Ok(Self::DynamoDbJson),
            "json" => Ok(Self::Json),
            "rows" => Ok(Self::Rows),
            "debezium" => Ok(Self::Debezium),
            _ => Err(UnknownName {
                found: name.to_owned(),
                allowed: "log, dynamodb-json, json, rows, debezium",
            }),
        }
    }
}

impl FromStr for Numbers {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        match name {
            "number" => Ok(Self::Number),
            "string" => Ok(Self::String),
            _ => Err(UnknownName { found: name.to_owned(), allowed: "number, string" }),
        }
    }
}

/// Appends a plain image, or what there is instead of one.
fn write_image(
    event: &ChangeEvent,
    image: Span,
    missing: &str,
    numbers: Numbers,
    out: &mut impl Append,
) {
    match numbers {
        _ if image == Span::NONE => out.append(missing),
        Numbers::Number => event.texts.append(image, out),
        Numbers::String => {
            let image = event.texts.bytes(image).unwrap_or_default();
            changefan_json::write_numbers_as_strings(image, out);
        }
    }
}
