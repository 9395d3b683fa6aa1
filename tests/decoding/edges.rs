//! Edge cases: sizes, depths and unusual values.

use changefan::{Actor, Batch, Format};
use changefan_events::{DecodeReason, PayloadError, Trigger};
use serde_json::Value;

use super::plain::Plain;
use super::support::{
    LAYOUTS, change, decode, decode_records, kinesis, line, reason, sample, summaries,
};

#[test]
fn item_of_400_kilobytes_is_decoded() {
    let [before, after] =
        ["é", "😀"].map(|character| character.repeat(400 * 1024 / character.len()));
    let [old, new] =
        [&before, &after].map(|text| format!(r#"{{"text":{{"S":"{text}"}},"n":{{"N":"1"}}}}"#));
    let batch =
        decode_records(&[change(&format!(r#"{{"OldImage":{old},"NewImage":{new},"Keys":{{}}}}"#))]);
    let event = &batch.events[0];
    assert_eq!(event.old_image().unwrap(), format!(r#"{{"text":"{before}","n":1}}"#));
    assert_eq!(event.new_image().unwrap(), format!(r#"{{"text":"{after}","n":1}}"#));
    assert_eq!(event.changed(), Some(r#"["text"]"#));
    assert_eq!(line(event, Format::DynamoDbJson), batch.record(0));
}

#[test]
fn invocation_of_6_megabytes_is_decoded() {
    let record = change(&format!(
        r#"{{"SequenceNumber":"1","NewImage":{{"a":{{"S":"{}"}}}}}}"#,
        "x".repeat(500)
    ));
    let records = vec![record; 10_000];
    let batch = decode_records(&records);
    assert_eq!((batch.events.len(), batch.record_count()), (10_000, 10_000));
    assert_eq!(batch.events[9_999].position(), 9_999);
}

#[test]
fn attributes_nested_32_levels_deep_are_written() {
    let nested = (0..32).fold(r#"{"N":"1"}"#.to_owned(), |inner, level| match level % 2 {
        0 => format!(r#"{{"L":[{inner}]}}"#),
        _ => format!(r#"{{"M":{{"level":{inner}}}}}"#),
    });
    let batch =
        decode_records(&[change(&format!(r#"{{"OldImage":{{}},"NewImage":{{"a":{nested}}}}}"#))]);
    let event = &batch.events[0];
    let plain = (0..16).fold("1".to_owned(), |inner, _| format!(r#"{{"level":[{inner}]}}"#));
    assert_eq!(event.new_image().unwrap(), format!(r#"{{"a":{plain}}}"#));
    assert_eq!(event.changed(), Some(r#"["a"]"#));
    for format in LAYOUTS {
        serde_json::from_str::<Value>(&line(event, format)).unwrap();
    }
}

#[test]
fn records_that_share_a_sequence_number_are_kept() {
    let records: Vec<String> = (1..=3)
        .map(|id| change(r#"{"SequenceNumber":"7"}"#).replace(r#""1""#, &format!(r#""{id}""#)))
        .collect();
    let batch = decode_records(&records);
    assert_eq!(summaries(&batch), [1, 2, 3].map(|id| format!("MODIFY {id} - - 7 - user")));
    assert_eq!([0, 1, 2].map(|position| batch.identifier(position)), [Some("7"); 3]);
}

#[test]
fn empty_batches_have_no_records() {
    for (payload, trigger) in [
        (r#"{"Records":[]}"#, Trigger::Mapping),
        ("[]", Trigger::Pipe),
        (" [ ] ", Trigger::Pipe),
        (r#"{"isFinalInvokeForWindow":true,"state":{}}"#, Trigger::Mapping),
    ] {
        let batch = decode(payload);
        assert_eq!(
            (batch.record_count(), batch.events.len(), batch.trigger),
            (0, 0, trigger),
            "{payload}"
        );
    }
}

#[test]
fn window_state_is_returned_byte_for_byte() {
    let state = decode(sample("dynamodb-window-final.json")).window_state.unwrap();
    assert_eq!(*state, *"{\n    \"orders\": \"18\",\n    \"total\": \"5155.75\"\n  }");
}

#[test]
fn other_payloads_are_refused() {
    for payload in [
        "null",
        "{}",
        "17",
        r#""Records""#,
        r#"{"Records":{}}"#,
        r#"{"Records":null}"#,
        r#"{"key1":"value1"}"#,
    ] {
        assert!(matches!(Batch::decode(payload.into()), Err(PayloadError::NotABatch)), "{payload}");
    }
    for payload in
        ["", "{", r#"{"Records":["#, r#"{"Records":[]} x"#, r#"{"Records":[{]}"#, "\u{feff}[]"]
    {
        assert!(
            matches!(Batch::decode(payload.into()), Err(PayloadError::NotJson { .. })),
            "{payload}"
        );
    }
    assert!(matches!(Batch::decode(vec![b'[', 0xFF, b']'].into()), Err(PayloadError::NotUtf8(_))));
}

/// Records are validated some at a time, and those behind the first piece, too.
#[test]
fn byte_that_is_not_utf8_is_found_in_any_record() {
    let record = change(r#"{"SequenceNumber":"7","Keys":{"é":{"S":"ü"}}}"#);
    let payload = format!(r#"{{"Records":[{}]}}"#, [record.as_str(); 12_000].join(","));
    for position in [0, 1, 100, 161, 9_999, 10_000, 11_999] {
        let mut payload = payload.clone().into_bytes();
        let start = r#"{"Records":["#.len() + position * (record.len() + 1);
        let at = start + record.find('é').unwrap();
        assert_eq!(payload[at..at + 2], *"é".as_bytes());
        payload[at + 1] = b'a';
        match Batch::decode(payload.into()) {
            Err(PayloadError::NotUtf8(error)) => assert_eq!(error.valid_up_to(), at),
            other => panic!("{other:?}"),
        }
    }
    let mut piece = decode(payload);
    let mut pieces = vec![piece.events.len()];
    while let Some(next) = piece.next_piece() {
        piece = next;
        pieces.push(piece.events.len());
    }
    assert_eq!((pieces, piece.events[1_999].keys()), (vec![10_000, 2_000], Some(r#"{"é":"ü"}"#)));
}

#[test]
fn record_of_another_service_is_undecodable() {
    let batch = decode_records(&[r#"{"messageId":"m","eventSource":"aws:sqs","body":"hello"}"#]);
    assert_eq!(*reason(&batch), DecodeReason::UnknownSource { length: 7 });
    let error = &batch.undecodable[0];
    assert_eq!(error.to_string(), "record 0 of the batch cannot be decoded");
    assert_eq!(
        error.reason.to_string(),
        "found another `eventSource` of 7 bytes, expected aws:dynamodb or aws:kinesis"
    );
}

#[test]
fn null_keys_and_images_are_absent() {
    let batch = decode_records(&[change(r#"{"Keys":null,"OldImage":null,"NewImage":{}}"#)]);
    let event = &batch.events[0];
    assert_eq!(
        (event.keys(), event.old_image(), event.new_image(), event.changed()),
        (None, None, Some("{}"), None)
    );
    let json = Plain::read(&line(event, Format::Json));
    assert_eq!((json.get("keys"), json.get("old")), (&Plain::read("{}"), &Plain::Null));
}

#[test]
fn update_without_changes_has_no_changed_names() {
    let image = r#"{"a":{"NS":["1","2"]}}"#;
    let batch = decode_records(&[change(&format!(r#"{{"OldImage":{image},"NewImage":{image}}}"#))]);
    assert_eq!(batch.events[0].changed(), Some("[]"));
}

#[test]
fn changed_names_are_sorted_by_bytes() {
    let image = |value| {
        format!(
            "{{\"z\":{{\"N\":\"{value}\"}},\"é\":{{\"N\":\"1\"}},\
             \"a\":{{\"N\":\"{value}\"}},\"B\":{{\"N\":\"{value}\"}}}}"
        )
    };
    let batch = decode_records(&[change(&format!(
        r#"{{"OldImage":{},"NewImage":{}}}"#,
        image(1),
        image(2)
    ))]);
    assert_eq!(batch.events[0].changed(), Some(r#"["B","a","z"]"#));
}

#[test]
fn times_are_read_in_every_unit() {
    const MICROSECOND: &str = r#","ApproximateCreationDateTimePrecision":"MICROSECOND""#;
    const MILLISECOND: &str = r#","ApproximateCreationDateTimePrecision":"MILLISECOND""#;
    for (number, precision, from_stream, from_kinesis) in [
        ("1689103530", "", "2023-07-11T19:25:30.000Z", "1970-01-20T13:11:43.530Z"),
        ("1689103530.5", "", "2023-07-11T19:25:30.500Z", "1970-01-20T13:11:43.530500Z"),
        ("1.689103530838E9", "", "2023-07-11T19:25:30.838Z", "1970-01-20T13:11:43.530838Z"),
        ("1689103530838", "", "2023-07-11T19:25:30.838Z", "2023-07-11T19:25:30.838Z"),
        ("1689103530838", MILLISECOND, "2023-07-11T19:25:30.838Z", "2023-07-11T19:25:30.838Z"),
        ("1000", MILLISECOND, "1970-01-01T00:00:01.000Z", "1970-01-01T00:00:01.000Z"),
        (
            "1689103530838000",
            MICROSECOND,
            "2023-07-11T19:25:30.838000Z",
            "2023-07-11T19:25:30.838000Z",
        ),
        ("900000000000000", "", "1998-07-09T16:00:00.000000Z", "-"),
        ("null", "", "-", "-"),
    ] {
        let record = change(&format!(r#"{{"ApproximateCreationDateTime":{number}{precision}}}"#));
        let through_kinesis = kinesis(&record.replacen('{', r#"{"tableName":"orders","#, 1));
        for (record, expected) in [(record, from_stream), (through_kinesis, from_kinesis)] {
            let events = decode(record).events;
            let time =
                events.first().and_then(|event| event.timestamp()).map(|time| time.to_string());
            assert_eq!(time.as_deref().unwrap_or("-"), expected, "{number}{precision}");
        }
    }
}

#[test]
fn identifiers_are_those_of_the_trigger() {
    let identifiers = |name| {
        let batch = decode(sample(name));
        (0..batch.record_count())
            .map(|position| batch.identifier(position).unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        identifiers("dynamodb-window.json"),
        ["100000000007100000000001", "100000000007100000000002"]
    );
    assert_eq!(
        identifiers("pipe-dynamodb.json")[..2],
        ["c3d2e5b4a6f7180998817c6d5e4f3a01", "c3d2e5b4a6f7180998817c6d5e4f3a02"]
    );
    let numbers =
        [31, 32, 33].map(|number| format!("49642650476690467334584007152166{number:024}"));
    let ids = numbers.map(|number| format!("shardId-000000000003:{number}"));
    assert_eq!(identifiers("pipe-kinesis.json"), ids);
}

#[test]
fn unpaired_surrogates_are_kept_unchanged() {
    let half = r#"{"Keys":{"id":{"S":"\ud83d"}},"SequenceNumber":"7"}"#;
    let batch = decode_records(&[change(half)]);
    assert!(matches!(reason(&batch), DecodeReason::Malformed { part: "record", .. }));
    assert_eq!(
        (batch.undecodable[0].record(), batch.identifier(0)),
        (change(half).as_str(), Some("7"))
    );
    let content = r#"{"note":"\ud83d"}"#;
    let batch = decode_records(&[kinesis(content)]);
    assert_eq!(
        *Plain::read(batch.events[0].new_image().unwrap()).get("data"),
        Plain::Text(content.to_owned())
    );
}

#[test]
fn expiry_is_distinguished_from_user_deletes() {
    for (identity, name, actor) in [
        (r#"{"type":"Service","principalId":"dynamodb.amazonaws.com"}"#, "REMOVE", Actor::Ttl),
        (r#"{"PrincipalId":"dynamodb.amazonaws.com","Type":"Service"}"#, "REMOVE", Actor::Ttl),
        (r#"{"type":"Service","principalId":"dynamodb.amazonaws.com"}"#, "INSERT", Actor::User),
        (
            r#"{"type":"Service","principalId":"replication.dynamodb.amazonaws.com"}"#,
            "REMOVE",
            Actor::User,
        ),
        ("null", "REMOVE", Actor::User),
    ] {
        let record = format!(
            r#"{{"userIdentity":{identity},"eventID":"1","eventName":"{name}","dynamodb":{{}}}}"#
        );
        assert_eq!(decode(record).events[0].actor(), actor, "{identity} {name}");
    }
}

#[test]
fn malformed_record_is_reported_and_others_decoded() {
    let batch = decode(sample("with-a-bad-record.json"));
    assert_eq!(batch.events.iter().map(|event| event.position()).collect::<Vec<_>>(), [0, 2]);
    let [error] = &batch.undecodable[..] else { panic!("{:?}", batch.undecodable) };
    assert_eq!((error.position, error.event_id()), (1, Some("d4c3f6a5b7e8291aa9928d7e6f5a4b02")));
    assert_eq!(error.sequence_number(), Some("100000000007300000000002"));
    assert!(sample("with-a-bad-record.json").contains(error.record()));
    let DecodeReason::Malformed { part, at, expected } = error.reason else {
        panic!("{}", error.reason)
    };
    assert_eq!((part, expected), ("record", "an attribute value such as {\"S\": …}"));
    assert!(error.record()[at..].starts_with(r#""order-6002""#), "{at}");
}

/// `rows` names each binary value and set of an item by its path. Of a record of 49 KB these would
/// take 8 MB.
#[test]
fn item_with_many_long_paths_is_kept_as_undecodable() {
    let elements = vec![r#"{"B":"AA=="}"#; 4_000].join(",");
    let image = |name: &str| format!(r#"{{"NewImage":{{"{name}":{{"L":[{elements}]}}}}}}"#);
    let records = [change(&image("name")), change(&image(&"n".repeat(2_000)))];
    let batch = decode_records(&records);
    assert_eq!((batch.events.len(), batch.undecodable[0].record()), (1, records[1].as_str()));
    assert!(batch.undecodable[0].reason.to_string().contains("shorter paths to its sets"));
}
