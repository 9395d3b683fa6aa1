//! Connections that are opened before the first batch arrives.

use super::function::{Function, start_function};
use super::records::{batch, change};
use super::replies::success;
use super::services::{Silent, closed_port};
use changefan_strict_aws::{Call, Fault, StrictAws};

/// A batch without records, which goes to no sink.
const EMPTY: &str = r#"{"Records":[]}"#;

/// A function with a sink of each service.
fn start(endpoint: &str, connect_at_init: &str) -> Function {
    start_function(&[
        ("CONNECT_AT_INIT", connect_at_init),
        ("SINKS", "stdout,s3,firehose,cloudwatch_logs"),
        ("S3_BUCKET", "lake"),
        ("FIREHOSE_STREAM", "changes"),
        ("CLOUDWATCH_LOGS_GROUP", "/changes"),
        ("AWS_ENDPOINT_URL", endpoint),
    ])
}

fn services() -> StrictAws {
    let aws = StrictAws::start();
    aws.create_bucket("lake");
    aws.create_delivery_stream("changes");
    aws.create_log_group("/changes");
    // The time of the changes: CloudWatch Logs rejects events that are older than 14 days.
    aws.set_clock(1_689_103_530_000);
    aws
}

/// The operations that were called, sorted.
fn operations(aws: &StrictAws) -> Vec<String> {
    let mut names: Vec<_> =
        aws.calls().into_iter().map(|Call { info, .. }| info.operation).collect();
    names.sort();
    names
}

const PROBES: [&str; 3] = ["DescribeDeliveryStream", "DescribeLogStreams", "HeadBucket"];

#[test]
fn first_batch_uses_the_connections_of_init() {
    let aws = services();
    let function = start(&aws.url(), "true");
    assert_eq!(function.invoke(EMPTY), success());
    assert_eq!((operations(&aws), aws.connections()), (PROBES.map(String::from).into(), 3));
    assert_eq!(function.invoke(batch([change(1)])), success());
    assert_eq!(aws.connections(), 3);
    assert_eq!((aws.objects().len(), aws.firehose_records("changes").len()), (1, 1));
    assert_eq!(aws.log_events("/changes", "changefan").len(), 1);
}

#[test]
fn no_connection_is_opened_by_default() {
    let aws = services();
    for value in ["", "false"] {
        assert_eq!(start(&aws.url(), value).invoke(EMPTY), success());
    }
    assert_eq!(aws.connections(), 0);
}

#[test]
fn denied_probes_do_not_stop_the_function() {
    let aws = services();
    aws.set_faults(|call| match PROBES.contains(&call.operation.as_str()) {
        true => Fault::Error(400, "AccessDeniedException"),
        false => Fault::None,
    });
    let function = start(&aws.url(), "true");
    assert_eq!(function.invoke(batch([change(1)])), success());
    assert_eq!(aws.connections(), 3);
}

#[test]
fn unreachable_services_do_not_stop_the_function() {
    let silent = Silent::start();
    for endpoint in [silent.url(), format!("http://{}", closed_port())] {
        assert_eq!(start(&endpoint, "true").invoke(EMPTY), success());
    }
}
