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
    pub(crate) fn of_label(kind: u8) -> Self {
        match kind {
            1 => Self::Binary,
            2 => Self::StringSet,
            3 => Self::NumberSet,
            4 => Self::BinarySet,
            _ => unreachable!("labels are made of types"),
        }
    }

    /// DynamoDB's descriptor of the type of a label's kind.
    pub(crate) fn descriptor(kind: u8) -> &'static str {
        match Self::of_label(kind) {
            Self::Binary => "B",
            Self::StringSet => "SS",
            Self::NumberSet => "NS",
            Self::BinarySet => "BS",
        }
    }
}
