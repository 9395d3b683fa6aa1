//! Objects of a known shape.

use std::ops::Range;

use super::Version;
use super::member::{Member, Value};
use super::pointers::{Path, Step};
use super::shape::{QUOTE, Shape, Shapes};
use super::simple;
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
    /// The shape of the old version.
    old: usize,
    /// The number of shapes that were tried in the present outermost object and were not, or not
    /// yet, found to be right.
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

    fn guess(&mut self, is_outermost: bool) -> &mut usize {
        if is_outermost {
            &mut self.outermost[self.count.min(self.outermost.len()) - 1]
        } else {
            &mut self.next[self.last]
        }
    }
}

/// What is undone if an object has another shape.
struct Mark<'a> {
    rest: &'a [u8],
    labels: &'a [Label],
    written: usize,
    values: usize,
    pointers: usize,
}

impl<'a> Writer<'_, 'a> {
    /// Writes the object that starts here if its shape is known, and returns whether it is.
    pub(super) fn object_alike(&mut self, parent: Option<&Path<'_>>) -> bool {
        let is_outermost = parent.is_none();
        if is_outermost {
            self.work.before.start_outermost();
        }
        let (shapes, last) = (self.shapes, self.work.before.last);
        let guess = *self.work.before.guess(is_outermost);
        let others = (0..shapes.len()).filter(|&index| index != guess);
        let shape = std::iter::once(guess).chain(others).find(|&index| {
            self.work.before.last = index;
            shapes.get(index).is_some_and(|shape| self.write_alike(index, shape, parent))
        });
        if shape != Some(guess) {
            let before = &mut self.work.before;
            let begun = std::mem::replace(&mut before.last, last);
            if let Some(shape) = shape {
                *before.guess(is_outermost) = shape;
                before.last = begun;
            }
        }
        shape.is_some()
    }

    #[inline(always)]
    fn write_alike(&mut self, index: usize, shape: &Shape, parent: Option<&Path<'_>>) -> bool {
        if shape.names[0].value_in(self.rest).is_none() || self.work.before.tries >= MOST_TRIES {
            return false;
        }
        match (parent, self.version) {
            (None, Version::Old) => {
                self.work.old.clear();
                self.work.before.old = index;
                self.copy_alike::<true, false>(shape, parent)
            }
            (None, Version::New) if self.work.before.old == index => {
                self.copy_alike::<false, true>(shape, parent)
            }
            _ => self.copy_alike::<false, false>(shape, parent),
        }
    }

    fn copy_alike<const IS_OLD: bool, const IS_NEW: bool>(
        &mut self,
        shape: &Shape,
        parent: Option<&Path<'_>>,
    ) -> bool {
        let mark = self.mark();
        self.work.before.tries += 1;
        let is_alike = self.read_alike::<IS_OLD, IS_NEW>(shape, parent);
        if is_alike {
            self.work.before.tries -= 1;
            self.write_members::<IS_OLD>(shape, &mark);
        } else {
            self.reset(&mark);
            if IS_OLD {
                self.work.old.clear();
            }
        }
        is_alike
    }

    fn mark(&self) -> Mark<'a> {
        Mark {
            rest: self.rest,
            labels: self.labels,
            written: self.out.len(),
            values: self.work.values.len(),
            pointers: self.work.pointers.count(),
        }
    }

    #[cold]
    fn reset(&mut self, mark: &Mark<'a>) {
        (self.rest, self.labels) = (mark.rest, mark.labels);
        self.out.truncate_text(mark.written);
        self.work.values.truncate(mark.values);
        self.work.pointers.truncate(mark.pointers);
    }

    /// Reads an object. Returns whether it has this shape.
    #[inline(always)]
    fn read_alike<const IS_OLD: bool, const IS_NEW: bool>(
        &mut self,
        shape: &Shape,
        parent: Option<&Path<'_>>,
    ) -> bool {
        // Local copies stay in registers.
        let (text, mut rest, mut label) = (self.text.len(), self.rest, self.next_label());
        for (index, name) in shape.names.iter().enumerate() {
            let start = text - rest.len();
            let first_pointer = self.work.pointers.count();
            if IS_NEW && let Some(same) = self.same(index, rest) {
                self.work.values.push(same);
                (rest, label) = (self.rest, self.next_label());
            } else {
                let Some(value) = name.value_in(rest) else { return false };
                let position = text - value.len();
                if position != label
                    && let Some(simple) = simple::value(value)
                {
                    self.work.values.push(Value::simple(&simple, position));
                    rest = &value[simple.length()..];
                } else {
                    self.rest = value;
                    self.write_value(parent, start as u32 + 2);
                    (rest, label) = (self.rest, self.next_label());
                }
            }
            if IS_OLD {
                let pointers = (first_pointer..self.work.pointers.count()).into();
                let text = (start..text - rest.len()).into();
                self.work.old.push(Member { text, pointers, ..Member::default() });
            }
        }
        let [b'}', rest @ ..] = rest else { return false };
        self.rest = rest;
        true
    }

    /// Writes a value that needs more than quotes.
    fn write_value(&mut self, parent: Option<&Path<'_>>, name: u32) {
        let start = self.out.len();
        self.value(&Path { parent, step: Step::Member { name } });
        self.work.values.push(Value::Written((start..self.out.len()).into()));
    }

    /// Passes a member that is the same in the old version.
    #[inline(always)]
    fn same(&mut self, index: usize, rest: &'a [u8]) -> Option<Value> {
        let same = *self.work.old.get(index)?;
        let part = &self.text.as_bytes()[Range::from(same.text)];
        // The byte after it shows that a number ends here.
        let behind @ [b',' | b'}', ..] = rest.strip_prefix(part)? else { return None };
        let start = self.text.len() - rest.len();
        if !self.copy_labels(&same, start, start + part.len()) {
            return None;
        }
        self.rest = behind;
        Some(Value::Same(same.written))
    }

    /// Takes the labels of this part of the text if they are those of the member. Returns whether
    /// they are.
    #[inline(always)]
    fn copy_labels(&mut self, same: &Member, start: usize, end: usize) -> bool {
        let pointers = Range::from(same.pointers);
        let count = pointers.len();
        if self.labels.get(count).is_some_and(|label| (label.at as usize) < end) {
            return false;
        }
        if count == 0 {
            return true;
        }
        let Some((labels, rest)) = self.labels.split_at_checked(count) else { return false };
        // The previous object may be after this one in the text.
        let moved = (start as u32).wrapping_sub(same.text.start);
        let are_same = self.work.pointers.copy(pointers.start, labels, moved);
        if are_same {
            self.labels = rest;
        }
        are_same
    }

    /// Writes an object that was read, in place of the values that were written before.
    #[inline(always)]
    fn write_members<const IS_OLD: bool>(&mut self, shape: &Shape, mark: &Mark<'_>) {
        let (text, end) = (self.text.as_bytes(), self.out.len());
        let moved = end - mark.written;
        let values = &self.work.values[mark.values..];
        for (index, name) in &shape.order {
            let start = self.out.len();
            match values[*index] {
                Value::String(part) => name.push_with(text, part.into(), QUOTE, self.out),
                Value::Literal(part) => name.push_with(text, part.into(), b"", self.out),
                Value::Written(part) => {
                    name.push(self.out);
                    self.out.push_again(part.into());
                }
                Value::Same(part) => {
                    self.out.push_again(part.into());
                    // It may have been the first one.
                    self.out.replace(start, b',');
                }
            }
            if IS_OLD {
                let written = (start - moved..self.out.len() - moved).into();
                self.work.old[*index].written = written;
            }
        }
        self.out.replace(end, b'{');
        self.out.push(b'}');
        self.out.remove(mark.written..end);
        self.work.values.truncate(mark.values);
    }
}
