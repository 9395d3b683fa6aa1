//! The format `rows`: its columns, and every width and join of its texts.

use changefan::{ChangeEvent, Format, Operation, Source};
use changefan_events::{ColumnKind, Image, ROWS_COLUMNS, Timestamp};
use serde_json::Value;

use super::plain::Plain;
use super::support::{change, decode, decode_records, kinesis, line, samples};

/// A member of an event's line, as text.
pub(super) fn member(event: &ChangeEvent, name: &str) -> Option<String> {
    match Plain::read(&line(event, Format::Rows)).get(name) {
        Plain::Text(text) => Some(text.clone()),
        Plain::Null => None,
        other => panic!("{name} is {other:?}"),
    }
}

/// A change of an order whose `new` image is this typed image.
fn with_new(typed: &str) -> ChangeEvent {
    decode_records(&[change(&format!(r#"{{"Keys":{{}},"NewImage":{typed}}}"#))]).events.remove(0)
}

fn new_and_types(typed: &str) -> [Option<String>; 2] {
    let event = with_new(typed);
    ["new", "types"].map(|name| member(&event, name))
}

#[test]
fn every_line_has_the_columns_in_their_order() {
    for (name, payload) in samples() {
        for event in decode(payload).events {
            let line = line(&event, Format::Rows);
            let members: serde_json::Map<String, Value> = serde_json::from_str(&line).unwrap();
            assert_eq!(members.len(), ROWS_COLUMNS.len(), "{name}");
            let mut at = 0;
            for column in ROWS_COLUMNS {
                at += line[at..].find(&format!("\"{}\":", column.name)).expect(column.name);
                let value = &members[column.name];
                let of_kind = match column.kind {
                    ColumnKind::TextArray => value
                        .as_array()
                        .is_some_and(|elements| elements.iter().all(Value::is_string)),
                    _ => value.is_string(),
                };
                assert!(of_kind || value.is_null(), "{name}: {} is {value}", column.name);
            }
        }
    }
}

#[test]
fn members_are_sorted_by_bytes_at_every_level() {
    let [new, types] = new_and_types(concat!(
        r#"{"b":{"N":"1"},"B":{"M":{"z":{"NULL":true},"é":{"BOOL":true},"#,
        r#""\u0061":{"L":[{"M":{"y":{"S":""},"x":{"S":""}}}]}}},"#,
        r#""😀":{"N":"2"},"\uffff":{"N":"3"},"":{"N":"4"}}"#,
    ));
    let expected = concat!(
        "{\"\":4,\"B\":{\"a\":[{\"x\":\"\",\"y\":\"\"}],\"z\":null,\"é\":true},",
        "\"b\":1,\"\u{ffff}\":3,\"😀\":2}",
    );
    assert_eq!((new.as_deref(), types), (Some(expected), None));
}

#[test]
fn sets_are_sorted_by_text_and_lists_are_not() {
    let [new, types] = new_and_types(concat!(
        r#"{"l":{"L":[{"S":"b"},{"S":"a"}]},"ss":{"SS":["b","\u0061","B"]},"#,
        r#""ns":{"NS":["10","9","-1"]},"bs":{"BS":["qkE=","AAE="]}}"#,
    ));
    let expected = r#"{"bs":["AAE=","qkE="],"l":["b","a"],"ns":[-1,10,9],"ss":["B","a","b"]}"#;
    assert_eq!(new.as_deref(), Some(expected));
    let expected = r#"{"keys":{},"old":{},"new":{"/bs":"BS","/ns":"NS","/ss":"SS"}}"#;
    assert_eq!(types.as_deref(), Some(expected));
}

#[test]
fn pointers_to_types_are_escaped_and_point_into_lists() {
    let [_, types] = new_and_types(
        r#"{"a/b~c \"d\"":{"L":[{"N":"1"},{"M":{"":{"B":"AA=="},"x":{"SS":[]}}}]},"0":{"B":""}}"#,
    );
    let expected = concat!(
        r#"{"keys":{},"old":{},"new":{"/0":"B","#,
        r#""/a~1b~0c \"d\"/1/":"B","/a~1b~0c \"d\"/1/x":"SS"}}"#,
    );
    assert_eq!(types.as_deref(), Some(expected));
}

#[test]
fn strings_are_escaped_only_where_json_requires_it() {
    let [new, _] = new_and_types(concat!(
        r#"{"s":{"S":"\u002f\/\u00e9\ud83d\ude00\u0022\\\u005c\n"#,
        r#"\u000a\u0008\f\u001F\u007f\u2028"},"#,
        r#""b":{"B":"AA\u003d\u003d"}}"#,
    ));
    let expected = "{\"b\":\"AA==\",\"s\":\"//é😀\\\"\\\\\\\\\\n\\n\\b\\f\\u001f\u{7f}\u{2028}\"}";
    assert_eq!(new.as_deref(), Some(expected));
}

#[test]
fn last_of_duplicate_members_applies() {
    let [new, types] = new_and_types(concat!(
        r#"{"a":{"B":"AA=="},"b":{"N":"1"},"\u0061":{"S":"last"},"#,
        r#""b":{"M":{"c":{"N":"1"},"c":{"N":"2"}}}}"#,
    ));
    assert_eq!((new.as_deref(), types), (Some(r#"{"a":"last","b":{"c":2}}"#), None));
}

#[test]
fn appended_objects_are_canonical_and_have_no_types() {
    let object = "{\n \"b\" : [ 1 , 2.50E+3, \"\\u0061\" ] ,\t\"a\":{ } , \"b\": [ ] }";
    for (content, expected) in [
        (object, r#"{"a":{},"b":[]}"#),
        ("[1, 2]", r#"{"data":"[1, 2]"}"#),
        ("two\nlines", r#"{"data":"two\nlines"}"#),
    ] {
        let event = &decode_records(&[kinesis(content)]).events[0];
        let found = ["keys", "old", "new", "types"].map(|name| member(event, name));
        assert_eq!(found, [Some("{}".into()), None, Some(expected.into()), None]);
    }
}

fn built(operation: Operation, source: Source) -> ChangeEvent {
    ChangeEvent::builder()
        .operation(operation)
        .source(source)
        .event_id("e-1")
        .account("123456789012")
        .region("eu-west-1")
        .table("orders")
        .stream_label("2023-05-19T02:24:40.803")
        .sequence_number("7000")
        .sub_record(3)
        .timestamp("2023-07-11T19:25:30.5Z".parse::<Timestamp>().unwrap())
        .keys(Image::plain("{}"))
        .new_image(Image::plain(r#"{"id":1}"#))
        .build()
        .unwrap()
}

#[test]
fn identity_and_version_have_fixed_joins_and_widths() {
    let sequence_number = format!("{}7000", "0".repeat(56));
    let [streams, kinesis] = [
        format!("2023-05-19T02:24:40.803|{sequence_number}"),
        format!("2023-07-11T19:25:30.500000Z|{sequence_number}|0000000003"),
    ];
    for (operation, source, id, version) in [
        (Operation::Insert, Source::DynamoDb, "e-1/7000", &*streams),
        (Operation::Remove, Source::DynamoDb, "e-1/7000", &streams),
        (Operation::Modify, Source::Kinesis, "e-1/2023-07-11T19:25:30.500000Z", &kinesis),
        (Operation::Append, Source::Kinesis, "e-1", &kinesis),
        (Operation::Read, Source::Export, "e-1", "0"),
        (Operation::Snapshot, Source::Export, "e-1", "0"),
    ] {
        let event = built(operation, source);
        let expected = format!("123456789012/eu-west-1/orders/{id}");
        assert_eq!(member(&event, "change_id"), Some(expected), "{operation:?}");
        assert_eq!(member(&event, "version").as_deref(), Some(version), "{operation:?}");
    }
}

#[test]
fn versions_order_sequence_numbers_of_any_length() {
    let version = |number: &str| {
        let event = ChangeEvent::builder().event_id("1").sequence_number(number).build();
        member(&event.unwrap(), "version").unwrap()
    };
    let numbers = ["9", "10", "99999999999999999999", "100000000000000000000"];
    let long = "1".repeat(60);
    let versions: Vec<String> = numbers.into_iter().chain([&*long]).map(version).collect();
    assert!(versions.is_sorted());
    assert!(versions.iter().all(|version| version.len() == 61), "{versions:?}");
    assert_eq!(version(&"1".repeat(61)).len(), 62);
}

#[test]
fn rows_of_an_export_are_written() {
    let read = ChangeEvent::builder()
        .operation(Operation::Read)
        .source(Source::Export)
        .event_id("0f4c")
        .account("123456789012")
        .region("eu-west-1")
        .table("orders")
        .timestamp("2023-07-11T19:25:30Z".parse::<Timestamp>().unwrap())
        .keys(Image::typed(r#"{"id":{"B":"AA=="}}"#))
        .new_image(Image::typed(r#"{"z":{"SS":["b","a"]},"id":{"B":"AA=="}}"#))
        .build()
        .unwrap();
    let expected = concat!(
        r#"{"change_id":"123456789012/eu-west-1/orders/0f4c","event_id":"0f4c","#,
        r#""operation":"READ","account":"123456789012","region":"eu-west-1","#,
        r#""table":"orders","source":"export","sequence_number":null,"#,
        r#""version":"0","timestamp":"2023-07-11T19:25:30.000000Z","#,
        r#""actor":"user","keys":"{\"id\":\"AA==\"}","old":null,"#,
        r#""new":"{\"id\":\"AA==\",\"z\":[\"a\",\"b\"]}","#,
        r#""types":"{\"keys\":{\"/id\":\"B\"},\"old\":{},\"new\":{\"/id\":\"B\",\"/z\":\"SS\"}}","#,
        r#""changed":null}"#,
    );
    assert_eq!(line(&read, Format::Rows), expected);

    let snapshot = ChangeEvent::builder()
        .operation(Operation::Snapshot)
        .source(Source::Export)
        .event_id("0f4c")
        .table("orders")
        .new_image(Image::plain(r#"{"items":2,"export":"arn"}"#))
        .build()
        .unwrap();
    let expected = concat!(
        r#"{"change_id":"//orders/0f4c","event_id":"0f4c","operation":"SNAPSHOT","#,
        r#""account":null,"region":null,"table":"orders","#,
        r#""source":"export","sequence_number":null,"version":"0","#,
        r#""timestamp":null,"actor":"user","keys":"{}","old":null,"#,
        r#""new":"{\"export\":\"arn\",\"items\":2}","types":null,"changed":null}"#,
    );
    assert_eq!(line(&snapshot, Format::Rows), expected);
}
