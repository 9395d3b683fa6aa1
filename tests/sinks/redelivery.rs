//! Redelivery around a sink that records what it received.

use std::sync::Mutex;

use changefan::{
    Batch, Cause, ChangeEvent, Deadline, Outcome, Redelivered, Sink, Status, async_trait,
};
use changefan_sinks::Redelivery;

use super::{in_time, small_changes};

#[derive(Default)]
struct Recorder(Mutex<Vec<Vec<String>>>);

#[async_trait]
impl Sink for &Recorder {
    async fn deliver(&self, events: &[&ChangeEvent], _: Deadline) -> Outcome {
        let ids = events.iter().map(|event| event.event_id().to_owned()).collect();
        self.0.lock().unwrap().push(ids);
        Outcome::delivered()
    }
}

#[tokio::test]
async fn accepted_events_of_a_failed_batch_are_not_repeated() {
    let recorder = Recorder::default();
    let sink = Redelivery::new(&recorder);
    let events = small_changes(5);
    let refs: Vec<_> = events.iter().collect();
    let outcome = Outcome::failed(&[&events[2]], Cause::Throttled, "slow down");
    sink.settle(&refs, &outcome, Redelivered::From(2));
    let outcome = sink.deliver(&refs[2..], in_time()).await;
    assert_eq!(*recorder.0.lock().unwrap(), [["id-2"]]);
    let statuses: Vec<_> = refs[2..].iter().map(|event| outcome.status(event)).collect();
    use Status::{AlreadyDelivered, Delivered};
    assert_eq!(statuses, [Delivered, AlreadyDelivered, AlreadyDelivered]);
}

#[tokio::test]
async fn record_with_the_same_ids_and_other_content_is_delivered() {
    let recorder = Recorder::default();
    let sink = Redelivery::new(&recorder);
    let record = |value: &str| {
        format!(
            r#"[{{"eventID":"1","eventName":"REMOVE","eventSource":"aws:dynamodb",
            "dynamodb":{{"SequenceNumber":"1","Keys":{{"id":{{"S":"{value}"}}}}}}}}]"#
        )
    };
    let [forged, genuine] =
        ["forged", "genuine"].map(|it| Batch::decode(record(it).into()).unwrap().events);
    sink.settle(&[&forged[0]], &Outcome::delivered(), Redelivered::From(0));
    sink.deliver(&[&genuine[0]], in_time()).await;
    assert_eq!(*recorder.0.lock().unwrap(), [["1"]]);
}
