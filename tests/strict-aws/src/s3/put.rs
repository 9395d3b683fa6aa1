//! `PutObject`.

use crate::answer::{Refusal, Reply};
use crate::call::Operation;
use crate::fault::Fault;
use crate::request::Request;
use crate::s3::body::{Payload, payload};
use crate::s3::object::{Object, etag, header_tags, kept_headers, verify_md5};
use crate::s3::{Place, S3, not_implemented, precondition_failed};
use crate::state::State;

/// What must hold for an object to be written.
#[derive(Clone, Debug, Default)]
pub(super) struct Condition {
    only_if_new: bool,
    only_over: Option<String>,
}

impl Condition {
    /// The condition in the headers. S3 supports `If-None-Match` with `*` alone.
    pub(super) fn of(request: &Request) -> Result<Self, Refusal> {
        let only_if_new = match request.header("if-none-match") {
            None => false,
            Some("*") => true,
            Some(_) => return Err(not_implemented()),
        };
        let only_over = request.header("if-match").map(str::to_owned);
        Ok(Self { only_if_new, only_over })
    }

    pub(super) fn check(&self, s3: &S3, place: &Place) -> Result<(), Refusal> {
        s3.check_bucket(&place.bucket)?;
        if self.only_if_new && s3.objects.contains_key(&place.path()) {
            return Err(precondition_failed());
        }
        match &self.only_over {
            Some(etag) if s3.object(place)?.etag != *etag => Err(precondition_failed()),
            _ => Ok(()),
        }
    }
}

pub(super) fn put_object(request: &Request, place: Place) -> Result<Operation, Refusal> {
    let condition = Condition::of(request)?;
    let upload = prepare(request);
    let has_digest = request.header("content-md5").is_some();
    let operation = Operation::new("PutObject", place.path(), move |state, fault| {
        let (object, payload) = upload?;
        check_lock(&state.s3, &place, has_digest || payload.checksum.is_some())?;
        fault.check_contents([place.key.as_bytes(), &object.data[..]].into_iter())?;
        replace(state, &place, fault);
        condition.check(&state.s3, &place)?;
        let reply = Reply::ok().header("etag", object.etag.clone()).stored(1);
        let modified_ms = state.now_ms();
        state.s3.objects.insert(place.path(), Object { modified_ms, ..object });
        Ok(payload.checksum.into_iter().fold(reply, |reply, (name, sum)| reply.header(name, sum)))
    });
    Ok(operation.storing(1))
}

fn prepare(request: &Request) -> Result<(Object, Payload), Refusal> {
    let payload = payload(request)?;
    verify_md5(request)?;
    let object = Object {
        data: payload.data.clone(),
        etag: etag(&payload.data),
        headers: kept_headers(request),
        checksum: payload.checksum.clone(),
        tags: header_tags(request)?,
        modified_ms: 0,
    };
    Ok((object, payload))
}

/// Refuses an upload without a digest into a bucket with Object Lock.
pub(super) fn check_lock(s3: &S3, place: &Place, has_digest: bool) -> Result<(), Refusal> {
    if has_digest || !s3.locked.contains(&place.bucket) {
        return Ok(());
    }
    let message = "Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests \
                   with Object Lock parameters";
    Err(Refusal::new(400, "InvalidRequest", message))
}

/// Stores the content of [`Fault::ReplaceObject`], as another writer would.
pub(super) fn replace(state: &mut State, place: &Place, fault: &Fault) {
    if let Fault::ReplaceObject(data) = fault {
        let object = Object::of(data.clone(), state.now_ms());
        state.s3.objects.insert(place.path(), object);
    }
}
