//! The names of an object and of the objects inside it.

use super::names::Name;
use super::order::Item;
use super::shape::Shape;
use crate::Cursor;

/// The name of a member, and the members of its value.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Member {
    /// As it stands in the text. It has no escapes.
    pub name: Vec<u8>,
    /// None if the value is no object, or not always one with the same members.
    pub members: Vec<Self>,
}

/// Objects that are nested deeper are values like others. It bounds how often a text is read.
const MOST_NESTED: usize = 3;

/// The members of an object, by its items in the order of the text; `None` if there are too many, a
/// name has escapes or is long, or there is white space. With those of the objects inside, there
/// are no more than a shape can have: the text beyond is not read for nothing.
pub(super) fn members(text: &[u8], items: &[Item]) -> Option<Vec<Member>> {
    let mut most = Shape::MOST_MEMBERS.checked_sub(items.len())?;
    let names = items.iter().map(|item| name_at(text, item.name as usize));
    let names: Vec<_> = names.collect::<Option<_>>()?;
    let member = |(name, item): (&[u8], &Item)| {
        let value = &text[item.name as usize + name.len() + 2..];
        let members = members_of(value, MOST_NESTED - 1, &mut most).map(|(members, _)| members);
        Member { name: name.to_vec(), members: members.unwrap_or_default() }
    };
    Some(names.into_iter().zip(items).map(member).collect())
}

/// The name that starts here, after its quote.
fn name_at(text: &[u8], start: usize) -> Option<&[u8]> {
    let name = name(&text[start..])?;
    let piece = &text[start.checked_sub(2)?..start + name.len() + 2];
    let is_compact = matches!(piece, [b'{' | b',', b'"', .., b'"', b':']);
    (is_compact && name.len() <= Name::LONGEST).then_some(name)
}

/// The name up to a quote and a colon.
fn name(text: &[u8]) -> Option<&[u8]> {
    let length = text.iter().position(|&byte| matches!(byte, b'"' | b'\\'))?;
    text[length..].starts_with(b"\":").then(|| &text[..length])
}

/// The members of the object that this text starts with, and the text behind it; `None` if it has
/// none, if one of them is an array, or if there are more than `most` with those inside.
fn members_of<'t>(
    text: &'t [u8],
    most_nested: usize,
    most: &mut usize,
) -> Option<(Vec<Member>, &'t [u8])> {
    let mut members: Vec<Member> = Vec::new();
    let mut rest = text.strip_prefix(b"{")?;
    loop {
        let name = name(rest.strip_prefix(b"\"")?)?;
        *most = most.checked_sub(1)?;
        if members.iter().any(|member| member.name == name) {
            return None;
        }
        let value = &rest[name.len() + 3..];
        let (nested, behind) = match value.first()? {
            b'{' => members_of(value, most_nested.checked_sub(1)?, most)?,
            _ => (Vec::new(), behind_simple(value)?),
        };
        members.push(Member { name: name.to_vec(), members: nested });
        let (next, behind) = behind.split_first()?;
        rest = behind;
        match next {
            b',' => {}
            b'}' => return Some((members, rest)),
            _ => return None,
        }
    }
}

/// The text behind the string or literal that this one starts with.
fn behind_simple(text: &[u8]) -> Option<&[u8]> {
    let mut cursor = Cursor::new(text);
    match text.first()? {
        b'[' | b'{' | ..=b' ' => return None,
        _ => cursor.skip().ok()?,
    };
    text.get(cursor.position()..)
}

/// Whether two objects have the same names in the same order.
pub(super) fn have_same_names(one: &[Member], other: &[Member]) -> bool {
    one.iter().map(|member| &member.name).eq(other.iter().map(|member| &member.name))
}

/// What is common to two objects with the same names: a value that has different members in them is
/// a value like others.
pub(super) fn common(one: &[Member], other: &[Member]) -> Vec<Member> {
    let pairs = one.iter().zip(other);
    let members = pairs.map(|(one, other)| {
        let is_same = have_same_names(&one.members, &other.members);
        let members = if is_same { common(&one.members, &other.members) } else { Vec::new() };
        Member { name: one.name.clone(), members }
    });
    members.collect()
}
