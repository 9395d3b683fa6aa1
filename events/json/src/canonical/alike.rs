//! Which shape an object has: most probably that of an earlier object in the same place.

use super::Version;
use super::pointers::Path;
use super::shape::Shape;
use super::shapes::Shapes;
use super::write::Writer;
use crate::labels::Label;

/// What is known of the objects before.
#[derive(Debug, Default)]
pub(super) struct Before {
    /// The shape of the object that started last.
    last: usize,
    /// For each shape, that of the object inside or behind it.
    next: [usize; Shapes::MOST],
    /// The shapes of the outermost objects of the text before, up to a few.
    outermost: [usize; 3],
    /// The number of outermost objects of this text.
    count: usize,
    /// The number of shapes that were tried in the present outermost object beyond the first name,
    /// and were not, or not yet, found to be right.
    tries: usize,
}

/// With so many of them no other shape is tried: where a shape is wrong, the object is read again
/// with all that is nested in it.
const MOST_TRIES: usize = 4;

impl Before {
    /// Forgets the objects of another text, but not their shapes.
    pub(super) fn start(&mut self) {
        self.count = 0;
    }

    fn start_outermost(&mut self) {
        self.count += 1;
        self.tries = 0;
    }

    #[inline(always)]
    fn guess(&mut self, is_outermost: bool) -> &mut usize {
        if is_outermost {
            &mut self.outermost[self.count.min(self.outermost.len()) - 1]
        } else {
            &mut self.next[self.last]
        }
    }

    /// Keeps the shape of an object that started behind one of the shape `last`.
    #[cold]
    fn learn(&mut self, is_outermost: bool, last: usize, shape: usize) {
        let now = std::mem::replace(&mut self.last, last);
        *self.guess(is_outermost) = shape;
        self.last = now;
    }
}

/// What is undone if an object has another shape.
pub(super) struct Mark<'a> {
    rest: &'a [u8],
    labels: &'a [Label],
    pub written: usize,
    pub aside: usize,
    pub values: usize,
    pointers: usize,
}

impl<'a> Writer<'_, 'a> {
    /// Writes the object that starts here if its shape is known, and returns whether it is.
    #[inline(always)]
    pub(super) fn object_alike<const IS_OUTERMOST: bool>(
        &mut self,
        parent: Option<&Path<'_>>,
    ) -> bool {
        let before = &mut self.work.before;
        if IS_OUTERMOST {
            before.start_outermost();
        }
        let (last, guess) = (before.last, *before.guess(IS_OUTERMOST));
        let (mut shape, mut shapes) = (guess, 0..self.shapes.len());
        loop {
            self.work.before.last = shape;
            if self.write_alike::<IS_OUTERMOST>(shape, parent) {
                break;
            }
            let Some(another) = shapes.find(|&another| another != guess) else {
                self.work.before.last = last;
                return false;
            };
            shape = another;
        }
        if shape != guess {
            self.work.before.learn(IS_OUTERMOST, last, shape);
        }
        true
    }

    /// Writes the object that starts here if it has this shape, and returns whether it has.
    #[inline(always)]
    fn write_alike<const IS_OUTERMOST: bool>(
        &mut self,
        index: usize,
        parent: Option<&Path<'_>>,
    ) -> bool {
        let Some(shape) = self.shapes.get(index) else { return false };
        if self.work.before.tries >= MOST_TRIES {
            return false;
        }
        self.work.before.tries += 1;
        let mark = self.mark();
        let is_alike = match self.version {
            Version::Old if IS_OUTERMOST => self.old_version(shape, index, &mark),
            Version::New if IS_OUTERMOST && self.work.old.has_shape(index) => {
                self.new_version(shape, &mark)
            }
            _ => self.only_version(shape, &mark, parent),
        };
        if is_alike || self.is_at(&mark) {
            self.work.before.tries -= 1;
        }
        if !is_alike {
            self.reset(&mark);
        }
        is_alike
    }

    fn mark(&self) -> Mark<'a> {
        Mark {
            rest: self.rest,
            labels: self.labels,
            written: self.out.len(),
            aside: self.aside.len(),
            values: self.work.values.next,
            pointers: self.work.pointers.count(),
        }
    }

    /// Whether no member was read since.
    #[cold]
    fn is_at(&self, mark: &Mark<'_>) -> bool {
        self.rest.len() == mark.rest.len() && self.out.len() == mark.written
    }

    #[cold]
    fn reset(&mut self, mark: &Mark<'a>) {
        (self.rest, self.labels) = (mark.rest, mark.labels);
        self.out.truncate_text(mark.written);
        self.aside.truncate_text(mark.aside);
        self.work.values.next = mark.values;
        self.work.pointers.truncate(mark.pointers);
    }

    #[inline(always)]
    pub(super) fn only_version(
        &mut self,
        shape: &Shape,
        mark: &Mark<'_>,
        parent: Option<&Path<'_>>,
    ) -> bool {
        if shape.is_sorted {
            return self.copy_members(shape, mark, parent);
        }
        let is_alike = self.read_members(shape, mark, parent, |_, _, _| {});
        if is_alike {
            self.write_members(shape, mark, |_, _, _| {});
        }
        is_alike
    }
}
