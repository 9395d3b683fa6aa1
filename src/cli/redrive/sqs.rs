//! A queue of dead letters in Amazon SQS.

use aws_sdk_sqs::Client;
use aws_sdk_sqs::config::Builder;
use aws_sdk_sqs::types::Message;
use changefan_sinks::{Aws, ServiceError};

use crate::cli::interrupt::Interrupt;
use crate::cli::retries;

/// `ReceiveMessage`: the most messages per call.
const MAX_MESSAGES: i32 = 10;

/// `ReceiveMessage`: seconds to wait for a message. Without a wait, SQS asks only some of its
/// servers.
const WAIT_SECONDS: i32 = 1;

/// Seconds for which no other consumer sees a message that this run has received.
const VISIBILITY_SECONDS: i32 = 900;

/// Responses without a message in a row after which the queue counts as empty.
const MAX_EMPTY: usize = 2;

/// A queue.
pub(super) struct Queue {
    url: String,
    client: Client,
}

/// A message that has been received.
pub(super) struct Letter {
    pub id: String,
    pub body: String,
    handle: String,
}

impl Letter {
    /// What a summary calls it.
    pub(super) fn name(&self) -> String {
        format!("message {}", self.id)
    }
}

impl Queue {
    pub(super) fn new(url: &str, aws: &Aws) -> Self {
        let config = Builder::from(aws.sdk_config()).retry_config(retries()).build();
        Self { url: url.to_owned(), client: Client::from_conf(config) }
    }

    /// SQS, ReceiveMessage until there is none. A message that becomes visible again is received
    /// once.
    pub(super) async fn receive_all(
        &self,
        interrupt: &Interrupt,
    ) -> Result<Vec<Letter>, ServiceError> {
        let mut letters: Vec<Letter> = Vec::new();
        let mut empty = 0;
        while empty < MAX_EMPTY && !interrupt.is_requested() {
            let receive = self.client.receive_message().queue_url(&self.url);
            let receive = receive.max_number_of_messages(MAX_MESSAGES);
            let receive = receive.wait_time_seconds(WAIT_SECONDS);
            let response = receive.visibility_timeout(VISIBILITY_SECONDS).send().await;
            let response =
                response.map_err(|error| ServiceError::new("ReceiveMessage", &self.url, error))?;
            let before = letters.len();
            for letter in response.messages.into_iter().flatten().filter_map(letter) {
                match letters.iter_mut().find(|known| known.id == letter.id) {
                    Some(known) => *known = letter,
                    None => letters.push(letter),
                }
            }
            empty = if letters.len() == before { empty + 1 } else { 0 };
        }
        Ok(letters)
    }

    /// SQS, DeleteMessage.
    pub(super) async fn delete(&self, letter: &Letter) -> Result<(), ServiceError> {
        let delete = self.client.delete_message().queue_url(&self.url);
        let deleted = delete.receipt_handle(&letter.handle).send().await;
        deleted.map_err(|error| ServiceError::new("DeleteMessage", &self.url, error))?;
        Ok(())
    }

    /// SQS, ChangeMessageVisibility, so that the next run need not wait. Best effort: the message
    /// becomes visible by itself after 15 minutes.
    pub(super) async fn release(&self, letter: &Letter) {
        let release = self.client.change_message_visibility().queue_url(&self.url);
        let _ = release.receipt_handle(&letter.handle).visibility_timeout(0).send().await;
    }
}

fn letter(message: Message) -> Option<Letter> {
    let (id, body, handle) = (message.message_id, message.body, message.receipt_handle);
    Some(Letter { id: id?, body: body.unwrap_or_default(), handle: handle? })
}
