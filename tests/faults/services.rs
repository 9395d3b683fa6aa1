//! The services with the handler's sinks and quarantine in them, and what they hold.

use std::collections::BTreeMap;

use changefan::{Config, Handler, Registry};
use serde_json::Value;

use super::record::FIRST_TIME;
use crate::sinks::destination::unpack;
use changefan_strict_aws::{Fault, StrictAws};

/// The sinks under test, by the names of their types.
pub(super) const SINKS: [&str; 3] = ["s3", "firehose", "cloudwatch_logs"];

/// The services, and the environment of a function that uses them.
pub(super) struct Services {
    pub aws: StrictAws,
    variables: BTreeMap<String, String>,
}

/// What a sink holds: runs of lines that were stored together, in the order in which they were
/// stored.
pub(super) struct Holding {
    pub sink: &'static str,
    /// The objects of S3, the records of Firehose; of CloudWatch Logs the one log stream.
    pub runs: Vec<Vec<String>>,
}

/// A record in the quarantine.
pub(super) struct Quarantined {
    pub sink: Option<String>,
    pub reason: String,
    pub record: String,
}

/// What Lambda sets.
const CREDENTIALS: [(&str, &str); 3] =
    [("AWS_REGION", "eu-west-1"), ("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test")];

impl Services {
    /// The options are environment variables in addition to those that name the destinations.
    pub(super) fn start(options: &[(&str, &str)]) -> Self {
        let aws = StrictAws::start();
        aws.create_bucket("lake");
        aws.create_bucket("kept");
        aws.create_delivery_stream("changes");
        aws.create_log_group("/changes");
        aws.set_clock((FIRST_TIME + 3600) * 1000);
        let destinations = [
            ("S3_BUCKET", "lake"),
            ("FIREHOSE_STREAM", "changes"),
            ("CLOUDWATCH_LOGS_GROUP", "/changes"),
        ];
        let sinks = ("SINKS".to_owned(), SINKS.join(","));
        let text = |(name, value): &(&str, &str)| (name.to_string(), value.to_string());
        let url = ("AWS_ENDPOINT_URL".to_owned(), aws.url());
        let given = destinations.iter().chain(&CREDENTIALS).chain(options).map(text);
        let variables = given.chain([sinks, url]).collect();
        Self { aws, variables }
    }

    /// The handler of a newly started function.
    pub(super) fn handler(&self) -> Handler {
        let config = Config::new(&self.variables, &Registry::default());
        Handler::new(config.unwrap_or_else(|error| panic!("{error}")))
    }

    /// The environment of a function or a command line.
    pub(super) fn variables(&self) -> &BTreeMap<String, String> {
        &self.variables
    }

    /// The number of calls, and of those with a fault.
    pub(super) fn calls(&self) -> (usize, usize) {
        let calls = self.aws.calls();
        (calls.len(), calls.iter().filter(|call| call.fault != Fault::None).count())
    }

    pub(super) fn holdings(&self) -> [Holding; 3] {
        let lines = |text: &[u8]| text_lines(std::str::from_utf8(text).expect("lines are UTF-8"));
        let firehose =
            self.aws.firehose_records("changes").iter().map(|record| lines(record)).collect();
        let events = self.aws.log_events("/changes", "changefan");
        let logs = vec![events.into_iter().map(|event| event.message).collect()];
        let [s3, firehose_name, logs_name] = SINKS;
        [
            Holding { sink: s3, runs: self.objects() },
            Holding { sink: firehose_name, runs: firehose },
            Holding { sink: logs_name, runs: logs },
        ]
    }

    /// The lines of the lake's objects, in the order in which the objects were stored.
    fn objects(&self) -> Vec<Vec<String>> {
        let objects = self.aws.objects();
        let calls = self.aws.calls();
        let puts =
            calls.iter().filter(|call| call.info.operation == "PutObject" && call.stored > 0);
        let of_lake =
            puts.map(|call| call.info.resource.as_str()).filter(|path| path.starts_with("lake/"));
        of_lake.map(|path| text_lines(&unpack(path, &objects[path]))).collect()
    }

    pub(super) fn quarantine(&self) -> Vec<Quarantined> {
        let objects = self.aws.objects();
        let kept = objects.iter().filter(|(path, _)| path.starts_with("kept/"));
        let lines = kept.flat_map(|(path, body)| text_lines(&unpack(path, body)));
        lines.map(|line| quarantined(&line)).collect()
    }
}

fn quarantined(line: &str) -> Quarantined {
    let line: Value = serde_json::from_str(line).expect("a line of the quarantine is JSON");
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let about = &line["quarantined"];
    Quarantined {
        sink: text(&about["sink"]),
        reason: text(&about["reason"]).unwrap_or_default(),
        record: text(&line["record"]).unwrap_or_default(),
    }
}

fn text_lines(text: &str) -> Vec<String> {
    text.lines().map(str::to_owned).collect()
}
