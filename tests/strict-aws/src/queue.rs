//! Amazon SQS: what a queue holds, and who may see it.

use std::collections::BTreeMap;

use md5::{Digest, Md5};

use crate::answer::Refusal;

/// `ChangeMessageVisibility`: the longest `VisibilityTimeout`: 12 hours.
pub(crate) const MAX_VISIBILITY_SECONDS: usize = 43_200;

/// The queues by name.
#[derive(Default)]
pub(crate) struct Queues(BTreeMap<String, Queue>);

impl Queues {
    /// Creates a queue that does not exist, and returns it.
    pub(crate) fn create(&mut self, queue: &str) -> &mut Queue {
        self.0.entry(queue.to_owned()).or_default()
    }

    /// A queue that exists.
    pub(crate) fn get(&mut self, queue: &str) -> Result<&mut Queue, Refusal> {
        let message = "The specified queue does not exist.";
        self.0.get_mut(queue).ok_or_else(|| Refusal::new(400, "QueueDoesNotExist", message))
    }

    /// The bodies of a queue's messages, in the order in which they were sent.
    pub(crate) fn bodies(&self, queue: &str) -> Vec<String> {
        let messages = self.0.get(queue).map(|queue| &queue.messages[..]).unwrap_or_default();
        messages.iter().map(|message| message.body.clone()).collect()
    }
}

/// A standard queue.
#[derive(Default)]
pub(crate) struct Queue {
    messages: Vec<Message>,
    sent: usize,
    received: usize,
}

/// A message that has not been deleted.
pub(crate) struct Message {
    /// Its id.
    pub(crate) id: String,
    /// Its body.
    pub(crate) body: String,
    /// The receipt handle of its last receive.
    pub(crate) handle: String,
    /// How often it was received.
    pub(crate) receives: usize,
    /// When it was sent, in milliseconds since 1970.
    pub(crate) sent_ms: i64,
    /// When it was first received, in milliseconds since 1970.
    pub(crate) first_received_ms: i64,
    visible_at_ms: i64,
}

impl Message {
    /// The MD5 of the body in hexadecimal digits.
    pub(crate) fn md5(&self) -> String {
        Md5::digest(&self.body).iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl Queue {
    /// The visibility timeout of a receive that asks for none.
    pub(crate) const VISIBILITY_SECONDS: usize = 30;

    /// Adds a message and returns its id.
    pub(crate) fn send(&mut self, body: &str, now_ms: i64) -> String {
        let id = format!("00000000-0000-4000-8000-{:012x}", self.sent);
        self.sent += 1;
        self.messages.push(Message {
            id: id.clone(),
            body: body.to_owned(),
            handle: String::new(),
            receives: 0,
            sent_ms: now_ms,
            first_received_ms: 0,
            visible_at_ms: now_ms,
        });
        id
    }

    /// Receives visible messages, which are in flight from then on.
    pub(crate) fn receive(&mut self, max: usize, seconds: usize, now_ms: i64) -> Vec<&Message> {
        let visible = self.messages.iter_mut().filter(|message| message.visible_at_ms <= now_ms);
        let mut received = Vec::new();
        for message in visible.take(max) {
            message.handle = format!("{}#{}", message.id, self.received);
            self.received += 1;
            message.receives += 1;
            message.visible_at_ms = later(now_ms, seconds);
            if message.receives == 1 {
                message.first_received_ms = now_ms;
            }
            received.push(&*message);
        }
        received
    }

    /// Deletes the message of a receipt handle. A message that was received again stays, and so
    /// does the success: standard queues delete at most the receive that the handle belongs to.
    pub(crate) fn delete(&mut self, handle: &str) -> Result<(), Refusal> {
        self.check_handle(handle)?;
        self.messages.retain(|message| message.handle != handle);
        Ok(())
    }

    /// Sets when the message of a receipt handle becomes visible.
    pub(crate) fn change_visibility(
        &mut self,
        handle: &str,
        seconds: usize,
        now_ms: i64,
    ) -> Result<(), Refusal> {
        self.check_handle(handle)?;
        let in_flight = self
            .messages
            .iter_mut()
            .find(|message| message.handle == handle && message.visible_at_ms > now_ms);
        let message = in_flight.ok_or_else(|| {
            let message = format!("Value {handle} for parameter ReceiptHandle is invalid.");
            Refusal::new(400, "MessageNotInflight", message)
        })?;
        message.visible_at_ms = later(now_ms, seconds);
        Ok(())
    }

    /// How many messages are visible, and how many are in flight.
    pub(crate) fn counts(&self, now_ms: i64) -> (usize, usize) {
        let all = self.messages.len();
        let visible = self.messages.iter().filter(|message| message.visible_at_ms <= now_ms);
        let visible = visible.count();
        (visible, all - visible)
    }

    /// Refuses a handle that the queue never issued.
    fn check_handle(&self, handle: &str) -> Result<(), Refusal> {
        let number = handle.split_once('#').and_then(|(_, number)| number.parse::<usize>().ok());
        match number.filter(|number| *number < self.received) {
            Some(_) => Ok(()),
            None => {
                let message = "The input receipt handle is invalid.";
                Err(Refusal::new(404, "ReceiptHandleIsInvalid", message))
            }
        }
    }
}

fn later(now_ms: i64, seconds: usize) -> i64 {
    now_ms.saturating_add(i64::try_from(seconds).unwrap_or(i64::MAX / 1000) * 1000)
}
