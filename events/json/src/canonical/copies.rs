//! Members that are the same in the object before. An update changes few members, so most of a new
//! image was written with the old one.

use super::order::{Collection, Item};
use super::write::Writer;

impl Writer<'_, '_> {
    /// Moves past a member if it is the same as one of the object before, which is then where it
    /// was written. Returns whether it is.
    pub(super) fn copy(&mut self, same: &Item, object: &mut Collection) -> bool {
        let position = self.position();
        let text = self.canonical.text.as_bytes();
        // What cannot be copied ends before it starts.
        let Some(part) = text.get(same.name as usize - 1..same.text_end as usize) else {
            return false;
        };
        // The byte after it shows that a number ends here.
        let Some(rest @ [b',' | b'}', ..]) = self.rest.strip_prefix(part) else { return false };
        if !self.copy_labels(same, position, position + part.len()) {
            return false;
        }
        self.rest = rest;
        self.canonical.scratch.items.push(Item {
            name: position as u32 + 1,
            text_end: (position + part.len()) as u32,
            first_pointer: self.canonical.scratch.pointers.count() as u32 - same.pointers,
            ..*same
        });
        object.add(same.prefix);
        // The copy may be out of order, so the object is sorted.
        object.is_sorted = false;
        true
    }

    /// Takes the labels of this part of the text if they are those of the member. Returns whether
    /// they are.
    fn copy_labels(&mut self, same: &Item, start: usize, end: usize) -> bool {
        let count = same.pointers as usize;
        if self.labels.get(count).is_some_and(|label| (label.at as usize) < end) {
            return false;
        }
        if count == 0 {
            return true;
        }
        let Some((labels, rest)) = self.labels.split_at_checked(count) else { return false };
        // The previous object may be after this one in the text.
        let moved = (start as u32).wrapping_sub(same.name - 1);
        let is_copied =
            self.canonical.scratch.pointers.copy(same.first_pointer as usize, labels, moved);
        if is_copied {
            self.labels = rest;
        }
        is_copied
    }

    /// Keeps where the members of the outermost object are. `memory` is used again.
    pub(super) fn keep_members(&mut self, mut memory: Vec<Item>) {
        memory.clear();
        memory.append(&mut self.canonical.scratch.items);
        self.canonical.scratch.written = memory;
    }
}
