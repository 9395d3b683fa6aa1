//! The data files of a table's full export: per line one item, without its keys or a time.

use std::sync::Arc;

use bytes::Bytes;
use bytestring::ByteString;
use changefan_json::{Cursor, SyntaxError, write_string};
use sha2::{Digest, Sha256};

use super::unmarshal::{self, Attribute};
use crate::arena::{BatchTextBuilder, Span};
use crate::encode::canonical;
use crate::error::{DecodeError, DecodeReason};
use crate::event::{ChangeEvent, Images, Record};
use crate::{Actor, Image, Operation, Source, Timestamp};

/// A full export of a table in DynamoDB JSON (DynamoDB, ExportTableToPointInTime).
///
/// Each of its items becomes an [`Operation::Read`], and the whole of it an
/// [`Operation::Snapshot`].
///
/// ```
/// use changefan_events::Export;
///
/// let arn = "arn:aws:dynamodb:eu-west-1:123456789012:table/orders/export/01700000000000-0123abcd";
/// let export = Export::new(arn, "2023-11-14T22:13:20Z".parse()?, ["id".to_owned()])?;
/// let lines = r#"{"Item":{"id":{"S":"a"},"total":{"N":"7"}}}"#;
/// let items = export.decode(lines.into())?;
/// assert_eq!(items.events[0].keys(), Some(r#"{"id":"a"}"#));
/// assert_eq!(items.events[0].new_image(), Some(r#"{"id":"a","total":7}"#));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Export {
    arn: String,
    region: String,
    account: String,
    table: String,
    id: String,
    time: Timestamp,
    keys: Vec<Key>,
    /// The hash of what every event id begins with.
    hash: Sha256,
}

/// A key attribute of the table.
#[derive(Clone, Debug)]
struct Key {
    /// Its place in the key schema, from 1.
    number: usize,
    name: String,
    /// Its name as it is usually written, with the colon.
    written: String,
}

/// Lines of a data file, decoded.
#[derive(Debug)]
#[non_exhaustive]
pub struct ExportItems {
    /// The items in the order of their lines. An event's position is the index of its line.
    pub events: Vec<ChangeEvent>,
    /// The lines that hold no item of the table.
    pub undecodable: Vec<DecodeError>,
}

/// The facts about an export that its [`Operation::Snapshot`] records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SnapshotCounts {
    /// Data files.
    pub files: usize,
    /// Items that were read and delivered.
    pub items: u64,
    /// Items that were not, and are kept elsewhere.
    pub missing: u64,
    /// How many of those were accepted; `None` if none were.
    pub accepted: Option<u64>,
}

/// A text that is not the ARN of an export, or keys that are none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidExport {
    /// The ARN does not name an export.
    #[error(
        "found `{found}`, expected an ARN such as \
         arn:aws:dynamodb:eu-west-1:123456789012:table/orders/export/01700000000000-0123abcd"
    )]
    Arn {
        /// The given text.
        found: String,
    },
    /// A table has a partition key and may have a sort key.
    #[error("found {found} key attributes, expected one or two different ones")]
    Keys {
        /// How many were given.
        found: usize,
    },
}

/// Lines that are not UTF-8, which an export is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("found bytes that are not UTF-8 at line {line}, expected JSON text")]
pub struct NotText {
    /// The index of the line, from 0.
    pub line: usize,
}

impl Export {
    /// An export by its ARN, its time, and the names of the table's key attributes, the partition
    /// key first.
    ///
    /// # Errors
    ///
    /// The ARN is not one of an export, or the number of keys is not one or two.
    pub fn new(
        arn: &str,
        time: Timestamp,
        keys: impl IntoIterator<Item = String>,
    ) -> Result<Self, InvalidExport> {
        let invalid = || InvalidExport::Arn { found: arn.to_owned() };
        let [region, account, table, id] = parts(arn).ok_or_else(invalid)?.map(str::to_owned);
        let mut keys: Vec<_> = keys.into_iter().enumerate().map(Key::new).collect();
        let found = keys.len();
        // The order of canonical JSON.
        keys.sort_by(|left, right| left.name.cmp(&right.name));
        keys.dedup_by(|left, right| left.name == right.name);
        if keys.len() != found || !(1..=2).contains(&found) {
            return Err(InvalidExport::Keys { found });
        }
        let hash = Sha256::new_with_prefix(arn).chain_update("\n");
        Ok(Self { arn: arn.to_owned(), region, account, table, id, time, keys, hash })
    }

    /// The table's name.
    pub fn table(&self) -> &str {
        &self.table
    }

    /// The last part of the ARN.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The moment whose state the items are.
    pub fn time(&self) -> Timestamp {
        self.time
    }

    /// Decodes whole lines of a data file. Events and errors number the lines from 0; empty lines
    /// count and are otherwise ignored.
    ///
    /// # Errors
    ///
    /// The lines are not UTF-8.
    pub fn decode(&self, lines: Bytes) -> Result<ExportItems, NotText> {
        let payload = text(lines)?;
        let mut items = Items::new(self, &payload);
        for (position, line) in payload.split('\n').enumerate() {
            if !line.trim_ascii().is_empty() {
                items.add(position, line);
            }
        }
        Ok(items.finish())
    }

    /// The event that closes the export.
    ///
    /// Its new image has the counts and the export's ARN.
    pub fn snapshot(&self, counts: SnapshotCounts) -> ChangeEvent {
        let accepted = counts.accepted.map(|accepted| format!(r#""accept_missing":{accepted},"#));
        let mut new = format!("{{{}", accepted.unwrap_or_default());
        new.push_str(r#""export_arn":"#);
        write_string(&self.arn, &mut new);
        let SnapshotCounts { files, items, missing, .. } = counts;
        new.push_str(&format!(r#","files":{files},"items":{items},"missing":{missing}}}"#));
        let event = ChangeEvent::builder()
            .operation(Operation::Snapshot)
            .source(Source::Export)
            .event_id(str::from_utf8(&self.event_id(b"{}")).expect("hexadecimal digits are ASCII"))
            .account(&self.account)
            .region(&self.region)
            .table(&self.table)
            .timestamp(self.time)
            .keys(Image::plain("{}"))
            .new_image(Image::plain(new));
        event.build().expect("the images are JSON and the id is set")
    }

    /// 128 bits of a hash over the export's ARN and the canonical keys, as hexadecimal digits.
    fn event_id(&self, keys: &[u8]) -> [u8; 32] {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let hash = self.hash.clone().chain_update(keys).finalize();
        let mut digits = [0; 32];
        for (pair, byte) in digits.as_chunks_mut::<2>().0.iter_mut().zip(hash) {
            *pair = [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]];
        }
        digits
    }
}

/// Region, account, table and id of the ARN of an export.
fn parts(arn: &str) -> Option<[&str; 4]> {
    let mut parts = arn.splitn(6, ':');
    let is_arn = parts.next()? == "arn" && !parts.next()?.is_empty();
    let is_dynamodb = parts.next()? == "dynamodb";
    let (region, account) = (parts.next()?, parts.next()?);
    let (table, id) = parts.next()?.strip_prefix("table/")?.split_once("/export/")?;
    let parts = [region, account, table, id];
    let is_name = |part: &&str| !part.is_empty() && !part.contains('/');
    (is_arn && is_dynamodb && parts.iter().all(is_name)).then_some(parts)
}

fn text(lines: Bytes) -> Result<ByteString, NotText> {
    ByteString::try_from(lines.clone()).map_err(|error| {
        let before = &lines[..error.valid_up_to()];
        NotText { line: before.iter().filter(|&&byte| byte == b'\n').count() }
    })
}

impl Key {
    fn new((index, name): (usize, String)) -> Self {
        let mut written = String::new();
        write_string(&name, &mut written);
        written.push(':');
        Self { number: index + 1, name, written }
    }

    /// Whether an attribute of this line is the key.
    fn is(&self, attribute: &Attribute, line: &str) -> bool {
        let name = line[attribute.name()].trim_ascii_start();
        name == self.written || {
            let resolved = Cursor::new(name).string().map(|name| name.resolve_bytes());
            resolved.is_ok_and(|name| *name == *self.name.as_bytes())
        }
    }
}

/// The items of some lines while they are decoded.
struct Items<'a> {
    export: &'a Export,
    text: BatchTextBuilder,
    region: Span,
    account: Span,
    table: Span,
    events: Vec<ChangeEvent>,
    undecodable: Vec<DecodeError>,
}

impl<'a> Items<'a> {
    fn new(export: &'a Export, payload: &ByteString) -> Self {
        let mut text = BatchTextBuilder::new(payload.clone());
        text.out.reserve_total(payload.len());
        Self {
            export,
            region: text.write(&export.region),
            account: text.write(&export.account),
            table: text.write(&export.table),
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
        let event_id = event_id(self.export, out.bytes(start..out.len()));
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
            account: self.account,
            region: self.region,
            table: self.table,
            stream_label: Span::NONE,
            sequence_number: Span::NONE,
            record: Record::Text(self.text.text(line)),
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
            record: self.text.text(line),
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
    use crate::{Encoder, Format};

    const ARN: &str =
        "arn:aws:dynamodb:eu-west-1:123456789012:table/orders/export/01700000000000-0123abcd";

    fn export(keys: &[&str]) -> Export {
        let time = "2023-11-14T22:13:20Z".parse().unwrap();
        Export::new(ARN, time, keys.iter().map(|&key| key.to_owned())).unwrap()
    }

    fn rows(event: &ChangeEvent) -> String {
        let mut row = String::new();
        Encoder::from(Format::Rows).write(event, &mut row);
        row
    }

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

    #[test]
    fn snapshot_has_counts_and_arn() {
        let counts = SnapshotCounts { files: 4, items: 9, missing: 1, accepted: Some(2) };
        let snapshot = export(&["id"]).snapshot(counts);
        let new = format!(
            r#"{{"accept_missing":2,"export_arn":"{ARN}","files":4,"items":9,"missing":1}}"#
        );
        assert_eq!(snapshot.new_image(), Some(new.as_str()));
        assert!(rows(&snapshot).contains(r#""operation":"SNAPSHOT""#));
        assert!(rows(&snapshot).contains(r#""keys":"{}","old":null"#));
    }

    #[test]
    fn other_arns_and_keys_are_refused() {
        let time: Timestamp = "2023-11-14T22:13:20Z".parse().unwrap();
        let table = ARN.split_once("/export").unwrap().0;
        let stream = ARN.replace("export", "stream");
        let service = ARN.replace("dynamodb", "kinesis");
        for arn in ["", table, stream.as_str(), service.as_str(), &ARN.replace("orders", "")] {
            let error = Export::new(arn, time, ["id".to_owned()]).unwrap_err();
            assert_eq!(error, InvalidExport::Arn { found: arn.to_owned() });
        }
        for keys in [vec![], vec!["a"; 2], vec!["a", "b", "c"]] {
            let found = keys.len();
            let error = Export::new(ARN, time, keys.into_iter().map(str::to_owned)).unwrap_err();
            assert_eq!(error, InvalidExport::Keys { found });
        }
    }
}
