//! JSON that is compared by meaning, except for numbers: they are compared by their text.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Plain {
    Null,
    Bool(bool),
    Number(String),
    Text(String),
    List(Vec<Self>),
    Map(BTreeMap<String, Self>),
}

impl Plain {
    pub(super) fn read(json: &str) -> Self {
        Self::try_read(json).unwrap_or_else(|error| panic!("{error} in {json}"))
    }

    pub(super) fn try_read(json: &str) -> serde_json::Result<Self> {
        let json = json.trim_ascii();
        match json.as_bytes().first() {
            Some(b'{') => {
                let members: BTreeMap<String, Box<RawValue>> = serde_json::from_str(json)?;
                let read = |(name, value): (String, Box<RawValue>)| {
                    Ok((name, Self::try_read(value.get())?))
                };
                members.into_iter().map(read).collect::<Result<_, _>>().map(Plain::Map)
            }
            Some(b'[') => {
                let elements: Vec<Box<RawValue>> = serde_json::from_str(json)?;
                elements
                    .iter()
                    .map(|element| Self::try_read(element.get()))
                    .collect::<Result<_, _>>()
                    .map(Plain::List)
            }
            Some(b'"') => serde_json::from_str(json).map(Plain::Text),
            Some(b'-' | b'0'..=b'9') => {
                serde_json::from_str::<&RawValue>(json).map(|raw| Self::Number(raw.get().into()))
            }
            _ => serde_json::from_str::<Option<bool>>(json)
                .map(|value| value.map_or(Self::Null, Plain::Bool)),
        }
    }

    /// A member of an object; null when it is missing.
    pub(super) fn get(&self, name: &str) -> &Self {
        match self {
            Self::Map(members) => members.get(name).unwrap_or(&Self::Null),
            _ => &Self::Null,
        }
    }

    pub(super) fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// An image in DynamoDB's JSON, as plain JSON.
    pub(super) fn of_image(image: &Self) -> Self {
        let Self::Map(attributes) = image else { return image.clone() };
        Self::Map(
            attributes.iter().map(|(name, value)| (name.clone(), Self::of_typed(value))).collect(),
        )
    }

    fn of_typed(typed: &Self) -> Self {
        let Self::Map(members) = typed else { panic!("no attribute value: {typed:?}") };
        let (descriptor, value) = members.first_key_value().expect("an attribute value");
        match (descriptor.as_str(), value) {
            ("S" | "B" | "BOOL" | "SS" | "BS", value) => value.clone(),
            ("N", Self::Text(number)) => Self::Number(number.clone()),
            ("NULL", _) => Self::Null,
            ("M", map) => Self::of_image(map),
            ("L", Self::List(elements)) => {
                Self::List(elements.iter().map(Self::of_typed).collect())
            }
            ("NS", Self::List(numbers)) => Self::List(
                numbers.iter().map(|number| Self::Number(number.text().unwrap().into())).collect(),
            ),
            _ => panic!("no attribute value: {typed:?}"),
        }
    }

    /// The same with each number as a text.
    pub(super) fn with_numbers_as_text(&self) -> Self {
        match self {
            Self::Number(number) => Self::Text(number.clone()),
            Self::List(elements) => {
                Self::List(elements.iter().map(Self::with_numbers_as_text).collect())
            }
            Self::Map(members) => Self::Map(
                members
                    .iter()
                    .map(|(name, value)| (name.clone(), value.with_numbers_as_text()))
                    .collect(),
            ),
            other => other.clone(),
        }
    }
}
