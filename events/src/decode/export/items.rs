//! The lines of an export's data file: one item per line, without its keys or a time.

use std::sync::Arc;

use bytes::Bytes;
use changefan_json::{Cursor, SyntaxError};

use super::Export;
use crate::arena::{BatchTextBuilder, Span, Table};
use crate::decode::unmarshal;
use crate::encode::canonical;
use crate::error::{DecodeError, DecodeReason};
use crate::event::{ChangeEvent, Images, Record};
use crate::{Actor, Operation, Source};

/// Lines of a data file, decoded.
#[derive(Debug)]
#[non_exhaustive]
pub struct ExportItems {
    /// The items in the order of their lines. An event's position is the index of its line.
    pub events: Vec<ChangeEvent>,
    /// The lines that hold no item of the table.
    pub undecodable: Vec<DecodeError>,
}

/// Lines that are not UTF-8, which an export is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("found bytes that are not UTF-8 at line {line}, expected JSON text")]
pub struct NotText {
    /// The index of the line, from 0.
    pub line: usize,
}

/// Decodes whole lines of a data file.
pub(super) fn decode(export: &Export, lines: Bytes) -> Result<ExportItems, NotText> {
    let text = text(&lines)?;
    let mut items = Items::new(export, lines.clone());
    for (position, line) in text.split('\n').enumerate() {
        if !line.trim_ascii().is_empty() {
            items.add(position, line);
        }
    }
    Ok(items.finish())
}

fn text(lines: &[u8]) -> Result<&str, NotText> {
    // Only the standard library says where bytes are not UTF-8.
    let text = simdutf8::basic::from_utf8(lines).or_else(|_| str::from_utf8(lines));
    text.map_err(|error| {
        let before = &lines[..error.valid_up_to()];
        NotText { line: before.iter().filter(|&&byte| byte == b'\n').count() }
    })
}

/// The items of some lines while they are decoded.
struct Items<'a> {
    export: &'a Export,
    text: BatchTextBuilder,
    table: u32,
    events: Vec<ChangeEvent>,
    undecodable: Vec<DecodeError>,
}

impl<'a> Items<'a> {
    fn new(export: &'a Export, lines: Bytes) -> Self {
        let length = lines.len();
        let mut text = BatchTextBuilder::new(lines);
        text.out.reserve_total(length);
        let table = Table {
            account: text.write(&export.account),
            region: text.write(&export.region),
            name: text.write(&export.table),
            stream_label: Span::NONE,
        };
        Self {
            export,
            table: text.add_table(table),
            text,
            events: Vec::new(),
            undecodable: Vec::new(),
        }
    }

    fn add(&mut self, position: usize, line: &str) {
        let mark = self.text.out.len();
        match self.images(line) {
            Ok((images, event_id)) => {
                let event = self.event(position, line, images, event_id);
                self.events.push(event);
            }
            Err(reason) => {
                self.text.out.truncate(mark);
                let error = self.undecodable(position, line, reason);
                self.undecodable.push(error);
            }
        }
    }

    /// Reads a line. Returns the images and the id of the event.
    fn images(&mut self, line: &str) -> Result<(Images, Span), DecodeReason> {
        let mut cursor = Cursor::new(line);
        let new = match item(&mut cursor, &mut self.text) {
            Ok(new) => new.ok_or(NO_ITEM)?,
            Err(SyntaxError) => {
                return Err(DecodeReason::malformed("line")(cursor.expectation()));
            }
        };
        let (keys, event_id) = self.keys(line)?;
        Ok((Images { keys, new, ..Images::default() }, event_id))
    }

    /// Copies the keys from the item that was read last.
    fn keys(&mut self, line: &str) -> Result<(Span, Span), DecodeReason> {
        let BatchTextBuilder { out, new, .. } = &mut self.text;
        let start = out.len();
        for (index, key) in self.export.keys.iter().enumerate() {
            // Of several members with one name, the last counts.
            let attribute = new.iter().rev().find(|attribute| key.is(attribute, line));
            let attribute = attribute.ok_or(DecodeReason::MissingKey { number: key.number })?;
            out.push(if index == 0 { b'{' } else { b',' });
            out.repeat(attribute.plain());
        }
        out.push(b'}');
        let event_id = event_id(self.export, &out.as_bytes()[start..]);
        let keys = self.text.since(start);
        let start = self.text.out.len();
        self.text.out.push_bytes(&event_id);
        Ok((keys, self.text.since(start)))
    }

    fn event(
        &mut self,
        position: usize,
        line: &str,
        images: Images,
        event_id: Span,
    ) -> ChangeEvent {
        ChangeEvent {
            ordinal: self.events.len(),
            position,
            operation: Operation::Read,
            source: Source::Export,
            actor: Actor::User,
            has_embedded_metrics: false,
            timestamp: Some(self.export.time),
            event_id,
            table: self.table,
            sequence_number: Span::NONE,
            record: Record::Text(self.text.text(line.as_bytes())),
            sub_record: None,
            images,
            texts: Arc::clone(&self.text.texts),
        }
    }

    fn undecodable(&mut self, position: usize, line: &str, reason: DecodeReason) -> DecodeError {
        DecodeError {
            position,
            sub_record: None,
            reason,
            event_id: Span::NONE,
            sequence_number: Span::NONE,
            record: self.text.text(line.as_bytes()),
            texts: Arc::clone(&self.text.texts),
        }
    }

    fn finish(self) -> ExportItems {
        self.text.finish();
        ExportItems { events: self.events, undecodable: self.undecodable }
    }
}

const NO_ITEM: DecodeReason =
    DecodeReason::Malformed { part: "line", at: 0, expected: "an object with a member `Item`" };

/// Reads `{"Item":{…}}` to its end and writes the item as plain JSON.
fn item(cursor: &mut Cursor<'_>, text: &mut BatchTextBuilder) -> Result<Option<Span>, SyntaxError> {
    let mut item = None;
    cursor.object(|cursor, name| match name {
        b"Item" => {
            let start = text.out.len();
            unmarshal::image(cursor, &mut text.out, &[], &mut text.new)?;
            item = Some(text.since(start));
            Ok(())
        }
        _ => cursor.skip_readable().map(drop),
    })?;
    cursor.end()?;
    Ok(item)
}

/// The names are sorted, and decoding writes no white space, so only escapes make keys differ from
/// their canonical text.
fn event_id(export: &Export, keys: &[u8]) -> [u8; 32] {
    if keys.contains(&b'\\') {
        let keys = str::from_utf8(keys).expect("decoding writes UTF-8");
        export.event_id(canonical(keys).as_bytes())
    } else {
        export.event_id(keys)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::export::tests::{export, rows};

    #[test]
    fn item_becomes_a_read_row() {
        let line = r#"{"Item":{"tags":{"SS":["b","a"]},"sk":{"N":"7"},"pk":{"B":"AA=="}}}"#;
        let items = export(&["pk", "sk"]).decode(line.into()).unwrap();
        let expected = concat!(
            r#"{"change_id":"123456789012/eu-west-1/orders/bc9ab2e21d17ed1e7fbf953a021b08d8","#,
            r#""event_id":"bc9ab2e21d17ed1e7fbf953a021b08d8","operation":"READ","#,
            r#""account":"123456789012","region":"eu-west-1","table":"orders","#,
            r#""source":"export","sequence_number":null,"version":"0","#,
            r#""timestamp":"2023-11-14T22:13:20.000000Z","actor":"user","#,
            r#""keys":"{\"pk\":\"AA==\",\"sk\":7}","old":null,"#,
            r#""new":"{\"pk\":\"AA==\",\"sk\":7,\"tags\":[\"a\",\"b\"]}","#,
            r#""types":"{\"keys\":{\"/pk\":\"B\"},\"old\":{},"#,
            r#"\"new\":{\"/pk\":\"B\",\"/tags\":\"SS\"}}","changed":null}"#,
        );
        assert_eq!(rows(&items.events[0]), expected);
    }

    #[test]
    fn event_id_depends_on_the_keys_not_on_their_text() {
        let export = export(&["a/b", "id"]);
        let id = |line: &str| {
            let items = export.decode(line.to_owned().into()).unwrap();
            items.events[0].event_id().to_owned()
        };
        let first = id(r#"{"Item":{"id":{"S":"é/"},"a/b":{"N":"1"},"x":{"N":"1"}}}"#);
        assert_eq!(first, id(r#"{"Item": {"a\/b" : {"N":"1"}, "\u0069d":{"S":"\u00e9\/"}} }"#));
        assert_ne!(first, id(r#"{"Item":{"id":{"S":"e/"},"a/b":{"N":"1"}}}"#));
    }

    #[test]
    fn undecodable_line_leaves_the_others() {
        let lines = "{\"Item\":{\"id\":{\"S\":\"a\"}}}\n\n{\"Item\":{\"x\":{\"S\":\"a\"}}}\n{}\n\
                     {\"Item\":{\"id\":{\"S\":\"b\"}\n{\"Item\":{\"id\":{\"S\":\"c\"}}}\n";
        let items = export(&["id"]).decode(lines.into()).unwrap();
        let found: Vec<_> = items.events.iter().map(|it| (it.ordinal(), it.position())).collect();
        assert_eq!(found, [(0, 0), (1, 5)]);
        assert_eq!(items.events[1].record(), "{\"Item\":{\"id\":{\"S\":\"c\"}}}");
        let found: Vec<_> =
            items.undecodable.iter().map(|it| (it.position, it.reason.clone())).collect();
        let malformed = DecodeReason::Malformed { part: "line", at: 23, expected: "`,` or `}`" };
        let expected = [(2, DecodeReason::MissingKey { number: 1 }), (3, NO_ITEM), (4, malformed)];
        assert_eq!(found, expected);
        assert_eq!(items.undecodable[1].record(), "{}");
    }

    #[test]
    fn invalid_utf8_is_reported_with_its_position() {
        let error = export(&["id"]).decode(Bytes::from_static(b"{}\n{}\n\xff")).unwrap_err();
        assert_eq!(error, NotText { line: 2 });
    }
}
