//! JSON that is compared by meaning, except for numbers: they are compared by their text.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

#[derive(Clone, Debug, PartialEq)]
pub enum Plain {
    Null,
    Bool(bool),
    Number(String),
    Text(String),
    List(Vec<Plain>),
    Map(BTreeMap<String, Plain>),
}

impl Plain {
    pub fn read(json: &str) -> Plain {
        Plain::try_read(json).unwrap_or_else(|error| panic!("{error} in {json}"))
    }

    pub fn try_read(json: &str) -> serde_json::Result<Plain> {
        let json = json.trim_ascii();
        match json.as_bytes().first() {
            Some(b'{') => {
                let members: BTreeMap<String, Box<RawValue>> = serde_json::from_str(json)?;
                let read = |(name, value): (String, Box<RawValue>)| {
                    Ok((name, Plain::try_read(value.get())?))
                };
                members.into_iter().map(read).collect::<Result<_, _>>().map(Plain::Map)
            }
            Some(b'[') => {
                let elements: Vec<Box<RawValue>> = serde_json::from_str(json)?;
                elements
                    .iter()
                    .map(|element| Plain::try_read(element.get()))
                    .collect::<Result<_, _>>()
                    .map(Plain::List)
            }
            Some(b'"') => serde_json::from_str(json).map(Plain::Text),
            Some(b'-' | b'0'..=b'9') => {
                serde_json::from_str::<&RawValue>(json).map(|raw| Plain::Number(raw.get().into()))
            }
            _ => serde_json::from_str::<Option<bool>>(json)
                .map(|value| value.map_or(Plain::Null, Plain::Bool)),
        }
    }

    /// A member of an object; null when it is missing.
    pub fn get(&self, name: &str) -> &Plain {
        match self {
            Plain::Map(members) => members.get(name).unwrap_or(&Plain::Null),
            _ => &Plain::Null,
        }
    }

    pub fn text(&self) -> Option<&str> {
        if let Plain::Text(text) = self { Some(text) } else { None }
    }

    /// An image in DynamoDB's JSON, as plain JSON.
    pub fn of_image(image: &Plain) -> Plain {
        let Plain::Map(attributes) = image else { return image.clone() };
        Plain::Map(
            attributes.iter().map(|(name, value)| (name.clone(), Plain::of_typed(value))).collect(),
        )
    }

    fn of_typed(typed: &Plain) -> Plain {
        let Plain::Map(members) = typed else { panic!("no attribute value: {typed:?}") };
        let (descriptor, value) = members.first_key_value().expect("an attribute value");
        match (descriptor.as_str(), value) {
            ("S" | "B" | "BOOL" | "SS" | "BS", value) => value.clone(),
            ("N", Plain::Text(number)) => Plain::Number(number.clone()),
            ("NULL", _) => Plain::Null,
            ("M", map) => Plain::of_image(map),
            ("L", Plain::List(elements)) => {
                Plain::List(elements.iter().map(Plain::of_typed).collect())
            }
            ("NS", Plain::List(numbers)) => Plain::List(
                numbers.iter().map(|number| Plain::Number(number.text().unwrap().into())).collect(),
            ),
            _ => panic!("no attribute value: {typed:?}"),
        }
    }

    /// The same with each number as a text.
    pub fn with_numbers_as_text(&self) -> Plain {
        match self {
            Plain::Number(number) => Plain::Text(number.clone()),
            Plain::List(elements) => {
                Plain::List(elements.iter().map(Plain::with_numbers_as_text).collect())
            }
            Plain::Map(members) => Plain::Map(
                members
                    .iter()
                    .map(|(name, value)| (name.clone(), value.with_numbers_as_text()))
                    .collect(),
            ),
            other => other.clone(),
        }
    }
}
