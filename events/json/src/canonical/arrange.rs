//! Objects of no known shape, and sets: their items are written in their order when they end.

use super::nested;
use super::order::{Collection, Item, Place};
use super::write::Writer;
use crate::output::Output;

impl Writer<'_, '_> {
    /// Writes the object that has ended, and learns its shape.
    pub(super) fn arrange_members(&mut self, object: &Collection) {
        let mut order = self.order(object);
        self.remove_replaced(object, &mut order);
        self.write_items::<true>(object, &order, [b'{', b'}']);
        self.learn(object, &order);
        self.end(object, order);
    }

    fn learn(&mut self, object: &Collection, order: &[u32]) {
        let items = &self.work.items[object.first..];
        let learnt = &mut self.work.learnt;
        if learnt.len() < self.learns
            && !items.is_empty()
            && order.len() == items.len()
            && let Some(members) = nested::members(self.text, items)
            && !learnt.contains(&members)
        {
            // Objects inside this one need no shape of their own.
            learnt.retain(|learnt| members.iter().all(|member| member.members != *learnt));
            learnt.push(members);
        }
    }

    /// Writes the set that has ended.
    pub(super) fn arrange_elements(&mut self, set: &Collection) {
        let order = self.order(set);
        self.write_items::<false>(set, &order, [b'[', b']']);
        self.end(set, order);
    }

    fn end(&mut self, collection: &Collection, order: Vec<u32>) {
        let count = self.work.items.len() - collection.first;
        self.work.items.truncate(collection.first);
        self.work.orders.keep(count, order);
    }

    /// Writes items in this order, in place of those that were written before.
    fn write_items<const ARE_MEMBERS: bool>(
        &mut self,
        collection: &Collection,
        order: &[u32],
        [open, close]: [u8; 2],
    ) {
        let (text, end) = (self.text, self.out.len());
        self.out.push(open);
        for (index, &at) in order.iter().enumerate() {
            if index > 0 {
                self.out.push(b',');
            }
            let item = &self.work.items[collection.first + at as usize];
            let part = item.start as usize..item.end as usize;
            if ARE_MEMBERS {
                push_name(text, item, self.out);
            }
            match item.place {
                Place::String => self.out.push_quoted(text, part),
                Place::Literal => self.out.push_part(text, part),
                Place::Written => self.out.push_again(part),
            }
        }
        self.out.push(close);
        self.out.remove(collection.start..end);
    }
}

/// Appends the name of a member whose value is in the text.
fn push_name(text: &[u8], item: &Item, out: &mut Output) {
    let quotes = match item.place {
        Place::String => 3,
        Place::Literal => 2,
        Place::Written => return,
    };
    out.push_array(br#"\""#);
    out.push_part(text, item.name as usize..item.start as usize - quotes);
    out.push_array(br#"\":"#);
}
