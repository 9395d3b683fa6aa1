//! The format `debezium`: names, types and order of its members.

use changefan::{ChangeEvent, Format, Operation, Source};
use changefan_events::{Image, Timestamp};

use super::support::{decode, line, sample};

fn built(operation: Operation) -> ChangeEvent {
    ChangeEvent::builder()
        .operation(operation)
        .source(Source::Export)
        .event_id("e-1")
        .account("123456789012")
        .region("eu-west-1")
        .table("orders")
        .timestamp("2023-07-11T19:25:30.000004Z".parse::<Timestamp>().unwrap())
        .keys(Image::plain(r#"{"id":1}"#))
        .new_image(Image::plain(r#"{"id":1}"#))
        .build()
        .unwrap()
}

#[test]
fn envelope_has_debeziums_names_types_and_order() {
    let expected = concat!(
        r#"{"before":null,"after":{"id":1},"source":{"version":""#,
        env!("CARGO_PKG_VERSION"),
        r#"","connector":"export","name":"123456789012","ts_ms":1689103530000,"#,
        r#""snapshot":"true","db":"eu-west-1","#,
        r#""sequence":null,"ts_us":1689103530000004,"ts_ns":1689103530000004000,"#,
        r#""table":"orders","event_id":"e-1","#,
        r#""region":"eu-west-1","account":"123456789012","actor":"user","#,
        r#""keys":{"id":1}},"op":"r","#,
        r#""ts_ms":1689103530000,"ts_us":1689103530000004,"ts_ns":1689103530000004000}"#,
    );
    assert_eq!(line(&built(Operation::Read), Format::Debezium), expected);
}

#[test]
fn each_operation_has_debeziums_code() {
    for (operation, code, snapshot) in [
        (Operation::Insert, "c", "false"),
        (Operation::Modify, "u", "false"),
        (Operation::Remove, "d", "false"),
        (Operation::Append, "m", "false"),
        (Operation::Read, "r", "true"),
        (Operation::Snapshot, "m", "true"),
    ] {
        let line = line(&built(operation), Format::Debezium);
        assert!(line.contains(&format!(r#""op":"{code}""#)), "{line}");
        assert!(line.contains(&format!(r#""snapshot":"{snapshot}""#)), "{line}");
    }
}

#[test]
fn sequence_is_an_array_as_text() {
    let of = |name: &str, position: usize| {
        let events = decode(sample(name)).events;
        let line: serde_json::Value =
            serde_json::from_str(&line(&events[position], Format::Debezium)).unwrap();
        serde_json::from_str::<Vec<String>>(line["source"]["sequence"].as_str().unwrap()).unwrap()
    };
    assert_eq!(of("orders.json", 0), ["100000000006899888825"]);
    let number = "49642650476690467334584007152166000000000000000000000021";
    assert_eq!(of("kinesis-aggregated.json", 1), [number, "1"]);
}

#[test]
fn nanoseconds_that_exceed_64_bits_are_null() {
    let at = |time: &str| {
        let time = time.parse::<Timestamp>().unwrap();
        line(
            &ChangeEvent::builder().event_id("1").timestamp(time).build().unwrap(),
            Format::Debezium,
        )
    };
    assert!(at("2262-04-11T23:47:16.854775Z").contains(r#""ts_ns":9223372036854775000}"#));
    assert!(
        at("2262-04-11T23:47:16.854776Z").contains(r#""ts_us":9223372036854776,"ts_ns":null}"#)
    );
}
