//! What is measured by time here and by instructions in `counted`.

use changefan_events::{Batch, Encoder};

/// All events of a batch as lines of one text.
pub fn encode(batch: &Batch, format: Encoder) -> String {
    let mut out = String::new();
    for event in &batch.events {
        format.write(event, &mut out);
        out.push('\n');
    }
    out
}
