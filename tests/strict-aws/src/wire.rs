//! How a response is sent, or breaks off.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};

/// Ends a connection without (the rest of) an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Broken {
    /// Closed, as by a server that goes away.
    Closed,
    /// Reset, as by a server that crashes.
    Reset,
}

impl fmt::Display for Broken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("connection broken on purpose")
    }
}

impl std::error::Error for Broken {}

/// The body of a response, which can break off.
pub(crate) struct AnswerBody {
    data: Option<Bytes>,
    end: End,
}

/// How a body ends.
enum End {
    Whole,
    /// Breaks off after what was written has been flushed.
    CutAfterFlush,
    Cut,
}

impl AnswerBody {
    /// All of it.
    pub(crate) fn whole(data: Bytes) -> Self {
        let data = Some(data).filter(|data| !data.is_empty());
        Self { data, end: End::Whole }
    }

    /// This much of it, and then the connection closes.
    pub(crate) fn cut_after(data: Bytes) -> Self {
        let end = End::CutAfterFlush;
        Self { end, ..Self::whole(data) }
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = Broken;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        let this = self.get_mut();
        if let Some(data) = this.data.take() {
            return Poll::Ready(Some(Ok(Frame::data(data))));
        }
        match this.end {
            End::Whole => Poll::Ready(None),
            End::CutAfterFlush => {
                this.end = End::Cut;
                context.waker().wake_by_ref();
                Poll::Pending
            }
            End::Cut => Poll::Ready(Some(Err(Broken::Closed))),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.data.is_none() && matches!(self.end, End::Whole)
    }

    fn size_hint(&self) -> SizeHint {
        match self.end {
            End::Whole => SizeHint::with_exact(self.data.as_ref().map_or(0, Bytes::len) as u64),
            _ => SizeHint::default(),
        }
    }
}
