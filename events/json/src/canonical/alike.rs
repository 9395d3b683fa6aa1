//! Which shape an object has: most probably that of an earlier object in the same place.

use super::Version;
use super::pointers::Path;
use super::shape::{Shape, Shapes};
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
        let guess = *before.guess(IS_OUTERMOST);
        let last = std::mem::replace(&mut before.last, guess);
        self.write_alike::<IS_OUTERMOST>(guess, parent)
            || self.object_alike_another::<IS_OUTERMOST>(guess, last, parent)
    }

    /// The same for the object that starts behind one of the shape `last`, and has not the guessed
    /// one.
    #[cold]
    fn object_alike_another<const IS_OUTERMOST: bool>(
        &mut self,
        guess: usize,
        last: usize,
        parent: Option<&Path<'_>>,
    ) -> bool {
        let mut others = (0..self.shapes.len()).filter(|&index| index != guess);
        let shape = others.find(|&index| {
            self.work.before.last = index;
            self.write_alike::<IS_OUTERMOST>(index, parent)
        });
        let before = &mut self.work.before;
        let begun = std::mem::replace(&mut before.last, last);
        if let Some(shape) = shape {
            *before.guess(IS_OUTERMOST) = shape;
            before.last = begun;
        }
        shape.is_some()
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
            Version::New if IS_OUTERMOST => self.new_version(shape, index, &mark),
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
            values: self.work.values.len(),
            pointers: self.work.pointers.count(),
        }
    }

    /// Whether no member was read since.
    #[cold]
    fn is_at(&self, mark: &Mark<'_>) -> bool {
        self.rest.len() == mark.rest.len()
            && self.out.len() == mark.written
            && self.work.values.len() == mark.values
    }

    #[cold]
    fn reset(&mut self, mark: &Mark<'a>) {
        (self.rest, self.labels) = (mark.rest, mark.labels);
        self.out.truncate_text(mark.written);
        self.aside.truncate_text(mark.aside);
        self.work.values.truncate(mark.values);
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
        let is_alike = self.read_members(shape, parent, |_, _, _| {});
        if is_alike {
            self.write_members(shape, mark, |_, _, _| {});
        }
        is_alike
    }
}
