//! Amazon EventBridge, over plain HTTP.

use changefan_strict_aws::{
    AbsentBus, BusEvent, Fault, Service, StrictAws, in_turn, refuse_calls_containing,
};
use serde_json::{Value, json};

use crate::plain::{refuse, succeed};

const PUT: &str = "AWSEvents.PutEvents";
const DESCRIBE: &str = "AWSEvents.DescribeEventBus";

fn with_bus() -> StrictAws {
    let aws = StrictAws::start();
    aws.create_event_bus("changes");
    aws
}

fn entry(detail: &str) -> Value {
    json!({"EventBusName": "changes", "Source": "s", "DetailType": "t", "Detail": detail})
}

fn entries(entries: impl IntoIterator<Item = Value>) -> Value {
    json!({"Entries": entries.into_iter().collect::<Vec<_>>()})
}

/// A detail of this many bytes, which make an entry of two more.
fn detail_of(bytes: usize) -> String {
    format!("{{\"x\":\"{}\"}}", "x".repeat(bytes - 8))
}

#[test]
fn put_events_stores_entries() {
    let aws = with_bus();
    let detail = r#"{"n":1.50, "n38":99999999999999999999999999999999999999}"#;
    let mut full = entry(detail);
    full["Resources"] = json!(["arn:aws:dynamodb:us-east-1:123456789012:table/orders"]);
    full["Time"] = json!(1_689_103_530.25);
    let answer = succeed(&aws, PUT, &entries([full, entry("{}")]));
    assert_eq!(answer["FailedEntryCount"], 0);
    let events = aws.bus_events("changes");
    let expected = BusEvent {
        id: answer["Entries"][0]["EventId"].as_str().expect("an id").to_owned(),
        source: "s".into(),
        detail_type: "t".into(),
        detail: detail.into(),
        resources: vec!["arn:aws:dynamodb:us-east-1:123456789012:table/orders".into()],
        time_ms: Some(1_689_103_530_250),
    };
    assert_eq!(events[0], expected);
    assert_eq!((events.len(), events[1].time_ms), (2, None));
    let call = &aws.calls()[0];
    assert_eq!((call.info.service, call.info.resource.as_str()), (Service::EventBridge, "changes"));
    assert_eq!((call.info.records, call.stored), (2, 2));
    aws.forget();
    assert_eq!(aws.bus_events("changes"), []);
}

#[test]
fn bus_is_found_by_arn_and_default() {
    let aws = with_bus();
    let mut by_arn = entry("{}");
    by_arn["EventBusName"] = json!("arn:aws:events:us-east-1:000000000000:event-bus/changes");
    let mut by_default = entry("{}");
    by_default.as_object_mut().expect("an object").remove("EventBusName");
    succeed(&aws, PUT, &entries([by_arn, by_default]));
    assert_eq!((aws.bus_events("changes").len(), aws.bus_events("default").len()), (1, 1));
}

#[test]
fn put_events_refuses_wrong_counts() {
    let aws = with_bus();
    succeed(&aws, PUT, &entries(vec![entry("{}"); 10]));
    for count in [0, 11] {
        let refused = refuse(&aws, PUT, &entries(vec![entry("{}"); count]));
        assert_eq!(refused, (400, "ValidationException".to_owned()));
    }
    assert_eq!(aws.bus_events("changes").len(), 10);
}

#[test]
fn put_events_refuses_over_a_mebibyte() {
    let aws = with_bus();
    const MAX: usize = 1_048_576;
    succeed(&aws, PUT, &entries([entry(&detail_of(MAX - 2))]));
    let halves = [entry(&detail_of(MAX / 2 - 2)), entry(&detail_of(MAX / 2 - 2))];
    succeed(&aws, PUT, &entries(halves));
    let mut timed = entry(&detail_of(MAX - 2 - 13));
    timed["Time"] = json!(0);
    let mut named = entry(&detail_of(MAX - 2 - 3));
    named["Resources"] = json!(["ab", "cd"]);
    let halves = [entry(&detail_of(MAX / 2 - 2)), entry(&detail_of(MAX / 2 - 1))];
    for input in
        [entries([entry(&detail_of(MAX - 1))]), entries([timed]), entries([named]), entries(halves)]
    {
        assert_eq!(refuse(&aws, PUT, &input), (400, "ValidationException".to_owned()));
    }
    assert_eq!(aws.bus_events("changes").len(), 3);
}

#[test]
fn put_events_rejects_entries_inside_a_200() {
    let aws = with_bus();
    let without = |name: &str| {
        let mut entry = entry("{}");
        entry[name] = json!("");
        entry
    };
    let mut long_type = entry("{}");
    long_type["DetailType"] = json!("é".repeat(129));
    let mut reserved = entry("{}");
    reserved["Source"] = json!("aws.dynamodb");
    let input = entries([
        entry("{}"),
        entry("[]"),
        entry("{"),
        entry("7"),
        without("Detail"),
        without("Source"),
        without("DetailType"),
        long_type,
        reserved,
        entry("{}"),
    ]);
    let answer = succeed(&aws, PUT, &input);
    let codes: Vec<&str> = answer["Entries"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|entry| entry["ErrorCode"].as_str().unwrap_or_default())
        .collect();
    let (malformed, invalid) = ("MalformedDetail", "InvalidArgument");
    let unauthorized = "NotAuthorizedForSourceException";
    let expected = ["", malformed, malformed, malformed, invalid, invalid, invalid, invalid];
    assert_eq!(codes[..8], expected);
    assert_eq!(codes[8..], [unauthorized, ""]);
    assert_eq!((answer["FailedEntryCount"].as_u64(), aws.calls()[0].stored), (Some(8), 2));
}

#[test]
fn absent_bus_is_refused_or_discards() {
    let aws = StrictAws::start();
    let missing = (400, "ResourceNotFoundException".to_owned());
    assert_eq!(refuse(&aws, PUT, &entries([entry("{}")])), missing);
    assert_eq!(refuse(&aws, DESCRIBE, &json!({"Name": "changes"})), missing);
    aws.set_absent_buses(AbsentBus::Discarded);
    let answer = succeed(&aws, PUT, &entries([entry("{}")]));
    assert_eq!(answer["FailedEntryCount"], 0);
    assert!(answer["Entries"][0]["EventId"].is_string());
    assert_eq!(refuse(&aws, DESCRIBE, &json!({"Name": "changes"})), missing);
    aws.create_event_bus("changes");
    assert_eq!(succeed(&aws, DESCRIBE, &json!({"Name": "changes"}))["Name"], "changes");
    assert_eq!(aws.bus_events("changes"), []);
}

#[test]
fn entries_fail_on_demand() {
    let aws = with_bus();
    aws.set_faults(in_turn([
        Fault::RejectRecords(vec![1]),
        Fault::RejectRecordsWith("InternalFailure", vec![0]),
        Fault::RejectContaining("7"),
    ]));
    for (failed, code) in
        [(1, "ThrottlingException"), (0, "InternalFailure"), (1, "ThrottlingException")]
    {
        let answer = succeed(&aws, PUT, &entries([entry("{}"), entry(r#"{"a":7}"#)]));
        assert_eq!(answer["FailedEntryCount"], 1);
        assert_eq!(answer["Entries"][failed]["ErrorCode"], code);
        assert!(answer["Entries"][1 - failed]["EventId"].is_string());
    }
    assert_eq!(aws.bus_events("changes").len(), 3);
}

#[test]
fn call_is_refused_for_one_entry() {
    let aws = with_bus();
    aws.set_faults(refuse_calls_containing("poison", 400, "ValidationException"));
    let poisoned = entries([entry("{}"), entry(r#"{"a":"poison"}"#)]);
    assert_eq!(refuse(&aws, PUT, &poisoned), (400, "ValidationException".to_owned()));
    assert_eq!(aws.calls()[0].stored, 0);
    succeed(&aws, PUT, &entries([entry("{}")]));
    assert_eq!(aws.bus_events("changes").len(), 1);
}
