//! How a call fails.

use std::time::Duration;

use bytes::Bytes;

use crate::answer::Refusal;

/// The fate of one call. A variant that does not apply to a service has no effect there.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The call is carried out and answered.
    None,
    /// The call is refused with this status and the error code that the service uses with it;
    /// nothing is stored.
    Status(u16),
    /// The call is refused with this status and error code; nothing is stored.
    Error(u16, &'static str),
    /// The call is refused as a whole with this status and error code if one of its records
    /// contains the text; otherwise it is carried out. The text is sought in the decoded data of a
    /// record, in a message, in an entry's detail, and in the key and the body of an object.
    RefuseContaining(&'static str, u16, &'static str),
    /// A batch operation stores all records but those at these indexes, and rejects these inside a
    /// 200 with the service's usual error code.
    RejectRecords(Vec<usize>),
    /// As [`Fault::RejectRecords`], with this error code.
    RejectRecordsWith(&'static str, Vec<usize>),
    /// A batch operation stores all records but those that contain this text, in any
    /// batch.
    RejectContaining(&'static str),
    /// S3 first stores this content under the key of the call, as another writer would, and then
    /// carries the call out.
    ReplaceObject(Bytes),
    /// A paged read answers without a record, and with a position that is not beyond the first
    /// unread record.
    EmptyPage,
    /// The call is never answered; nothing is stored.
    Hang,
    /// The call is carried out at once and answered this much later, so that a caller that timed
    /// out has stored its data.
    Delay(Duration),
    /// The call is carried out, and never answered.
    AcceptThenHang,
    /// The call is carried out; then the connection is closed without a response.
    AcceptThenDrop,
    /// The call is carried out; then the response is this error.
    AcceptThenStatus(u16),
    /// The connection is reset; nothing is stored.
    ConnectionReset,
    /// The call is carried out; then the connection is closed in the middle of the response's body.
    TruncatedAnswer,
}

impl Fault {
    /// Whether the call is carried out at all.
    pub(crate) fn lets_through(&self) -> bool {
        !matches!(self, Self::Status(_) | Self::Error(..) | Self::Hang | Self::ConnectionReset)
    }

    /// Refuses the call if one of its contents is the reason for [`Fault::RefuseContaining`].
    pub(crate) fn check_contents<'a>(
        &self,
        mut contents: impl Iterator<Item = &'a [u8]>,
    ) -> Result<(), Refusal> {
        match self {
            Self::RefuseContaining(text, status, code)
                if contents.any(|content| contains(content, text)) =>
            {
                Err(Refusal::new(*status, code, "injected by the test"))
            }
            _ => Ok(()),
        }
    }

    /// The error code with which a single record is rejected; none when it is accepted.
    pub(crate) fn rejection(
        &self,
        index: usize,
        data: &[u8],
        usual: &'static str,
    ) -> Option<&'static str> {
        match self {
            Self::RejectRecords(indexes) => indexes.contains(&index).then_some(usual),
            Self::RejectRecordsWith(code, indexes) => indexes.contains(&index).then_some(*code),
            Self::RejectContaining(text) => contains(data, text).then_some(usual),
            _ => None,
        }
    }
}

fn contains(data: &[u8], text: &str) -> bool {
    data.windows(text.len().max(1)).any(|window| window == text.as_bytes())
}
