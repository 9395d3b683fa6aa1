//! Labels of the values of a text.

use std::ops::Range;

/// What is known about a value of a text besides the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Label {
    /// Where the value begins, in bytes from the start of the text.
    pub at: u32,
    /// What the writer chose.
    pub kind: u8,
}

/// The labels of a text under construction, in the order of the text.
#[derive(Debug, Default)]
pub(crate) struct Labels {
    labels: Vec<Label>,
    /// The index of the first label after the part whose labels were repeated last.
    next: usize,
    /// A range after that part that is known to have no labels.
    unlabelled: Range<usize>,
}

impl Labels {
    pub(crate) fn push(&mut self, at: usize, kind: u8) {
        self.labels.push(Label { at: position(at), kind });
        self.unlabelled.end = self.unlabelled.end.min(at);
    }

    pub(crate) fn as_slice(&self) -> &[Label] {
        &self.labels
    }

    /// Removes the labels of the text beyond this length.
    pub(crate) fn truncate(&mut self, length: usize) {
        while self.labels.last().is_some_and(|label| label.at as usize >= length) {
            self.labels.pop();
        }
        // Nothing is known any more.
        self.unlabelled = usize::MAX..usize::MAX;
    }

    /// Repeats the labels of a part of the text, which is repeated at `to`.
    #[inline]
    pub(crate) fn repeat(&mut self, part: &Range<usize>, to: usize) {
        if part.start < self.unlabelled.start || part.end > self.unlabelled.end {
            self.find_and_repeat(part, to);
        }
    }

    /// Parts are mostly repeated in their order, so the search resumes where it ended.
    fn find_and_repeat(&mut self, part: &Range<usize>, to: usize) {
        let is_before = |label: &Label| (label.at as usize) < part.start;
        if part.start < self.unlabelled.start {
            self.next = self.labels.partition_point(is_before);
        }
        let between = self.labels[self.next..].iter();
        self.next += between.take_while(|label| is_before(label)).count();
        while let Some(&Label { at, kind }) = self.labels.get(self.next)
            && (at as usize) < part.end
        {
            let at = position(to + at as usize - part.start);
            self.labels.push(Label { at, kind });
            self.next += 1;
        }
        let end = self.labels.get(self.next).map_or(usize::MAX, |label| label.at as usize);
        self.unlabelled = part.end..end;
    }
}

impl From<Labels> for Vec<Label> {
    fn from(labels: Labels) -> Self {
        labels.labels
    }
}

fn position(at: usize) -> u32 {
    u32::try_from(at).expect("a labelled text is below 4 GiB")
}
