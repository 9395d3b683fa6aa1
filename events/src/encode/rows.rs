//! `rows`: a flat envelope whose members are text, for tables over objects. The schema never
//! changes.

mod identity;

use changefan_json::{Canonical, Cursor, Labelled, Output, Scratch, Version};

use super::kept::{Kept, Origin};
use crate::ChangeEvent;
use crate::arena::Span;
use crate::attribute_type::AttributeType;
use crate::event::Images;

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

pub(super) fn write(event: &ChangeEvent, kept: &mut Kept, out: &mut Output) {
    write_envelope(event, kept, out);
    write_images(event, event.texts.canonical(is_set, &mut kept.scratch), out);
    out.push_array(br#","changed":"#);
    match event.images.changed {
        Span::NONE => out.push_array(b"null"),
        changed => event.texts.append(changed, out),
    }
    out.push(b'}');
}

fn write_envelope(event: &ChangeEvent, kept: &mut Kept, out: &mut Output) {
    let timestamp = event.timestamp().map(|time| kept.last_time.text(time));
    let origin = kept.rows.of(event, write_origin);
    out.push_str(&origin.id);
    identity::write_change_id(event, timestamp, out);
    out.push_array(br#"","event_id":"#);
    event.texts.write_string(event.event_id, out);
    out.push_array(br#","operation":""#);
    out.push_str(event.operation().as_str());
    out.push_str(&origin.members);
    event.texts.write_string(event.sequence_number, out);
    out.push_array(br#","version":""#);
    identity::write_version(event, timestamp, out);
    out.push_array(br#"","timestamp":"#);
    match timestamp {
        Some(timestamp) => {
            out.push(b'"');
            out.push_array(timestamp.as_bytes());
            out.push(b'"');
        }
        None => out.push_array(b"null"),
    }
    out.push_array(br#","actor":""#);
    out.push_str(event.actor().as_str());
    out.push(b'"');
}

/// Writes the beginning of the change id, and what is between the operation and the sequence
/// number.
fn write_origin(event: &ChangeEvent, origin: &mut Origin) {
    let (texts, table) = (&event.texts, event.table_spans());
    let (id, out) = (&mut origin.id, &mut origin.members);
    id.push_str(r#"{"change_id":""#);
    for part in [table.account, table.region, table.name] {
        texts.write_escaped(part, id);
        id.push('/');
    }
    out.push_str(r#"","account":"#);
    texts.write_string(table.account, out);
    out.push_str(r#","region":"#);
    texts.write_string(table.region, out);
    out.push_str(r#","table":"#);
    texts.write_string(table.name, out);
    out.push_str(r#","source":""#);
    out.push_str(event.source().as_str());
    out.push_str(r#"","sequence_number":"#);
}

fn write_images(event: &ChangeEvent, mut images: Canonical<'_>, out: &mut Output) {
    let Images { keys, old, new, .. } = event.images;
    let versions = match (old, new) {
        (Span::NONE, _) | (_, Span::NONE) => [Version::Only; 2],
        _ => [Version::Old, Version::New],
    };
    out.push_array(br#","keys":"#);
    let keys = write_image(event, (keys, Version::Only), r#""{}""#, &mut images, out);
    out.push_array(br#","old":"#);
    let old = write_image(event, (old, versions[0]), "null", &mut images, out);
    out.push_array(br#","new":"#);
    let new = write_image(event, (new, versions[1]), "null", &mut images, out);
    out.push_array(br#","types":"#);
    write_types(&mut images, [keys, old, new], out);
}

/// Appends an image as text. Returns its values of types that plain JSON cannot express, if it has
/// any.
fn write_image(
    event: &ChangeEvent,
    (image, version): (Span, Version),
    missing: &str,
    images: &mut Canonical<'_>,
    out: &mut Output,
) -> Option<Labelled> {
    let Some(start) = event.texts.position_in_written_text(image) else {
        out.push_str(missing);
        return None;
    };
    out.push(b'"');
    let labelled = images.write_in_string(start, version, out);
    out.push(b'"');
    Some(labelled).filter(|labelled| !labelled.is_empty())
}

/// Appends what plain JSON cannot express: which strings of keys, old and new image are binary, and
/// which arrays are sets.
fn write_types(images: &mut Canonical<'_>, labelled: [Option<Labelled>; 3], out: &mut Output) {
    if labelled.iter().all(Option::is_none) {
        return out.push_array(b"null");
    }
    let openings = [r#""{\"keys\":{"#, r#"},\"old\":{"#, r#"},\"new\":{"#];
    for (opening, labelled) in openings.into_iter().zip(labelled) {
        out.push_str(opening);
        if let Some(labelled) = labelled {
            images.write_labels_in_string(&labelled, AttributeType::descriptor, out);
        }
    }
    out.push_array(br#"}}""#);
}

fn is_set(label: u8) -> bool {
    AttributeType::of_label(label) != AttributeType::Binary
}

/// The canonical text of a plain JSON object without sets.
pub(crate) fn canonical(json: &str) -> String {
    let (mut scratch, mut out) = (Scratch::default(), Output::default());
    out.push(b'"');
    Canonical::new(json, &[], is_set, &mut scratch).write_in_string(0, Version::Only, &mut out);
    out.push(b'"');
    let string = out.into_text().expect("canonical text consists of pieces of UTF-8");
    let string = Cursor::new(&string).string().expect("what was written as a JSON string is one");
    string.resolve().into_owned()
}
