//! The services that a run uses, and runs of the command line against them.

use std::io::Read;
use std::process::{Child, Command, Stdio};

use changefan_strict_aws::StrictAws;
use flate2::read::GzDecoder;
use serde_json::Value;

/// The services, with the buckets `kept` and `lake`, the delivery stream `changes`, and the
/// variables of a run.
pub(super) struct Account {
    pub aws: StrictAws,
    variables: Vec<(String, String)>,
}

/// How a run ended.
#[derive(Debug)]
pub(super) struct Finished {
    pub succeeded: bool,
    pub stdout: String,
    pub stderr: String,
}

impl Account {
    /// An account whose sinks are `s3` and `firehose`.
    pub(super) fn new() -> Self {
        let aws = StrictAws::start();
        aws.create_bucket("kept");
        aws.create_bucket("lake");
        aws.create_delivery_stream("changes");
        let url = aws.url();
        let variables = [
            ("AWS_ENDPOINT_URL", url.as_str()),
            ("AWS_REGION", "eu-west-1"),
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("AWS_EC2_METADATA_DISABLED", "true"),
            ("SINKS", "s3,firehose"),
            ("S3_BUCKET", "lake"),
            ("FIREHOSE_STREAM", "changes"),
        ];
        let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        let variables = variables.map(owned).to_vec();
        Self { aws, variables }
    }

    /// Sets a variable.
    pub(super) fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.retain(|(it, _)| it != name);
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Runs the command line.
    pub(super) fn run(&self, arguments: &[&str]) -> Finished {
        finish(self.spawn(arguments))
    }

    /// Redrives everything in the bucket `kept`.
    pub(super) fn redrive(&self, options: &[&str]) -> Finished {
        self.run(&[&["redrive", "s3://kept/"], options].concat())
    }

    /// Starts the command line.
    pub(super) fn spawn(&self, arguments: &[&str]) -> Child {
        Command::new(env!("CARGO_BIN_EXE_changefan"))
            .args(arguments)
            .env_clear()
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("a process")
    }

    /// The keys of a bucket.
    pub(super) fn keys(&self, bucket: &str) -> Vec<String> {
        let start = format!("{bucket}/");
        let keys = self.aws.objects().into_keys();
        keys.filter_map(|path| path.strip_prefix(&start).map(str::to_owned)).collect()
    }

    /// The event ids in the lake, in the order in which they were stored.
    pub(super) fn lake(&self) -> Vec<String> {
        let objects = self.aws.objects();
        let calls = self.aws.calls();
        let puts = calls.iter().filter(|call| call.info.operation == "PutObject");
        let stored = puts.filter(|call| call.stored > 0).map(|call| call.info.resource.as_str());
        let of_lake = stored.filter(|path| path.starts_with("lake/"));
        of_lake.flat_map(|path| ids(&gunzip(&objects[path]))).collect()
    }

    /// The event ids in the delivery stream, in the order in which they were stored.
    pub(super) fn firehose(&self) -> Vec<String> {
        let records = self.aws.firehose_records("changes");
        records.iter().flat_map(|record| ids(&String::from_utf8_lossy(record))).collect()
    }

    /// The lines of all objects of the quarantine in the bucket `kept`.
    pub(super) fn quarantine(&self) -> Vec<Value> {
        let objects = self.aws.objects();
        let kept = objects.iter().filter(|(path, _)| path.ends_with(".jsonl"));
        let lines = kept.flat_map(|(_, body)| body.split(|&byte| byte == b'\n'));
        let lines = lines.filter(|line| !line.is_empty());
        lines.map(|line| serde_json::from_slice(line).expect("a line of JSON")).collect()
    }
}

/// Waits for the end of a run.
pub(super) fn finish(child: Child) -> Finished {
    let output = child.wait_with_output().expect("an end");
    Finished {
        succeeded: output.status.success(),
        stdout: String::from_utf8(output.stdout).expect("UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}

fn gunzip(bytes: &[u8]) -> String {
    let mut text = String::new();
    GzDecoder::new(bytes).read_to_string(&mut text).expect("gzip");
    text
}

fn ids(lines: &str) -> Vec<String> {
    let id = |line| {
        let row: Value = serde_json::from_str(line).expect("a row");
        row["event_id"].as_str().expect("an id").to_owned()
    };
    lines.lines().map(id).collect()
}
