//! `CHANGEFAN_LOG`, and what applies without it.

use serde_json::Value;

use super::function::start_function;
use super::log_lines::{lines, log_lines, summaries};
use super::records::*;
use super::replies::failed_from;
use changefan_fake_lambda::Answer;

#[test]
fn log_level_off_keeps_metrics() {
    let function = start_function(&[("CHANGEFAN_LOG", "off"), ("PARTIAL_BATCH_RESPONSE", "true")]);
    let payload = batch([change(1), undecodable(2)]);
    assert_eq!(function.invoke(payload), failed_from(&sequence_number(2)));
    let stderr = function.stop().stderr;
    assert_eq!((log_lines(&stderr).len(), summaries(&stderr).len()), (0, 1));
}

#[test]
fn log_level_off_without_metrics_logs_nothing() {
    let function = start_function(&[
        ("CHANGEFAN_LOG", "off"),
        ("METRICS", "none"),
        ("PARTIAL_BATCH_RESPONSE", "true"),
    ]);
    let payload = batch([change(1), undecodable(2)]);
    assert_eq!(function.invoke(payload), failed_from(&sequence_number(2)));
    assert_eq!(function.stop().stderr, "");
}

/// The levels of the lines of an invocation with an undecodable record, with `METRICS=none`.
fn levels(variables: &[(&str, &str)]) -> Vec<String> {
    let variables = [variables, &[("METRICS", "none")]].concat();
    let function = start_function(&variables);
    let answer = function.invoke(batch([change(1), undecodable(2)]));
    assert!(matches!(answer, Answer::Error(_)), "{answer:?}");
    let level = |line: &Value| line["level"].as_str().expect("a level").to_owned();
    lines(&function.stop().stderr).iter().map(level).collect()
}

#[test]
fn log_level_is_changefans_then_lambdas_then_rusts() {
    let (own, lambdas, rusts) = ("CHANGEFAN_LOG", "AWS_LAMBDA_LOG_LEVEL", "RUST_LOG");
    assert_eq!(levels(&[]), ["ERROR", "INFO"]);
    assert_eq!(levels(&[(rusts, "debug")]), ["DEBUG", "ERROR", "INFO"]);
    assert_eq!(levels(&[(lambdas, "DEBUG"), (rusts, "off")]), ["DEBUG", "ERROR", "INFO"]);
    assert_eq!(levels(&[(lambdas, "ERROR"), (rusts, "debug")]), ["ERROR"]);
    let all = [(own, "debug"), (lambdas, "ERROR"), (rusts, "off")];
    assert_eq!(levels(&all), ["DEBUG", "ERROR", "INFO"]);
    assert_eq!(levels(&[(own, "error"), (lambdas, "DEBUG"), (rusts, "debug")]), ["ERROR"]);
}
