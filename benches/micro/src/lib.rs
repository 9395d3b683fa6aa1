//! What is measured by time here and by instructions in `counted`.

use changefan_events::{Batch, Bytes, Encoder, Output, PayloadError};

/// All pieces of a payload, one after the other.
pub fn pieces(payload: Vec<u8>) -> Result<impl Iterator<Item = Batch>, PayloadError> {
    let first = Batch::decode(Bytes::from(payload))?;
    Ok(std::iter::successors(Some(first), Batch::next_piece))
}

/// All events of a batch as lines of one text.
pub fn encode(batch: &Batch, format: Encoder) -> Output {
    let mut out = Output::new();
    for event in &batch.events {
        format.append(event, &mut out);
        out.push(b'\n');
    }
    out
}
