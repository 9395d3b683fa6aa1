//! What each recorded or documented Kinesis payload holds.

use changefan::{Batch, Format};
use changefan_events::Trigger;

use super::plain::Plain;
use super::support::{decode, fixture, line, summaries};

fn batch(name: &str) -> Option<Batch> {
    let batch = decode(fixture(name)?);
    assert!(batch.undecodable.is_empty(), "{name}: {:?}", batch.undecodable);
    Some(batch)
}

/// `news[i]` is what the event at `i` appended; nothing else of an item is known.
fn assert_appended(batch: &Batch, news: &[&str]) {
    assert_eq!(batch.events.len(), news.len());
    for (event, new) in batch.events.iter().zip(news) {
        assert_eq!(
            (event.new_image(), event.old_image(), event.keys(), event.changed()),
            (Some(*new), None, None, None)
        );
    }
}

#[test]
fn text_is_decoded_with_and_without_encryption() {
    for name in ["rust-kinesis-event.json", "rust-kinesis-encrypted.json", "go-kinesis-event.json"]
    {
        let Some(batch) = batch(name) else { return };
        let [first, second] = [
            "49568167373333333333333333333333333333333333333333333333",
            "49568167373333333334444444444444444444444444444444444444",
        ];
        let expected = [(first, "2016-12-02T01:18:43.477Z"), (second, "2016-12-04T08:52:03.477Z")]
            .map(|(number, time)| {
                format!(
                    "\
                    APPEND shardId-000000000000:{number} simple-stream us-east-1 {number} \
                    {time} user"
                )
            });
        assert_eq!(summaries(&batch), expected, "{name}");
        assert_appended(&batch, &[r#"{"data":"Hello World"}"#; 2]);
        assert_eq!([batch.identifier(0), batch.identifier(1)], [Some(first), Some(second)]);
    }
}

#[test]
fn tumbling_window_has_its_state() {
    let Some(batch) = batch("go-kinesis-time-window.json") else { return };
    let number = "49590338271490256608559692538361571095921575989136588898";
    let expected = format!(
        "APPEND shardId-000000000006:{number} lambda-stream us-east-1 {number} \
         2020-12-09T07:04:35.000Z user"
    );
    assert_eq!(summaries(&batch), [expected]);
    assert_appended(&batch, &[r#"{"data":"Hello, this is a test."}"#]);
    let state = Plain::read(batch.window_state.as_ref().unwrap());
    assert_eq!(state, Plain::read(r#"{"1":"state 1","2":"state 2"}"#));
}

#[test]
fn json_object_is_decoded() {
    let Some(batch) = batch("ptpy-kinesis-one.json") else { return };
    let number = "49590338271490256608559692538361571095921575989136588898";
    let expected = format!(
        "APPEND shardId-000000000006:{number} lambda-stream us-east-2 {number} \
         2018-12-17T22:10:50.987Z user"
    );
    assert_eq!(summaries(&batch), [expected]);
    assert_appended(&batch, &[r#"{"message": "test message", "username": "test"}"#]);
}

#[test]
fn compressed_logs_are_kept_as_base64() {
    let Some(batch) = batch("ptpy-kinesis-cwl.json") else { return };
    let stream = "pt-1488-KinesisStreamCloudWatchLogs-D8tHs0im0aJG";
    let [first, second] = [
        "49635052289529725553291405521504870233219489715332317186",
        "49635052289529725553291405520881064510298312199003701250",
    ];
    let expected = [(first, "2022-11-10T15:10:33.744Z"), (second, "2022-11-10T15:03:32.992Z")].map(
        |(number, time)| {
            format!("APPEND shardId-000000000000:{number} {stream} eu-west-1 {number} {time} user")
        },
    );
    assert_eq!(summaries(&batch), expected);
    for event in &batch.events {
        let record = Plain::read(&event.record());
        let data = record.get("kinesis").get("data").text().unwrap();
        assert!(data.starts_with("H4sIAAAAAAAAA"), "gzip");
        assert_eq!(event.new_image(), Some(format!(r#"{{"data_base64":"{data}"}}"#).as_str()));
    }
}

#[test]
fn pipe_records_are_flat() {
    let Some(batch) = batch("awsdocs-pipes-kinesis.json") else { return };
    let [first, second] = [
        "49590338271490256608559692538361571095921575989136588898",
        "49590338271490256608559692540925702759324208523137515618",
    ];
    let expected = [(first, "2018-12-17T22:10:50.987Z"), (second, "2018-12-17T22:11:51.166Z")].map(
        |(number, time)| {
            format!(
                "APPEND shardId-000000000006:{number} lambda-stream us-east-2 {number} {time} user"
            )
        },
    );
    assert_eq!(summaries(&batch), expected);
    assert_appended(
        &batch,
        &[r#"{"data":"Hello, this is a test."}"#, r#"{"data":"This is only a test."}"#],
    );
    assert_eq!(batch.trigger, Trigger::Pipe);
    for (position, number) in [first, second].into_iter().enumerate() {
        assert_eq!(batch.identifier(position).unwrap(), format!("shardId-000000000006:{number}"));
    }
}

#[test]
fn change_through_kinesis_is_decoded() {
    let Some(batch) = batch("businfo-kinesis-esm-0.json") else { return };
    let number = "49628566489609057616651776916055991431846499866048987154";
    let expected = format!(
        "INSERT efc0eed8-b1ce-4b89-9252-abd36ed6a1a6 dynamodb-businfo ap-northeast-2 \
         {number} 2022-04-14T10:14:08.740Z user"
    );
    assert_eq!(summaries(&batch), [expected]);
    let event = &batch.events[0];
    assert_eq!(event.keys(), Some(r#"{"Timestamp":"1649931248","RouteId":"227000019"}"#));
    let new = concat!(
        r#"{"RemainSeatCnt":"37","Timestamp":"1649931248","PlateNo":"경기75자8505","#,
        r#""RouteId":"227000019","PredictTime":"7"}"#,
    );
    assert_eq!((event.old_image(), event.new_image(), event.changed()), (None, Some(new), None));
    let record = line(event, Format::DynamoDbJson);
    assert!(
        record.starts_with(r#"{"awsRegion":"ap-northeast-2","eventID":"efc0eed8-"#),
        "{record}"
    );
}

#[test]
fn changes_have_their_table_in_a_stream_of_another_name() {
    let Some(batch) = batch("ptts-dynamodb-via-kinesis.json") else { return };
    let table = "PowertoolsEventsStack-DynamoDBTable59784FC0-8NKAMTERTAXY";
    let expected = [
        (
            "d9428029-0f63-4056-86da-ce10d545b1b9",
            "49657828409187701520019995242508390119953358325192589314",
        ),
        (
            "aa56cad4-311a-46c8-ab5f-c7a13a7a6298",
            "49657828409187701520019995242509599045772972954367295490",
        ),
    ]
    .map(|(id, number)| {
        format!("INSERT {id} {table} eu-west-1 {number} 2024-11-18T10:09:15.370Z user")
    });
    assert_eq!(summaries(&batch), expected);
    let items =
        [("record-1qit2y819gi", "data-x6aq7ckdpgk"), ("record-fvxn3q4q5jw", "data-4eompjs89n5")];
    for (event, (id, data)) in batch.events.iter().zip(items) {
        assert_eq!(event.keys().unwrap(), format!(r#"{{"id":"{id}"}}"#));
        assert_eq!(event.new_image().unwrap(), format!(r#"{{"id":"{id}","data":"{data}"}}"#));
    }
}

#[test]
fn aggregate_becomes_its_sub_records() {
    let Some(batch) = batch("kplagg-lambda-event.json") else { return };
    assert_eq!((batch.record_count(), batch.events.len()), (1, 100));
    let number = "49545115243490985018280067714973144582180062593244200961";
    assert_eq!(batch.identifier(0), Some(number));
    let contents = ["abcdefghijklmnopqrstuvwxyz", "zyxwvutsrqponmlkjihgfedcba"];
    for (index, (summary, event)) in summaries(&batch).iter().zip(&batch.events).enumerate() {
        let id = format!("shardId-000000000000:{number}:{index}");
        // The ARN is cut down to `arn:aws:kinesis:EXAMPLE`, so that no stream is named.
        assert_eq!(
            *summary,
            format!("APPEND {id} - us-east-1 {number} 2015-04-09T00:00:00.000Z user")
        );
        let content = contents[index % 2];
        assert_eq!(event.new_image().unwrap(), format!(r#"{{"data":"{content}"}}"#));
        assert_eq!(
            *Plain::read(&event.record()).get("kinesis").get("partitionKey"),
            Plain::Text("abc".into())
        );
        assert_eq!(event.position(), 0);
    }
}
