//! Events as lines of one text.

use changefan_events::{ChangeEvent, Encoder};

/// A rough guess of a line's length in bytes, so that most texts grow once.
pub(crate) const TYPICAL_LINE: usize = 512;

/// Events written one after the other, each followed by a line feed.
pub(crate) fn lines<'a>(
    events: impl ExactSizeIterator<Item = &'a ChangeEvent>,
    format: Encoder,
) -> String {
    let mut text = String::with_capacity(events.len() * TYPICAL_LINE);
    for event in events {
        format.write(event, &mut text);
        text.push('\n');
    }
    text
}
