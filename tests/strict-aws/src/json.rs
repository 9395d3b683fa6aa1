//! What Firehose and CloudWatch Logs have in common: AWS's JSON 1.1 protocol.

use serde_json::Value;

use crate::answer::Refusal;
use crate::call::{Operation, Service};
use crate::request::Request;
use crate::{firehose, logs};

/// Understands a JSON request. The operation is known by name even when it can only be refused.
pub fn operation(request: &Request, service: Service) -> Operation {
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
        _ => Err(unknown_operation()),
    }
}

/// Refuses an operation that does not exist, or not here.
pub fn unknown_operation() -> Refusal {
    Refusal::new(400, "UnknownOperationException", "unknown operation")
}

/// Refuses input that cannot even be read.
pub fn unreadable(message: impl Into<String>) -> Refusal {
    Refusal::new(400, "SerializationException", message)
}

/// The input of an operation, or a part of it, read by the rules of the API's model.
#[derive(Clone, Copy)]
pub struct Input<'a> {
    value: &'a Value,
    service: Service,
}

impl<'a> Input<'a> {
    /// Refuses input that does not fit the API's model. The services have different codes for that.
    pub fn invalid(self, message: impl Into<String>) -> Refusal {
        let code = match self.service {
            Service::Logs => "InvalidParameterException",
            _ => "ValidationException",
        };
        Refusal::new(400, code, format!("1 validation error detected: {}", message.into()))
    }

    /// A text that the operation needs.
    pub fn text(self, name: &str) -> Result<&'a str, Refusal> {
        let text = self.value[name].as_str().filter(|text| !text.is_empty());
        text.ok_or_else(|| self.invalid(format!("{name} is missing, empty or no string")))
    }

    /// A text that can be left out, and is empty then.
    pub fn optional_text(self, name: &str) -> &'a str {
        self.value[name].as_str().unwrap_or_default()
    }

    /// An integer from 0 that the operation needs.
    pub fn natural(self, name: &str) -> Result<i64, Refusal> {
        let number = self.value[name].as_i64().filter(|number| *number >= 0);
        number.ok_or_else(|| self.invalid(format!("{name} is missing, negative or no integer")))
    }

    /// How many items a list has, whether or not that is allowed.
    pub fn count(self, name: &str) -> usize {
        self.value[name].as_array().map_or(0, Vec::len)
    }

    /// A list that the operation needs, with as many items as the API's model allows.
    pub fn list(self, name: &str, max: usize) -> Result<Vec<Self>, Refusal> {
        let list = self.value[name].as_array().map(Vec::as_slice).unwrap_or_default();
        match list.len() {
            count if (1..=max).contains(&count) => {
                Ok(list.iter().map(|value| Self { value, ..self }).collect())
            }
            count => Err(self.invalid(format!("{name} has {count} items, not 1 to {max}"))),
        }
    }
}
