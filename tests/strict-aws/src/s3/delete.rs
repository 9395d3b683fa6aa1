//! `DeleteObject` and `DeleteObjects`.

use crate::answer::{Refusal, Reply, xml_escape};
use crate::call::Operation;
use crate::fault::Fault;
use crate::request::Request;
use crate::s3::body::payload;
use crate::s3::object::verify_md5;
use crate::s3::{MAX_KEY_BYTES, Place, S3, precondition_failed, xml};

/// `DeleteObjects`: the most keys per call.
const MAX_KEYS: usize = 1000;

/// Deleting a key that does not exist is a success.
pub(super) fn delete_object(request: &Request, place: Place) -> Operation {
    let etag = request.header("if-match").map(str::to_owned);
    Operation::new("DeleteObject", place.path(), move |state, _| {
        state.s3.check_bucket(&place.bucket)?;
        if etag.is_some_and(|etag| state.s3.object(&place).is_ok_and(|found| found.etag != etag)) {
            return Err(precondition_failed());
        }
        state.s3.objects.remove(&place.path());
        Ok(Reply::ok().status(204))
    })
}

/// The keys to delete, and whether the response leaves out the deleted ones.
struct Keys {
    keys: Vec<String>,
    quiet: bool,
}

pub(super) fn delete_objects(request: &Request, place: Place) -> Result<Operation, Refusal> {
    let payload = payload(request)?;
    verify_md5(request)?;
    if payload.checksum.is_none() && request.header("content-md5").is_none() {
        let message = "Missing required header for this request: Content-MD5 OR x-amz-checksum-*";
        return Err(Refusal::new(400, "InvalidRequest", message));
    }
    let keys = xml::read(&payload.data, "Delete", |root| {
        let keys = xml::children(root, "Object").map(|object| xml::text(object, "Key"));
        let quiet = xml::text(root, "Quiet").as_deref() == Some("true");
        Some(Keys { keys: keys.collect::<Option<_>>()?, quiet })
    })?;
    if keys.keys.is_empty() || keys.keys.len() > MAX_KEYS {
        return Err(xml::malformed());
    }
    Ok(Operation::new("DeleteObjects", place.bucket.clone(), move |state, fault| {
        state.s3.check_bucket(&place.bucket)?;
        Ok(Reply::xml(&delete(&mut state.s3, &place.bucket, &keys, fault)))
    }))
}

fn delete(s3: &mut S3, bucket: &str, keys: &Keys, fault: &Fault) -> String {
    let mut results = String::new();
    for (index, key) in keys.keys.iter().enumerate() {
        let rejection = fault.rejection(index, key.as_bytes(), "InternalError");
        let too_long = (key.len() > MAX_KEY_BYTES).then_some("KeyTooLongError");
        let name = xml_escape(key);
        match too_long.or(rejection) {
            Some(code) => results.push_str(&format!(
                "<Error><Key>{name}</Key><Code>{code}</Code><Message>rejected</Message></Error>"
            )),
            None => {
                s3.objects.remove(&format!("{bucket}/{key}"));
                if !keys.quiet {
                    results.push_str(&format!("<Deleted><Key>{name}</Key></Deleted>"));
                }
            }
        }
    }
    format!("<DeleteResult>{results}</DeleteResult>")
}
