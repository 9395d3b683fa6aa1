//! What holds for the `rows` of any item.

use std::collections::BTreeMap;

use changefan::ChangeEvent;
use changefan_events::Image as EventImage;
use proptest::prelude::*;
use serde_json::value::RawValue;

use super::generate::{Escapes, Image, Value, escapes, image, images, plain_image, typed_image};
use super::plain::Plain;
use super::rows::member;
use super::support::{change, decode_records};

/// An image in any order of members and of the elements of sets.
fn shuffled(image: Image) -> BoxedStrategy<Image> {
    let members: Vec<_> = image
        .into_iter()
        .map(|(name, value)| shuffled_value(value).prop_map(move |value| (name.clone(), value)))
        .collect();
    members.prop_shuffle().boxed()
}

fn shuffled_value(value: Value) -> BoxedStrategy<Value> {
    match value {
        Value::M(members) => shuffled(members).prop_map(Value::M).boxed(),
        Value::L(elements) => {
            let elements: Vec<_> = elements.into_iter().map(shuffled_value).collect();
            elements.prop_map(Value::L).boxed()
        }
        Value::Ss(elements) => Just(elements).prop_shuffle().prop_map(Value::Ss).boxed(),
        Value::Ns(elements) => Just(elements).prop_shuffle().prop_map(Value::Ns).boxed(),
        Value::Bs(elements) => Just(elements).prop_shuffle().prop_map(Value::Bs).boxed(),
        scalar => Just(scalar).boxed(),
    }
}

fn event(old: &Image, new: &Image, escapes: Escapes) -> ChangeEvent {
    let [old, new] = [old, new].map(|image| typed_image(image, escapes));
    let record = change(&format!(r#"{{"Keys":{new},"OldImage":{old},"NewImage":{new}}}"#));
    decode_records(&[record]).events.remove(0)
}

/// An item as DynamoDB's JSON holds it, in an order that counts neither members nor the elements of
/// sets.
#[derive(Clone, Debug, PartialEq)]
enum Typed {
    Scalar(&'static str, Plain),
    Map(BTreeMap<String, Self>),
    List(Vec<Self>),
    Set(&'static str, Vec<Plain>),
}

impl Typed {
    fn of_image(image: &[(String, Value)]) -> Self {
        let typed = |(name, value): &(String, Value)| (name.clone(), Self::of(value));
        Self::Map(image.iter().map(typed).collect())
    }

    fn of(value: &Value) -> Self {
        let set = |descriptor, value: &Value| match value.plain() {
            Plain::List(elements) => Self::set(descriptor, elements),
            other => panic!("a set, not {other:?}"),
        };
        match value {
            Value::S(_) => Self::Scalar("S", value.plain()),
            Value::N(_) => Self::Scalar("N", value.plain()),
            Value::B(_) => Self::Scalar("B", value.plain()),
            Value::Bool(_) => Self::Scalar("BOOL", value.plain()),
            Value::Null => Self::Scalar("NULL", value.plain()),
            Value::M(members) => Self::of_image(members),
            Value::L(elements) => Self::List(elements.iter().map(Self::of).collect()),
            Value::Ss(_) => set("SS", value),
            Value::Ns(_) => set("NS", value),
            Value::Bs(_) => set("BS", value),
        }
    }

    fn set(descriptor: &'static str, mut elements: Vec<Plain>) -> Self {
        elements.sort_by_key(|element| format!("{element:?}"));
        Self::Set(descriptor, elements)
    }

    /// The item that the text of an image and the types of its values describe, as a reader
    /// rebuilds it.
    fn rebuild(plain: &Plain, pointer: &str, types: &Plain) -> Self {
        let inner = |child: &Plain, token: &str| {
            let token = token.replace('~', "~0").replace('/', "~1");
            Self::rebuild(child, &format!("{pointer}/{token}"), types)
        };
        match (plain, types.get(pointer).text()) {
            (Plain::Text(_), None) => Self::Scalar("S", plain.clone()),
            (Plain::Text(_), Some("B")) => Self::Scalar("B", plain.clone()),
            (Plain::Number(_), None) => Self::Scalar("N", plain.clone()),
            (Plain::Bool(_), None) => Self::Scalar("BOOL", plain.clone()),
            (Plain::Null, None) => Self::Scalar("NULL", plain.clone()),
            (Plain::Map(members), None) => Self::Map(
                members.iter().map(|(name, child)| (name.clone(), inner(child, name))).collect(),
            ),
            (Plain::List(elements), None) => {
                let elements = elements.iter().enumerate();
                Self::List(elements.map(|(at, child)| inner(child, &at.to_string())).collect())
            }
            (Plain::List(elements), Some(descriptor)) => {
                let known = ["SS", "NS", "BS"].into_iter().find(|known| *known == descriptor);
                Self::set(known.expect("a set's type"), elements.clone())
            }
            (plain, found) => panic!("{pointer} is {plain:?} and of type {found:?}"),
        }
    }
}

/// The canonical text by serde_json: its maps are sorted, its strings are escaped as little as JSON
/// allows.
fn canonical(image: &Plain) -> String {
    match image {
        Plain::Null => "null".to_owned(),
        Plain::Bool(bool) => bool.to_string(),
        Plain::Number(number) => number.clone(),
        Plain::Text(text) => serde_json::to_string(text).unwrap(),
        Plain::List(elements) => {
            let elements = elements.iter().map(|element| raw(&canonical(element)));
            serde_json::to_string(&elements.collect::<Vec<_>>()).unwrap()
        }
        Plain::Map(members) => {
            let members = members.iter().map(|(name, value)| (name, raw(&canonical(value))));
            serde_json::to_string(&members.collect::<BTreeMap<_, _>>()).unwrap()
        }
    }
}

fn raw(json: &str) -> Box<RawValue> {
    serde_json::from_str(json).unwrap()
}

/// The value with its sets sorted.
fn with_sets_sorted(value: &Value) -> Value {
    let sorted = |elements: &[String]| {
        let mut elements = elements.to_vec();
        elements.sort();
        elements
    };
    match value {
        Value::M(members) => Value::M(image_with_sets_sorted(members)),
        Value::L(elements) => Value::L(elements.iter().map(with_sets_sorted).collect()),
        Value::Ss(elements) => Value::Ss(sorted(elements)),
        Value::Ns(elements) => Value::Ns(sorted(elements)),
        Value::Bs(elements) => {
            let mut elements = elements.clone();
            elements.sort_by_key(|bytes| Value::B(bytes.clone()).typed(Escapes::WhereNeeded));
            Value::Bs(elements)
        }
        scalar => scalar.clone(),
    }
}

fn image_with_sets_sorted(image: &[(String, Value)]) -> Image {
    image.iter().map(|(name, value)| (name.clone(), with_sets_sorted(value))).collect()
}

proptest! {
    #[test]
    fn equal_items_have_equal_text(
        (item, shuffled_item) in image().prop_flat_map(|item| (Just(item.clone()), shuffled(item))),
        first in escapes(),
        second in escapes(),
    ) {
        let events = [event(&item, &item, first), event(&shuffled_item, &item, second)];
        let built = ChangeEvent::builder()
            .event_id("1")
            .keys(EventImage::typed(typed_image(&shuffled_item, first)))
            .old_image(EventImage::typed(typed_image(&item, second)))
            .build()
            .unwrap();
        let expected = canonical(&plain_image(&image_with_sets_sorted(&item)));
        for found in [&events[0], &events[1], &built].map(|event| member(event, "old")) {
            prop_assert_eq!(found.as_deref(), Some(&*expected));
        }
        prop_assert_eq!(member(&built, "keys"), Some(expected.clone()));
    }

    #[test]
    fn typed_item_is_rebuilt_from_text_and_types((old, new) in images(), escapes in escapes()) {
        let event = event(&old, &new, escapes);
        let types = member(&event, "types").map_or(Plain::Null, |types| Plain::read(&types));
        for (name, item) in [("keys", &new), ("old", &old), ("new", &new)] {
            let plain = Plain::read(&member(&event, name).unwrap());
            prop_assert_eq!(Typed::rebuild(&plain, "", types.get(name)), Typed::of_image(item));
        }
        let texts = ["keys", "old", "new"].map(|name| match types.get(name) {
            Plain::Map(pointers) => pointers.len(),
            _ => 0,
        });
        prop_assert_eq!(types == Plain::Null, texts == [0; 3]);
    }
}
