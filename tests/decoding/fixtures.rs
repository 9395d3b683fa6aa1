//! What each recorded or documented DynamoDB payload holds, and the payloads that are not batches.

use changefan::{Batch, Format};
use changefan_events::{PayloadError, Trigger};

use super::plain::Plain;
use super::support::{decode, fixture, fixtures, fixtures_dir, line, read, summaries};

fn batch(name: &str) -> Option<Batch> {
    let batch = decode(fixture(name)?);
    assert!(batch.undecodable.is_empty(), "{name}: {:?}", batch.undecodable);
    assert_eq!(batch.record_count(), batch.events.len(), "{name}");
    Some(batch)
}

const EXAMPLE_INSERTS: [&str; 2] = [
    "INSERT f07f8ca4b0b26cb9c4e5e77e69f274ee Example-Table us-east-1 \
     1405400000000002063282832 2016-12-02T01:27:00.000Z user",
    "INSERT f07f8ca4b0b26cb9c4e5e77e42f274ee Example-Table us-east-1 \
     1405400000000002063282832 2016-12-02T01:27:00.000Z user",
];
const EXAMPLE_KEYS: &str = r#"{"val":"data","key":"binary"}"#;
const EXAMPLE_SMALL_IMAGE: &str =
    r#"{"val":"data","asdf1":"AAEqQQ==","asdf2":["AAEqQQ==","QSoBAA=="],"key":"binary"}"#;
const EXAMPLE_LARGE_IMAGE: &str = concat!(
    concat!(
        r#"{"val":"data","asdf1":"AAEqQQ==","b2":"test","asdf2":["AAEqQQ==","QSoBAA==","#,
        r#""AAEqQQ=="],"key":"binary","#,
    ),
    concat!(
        r#""Binary":"AAEqQQ==","Boolean":true,"BinarySet":["AAEqQQ==","AAEqQQ=="],"#,
        r#""List":["Cookies","Coffee",3.14159],"#,
    ),
    concat!(
        r#""Map":{"Name":"Joe","Age":35},"FloatNumber":123.45,"IntegerNumber":123,"#,
        r#""NumberSet":[1234,567.8],"#,
    ),
    r#""Null":null,"String":"Hello","StringSet":["Giraffe","Zebra"],"EmptyStringSet":[]}"#
);

#[test]
fn fixture_index_lists_every_file_and_has_tests() {
    let (Some(fixtures), Some(dir)) = (fixtures(), fixtures_dir()) else { return };
    let files: Vec<&str> = fixtures.iter().map(|(name, _)| name.as_str()).collect();
    let index = read(&dir.join("index.tsv"));
    let mut indexed: Vec<&str> =
        index.lines().skip(1).filter_map(|line| line.split('\t').next()).collect();
    indexed.sort_unstable();
    assert_eq!(files, indexed);
    let tests = [
        include_str!("fixtures.rs"),
        include_str!("kinesis_fixtures.rs"),
        include_str!("snapshots.rs"),
    ]
    .concat();
    let untested: Vec<&str> =
        files.into_iter().filter(|name| !tests.contains(&format!("\"{name}\""))).collect();
    assert!(untested.is_empty(), "no test for {untested:?}");
}

#[test]
fn inserts_have_every_type() {
    for name in ["go-dynamodb-event.json", "rust-dynamodb-event.json"] {
        let Some(batch) = batch(name) else { return };
        assert_eq!(summaries(&batch), EXAMPLE_INSERTS, "{name}");
        for (event, image) in batch.events.iter().zip([EXAMPLE_SMALL_IMAGE, EXAMPLE_LARGE_IMAGE]) {
            assert_eq!((event.keys(), event.old_image()), (Some(EXAMPLE_KEYS), None));
            assert_eq!((event.new_image(), event.changed()), (Some(image), None));
        }
        assert_eq!(batch.trigger, Trigger::Mapping);
        assert_eq!(
            [batch.identifier(0), batch.identifier(1)],
            [Some("1405400000000002063282832"); 2]
        );
    }
}

#[test]
fn null_images_and_keys_are_absent() {
    let Some(batch) = batch("crate121-example-dynamodb-event-null-items.json") else { return };
    assert_eq!(summaries(&batch), EXAMPLE_INSERTS);
    let event = &batch.events[0];
    assert_eq!([event.keys(), event.old_image(), event.new_image(), event.changed()], [None; 4]);
    assert_eq!(batch.events[1].new_image(), Some(EXAMPLE_LARGE_IMAGE));
    assert_eq!(*Plain::read(&line(event, Format::Json)).get("keys"), Plain::read("{}"));
}

#[test]
fn truncated_payload_is_not_json() {
    let Some(payload) = fixture("go-dynamodb-malformed2.json") else { return };
    let error = Batch::decode(payload.into()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the payload is not JSON: expected `,` or `]` at line 135, column 11"
    );
}

#[test]
fn item_without_times_is_inserted_updated_and_deleted() {
    let Some(batch) = batch("awsdocs-window-ddb-0.json") else { return };
    assert_eq!(
        summaries(&batch),
        [
            "INSERT 1 - us-east-1 111 - user",
            "MODIFY 2 - us-east-1 222 - user",
            "REMOVE 3 - us-east-1 333 - user"
        ]
    );
    the_documented_images(&batch);
    assert_eq!(Plain::read(batch.window_state.as_ref().unwrap()), Plain::read(r#"{"1":"state1"}"#));
}

#[test]
fn tumbling_window_has_its_state() {
    let Some(batch) = batch("go-dynamodb-time-window.json") else { return };
    let time = "2016-12-02T01:27:00.000Z";
    let expected = [("INSERT", 1, 111), ("MODIFY", 2, 222), ("REMOVE", 3, 333)];
    let expected = expected.map(|(operation, id, number)| {
        format!("{operation} {id} - us-east-1 {number} {time} user")
    });
    assert_eq!(summaries(&batch), expected);
    the_documented_images(&batch);
    assert_eq!(Plain::read(batch.window_state.as_ref().unwrap()), Plain::read(r#"{"1":"state1"}"#));
}

#[test]
fn times_are_optional_per_record() {
    let Some(batch) = batch("ptpy-dynamodb.json") else { return };
    let expected = [
        "INSERT 1 - us-west-2 111 2023-09-06T10:45:55.000Z user",
        "MODIFY 2 - us-west-2 222 - user",
    ];
    assert_eq!(summaries(&batch), expected);
    the_documented_images(&batch);
    assert_eq!(batch.window_state, None);
}

#[test]
fn pipes_deliver_an_array_identified_by_event_id() {
    let Some(batch) = batch("awsdocs-pipes-dynamodb.json") else { return };
    let expected = [
        "INSERT 1 EventSourceTable us-west-2 111 - user",
        "MODIFY 2 EventSourceTable us-west-2 222 - user",
    ];
    assert_eq!(summaries(&batch), expected);
    the_documented_images(&batch);
    assert_eq!(batch.trigger, Trigger::Pipe);
    assert_eq!([batch.identifier(0), batch.identifier(1)], [Some("1"), Some("2")]);
}

/// AWS documents item 101 again and again: inserted, updated and, in some examples, deleted.
fn the_documented_images(batch: &Batch) {
    let (first, second) =
        (r#"{"Message":"New item!","Id":101}"#, r#"{"Message":"This item has changed","Id":101}"#);
    let expected = [
        (None, Some(first), None),
        (Some(first), Some(second), Some(r#"["Message"]"#)),
        (Some(second), None, None),
    ];
    for (event, images) in batch.events.iter().zip(expected) {
        assert_eq!(event.keys(), Some(r#"{"Id":101}"#));
        assert_eq!((event.old_image(), event.new_image(), event.changed()), images);
    }
}

#[test]
fn single_record_needs_no_sequence_number_and_time() {
    let Some(batch) = batch("rust-dynamodb-optional.json") else { return };
    assert_eq!(
        summaries(&batch),
        ["INSERT 00000000-0000-0000-0000-000000000000 examples eu-west-1 - - user"]
    );
    let event = &batch.events[0];
    assert_eq!(event.keys(), Some(r#"{"id":"00000000-0000-0000-0000-000000000000"}"#));
    let new =
        r#"{"id":"00000000-0000-0000-0000-000000000000","created":"2022-02-16T15:12:00.14Z"}"#;
    assert_eq!((event.old_image(), event.new_image()), (None, Some(new)));
    assert_eq!((batch.trigger, batch.identifier(0)), (Trigger::Direct, None));
}

#[test]
fn on_failure_envelope_is_not_a_batch() {
    for name in ["awsdocs-onfailure-ddb-0.json", "awsdocs-onfailure-kinesis-0.json"] {
        let Some(payload) = fixture(name) else { return };
        assert!(matches!(Batch::decode(payload.into()), Err(PayloadError::NotABatch)), "{name}");
    }
}
