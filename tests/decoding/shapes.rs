//! Records that resemble each other are decoded as if each were alone.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::support::{LAYOUTS, decode, decode_records, line};

/// The envelopes of records.
#[derive(Clone, Copy, Debug)]
enum Envelope {
    DynamoDbStreams,
    Kinesis,
    KinesisThroughPipe,
}

/// How the records of one source are written: which envelope, in which order, with which spaces.
#[derive(Clone, Debug)]
struct Form {
    envelope: Envelope,
    order: Vec<Index>,
    space: &'static str,
}

/// What records of one form differ in.
#[derive(Clone, Debug)]
struct Values {
    number: u32,
    operation: &'static str,
    images: [Option<&'static str>; 2],
    edit: Option<(Edit, Index)>,
}

/// What is unusual about a member of a record.
#[derive(Clone, Copy, Debug)]
enum Edit {
    Repeat,
    Remove,
    Nothing,
    Number,
    Object,
    EscapeName,
    EscapeValue,
    SpaceBefore,
    Rename(&'static str),
}

type Members = Vec<(String, String)>;

fn form() -> impl Strategy<Value = Form> {
    let envelopes =
        [Envelope::DynamoDbStreams, Envelope::Kinesis, Envelope::KinesisThroughPipe].to_vec();
    let order = vec(any::<Index>(), 12);
    (select(envelopes), order, select(vec!["", "", " "]))
        .prop_map(|(envelope, order, space)| Form { envelope, order, space })
}

fn values() -> impl Strategy<Value = Values> {
    let image = select(vec![
        None,
        Some("{}"),
        Some(r#"{"id":{"S":"a"},"n":{"N":"1"}}"#),
        Some(r#"{"id":{"S":"b"},"n":{"N":"1"}}"#),
        Some(r#"{"id":{"S":"\u0061"},"b":{"B":"AA=="}}"#),
    ]);
    let edits = select(vec![
        Edit::Repeat,
        Edit::Remove,
        Edit::Nothing,
        Edit::Number,
        Edit::Object,
        Edit::EscapeName,
        Edit::EscapeValue,
        Edit::SpaceBefore,
        Edit::Rename("_aws"),
        Edit::Rename("data"),
        Edit::Rename("sequenceNumber"),
        Edit::Rename("kinesis"),
        Edit::Rename("dynamodb"),
        Edit::Rename("userIdentity"),
        Edit::Rename("eventName"),
    ]);
    let operation = select(vec!["INSERT", "MODIFY", "REMOVE", "TRUNCATE"]);
    let edit = proptest::option::weighted(0.4, (edits, any::<Index>()));
    (0..20_u32, operation, [image.clone(), image], edit)
        .prop_map(|(number, operation, images, edit)| Values { number, operation, images, edit })
}

fn quoted(text: &str) -> String {
    format!("\"{text}\"")
}

fn member(name: &str, value: impl Into<String>) -> (String, String) {
    (quoted(name), value.into())
}

impl Form {
    fn record(&self, values: &Values) -> String {
        match self.envelope {
            Envelope::DynamoDbStreams => self.change(values),
            Envelope::Kinesis => {
                let source = [
                    member("eventID", quoted(&format!("shard:{}", values.number))),
                    member("eventSource", quoted("aws:kinesis")),
                    member("kinesis", self.write(self.kinesis(values))),
                ];
                self.write(source.to_vec())
            }
            Envelope::KinesisThroughPipe => {
                let mut members = self.kinesis(values);
                members.push(member("eventID", quoted(&format!("shard:{}", values.number))));
                members.push(member("eventSource", quoted("aws:kinesis")));
                self.write(members)
            }
        }
    }

    fn kinesis(&self, values: &Values) -> Members {
        let data = STANDARD.encode(self.change(values));
        let number = values.number;
        let mut members = vec![
            member("sequenceNumber", quoted(&format!("49{number}"))),
            member("partitionKey", quoted(&"k".repeat(number as usize))),
            member("data", quoted(&data)),
            member("approximateArrivalTimestamp", format!("1700000000.{number}")),
        ];
        if values.number.is_multiple_of(3) {
            values.edit(&mut members);
        }
        members
    }

    fn change(&self, values: &Values) -> String {
        let Values { number, operation, .. } = values;
        let mut inner = vec![
            member("ApproximateCreationDateTime", format!("17000000{number:02}")),
            member("Keys", format!(r#"{{"id":{{"S":"{number}"}}}}"#)),
            member("SequenceNumber", quoted(&format!("1{number}"))),
            member("SizeBytes", number.to_string()),
            member("StreamViewType", quoted("NEW_AND_OLD_IMAGES")),
        ];
        let images = ["OldImage", "NewImage"].into_iter().zip(values.images);
        inner.extend(images.filter_map(|(name, image)| Some(member(name, image?))));
        let mut outer = vec![
            member("eventID", quoted(&format!("{number:032}"))),
            member("eventName", quoted(operation)),
            member("eventSource", quoted("aws:dynamodb")),
            member("awsRegion", quoted("eu-west-1")),
            member("eventSourceARN", quoted("arn:aws:dynamodb:eu-west-1:1:table/t/stream/s")),
        ];
        match number % 4 {
            0 => values.edit(&mut inner),
            1 => values.edit(&mut outer),
            _ => {}
        }
        outer.push(member("dynamodb", self.write(inner)));
        if number.is_multiple_of(5) {
            let identity = r#"{"type":"Service","principalId":"dynamodb.amazonaws.com"}"#;
            outer.push(member("userIdentity", identity));
        }
        self.write(outer)
    }

    fn write(&self, mut members: Members) -> String {
        for (place, index) in self.order.iter().enumerate().take(members.len()) {
            let other = index.index(members.len());
            members.swap(place, other);
        }
        let Self { space, .. } = self;
        let members = members.iter().map(|(name, value)| format!("{name}:{space}{value}"));
        format!("{{{}}}", members.collect::<Vec<_>>().join(&format!(",{space}")))
    }
}

impl Values {
    fn edit(&self, members: &mut Members) {
        let Some((edit, index)) = &self.edit else { return };
        let index = index.index(members.len());
        let (name, value) = members[index].clone();
        match edit {
            Edit::Repeat => members.push((name, value)),
            Edit::Remove => drop(members.remove(index)),
            Edit::Nothing => members[index].1 = "null".into(),
            Edit::Number => members[index].1 = "17".into(),
            Edit::Object => members[index].1 = r#"{"id":{"S":"c"}}"#.into(),
            Edit::EscapeName => members[index].0 = escaped(&name),
            Edit::EscapeValue => members[index].1 = escaped(&value),
            Edit::SpaceBefore => members[index].1 = format!("\n {value}"),
            Edit::Rename(name) => members.push(member(name, value)),
        }
    }
}

/// A JSON string with its first character escaped.
fn escaped(text: &str) -> String {
    match text.strip_prefix('"').and_then(|rest| rest.split_at_checked(1)) {
        Some((first, rest)) if !matches!(first, "\\" | "\"") => {
            format!("\"\\u{:04x}{rest}", u32::from(first.as_bytes()[0]))
        }
        _ => text.to_owned(),
    }
}

/// All that is seen of a record of a batch.
fn seen(records: &[String]) -> Vec<String> {
    let batch = decode_records(records);
    let mut seen = vec![String::new(); records.len()];
    for event in &batch.events {
        let position = event.position();
        LAYOUTS.iter().for_each(|layout| seen[position].push_str(&line(event, *layout)));
        seen[position].push_str(event.sequence_number().unwrap_or("-"));
    }
    for error in &batch.undecodable {
        seen[error.position].push_str(&format!("{:?} {:?}", error.reason, error.event_id()));
    }
    seen
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn records_of_a_batch_decode_as_if_alone(
        forms in vec(form(), 1..3),
        values in vec((any::<Index>(), values()), 2..12),
    ) {
        let record = |(form, values): &(Index, Values)| form.get(&forms).record(values);
        let records: Vec<String> = values.iter().map(record).collect();
        let alone: Vec<String> =
            records.iter().flat_map(|record| seen(std::slice::from_ref(record))).collect();
        prop_assert_eq!(seen(&records), alone);
    }
}

#[test]
fn record_cut_short_behind_a_known_beginning_is_refused() {
    let form = Form { envelope: Envelope::DynamoDbStreams, order: vec![], space: "" };
    let values = Values { number: 1, operation: "INSERT", images: [None; 2], edit: None };
    let record = form.record(&values);
    for length in 0..record.len() {
        let payload = format!("[{record},{}]", &record[..length]);
        assert!(changefan::Batch::decode(payload.into()).is_err(), "{length}");
    }
    assert_eq!(decode(format!("[{record},{record}]")).events.len(), 2);
}
