//! `rows`: a flat envelope whose members are text, for tables over objects. The schema never changes.

mod canonical;
mod identity;
mod image;
mod types;

use changefan_json::write_string;

use self::image::Image;
use crate::ChangeEvent;
use crate::arena::Span;

/// A column of [`Format::Rows`](crate::Format::Rows).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Column {
    /// The member's name.
    pub name: &'static str,
    /// What its values are. Each can also be null.
    pub kind: ColumnKind,
}

/// What the values of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ColumnKind {
    /// Text: Hive's `string`.
    Text,
    /// An array of text: Hive's `array<string>`.
    TextArray,
}

/// The members of [`Format::Rows`](crate::Format::Rows), in their order.
pub const ROWS_COLUMNS: [Column; 16] = [
    text("change_id"),
    text("event_id"),
    text("operation"),
    text("account"),
    text("region"),
    text("table"),
    text("source"),
    text("sequence_number"),
    text("version"),
    text("timestamp"),
    text("actor"),
    text("keys"),
    text("old"),
    text("new"),
    text("types"),
    Column { name: "changed", kind: ColumnKind::TextArray },
];

const fn text(name: &'static str) -> Column {
    Column { name, kind: ColumnKind::Text }
}

pub(super) fn write(event: &ChangeEvent, out: &mut String) {
    out.push_str(r#"{"change_id":""#);
    identity::write_change_id(event, out);
    out.push_str(r#"","event_id":"#);
    event.texts.write_string(event.event_id, out);
    out.push_str(r#","operation":""#);
    out.push_str(event.operation().as_str());
    out.push_str(r#"","account":"#);
    event.texts.write_string(event.account, out);
    out.push_str(r#","region":"#);
    event.texts.write_string(event.region, out);
    out.push_str(r#","table":"#);
    event.texts.write_string(event.table, out);
    out.push_str(r#","source":""#);
    out.push_str(event.source().as_str());
    out.push_str(r#"","sequence_number":"#);
    event.texts.write_string(event.sequence_number, out);
    out.push_str(r#","version":""#);
    identity::write_version(event, out);
    out.push_str(r#"","timestamp":"#);
    match event.timestamp() {
        Some(timestamp) => {
            out.push('"');
            timestamp.write_sortable(out);
            out.push('"');
        }
        None => out.push_str("null"),
    }
    out.push_str(r#","actor":""#);
    out.push_str(event.actor().as_str());
    write_images(event, out);
    out.push_str(r#","changed":"#);
    out.push_str(event.changed().unwrap_or("null"));
    out.push('}');
}

fn write_images(event: &ChangeEvent, out: &mut String) {
    let images = [event.images.keys, event.images.old, event.images.new];
    out.push_str(r#"","keys":"#);
    match event.texts.image(images[0]) {
        Some(_) => write_image(event, images[0], out),
        None => out.push_str(r#""{}""#),
    }
    out.push_str(r#","old":"#);
    write_image(event, images[1], out);
    out.push_str(r#","new":"#);
    write_image(event, images[2], out);
    out.push_str(r#","types":"#);
    match types(event, images) {
        Some(types) => write_string(&types, out),
        None => out.push_str("null"),
    }
}

fn write_image(event: &ChangeEvent, span: Span, out: &mut String) {
    match event.texts.image(span) {
        Some((json, labels)) => {
            out.push('"');
            canonical::write_content(json, labels, out);
            out.push('"');
        }
        None => out.push_str("null"),
    }
}

/// Most images have no labels, and need not be read for that.
fn types(event: &ChangeEvent, images: [Span; 3]) -> Option<String> {
    let [keys, old, new] = images.map(|span| {
        let (json, labels) = event.texts.image(span)?;
        let mut labels = labels.peekable();
        labels.peek()?;
        Some(Image::read(json, labels))
    });
    types::describe(&[("keys", keys.as_ref()), ("old", old.as_ref()), ("new", new.as_ref())])
}

/// The canonical text of a plain JSON object without sets.
pub(crate) fn canonical(json: &str) -> String {
    let mut canonical = String::with_capacity(json.len());
    Image::read(json, std::iter::empty()).write(&mut canonical);
    canonical
}
