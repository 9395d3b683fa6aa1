//! Sinks with the place that they write to.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::{Arc, Mutex};

use changefan::{Aws, ChangeEvent, Deadline, Encoder, Format, Registry, Sink};
use changefan_sinks::conformance::Subject;
use changefan_sinks::{AwsSettings, Failure, Ordering, Redelivery, Retry, Stdout};
use tempfile::TempDir;

use super::id_of;
use changefan_strict_aws::StrictAws;

/// A sink, and a way to see what has arrived.
pub(crate) struct Destination {
    pub name: &'static str,
    pub sink: Arc<dyn Sink>,
    pub aws: StrictAws,
    out: Shared,
    folder: TempDir,
}

impl Destination {
    /// A sink of each type as the registry makes it.
    pub(crate) fn all() -> Vec<Self> {
        let firehose = Self::new("firehose", &[("FIREHOSE_STREAM", "changes")]);
        let packed =
            Self::new("firehose", &[("FIREHOSE_STREAM", "changes"), ("FIREHOSE_PACK", "100000")]);
        let logs = Self::new("cloudwatch_logs", &[("CLOUDWATCH_LOGS_GROUP", "/changes")]);
        let zstd = Self::new("s3", &[("S3_BUCKET", "lake"), ("S3_COMPRESSION", "zstd")]);
        let s3 = Self::new("s3", &[("S3_BUCKET", "lake")]);
        let file = Self::new("file", &[("FILE_COMPRESSION", "none")]);
        let eventbridge = Self::new("eventbridge", &[("EVENTBRIDGE_BUS", "changes")]);
        let stdout = Self::new("stdout", &[]);
        vec![stdout, file, s3, zstd, firehose, packed, logs, eventbridge]
    }

    /// Those that talk to a service.
    pub(crate) fn of_aws() -> Vec<Self> {
        Self::all().into_iter().filter(|it| !matches!(it.name, "stdout" | "file")).collect()
    }

    pub(crate) fn new(name: &'static str, options: &[(&str, &str)]) -> Self {
        let aws = StrictAws::start();
        aws.create_bucket("lake");
        aws.create_delivery_stream("changes");
        aws.create_log_group("/changes");
        aws.create_event_bus("changes");
        aws.set_clock((super::SAMPLE_TIME + 60) * 1000);
        let folder = TempDir::new().unwrap();
        let out = Shared::default();
        let text = |(name, value): &(&str, &str)| (name.to_string(), value.to_string());
        let mut variables: BTreeMap<String, String> = options.iter().map(text).collect();
        if name == "file" && !variables.contains_key("FILE_DIR") {
            variables.insert("FILE_DIR".into(), folder.path().to_str().unwrap().into());
        }
        let sink: Arc<dyn Sink> = if name == "stdout" {
            let stdout = Stdout::new(Encoder::from(Format::Log), out.clone());
            Arc::new(Redelivery::new(Retry::new(stdout, Ordering::Total)))
        } else {
            let sinks =
                Registry::default().build(name, &variables, &Aws::new(settings(&aws.url())));
            sinks.unwrap().remove(0).sink
        };
        Self { name, sink, aws, out, folder }
    }

    /// Delivers events.
    ///
    /// # Errors
    ///
    /// The events that were not accepted.
    pub(crate) async fn deliver(
        &self,
        events: &[ChangeEvent],
        deadline: Deadline,
    ) -> Result<(), Vec<Failure>> {
        let refs: Vec<_> = events.iter().collect();
        let outcome = self.sink.deliver(&refs, deadline).await;
        if outcome.is_success() { Ok(()) } else { Err(outcome.failures().to_vec()) }
    }

    /// Every line that has arrived, repeats included.
    pub(crate) fn lines(&self) -> Vec<String> {
        let split = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
        match self.name {
            "stdout" => split(&String::from_utf8(self.out.0.lock().unwrap().clone()).unwrap()),
            "file" => files(self.folder.path()).values().flat_map(|text| split(text)).collect(),
            "s3" => self
                .aws
                .objects()
                .iter()
                .flat_map(|(key, body)| split(&unpack(key, body)))
                .collect(),
            "eventbridge" => {
                self.aws.bus_events("changes").into_iter().map(|event| event.detail).collect()
            }
            "firehose" => {
                let records = self.aws.firehose_records("changes");
                records
                    .iter()
                    .flat_map(|record| split(std::str::from_utf8(record).unwrap()))
                    .collect()
            }
            _ => self
                .aws
                .log_events("/changes", "changefan")
                .into_iter()
                .map(|event| event.message)
                .collect(),
        }
    }

    /// The ids of what has arrived, repeats included.
    pub(crate) fn ids(&self) -> Vec<String> {
        self.lines().iter().map(|line| id_of(line)).collect()
    }

    /// The folder of the `file` sink.
    pub(crate) fn dir(&self) -> String {
        self.folder.path().to_str().unwrap().to_owned()
    }

    /// The files of the `file` sink by their keys, unpacked.
    pub(crate) fn files(&self) -> BTreeMap<String, String> {
        files(self.folder.path())
    }
}

impl Subject for Destination {
    fn sink(&self) -> &dyn Sink {
        &*self.sink
    }

    fn event_ids(&self) -> Vec<String> {
        self.ids()
    }
}

/// What the function's environment would state about AWS.
pub(crate) fn settings(endpoint: &str) -> AwsSettings {
    AwsSettings {
        region: Some("eu-west-1".into()),
        access_key_id: Some("test".into()),
        secret_access_key: Some("test".into()),
        endpoints: [("AWS_ENDPOINT_URL".to_owned(), endpoint.to_owned())].into(),
        ..AwsSettings::default()
    }
}

/// The text of an object, by the suffix of its key.
pub(crate) fn unpack(key: &str, body: &[u8]) -> String {
    let mut text = String::new();
    if key.ends_with(".gz") {
        flate2::read::GzDecoder::new(body).read_to_string(&mut text).unwrap();
    } else if key.ends_with(".zst") {
        text = String::from_utf8(zstd::decode_all(body).unwrap()).unwrap();
    } else {
        text.push_str(std::str::from_utf8(body).unwrap());
    }
    text
}

fn files(root: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let key = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
                let text = unpack(&key, &std::fs::read(&path).unwrap());
                found.insert(key, text);
            }
        }
    }
    found
}

/// A writer that can be read.
#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
