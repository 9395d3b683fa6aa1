//! What is kept from one event that is encoded to the next.

use changefan_json::Scratch;

use crate::timestamp::LastTime;
use crate::{ChangeEvent, Source};

/// What is kept with the texts of a batch.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    pub scratch: Scratch,
    pub last_time: LastTime,
    /// As `json` writes it.
    pub json: Origin,
    /// As `rows` writes it.
    pub rows: Origin,
}

/// Where an event comes from, as a format writes it. It is mostly the same as for the event before.
#[derive(Debug, Default)]
pub(crate) struct Origin {
    of: Option<Key>,
    /// The beginning of the change id, if the format has one.
    pub id: String,
    /// Members of the envelope.
    pub members: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Key {
    source: Source,
    table: u32,
}

impl Key {
    fn of(event: &ChangeEvent) -> Self {
        Self { source: event.source, table: event.table }
    }
}

impl Origin {
    /// The origin of an event, which `write` writes if it is another one.
    pub(super) fn of(&mut self, event: &ChangeEvent, write: fn(&ChangeEvent, &mut Self)) -> &Self {
        if !self.is_of(event) {
            self.id.clear();
            self.members.clear();
            write(event, self);
            self.of = Some(Key::of(event));
        }
        self
    }

    /// Whether this is the origin of an event of the same batch.
    #[inline]
    fn is_of(&self, event: &ChangeEvent) -> bool {
        let Some(last) = self.of else { return false };
        last == Key::of(event) || last.source == event.source && event.is_of_table(last.table)
    }
}
