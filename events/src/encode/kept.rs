//! What is kept from one event that is encoded to the next.

use changefan_json::Scratch;

use crate::arena::Span;
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

#[derive(Clone, Copy, Debug)]
struct Key {
    source: Source,
    spans: [Span; 3],
}

impl Key {
    fn of(event: &ChangeEvent) -> Self {
        let ChangeEvent { source, account, region, table, .. } = *event;
        Self { source, spans: [account, region, table] }
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
    fn is_of(&self, event: &ChangeEvent) -> bool {
        let Some(last) = self.of else { return false };
        let key = Key::of(event);
        let mut spans = last.spans.iter().zip(&key.spans);
        last.source == key.source && spans.all(|(&last, &span)| event.texts.are_same(last, span))
    }
}
