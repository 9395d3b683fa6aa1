//! Random records of DynamoDB Streams, and the events that they must become.

use changefan::{ChangeEvent, Format};
use proptest::prelude::*;

use super::generate::{
    Escapes, Image, changed, escapes, image, images, object, plain_image, typed_image, value,
};
use super::plain::Plain;
use super::support::line;

/// A record of DynamoDB Streams, written in some order and with unknown members.
#[derive(Clone, Debug)]
pub(super) struct Record {
    keys: Image,
    old: Option<Image>,
    new: Option<Image>,
    pub text: String,
}

pub(super) fn record() -> impl Strategy<Value = Record> {
    let images = (images(), any::<[bool; 2]>());
    (image(), images, value(), escapes()).prop_flat_map(
        |(keys, ((old, new), given), unknown, escapes)| {
            let (old, new) = (given[0].then_some(old), given[1].then_some(new));
            let record = Record { keys, old, new, text: String::new() };
            let unknown = (escapes.quote("unheardOf"), unknown.typed(escapes));
            let (outer, inner) =
                (outer_members(&unknown, escapes), inner_members(&record, &unknown, escapes));
            (Just(record), Just(outer).prop_shuffle(), Just(inner).prop_shuffle(), 0..8_usize)
                .prop_map(move |(record, outer, inner, place)| {
                    written(record, outer, &inner, place, escapes)
                })
        },
    )
}

type Members = Vec<(String, String)>;

fn outer_members(unknown: &(String, String), escapes: Escapes) -> Members {
    let quote = |text: &str| escapes.quote(text);
    let identity = r#"{"principalId":"AIDA","unheardOf":[1,{"a":null}]}"#;
    let mut members: Members = vec![
        (quote("eventID"), quote("id \"1\" \u{1F600}")),
        (quote("eventName"), quote("MODIFY")),
        (quote("eventSource"), quote("aws:dynamodb")),
        (
            quote("eventSourceARN"),
            quote("arn:aws:dynamodb:us-east-1:123456789101:table/orders/stream/x"),
        ),
        (quote("userIdentity"), identity.to_owned()),
        ("\"awsRegion\"".to_owned(), "null".to_owned()),
    ];
    members.push(unknown.clone());
    members
}

fn inner_members(record: &Record, unknown: &(String, String), escapes: Escapes) -> Members {
    let mut members: Members = vec![
        (
            escapes.quote("SequenceNumber"),
            escapes.quote("1234567890123456789012345678901234567890"),
        ),
        ("\"ApproximateCreationDateTime\"".to_owned(), "1689103530.25".to_owned()),
        ("\"Keys\"".to_owned(), typed_image(&record.keys, escapes)),
    ];
    members.push(unknown.clone());
    let image = |name: &str, image: &Image| (escapes.quote(name), typed_image(image, escapes));
    members.extend(record.old.as_ref().map(|old| image("OldImage", old)));
    members.extend(record.new.as_ref().map(|new| image("NewImage", new)));
    members
}

fn written(
    record: Record,
    mut outer: Members,
    inner: &Members,
    place: usize,
    escapes: Escapes,
) -> Record {
    outer.insert(place.min(outer.len()), (escapes.quote("dynamodb"), object(inner)));
    Record { text: object(&outer), ..record }
}

impl Record {
    pub(super) fn assert_is(&self, event: &ChangeEvent) {
        let json = Plain::read(&line(event, Format::Json));
        let image =
            |image: &Option<Image>| image.as_ref().map_or(Plain::Null, |image| plain_image(image));
        assert_eq!(*json.get("keys"), plain_image(&self.keys));
        assert_eq!(*json.get("old"), image(&self.old));
        assert_eq!(*json.get("new"), image(&self.new));
        let changed = self
            .old
            .as_ref()
            .zip(self.new.as_ref())
            .map_or(Plain::Null, |(old, new)| changed(old, new));
        assert_eq!(*json.get("changed"), changed);
        assert_eq!(*json.get("event_id"), Plain::Text("id \"1\" \u{1F600}".to_owned()));
        assert_eq!(*json.get("timestamp"), Plain::Text("2023-07-11T19:25:30.250Z".to_owned()));
        let debezium = Plain::read(&line(event, Format::Debezium));
        assert_eq!(
            (debezium.get("before"), debezium.get("after")),
            (json.get("old"), json.get("new"))
        );
    }
}
