//! The stream record of a built event, as AWS would have sent it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use changefan_json::{Cursor, SyntaxError, write_string};

use super::typed::write_typed;
use super::{BuildError, EventBuilder, Image, Json};
use crate::{Actor, Operation};

impl EventBuilder {
    /// The record: Kinesis's for an append, otherwise DynamoDB's.
    pub(super) fn compose(&self) -> Result<String, BuildError> {
        let event_id = self.event_id.as_deref().ok_or(BuildError::NoEventId)?;
        let mut out = Object::new();
        out.string("eventID", event_id);
        let service = if self.operation == Operation::Append { "kinesis" } else { "dynamodb" };
        match self.operation {
            Operation::Append => out.string("eventName", "aws:kinesis:record"),
            operation => out.string("eventName", operation.as_str()),
        }
        out.string("eventSource", &format!("aws:{service}"));
        if let Some(region) = &self.region {
            out.string("awsRegion", region);
        }
        if let Some(arn) = self.arn(service) {
            out.string("eventSourceARN", &arn);
        }
        if self.actor == Actor::Ttl {
            let identity = r#"{"type":"Service","principalId":"dynamodb.amazonaws.com"}"#;
            out.json("userIdentity", identity);
        }
        let content = if service == "kinesis" { self.kinesis()? } else { self.dynamodb()? };
        out.json(service, &content);
        Ok(out.close())
    }

    /// The ARN of the stream, if all its parts are known.
    fn arn(&self, service: &str) -> Option<String> {
        let (account, region, table) =
            (self.account.as_ref()?, self.region.as_ref()?, self.table.as_ref()?);
        let kind = if service == "kinesis" { "stream" } else { "table" };
        let label = self.stream_label.as_ref().map(|label| format!("/stream/{label}"));
        let label = label.unwrap_or_default();
        Some(format!("arn:aws:{service}:{region}:{account}:{kind}/{table}{label}"))
    }

    fn dynamodb(&self) -> Result<String, BuildError> {
        let mut out = Object::new();
        if let Some(timestamp) = self.timestamp {
            out.json("ApproximateCreationDateTime", &timestamp.seconds());
        }
        for (name, image, given) in [
            ("Keys", "keys", &self.keys),
            ("OldImage", "old_image", &self.old),
            ("NewImage", "new_image", &self.new),
        ] {
            match given {
                None => {}
                Some(Image(Json::Typed(json))) => out.json(name, checked(json, image)?),
                Some(Image(Json::Plain(json))) => out.json(name, &write_typed(json, image)?),
            }
        }
        if let Some(number) = &self.sequence_number {
            out.string("SequenceNumber", number);
        }
        Ok(out.close())
    }

    fn kinesis(&self) -> Result<String, BuildError> {
        let mut out = Object::new();
        if let Some(number) = &self.sequence_number {
            out.string("sequenceNumber", number);
        }
        if let Some(Image(Json::Plain(json) | Json::Typed(json))) = &self.new {
            out.string("data", &STANDARD.encode(checked(json, "new_image")?));
        }
        if let Some(timestamp) = self.timestamp {
            out.json("approximateArrivalTimestamp", &timestamp.seconds());
        }
        Ok(out.close())
    }
}

/// The text of one JSON object and nothing else. Whether it is an image is checked when the record
/// is read.
fn checked<'a>(json: &'a str, image: &'static str) -> Result<&'a str, BuildError> {
    let mut cursor = Cursor::new(json);
    let object = cursor.object(|cursor, _| cursor.skip_readable().map(drop));
    match object.and_then(|()| cursor.end()) {
        Ok(()) => Ok(json),
        Err(SyntaxError) => Err(BuildError::at(&cursor, image)),
    }
}

/// A JSON object under construction.
struct Object(String);

impl Object {
    fn new() -> Self {
        Self("{".to_owned())
    }

    fn json(&mut self, name: &str, json: &str) {
        if self.0.len() > 1 {
            self.0.push(',');
        }
        write_string(name, &mut self.0);
        self.0.push(':');
        self.0.push_str(json);
    }

    fn string(&mut self, name: &str, text: &str) {
        let mut json = String::with_capacity(text.len() + 2);
        write_string(text, &mut json);
        self.json(name, &json);
    }

    fn close(mut self) -> String {
        self.0.push('}');
        self.0
    }
}
