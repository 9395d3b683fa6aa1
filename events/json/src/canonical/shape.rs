//! Shapes of objects. Objects of one table mostly have the same names in the same order, so a name
//! is compared with that of an earlier object, and the canonical order is known.

use super::names::{Name, WrittenName};
use super::nested::Member;
use super::pointers::token;

/// The names of an object's members. Those of an object inside it are among them if it has the same
/// ones each time.
#[derive(Debug)]
pub(super) struct Shape {
    pub members: Vec<Member>,
    /// In the order of the text.
    pub names: Vec<Name>,
    /// In canonical order.
    pub order: Vec<WrittenName>,
    /// The number of objects that end behind the last value in the text, and in the output.
    pub closing: [usize; 2],
    /// Whether both orders are the same.
    pub is_sorted: bool,
}

impl Shape {
    /// Objects with more members have no shape.
    pub(super) const MOST_MEMBERS: usize = 64;

    /// The shape of objects with these members. Where what is between two values is too long,
    /// nested objects count as values; `None` if that does not help.
    pub(super) fn of(members: &[Member]) -> Option<Self> {
        if let Some(shape) = Self::with(members.to_vec()) {
            return Some(shape);
        }
        let outermost = |member: &Member| Member { members: Vec::new(), ..member.clone() };
        let mut shape = Self::with(members.iter().map(outermost).collect())?;
        for (index, member) in members.iter().enumerate() {
            let mut more = shape.members.clone();
            more[index] = member.clone();
            shape = Self::with(more).unwrap_or(shape);
        }
        Some(shape)
    }

    fn with(members: Vec<Member>) -> Option<Self> {
        let text = Gaps::of(&members, b"\"", |members| members.iter().collect());
        let written = Gaps::of(&members, br#"\""#, in_canonical_order);
        if !(1..=Self::MOST_MEMBERS).contains(&text.gaps.len()) {
            return None;
        }
        let place_of = |pointer: &[u8]| written.gaps.iter().position(|gap| gap.pointer == pointer);
        let name = |gap: &Gap| Name::new(&gap.text, place_of(&gap.pointer)?, &gap.pointer);
        let names: Vec<_> = text.gaps.iter().map(name).collect::<Option<_>>()?;
        let name = |gap: &Gap| WrittenName::new(&gap.text);
        let order = written.gaps.iter().map(name).collect::<Option<_>>()?;
        let is_sorted = names.is_sorted_by_key(|name| name.place);
        let closing = [text.behind, written.behind].map(|behind| behind.len());
        Some(Self { members, names, order, closing, is_sorted })
    }
}

/// What is around the values of an object.
#[derive(Default)]
struct Gaps {
    gaps: Vec<Gap>,
    /// What follows the last one.
    behind: Vec<u8>,
}

/// What precedes a value.
struct Gap {
    /// From the end of the value before up to the colon.
    text: Vec<u8>,
    /// The RFC 6901 pointer to the value.
    pointer: Vec<u8>,
}

impl Gaps {
    /// Those of an object with these members in this order.
    fn of(members: &[Member], quote: &[u8], order: Order) -> Self {
        let mut gaps = Self::default();
        gaps.add(members, &[], quote, order);
        gaps
    }

    fn add(&mut self, members: &[Member], parent: &[u8], quote: &[u8], order: Order) {
        for (index, Member { name, members }) in order(members).into_iter().enumerate() {
            self.behind.push(if index == 0 { b'{' } else { b',' });
            for part in [quote, name, quote, b":"] {
                self.behind.extend_from_slice(part);
            }
            let pointer = [parent, b"/", &token(name)].concat();
            if members.is_empty() {
                self.gaps.push(Gap { text: std::mem::take(&mut self.behind), pointer });
            } else {
                self.add(members, &pointer, quote, order);
            }
        }
        self.behind.push(b'}');
    }
}

type Order = fn(&[Member]) -> Vec<&Member>;

fn in_canonical_order(members: &[Member]) -> Vec<&Member> {
    let mut sorted: Vec<&Member> = Vec::new();
    for member in members {
        let place = sorted.partition_point(|other| other.name < member.name);
        sorted.insert(place, member);
    }
    sorted
}
