//! The AWS JSON protocol, which all services but S3 have in common.

use serde_json::Value;

use crate::answer::Refusal;
use crate::call::Operation;
use crate::request::Request;
use crate::service::Service;
use crate::{dynamodb, dynamodb_streams, eventbridge, firehose, kinesis, logs, sqs};

/// Parses a JSON request. The operation has its name even when it can only be refused.
pub(crate) fn operation(request: &Request, service: Service) -> Operation {
    let target = request.header(Service::TARGET).unwrap_or_default();
    let name = target.split_once('.').map_or(target, |(_, name)| name);
    parse(request, service, name).unwrap_or_else(|refusal| Operation::refused(name, refusal))
}

fn parse(request: &Request, service: Service, name: &str) -> Result<Operation, Refusal> {
    let value: Value =
        serde_json::from_slice(&request.body).map_err(|error| unreadable(error.to_string()))?;
    if !value.is_object() {
        return Err(unreadable("expected an object"));
    }
    let input = Input { value: &value, service };
    match service {
        Service::Firehose => firehose::parse(name, input),
        Service::Logs => logs::parse(name, input),
        Service::EventBridge => eventbridge::parse(name, input),
        Service::Sqs => sqs::parse(name, input),
        Service::DynamoDb => dynamodb::parse(name, input),
        Service::DynamoDbStreams => dynamodb_streams::parse(name, input),
        Service::Kinesis => kinesis::parse(name, input),
        Service::S3 | Service::Unknown => Err(unknown_operation()),
    }
}

/// Refuses an operation that does not exist, or not here.
pub(crate) fn unknown_operation() -> Refusal {
    Refusal::new(400, "UnknownOperationException", "unknown operation")
}

/// Refuses input that cannot be deserialized.
pub(crate) fn unreadable(message: impl Into<String>) -> Refusal {
    Refusal::new(400, "SerializationException", message)
}

/// The input of an operation, or a part of it, read by the rules of the API's model.
#[derive(Clone, Copy)]
pub(crate) struct Input<'a> {
    value: &'a Value,
    service: Service,
}

impl<'a> Input<'a> {
    /// Refuses input that does not fit the API's model. The services have different codes for that.
    pub(crate) fn invalid(self, message: impl Into<String>) -> Refusal {
        let message = format!("1 validation error detected: {}", message.into());
        Refusal::new(400, self.service.invalid_input(), message)
    }

    /// A required text.
    pub(crate) fn text(self, name: &str) -> Result<&'a str, Refusal> {
        let text = self.optional_text(name);
        text.ok_or_else(|| self.invalid(format!("{name} is missing, empty or no string")))
    }

    /// A text that can be left out. An empty one counts as left out.
    pub(crate) fn optional_text(self, name: &str) -> Option<&'a str> {
        self.value[name].as_str().filter(|text| !text.is_empty())
    }

    /// A required integer from 0.
    pub(crate) fn natural(self, name: &str) -> Result<i64, Refusal> {
        let number = self.value[name].as_i64().filter(|number| *number >= 0);
        number.ok_or_else(|| self.invalid(format!("{name} is missing, negative or no integer")))
    }

    /// An integer in a range, with a default for when it is left out.
    pub(crate) fn within(
        self,
        name: &str,
        range: std::ops::RangeInclusive<usize>,
        default: usize,
    ) -> Result<usize, Refusal> {
        if self.value[name].is_null() {
            return Ok(default);
        }
        let number = self.value[name].as_u64().and_then(|number| usize::try_from(number).ok());
        let number = number.filter(|number| range.contains(number));
        number.ok_or_else(|| self.invalid(format!("{name} is not in {range:?}")))
    }

    /// A time in milliseconds since 1970, which the protocol sends in seconds.
    pub(crate) fn optional_time(self, name: &str) -> Result<Option<i64>, Refusal> {
        match &self.value[name] {
            Value::Null => Ok(None),
            time => match time.as_f64() {
                Some(seconds) => Ok(Some((seconds * 1000.0).round() as i64)),
                None => Err(unreadable(format!("{name} is not a number of seconds"))),
            },
        }
    }

    /// The length of a list, whether or not that is allowed.
    pub(crate) fn count(self, name: &str) -> usize {
        self.value[name].as_array().map_or(0, Vec::len)
    }

    /// The items of a list; none if it is missing.
    pub(crate) fn items(self, name: &str) -> impl Iterator<Item = Self> {
        let list = self.value[name].as_array().map(Vec::as_slice).unwrap_or_default();
        list.iter().map(move |value| Self { value, ..self })
    }

    /// A required list, with as many items as the API's model allows.
    pub(crate) fn list(self, name: &str, max: usize) -> Result<Vec<Self>, Refusal> {
        match self.count(name) {
            count if (1..=max).contains(&count) => Ok(self.items(name).collect()),
            count => Err(self.invalid(format!("{name} has {count} items, not 1 to {max}"))),
        }
    }

    /// The texts of a list; none if it is missing.
    pub(crate) fn texts(self, name: &str) -> Vec<String> {
        self.items(name).filter_map(|item| item.value.as_str().map(str::to_owned)).collect()
    }
}
