//! Records are decoded as if each were alone.

use changefan_events::{Batch, Encoder, Format};

/// Enough to meet every shape that is kept.
const RECORDS: usize = 12;

/// A record of a batch is seen as when it is alone, and as when it follows itself.
pub fn check_alike(data: &[u8]) {
    let Ok(batch) = Batch::decode(data.to_vec().into()) else { return };
    let all = seen(&batch);
    for position in batch.positions().take(RECORDS) {
        let record = batch.record(position);
        // An object with a member `Records` is a batch itself.
        let twice = format!(r#"{{"Records":[{record},{record}]}}"#);
        let twice = seen(&Batch::decode(twice.into()).expect("a batch of records"));
        assert_eq!(twice[0], twice[1], "a record and its copy differ");
        assert_eq!(twice[0], all[position], "a record alone and among others differ");
    }
}

/// What is seen of each record of a piece.
fn seen(batch: &Batch) -> Vec<String> {
    let mut seen = vec![String::new(); batch.positions().end];
    for event in &batch.events {
        let text = &mut seen[event.position()];
        for format in [Format::Json, Format::Rows, Format::Log] {
            Encoder::from(format).write(event, text);
        }
        text.push_str(&format!("{:?} {:?}", event.sub_record(), event.sequence_number()));
    }
    for error in &batch.undecodable {
        let text = &mut seen[error.position];
        text.push_str(&format!("{:?} {:?} {:?}", error.sub_record, error.reason, error.event_id()));
    }
    seen
}
