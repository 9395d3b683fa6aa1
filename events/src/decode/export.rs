//! A table's full export: what it is, its data files, and the event that closes it.

mod items;

use bytes::Bytes;
use changefan_json::{Cursor, write_string};
use sha2::{Digest, Sha256};

pub use self::items::{ExportItems, NotText};
use super::unmarshal::Attribute;
use crate::event::ChangeEvent;
use crate::{Image, Operation, Source, Timestamp};

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
        items::decode(self, lines)
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
    let mut fields = arn.splitn(6, ':');
    let is_arn = fields.next()? == "arn" && !fields.next()?.is_empty();
    let is_dynamodb = fields.next()? == "dynamodb";
    let (region, account) = (fields.next()?, fields.next()?);
    let (table, id) = fields.next()?.strip_prefix("table/")?.split_once("/export/")?;
    let names = [region, account, table, id];
    (is_arn && is_dynamodb && names.into_iter().all(is_name)).then_some(names)
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && !text.contains('/')
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
        name == self.written || (self.may_be(name) && self.is_meant_by(name))
    }

    /// Whether a name that is written in another way may mean the key. Neither white space nor
    /// other escapes make a name shorter.
    fn may_be(&self, name: &str) -> bool {
        let is_special = |byte| byte == b'\\' || byte <= b' ';
        name.len() >= self.written.len() && name.bytes().any(is_special)
    }

    fn is_meant_by(&self, name: &str) -> bool {
        let resolved = Cursor::new(name).string().map(|name| name.resolve_bytes());
        resolved.is_ok_and(|name| *name == *self.name.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Encoder, Format};

    const ARN: &str =
        "arn:aws:dynamodb:eu-west-1:123456789012:table/orders/export/01700000000000-0123abcd";

    pub(super) fn export(keys: &[&str]) -> Export {
        let time = "2023-11-14T22:13:20Z".parse().unwrap();
        Export::new(ARN, time, keys.iter().map(|&key| key.to_owned())).unwrap()
    }

    pub(super) fn rows(event: &ChangeEvent) -> String {
        let mut row = String::new();
        Encoder::from(Format::Rows).write(event, &mut row);
        row
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
