//! What the records of a stream have in common is decoded once, and holds for no other record.

use super::support::{decode_records, kinesis};

/// Records without a source, ARN or region, and the same texts as the data of Kinesis records.
#[test]
fn data_that_resembles_a_change_is_a_change_only_with_its_source() {
    let change = |source: &str, number: u32| {
        let keys = format!(r#"{{"Keys":{{"id":{{"N":"{number}"}}}},"SequenceNumber":"{number}"}}"#);
        format!(r#"{{{source}"eventID":"{number}","eventName":"INSERT","dynamodb":{keys}}}"#)
    };
    for source in ["", r#""eventSource":"aws:dynamodb","#] {
        let changes: Vec<_> = (0..6).map(|number| change(source, number)).collect();
        let data = changes[4..].iter().map(|change| kinesis(change));
        let records: Vec<_> = changes[..4].iter().cloned().chain(data).collect();
        let batch = decode_records(&records);
        let operations: Vec<_> = batch.events.iter().map(|it| it.operation().as_str()).collect();
        let data = if source.is_empty() { "APPEND" } else { "INSERT" };
        let expected = ["INSERT", "INSERT", "INSERT", "INSERT", data, data];
        assert_eq!(operations, expected, "{source}");
    }
}

/// Each operation is another shape.
#[test]
fn records_of_several_tables_and_operations_keep_their_own() {
    let record = |number: u32| {
        let (operation, table) = (["INSERT", "MODIFY"][number as usize % 2], number % 3);
        let arn = format!("arn:aws:dynamodb:eu-west-{table}:1:table/t{table}/stream/s{table}");
        let change = format!(r#"{{"Keys":{{}},"SequenceNumber":"{number}"}}"#);
        let names = format!(r#""eventID":"{number}","eventName":"{operation}""#);
        let origin = format!(r#""awsRegion":"eu-west-{table}","eventSourceARN":"{arn}""#);
        format!(r#"{{{names},"eventSource":"aws:dynamodb",{origin},"dynamodb":{change}}}"#)
    };
    let records: Vec<_> = (0..24).map(record).collect();
    let batch = decode_records(&records);
    let found = |event: &changefan::ChangeEvent| {
        let origin = [event.region(), event.table(), event.event_id().into()].map(Option::unwrap);
        (event.operation().as_str().to_owned(), origin.join(" "))
    };
    let expected = |number: u32| {
        let (operation, table) = (["INSERT", "MODIFY"][number as usize % 2], number % 3);
        (operation.to_owned(), format!("eu-west-{table} t{table} {number}"))
    };
    let found: Vec<_> = batch.events.iter().map(found).collect();
    assert_eq!(found, (0..24).map(expected).collect::<Vec<_>>());
}

/// What a record wrote is removed with it.
#[test]
fn nothing_of_a_rejected_record_is_kept_for_the_next() {
    let record = |time: &str| {
        let change = format!(r#"{{"Keys":{{}},"ApproximateCreationDateTime":{time}}}"#);
        let names = r#""eventID":"1","eventName":"INSERT","eventSource":"aws:dynamodb""#;
        let origin = r#""awsRegion":"eu-west-1","tableName":"orders""#;
        kinesis(&format!(r#"{{{names},{origin},"dynamodb":{change}}}"#))
    };
    const UNREADABLE: &str = "99999999999999999999";
    for (times, decoded) in [(&["1", UNREADABLE, "2", "3"][..], 3), (&[UNREADABLE, "2", "3"], 2)] {
        let records: Vec<_> = times.iter().map(|time| record(time)).collect();
        let batch = decode_records(&records);
        let seen: Vec<_> = batch.events.iter().map(|it| (it.region(), it.table())).collect();
        assert_eq!(seen, vec![(Some("eu-west-1"), Some("orders")); decoded]);
    }
}
