//! Amazon SQS: the operations and their shapes. What a queue holds is in `queue`.

use serde_json::{Value, json};

use crate::StrictAws;
use crate::answer::{Refusal, Reply};
use crate::call::Operation;
use crate::fault::Fault;
use crate::json::{Input, unknown_operation};
use crate::queue::{MAX_VISIBILITY_SECONDS, Message, Queue, Queues};

/// `ReceiveMessage`: the most messages per call.
const MAX_MESSAGES: usize = 10;
/// `ReceiveMessage`: the longest `WaitTimeSeconds`.
const MAX_WAIT_SECONDS: usize = 20;
/// `DeleteMessageBatch`: the most `Entries` per call.
const MAX_ENTRIES: usize = 10;

impl StrictAws {
    /// Creates a standard queue with a visibility timeout of 30 seconds, and returns its URL.
    pub fn create_queue(&self, queue: &str) -> String {
        self.state().sqs.queues.create(queue);
        format!("{}/000000000000/{queue}", self.url())
    }

    /// Sends a message to a queue, which is created if it is missing, and returns its id.
    pub fn send_message(&self, queue: &str, body: &str) -> String {
        let mut state = self.state();
        let now_ms = state.now_ms();
        state.sqs.queues.create(queue).send(body, now_ms)
    }

    /// The bodies of all messages that have not been deleted, whether visible or in flight.
    pub fn queue_messages(&self, queue: &str) -> Vec<String> {
        self.state().sqs.queues.bodies(queue)
    }
}

/// The queues by name.
#[derive(Default)]
pub(crate) struct Sqs {
    queues: Queues,
}

/// Parses a request.
pub(crate) fn parse(name: &str, input: Input<'_>) -> Result<Operation, Refusal> {
    match name {
        "ReceiveMessage" => receive_message(input),
        "DeleteMessage" => delete_message(input),
        "DeleteMessageBatch" => delete_message_batch(input),
        "ChangeMessageVisibility" => change_message_visibility(input),
        "GetQueueAttributes" => get_queue_attributes(input),
        "GetQueueUrl" => get_queue_url(input),
        _ => Err(unknown_operation()),
    }
}

/// The name of the queue, which ends its URL.
fn queue(input: Input<'_>) -> Result<String, Refusal> {
    let url = required(input, "QueueUrl")?;
    Ok(url.rsplit_once('/').map_or(url, |(_, name)| name).to_owned())
}

fn required<'a>(input: Input<'a>, name: &str) -> Result<&'a str, Refusal> {
    let missing = || {
        let message = format!("The request must contain the parameter {name}.");
        Refusal::new(400, "MissingParameter", message)
    };
    input.optional_text(name).ok_or_else(missing)
}

/// Answers at once, also when `WaitTimeSeconds` asks for a wait until a message arrives.
fn receive_message(input: Input<'_>) -> Result<Operation, Refusal> {
    let queue = queue(input)?;
    let max = input.within("MaxNumberOfMessages", 1..=MAX_MESSAGES, 1)?;
    input.within("WaitTimeSeconds", 0..=MAX_WAIT_SECONDS, 0)?;
    let visibility = 0..=MAX_VISIBILITY_SECONDS;
    let visibility = input.within("VisibilityTimeout", visibility, Queue::VISIBILITY_SECONDS)?;
    let mut names = input.texts("MessageSystemAttributeNames");
    names.extend(input.texts("AttributeNames"));
    Ok(Operation::new("ReceiveMessage", queue.clone(), move |state, fault| {
        let now_ms = state.now_ms();
        let max = if *fault == Fault::EmptyPage { 0 } else { max };
        let messages = state.sqs.queues.get(&queue)?.receive(max, visibility, now_ms);
        let messages: Vec<Value> =
            messages.into_iter().map(|message| describe(message, &names)).collect();
        // As SQS does, an empty list is left out.
        let answer = if messages.is_empty() { json!({}) } else { json!({"Messages": messages}) };
        Ok(Reply::json(&answer))
    }))
}

fn describe(message: &Message, names: &[String]) -> Value {
    let attributes = [
        ("ApproximateReceiveCount", message.receives.to_string()),
        ("SentTimestamp", message.sent_ms.to_string()),
        ("ApproximateFirstReceiveTimestamp", message.first_received_ms.to_string()),
    ];
    let requested: serde_json::Map<String, Value> = attributes
        .into_iter()
        .filter(|(name, _)| names.iter().any(|wanted| wanted == name || wanted == "All"))
        .map(|(name, value)| (name.to_owned(), value.into()))
        .collect();
    let mut described = json!({
        "MessageId": message.id,
        "ReceiptHandle": message.handle,
        "MD5OfBody": message.md5(),
        "Body": message.body,
    });
    if !requested.is_empty() {
        described["Attributes"] = requested.into();
    }
    described
}

fn delete_message(input: Input<'_>) -> Result<Operation, Refusal> {
    let queue = queue(input)?;
    let handle = required(input, "ReceiptHandle")?.to_owned();
    Ok(Operation::new("DeleteMessage", queue.clone(), move |state, _| {
        state.sqs.queues.get(&queue)?.delete(&handle)?;
        Ok(Reply::json(&json!({})))
    }))
}

fn delete_message_batch(input: Input<'_>) -> Result<Operation, Refusal> {
    let queue = queue(input)?;
    let entries: Vec<(String, String)> = input
        .items("Entries")
        .map(|entry| {
            let id = required(entry, "Id")?.to_owned();
            Ok((id, required(entry, "ReceiptHandle")?.to_owned()))
        })
        .collect::<Result<_, Refusal>>()?;
    check_entries(&entries)?;
    Ok(Operation::new("DeleteMessageBatch", queue.clone(), move |state, fault| {
        let queue = state.sqs.queues.get(&queue)?;
        let (mut successful, mut failed) = (Vec::new(), Vec::new());
        for (index, (id, handle)) in entries.iter().enumerate() {
            let code = match fault.rejection(index, handle.as_bytes(), "InternalError") {
                Some(code) => Some(code),
                None => queue.delete(handle).err().map(|refusal| refusal.code()),
            };
            match code {
                Some(code) => failed.push(json!({"Id": id, "Code": code, "SenderFault": false})),
                None => successful.push(json!({"Id": id})),
            }
        }
        Ok(Reply::json(&json!({"Successful": successful, "Failed": failed})))
    }))
}

fn check_entries(entries: &[(String, String)]) -> Result<(), Refusal> {
    let ids: std::collections::BTreeSet<&str> = entries.iter().map(|(id, _)| &id[..]).collect();
    let code = match entries.len() {
        0 => "EmptyBatchRequest",
        count if count > MAX_ENTRIES => "TooManyEntriesInBatchRequest",
        count if count > ids.len() => "BatchEntryIdsNotDistinct",
        _ => return Ok(()),
    };
    Err(Refusal::new(400, code, "the entries of the batch are not valid"))
}

fn change_message_visibility(input: Input<'_>) -> Result<Operation, Refusal> {
    let queue = queue(input)?;
    let handle = required(input, "ReceiptHandle")?.to_owned();
    let seconds = input.natural("VisibilityTimeout")?;
    let seconds = usize::try_from(seconds).ok().filter(|time| *time <= MAX_VISIBILITY_SECONDS);
    let seconds = seconds.ok_or_else(|| input.invalid("VisibilityTimeout is over 12 hours"))?;
    Ok(Operation::new("ChangeMessageVisibility", queue.clone(), move |state, _| {
        let now_ms = state.now_ms();
        state.sqs.queues.get(&queue)?.change_visibility(&handle, seconds, now_ms)?;
        Ok(Reply::json(&json!({})))
    }))
}

fn get_queue_attributes(input: Input<'_>) -> Result<Operation, Refusal> {
    let queue = queue(input)?;
    let names = input.texts("AttributeNames");
    Ok(Operation::new("GetQueueAttributes", queue.clone(), move |state, _| {
        let now_ms = state.now_ms();
        let found = state.sqs.queues.get(&queue)?;
        let (visible, in_flight) = found.counts(now_ms);
        let attributes = [
            ("ApproximateNumberOfMessages", visible.to_string()),
            ("ApproximateNumberOfMessagesNotVisible", in_flight.to_string()),
            ("VisibilityTimeout", Queue::VISIBILITY_SECONDS.to_string()),
            ("QueueArn", format!("arn:aws:sqs:us-east-1:000000000000:{queue}")),
        ];
        let requested: serde_json::Map<String, Value> = attributes
            .into_iter()
            .filter(|(name, _)| names.iter().any(|wanted| wanted == name || wanted == "All"))
            .map(|(name, value)| (name.to_owned(), value.into()))
            .collect();
        Ok(Reply::json(&json!({"Attributes": requested})))
    }))
}

fn get_queue_url(input: Input<'_>) -> Result<Operation, Refusal> {
    let queue = required(input, "QueueName")?.to_owned();
    Ok(Operation::new("GetQueueUrl", queue.clone(), move |state, _| {
        state.sqs.queues.get(&queue)?;
        let url = format!("http://{}/000000000000/{queue}", state.address);
        Ok(Reply::json(&json!({"QueueUrl": url})))
    }))
}
