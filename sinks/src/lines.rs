//! Events as lines of one text.

use std::ops::Range;

use changefan_events::{ChangeEvent, Format};

/// A rough guess of a line's length in bytes, so that most texts grow once.
const TYPICAL_LINE: usize = 512;

/// Events written one after the other, each followed by a line feed.
pub(crate) struct Lines {
    text: String,
    ends: Vec<usize>,
}

impl Lines {
    pub fn write<'a>(events: impl ExactSizeIterator<Item = &'a ChangeEvent>, format: Format) -> Self {
        let mut text = String::with_capacity(events.len() * TYPICAL_LINE);
        let mut ends = Vec::with_capacity(events.len());
        for event in events {
            format.write(event, &mut text);
            text.push('\n');
            ends.push(text.len());
        }
        Lines { text, ends }
    }

    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// All lines.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// A run of lines with their line feeds.
    pub fn run(&self, lines: Range<usize>) -> &str {
        let start = |line: usize| line.checked_sub(1).map_or(0, |previous| self.ends[previous]);
        &self.text[start(lines.start)..start(lines.end)]
    }

    /// One line without its line feed.
    pub fn line(&self, line: usize) -> &str {
        self.run(line..line + 1).trim_end_matches('\n')
    }

    /// The bytes of a line with its line feed.
    pub fn size(&self, line: usize) -> usize {
        self.run(line..line + 1).len()
    }
}
