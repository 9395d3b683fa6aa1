//! The types of DynamoDB's attribute values that plain JSON cannot express.

/// A type whose plain JSON looks like that of another type. Decoding labels its values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AttributeType {
    Binary = 1,
    StringSet,
    NumberSet,
    BinarySet,
}

impl AttributeType {
    /// The type of a label's kind.
    pub fn of_label(kind: u8) -> Self {
        match kind {
            1 => AttributeType::Binary,
            2 => AttributeType::StringSet,
            3 => AttributeType::NumberSet,
            4 => AttributeType::BinarySet,
            _ => unreachable!("labels are made of types"),
        }
    }

    /// DynamoDB's descriptor of the type of a label's kind.
    pub fn descriptor(kind: u8) -> &'static str {
        match AttributeType::of_label(kind) {
            AttributeType::Binary => "B",
            AttributeType::StringSet => "SS",
            AttributeType::NumberSet => "NS",
            AttributeType::BinarySet => "BS",
        }
    }
}
