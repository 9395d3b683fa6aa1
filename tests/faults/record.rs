//! The records of the model's streams, valid and rejected ones.

use base64::prelude::{BASE64_STANDARD, Engine};

/// 2023-07-11T19:25:30Z: the time of the first change, in seconds.
pub(super) const FIRST_TIME: i64 = 1_689_103_530;

/// Older than any log group accepts.
const LONG_AGO: i64 = FIRST_TIME - 20 * 86_400;

/// More than Firehose accepts in a record and CloudWatch Logs in an event.
const LARGE_BYTES: usize = 1_060_000;

/// How a record is made, which determines what must become of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Every sink accepts it.
    Good,
    /// It cannot be decoded.
    Undecodable,
    /// It cannot be decoded, and has no identifier that a reply could name.
    Nameless,
    /// Firehose and CloudWatch Logs never accept it.
    Large,
    /// CloudWatch Logs never accepts it.
    Old,
}

/// The stream of a record and what delivers it, which determine its shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    DynamoDb,
    /// A record that a mapping delivers.
    Kinesis,
    /// The same through Pipes, which omit the nested object.
    KinesisOfPipe,
}

/// A record of a shard.
#[derive(Clone)]
pub(super) struct Record {
    pub shard: usize,
    pub kind: Kind,
    /// Its `eventID`.
    pub id: String,
    /// Its sequence number.
    pub sequence: String,
    /// Its JSON text.
    pub text: String,
    /// One of these is in each line that is made of this record, and in no other line.
    pub marks: [String; 2],
}

impl Record {
    /// The record at an index of a shard. Both form its identity, so no two records share one.
    pub(super) fn new(shape: Shape, kind: Kind, shard: usize, index: usize) -> Self {
        let sequence = format!("1{shard:03}{index:017}");
        let id = match shape {
            Shape::DynamoDb => format!("change-{shard}-{index}"),
            Shape::Kinesis | Shape::KinesisOfPipe => format!("shardId-{shard:012}:{sequence}"),
        };
        let mark = format!("mark-{shard}-{index}.");
        let body = Body { id: &id, sequence: &sequence, mark: &mark, kind, index };
        let text = match (kind, shape) {
            (Kind::Nameless, _) => format!(r#"{{"unknown":"member {mark}"}}"#),
            (_, Shape::DynamoDb) => body.dynamodb(),
            (_, shape) => body.kinesis(shape),
        };
        let marks = [encoded_start(&mark), mark];
        Self { shard, kind, id, sequence, text, marks }
    }

    /// How many times the quarantine must hold it: once if it cannot be decoded, else for each sink
    /// that refuses it.
    pub(super) fn refusals(&self) -> usize {
        match self.kind {
            Kind::Good => 0,
            Kind::Undecodable | Kind::Nameless | Kind::Old => 1,
            Kind::Large => 2,
        }
    }

    /// Whether a sink, or with `None` the decoder, never accepts it.
    pub(super) fn is_refused_by(&self, sink: Option<&str>) -> bool {
        match self.kind {
            Kind::Good => false,
            Kind::Undecodable | Kind::Nameless => sink.is_none(),
            Kind::Large => matches!(sink, Some("firehose" | "cloudwatch_logs")),
            Kind::Old => sink == Some("cloudwatch_logs"),
        }
    }
}

/// The mark as it begins the data of a Kinesis record, which a log entry holds unchanged.
///
/// Three bytes make four characters, so the last character can also depend on what follows.
fn encoded_start(mark: &str) -> String {
    let start = format!(r#"{{"n":"{mark}"#);
    let encoded = BASE64_STANDARD.encode(&start);
    let mut encoded = encoded.trim_end_matches('=').to_owned();
    encoded.truncate(start.len() * 4 / 3);
    encoded
}

/// What a record's text is made of.
struct Body<'a> {
    id: &'a str,
    sequence: &'a str,
    mark: &'a str,
    kind: Kind,
    index: usize,
}

impl Body<'_> {
    fn dynamodb(&self) -> String {
        let Body { id, sequence, mark, .. } = self;
        let name = if self.kind == Kind::Undecodable { "NONSENSE" } else { "INSERT" };
        let (time, padding) = (self.time(), self.padding());
        let keys = format!(r#"{{"n":{{"S":"{mark}"}}}}"#);
        let new = format!(r#"{{"n":{{"S":"{mark}"}},"p":{{"S":"{padding}"}}}}"#);
        [
            &*format!(r#"{{"eventID":"{id}","eventName":"{name}","eventSource":"aws:dynamodb","#),
            r#""awsRegion":"eu-west-1","eventSourceARN":"arn:aws:dynamodb:eu-west-1:"#,
            r#"123456789012:table/orders/stream/2026-01-01T00:00:00.000","dynamodb":"#,
            &format!(r#"{{"ApproximateCreationDateTime":{time},"SequenceNumber":"{sequence}","#),
            &format!(r#""Keys":{keys},"NewImage":{new}}}}}"#),
        ]
        .concat()
    }

    fn kinesis(&self, shape: Shape) -> String {
        let Body { id, sequence, mark, .. } = self;
        let (time, padding) = (self.time(), self.padding());
        let data = BASE64_STANDARD.encode(format!(r#"{{"n":"{mark}","p":"{padding}"}}"#));
        let data = if self.kind == Kind::Undecodable { "no base64" } else { &data };
        let members = [
            r#""kinesisSchemaVersion":"1.0","partitionKey":"p","#,
            &*format!(r#""sequenceNumber":"{sequence}","data":"{data}","#),
            &format!(r#""approximateArrivalTimestamp":{time}"#),
        ]
        .concat();
        let members =
            if shape == Shape::Kinesis { format!(r#""kinesis":{{{members}}}"#) } else { members };
        [
            &*format!(r#"{{"eventID":"{id}","eventName":"aws:kinesis:record","#),
            r#""eventSource":"aws:kinesis","awsRegion":"eu-west-1","eventSourceARN":"#,
            r#""arn:aws:kinesis:eu-west-1:123456789012:stream/orders","#,
            &format!("{members}}}"),
        ]
        .concat()
    }

    /// The changes of a shard happen in sequence, many in the same second.
    fn time(&self) -> i64 {
        if self.kind == Kind::Old { LONG_AGO } else { FIRST_TIME + self.index as i64 / 300 }
    }

    fn padding(&self) -> String {
        if self.kind == Kind::Large { "x".repeat(LARGE_BYTES) } else { String::new() }
    }
}
