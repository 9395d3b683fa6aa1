//! Random items and records, and what must become of them.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use proptest::collection::{btree_map, btree_set, vec};
use proptest::prelude::*;

use super::plain::Plain;

#[derive(Clone, Debug)]
pub(super) enum Value {
    S(String),
    N(String),
    B(Vec<u8>),
    Bool(bool),
    Null,
    M(Vec<(String, Self)>),
    L(Vec<Self>),
    Ss(Vec<String>),
    Ns(Vec<String>),
    Bs(Vec<Vec<u8>>),
}

/// Attributes in the order in which they are written. No name comes twice.
pub(super) type Image = Vec<(String, Value)>;

/// How strings are written: JSON allows both.
#[derive(Clone, Copy, Debug)]
pub(super) enum Escapes {
    WhereNeeded,
    Everywhere,
}

impl Escapes {
    pub(super) fn quote(self, text: &str) -> String {
        match self {
            Self::WhereNeeded => serde_json::to_string(text).unwrap(),
            Self::Everywhere => {
                let units: String =
                    text.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
                format!("\"{units}\"")
            }
        }
    }
}

impl Value {
    /// As DynamoDB writes it, such as `{"N":"1"}`.
    pub(super) fn typed(&self, escapes: Escapes) -> String {
        let texts = |texts: &[String]| array(texts.iter().map(|text| escapes.quote(text)));
        let (descriptor, value) = match self {
            Self::S(text) => ("S", escapes.quote(text)),
            Self::N(number) => ("N", escapes.quote(number)),
            Self::B(bytes) => ("B", escapes.quote(&STANDARD.encode(bytes))),
            Self::Bool(bool) => ("BOOL", bool.to_string()),
            Self::Null => ("NULL", "true".to_owned()),
            Self::M(members) => ("M", typed_image(members, escapes)),
            Self::L(elements) => {
                ("L", array(elements.iter().map(|element| element.typed(escapes))))
            }
            Self::Ss(elements) => ("SS", texts(elements)),
            Self::Ns(elements) => ("NS", texts(elements)),
            Self::Bs(elements) => {
                ("BS", array(elements.iter().map(|bytes| escapes.quote(&STANDARD.encode(bytes)))))
            }
        };
        format!("{{{}:{value}}}", escapes.quote(descriptor))
    }

    /// What `json` must make of it.
    pub(super) fn plain(&self) -> Plain {
        let base64 = |bytes: &Vec<u8>| Plain::Text(STANDARD.encode(bytes));
        match self {
            Self::S(text) => Plain::Text(text.clone()),
            Self::N(number) => Plain::Number(number.clone()),
            Self::B(bytes) => base64(bytes),
            Self::Bool(bool) => Plain::Bool(*bool),
            Self::Null => Plain::Null,
            Self::M(members) => plain_image(members),
            Self::L(elements) => Plain::List(elements.iter().map(Self::plain).collect()),
            Self::Ss(elements) => Plain::List(elements.iter().cloned().map(Plain::Text).collect()),
            Self::Ns(elements) => {
                Plain::List(elements.iter().cloned().map(Plain::Number).collect())
            }
            Self::Bs(elements) => Plain::List(elements.iter().map(base64).collect()),
        }
    }

    /// The same for two values that are equal to DynamoDB: sets and maps have no order.
    fn identity(&self) -> String {
        let set = |name: &str, elements: BTreeSet<String>| format!("{name}{elements:?}");
        match self {
            Self::M(members) => format!("M{:?}", identities(members)),
            Self::L(elements) => {
                format!("L{:?}", elements.iter().map(Self::identity).collect::<Vec<_>>())
            }
            Self::Ss(elements) => set("SS", elements.iter().cloned().collect()),
            Self::Ns(elements) => set("NS", elements.iter().cloned().collect()),
            Self::Bs(elements) => {
                set("BS", elements.iter().map(|bytes| format!("{bytes:?}")).collect())
            }
            scalar => format!("{scalar:?}"),
        }
    }

    fn with_sets_turned_around(self) -> Self {
        let turned = |mut elements: Vec<String>| {
            elements.reverse();
            elements
        };
        match self {
            Self::Ss(elements) => Self::Ss(turned(elements)),
            Self::Ns(elements) => Self::Ns(turned(elements)),
            Self::Bs(elements) => Self::Bs(elements.into_iter().rev().collect()),
            Self::M(members) => Self::M(
                members
                    .into_iter()
                    .rev()
                    .map(|(name, value)| (name, value.with_sets_turned_around()))
                    .collect(),
            ),
            other => other,
        }
    }
}

fn array(elements: impl Iterator<Item = String>) -> String {
    format!("[{}]", elements.collect::<Vec<_>>().join(","))
}

pub(super) fn object(members: &[(String, String)]) -> String {
    let members: Vec<String> =
        members.iter().map(|(name, value)| format!("{name}:{value}")).collect();
    format!("{{{}}}", members.join(" , "))
}

pub(super) fn typed_image(image: &[(String, Value)], escapes: Escapes) -> String {
    let members: Vec<_> =
        image.iter().map(|(name, value)| (escapes.quote(name), value.typed(escapes))).collect();
    object(&members)
}

pub(super) fn plain_image(image: &[(String, Value)]) -> Plain {
    Plain::Map(image.iter().map(|(name, value)| (name.clone(), value.plain())).collect())
}

fn identities(image: &[(String, Value)]) -> BTreeMap<&str, String> {
    image.iter().map(|(name, value)| (name.as_str(), value.identity())).collect()
}

/// The sorted names of what differs.
pub(super) fn changed(old: &[(String, Value)], new: &[(String, Value)]) -> Plain {
    let (old, new) = (identities(old), identities(new));
    let names: BTreeSet<&str> = old.keys().chain(new.keys()).copied().collect();
    let differing = names.into_iter().filter(|name| old.get(name) != new.get(name));
    Plain::List(differing.map(|name| Plain::Text(name.to_owned())).collect())
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[a-z.\"\\\\/\u{0}-\u{1f}]{0,12}",
        Just("😀 é \u{2028} \u{ffff} \u{10ffff} {\"N\":\"1\"}".to_owned()),
    ]
}

/// Up to 38 digits, and exponents in DynamoDB's range.
fn number() -> impl Strategy<Value = String> {
    prop_oneof![
        "-?(0|[1-9][0-9]{0,37})",
        "-?(0|[1-9][0-9]{0,18})\\.[0-9]{1,19}",
        "-?[1-9]\\.[0-9]{1,37}[eE](\\+?1[0-2][0-5]|-1[0-2][0-9]|-?[0-9]{1,2})",
    ]
}

fn set_of<T: Ord + std::fmt::Debug>(
    element: impl Strategy<Value = T>,
) -> impl Strategy<Value = Vec<T>> {
    btree_set(element, 1..4).prop_map(|set| set.into_iter().collect())
}

pub(super) fn value() -> impl Strategy<Value = Value> {
    let bytes = || vec(any::<u8>(), 0..9);
    let leaf = prop_oneof![
        text().prop_map(Value::S),
        number().prop_map(Value::N),
        bytes().prop_map(Value::B),
        any::<bool>().prop_map(Value::Bool),
        Just(Value::Null),
        set_of(text()).prop_map(Value::Ss),
        set_of(number()).prop_map(Value::Ns),
        set_of(bytes()).prop_map(Value::Bs),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let members = btree_map(text(), inner.clone(), 0..4)
            .prop_map(|members| members.into_iter().collect());
        prop_oneof![members.prop_map(Value::M), vec(inner, 0..4).prop_map(Value::L)]
    })
}

pub(super) fn image() -> impl Strategy<Value = Image> {
    let attributes = btree_map(text(), value(), 0..6)
        .prop_map(|attributes| attributes.into_iter().collect::<Image>());
    attributes.prop_shuffle()
}

/// An image and what became of it: some attributes gone, some new, some the same though written
/// differently.
pub(super) fn images() -> impl Strategy<Value = (Image, Image)> {
    (image(), image(), vec(0..4, 6)).prop_flat_map(|(old, added, fates)| {
        let mut new: BTreeMap<String, Value> = added.into_iter().take(2).collect();
        for ((name, value), fate) in old.iter().cloned().zip(fates) {
            match fate {
                0 => drop(new.insert(name, value)),
                1 => drop(new.insert(name, value.with_sets_turned_around())),
                2 => drop(new.insert(name, Value::L(vec![value]))),
                _ => {}
            }
        }
        (Just(old), Just(new.into_iter().collect::<Image>()).prop_shuffle())
    })
}

pub(super) fn escapes() -> impl Strategy<Value = Escapes> {
    prop_oneof![Just(Escapes::WhereNeeded), Just(Escapes::Everywhere)]
}
