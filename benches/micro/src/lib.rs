//! What is measured by time here and by instructions in `counted`.

use changefan_events::{Batch, Bytes, Encoder, Output, PayloadError};

/// All pieces of a payload, one after the other.
pub fn pieces(payload: Vec<u8>) -> Result<impl Iterator<Item = Batch>, PayloadError> {
    let first = Batch::decode(Bytes::from(payload))?;
    Ok(std::iter::successors(Some(first), Batch::next_piece))
}

/// Bytes of lines that `s3` compresses at once.
const PIECE: usize = 64 * 1024;

/// Encodes all events of a batch as `s3` does: into one text that is emptied when it is full. Calls
/// `each` with every full text and the last one.
pub fn encode(batch: &Batch, format: Encoder, mut each: impl FnMut(&[u8])) {
    let mut piece = Output::with_capacity(2 * PIECE);
    for event in &batch.events {
        format.append(event, &mut piece);
        piece.push(b'\n');
        if piece.len() >= PIECE {
            each(piece.as_bytes());
            piece.clear();
        }
    }
    each(piece.as_bytes());
}

/// All events of a batch as lines of one text.
pub fn lines(batch: &Batch, format: Encoder) -> Vec<u8> {
    let mut lines = Vec::new();
    encode(batch, format, |piece| lines.extend_from_slice(piece));
    lines
}
