//! Two versions of an item. An update changes few members: what is the same in both is compared,
//! and copied from what was written of the old version.

use std::ops::Range;

use super::alike::Mark;
use super::shape::Shape;
use super::write::Writer;
use crate::output::Output;
use crate::simd;

/// The old version, if it has a known shape.
#[derive(Debug)]
pub(super) struct OldVersion {
    shape: usize,
    /// The number of members; none while no old version is known.
    count: usize,
    /// In the order of the text, and its end.
    members: [Member; Self::MOST],
    /// Where they are written, from the first one's brace on, in canonical order.
    written: [u32; Self::MOST],
}

/// A member of the old version.
#[derive(Clone, Copy, Debug, Default)]
struct Member {
    /// Where it starts in the text, with its brace or comma.
    start: u32,
    /// The number of pointers before those to its labelled values.
    pointers: u32,
}

impl Default for OldVersion {
    fn default() -> Self {
        let (members, written) = ([Member::default(); Self::MOST], [0; Self::MOST]);
        Self { shape: 0, count: 0, members, written }
    }
}

impl OldVersion {
    /// The members, and the end behind them.
    const MOST: usize = Shape::MOST_MEMBERS + 1;

    pub(super) fn clear(&mut self) {
        self.count = 0;
    }

    pub(super) fn has_shape(&self, shape: usize) -> bool {
        self.shape == shape && self.count > 0
    }

    /// The text of the members from this one on, and of the closing brace.
    fn text_from(&self, index: usize) -> Range<usize> {
        let (first, end) = (self.members[index], self.members[self.count]);
        first.start as usize..end.start as usize + 1
    }
}

impl Writer<'_, '_> {
    /// Writes the outermost object if it has this shape, and remembers where its members are.
    pub(super) fn old_version(&mut self, shape: &Shape, index: usize, mark: &Mark<'_>) -> bool {
        self.work.old.clear();
        let pointers = self.work.pointers.count() as u32;
        self.work.old.members[0] = Member { start: self.position() as u32, pointers };
        let is_alike = self.read_members(shape, mark, None, |work, index, end| {
            let pointers = work.pointers.count() as u32;
            work.old.members[index + 1] = Member { start: end as u32, pointers };
        });
        if is_alike {
            self.work.old.shape = index;
            self.work.old.count = shape.names.len();
            self.work.old.written[0] = mark.written as u32;
            self.write_members(shape, mark, |old, place, end| old.written[place + 1] = end as u32);
        }
        is_alike
    }

    /// Writes the outermost object if it has this shape, which the old version has.
    pub(super) fn new_version(&mut self, shape: &Shape, mark: &Mark<'_>) -> bool {
        let changed = self.read_changed(shape, mark);
        if let Some(changed) = &changed {
            self.write_changed(shape, changed, mark);
        }
        changed.is_some()
    }

    /// Reads the members that differ from those of the old version; `None` if the object has
    /// another shape.
    fn read_changed(&mut self, shape: &Shape, mark: &Mark<'_>) -> Option<Changed> {
        self.work.values.open(shape);
        let (mut names, mut common) = (shape.names.as_slice(), 0);
        let mut changed = Changed(0);
        while !names.is_empty() {
            let same = self.pass_same(shape.names.len() - names.len(), &mut common);
            names = &names[same..];
            if let [name, rest @ ..] = names {
                let (before, value) = (self.rest.len(), mark.values + name.place);
                if !self.read_short_member(name, value) && !self.read_member(name, None, value) {
                    return None;
                }
                changed.0 |= 1 << name.place;
                common = common.saturating_sub(before - self.rest.len());
                names = rest;
            }
        }
        self.close(shape).then_some(changed)
    }

    /// Passes the members that are the same in the old version, from this one on. Returns their
    /// number. `common` is the number of bytes that are known to be the same from here on.
    #[inline(always)]
    fn pass_same(&mut self, first: usize, common: &mut usize) -> usize {
        let old = &self.work.old;
        let text = old.text_from(first);
        let start = text.start;
        if *common == 0 {
            *common = simd::common_length(&self.text[text], self.rest);
        }
        // The byte behind a member shows that a number ends there.
        let behind = &old.members[first + 1..=old.count];
        let is_same = |next: &&Member| next.start as usize - start < *common;
        let count = behind.iter().take_while(is_same).count();
        let (from, to) = (old.members[first], old.members[first + count]);
        if count == 0 || !self.copy_labels(from, to) {
            return 0;
        }
        let length = (to.start - from.start) as usize;
        *common -= length;
        self.rest = &self.rest[length..];
        count
    }

    /// Takes the labels of the text that is the same as that of the old members `from` to `to` if
    /// they are those of these members. Returns whether they are.
    #[inline(always)]
    fn copy_labels(&mut self, from: Member, to: Member) -> bool {
        let (start, count) = (self.position(), (to.pointers - from.pointers) as usize);
        let end = start + (to.start - from.start) as usize;
        if self.labels.get(count).is_some_and(|label| (label.at as usize) < end) {
            return false;
        }
        if count == 0 {
            return true;
        }
        let Some((labels, rest)) = self.labels.split_at_checked(count) else { return false };
        // The old version may be behind this one in the text.
        let moved = (start as u32).wrapping_sub(from.start);
        let are_same = self.work.pointers.copy(from.pointers as usize, labels, moved);
        if are_same {
            self.labels = rest;
        }
        are_same
    }

    fn write_changed(&mut self, shape: &Shape, changed: &Changed, mark: &Mark<'_>) {
        let text = self.text;
        let (values, old) = (self.work.values.of(mark), &self.work.old.written);
        // Members that follow each other in canonical order are copied at once.
        let mut from = 0;
        for place in changed.places() {
            push_same(old[from]..old[place], self.out);
            from = place + 1;
            shape.order[place].push_with_value(text, &values[place], self.aside, self.out);
        }
        push_same(old[from]..old[shape.order.len()], self.out);
        self.finish(shape, mark);
    }
}

/// The places of members that differ from those of the old version: a bit for each.
struct Changed(u64);

impl Changed {
    /// In canonical order.
    fn places(&self) -> impl Iterator<Item = usize> {
        let mut places = self.0;
        std::iter::from_fn(move || {
            let place = (places != 0).then_some(places.trailing_zeros() as usize)?;
            places &= places - 1;
            Some(place)
        })
    }
}

/// Appends members of the old version, if any.
#[inline(always)]
fn push_same(written: Range<u32>, out: &mut Output) {
    if !written.is_empty() {
        out.push_again(written.start as usize..written.end as usize);
    }
}

#[cfg(test)]
mod tests {
    use crate::canonical::shapes::Shapes;
    use crate::canonical::{Canonical, Scratch, Version};
    use crate::output::Output;

    /// The shape of both versions is replaced by that of an object in a list of the old one.
    #[test]
    fn shape_of_the_old_version_can_be_forgotten() {
        let object = |inside: usize| format!(r#"{{"a":1,"l":[{{"n{inside}":1}}],"z":2}}"#);
        // With that of the outermost objects, as many shapes as are known at a time.
        let objects: String = (1..Shapes::MOST).map(object).collect();
        let starts = (1..Shapes::MOST).map(|index| (index - 1) * object(1).len());
        let last = object(Shapes::MOST);
        let mut scratch = Scratch::default();
        let text = objects.clone() + &last + &last + &" ".repeat(100);
        let mut canonical = Canonical::new(&text, &[], |_| false, &mut scratch);
        let mut out = Output::new();
        for start in starts {
            canonical.write_in_string(start, Version::Only, &mut out);
        }
        for (index, version) in [Version::Old, Version::New].into_iter().enumerate() {
            canonical.write_in_string(objects.len() + index * last.len(), version, &mut out);
        }
        assert_eq!(out.into_text().unwrap().replace('\\', ""), text.trim_end());
    }
}
