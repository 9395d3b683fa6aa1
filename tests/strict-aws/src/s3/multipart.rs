//! Multipart uploads: `CreateMultipartUpload`, `UploadPart`, `CompleteMultipartUpload` and
//! `AbortMultipartUpload`.

use std::collections::BTreeMap;

use bytes::{Bytes, BytesMut};
use md5::{Digest, Md5};

use crate::StrictAws;
use crate::answer::{Refusal, Reply, xml_escape};
use crate::call::Operation;
use crate::request::Request;
use crate::s3::body::payload;
use crate::s3::object::{Object, etag, header_tags, kept_headers, verify_md5};
use crate::s3::put::{Condition, check_lock};
use crate::s3::{Place, S3, xml};

/// The least bytes of a part that is not the last.
const MIN_PART_BYTES: usize = 5 * 1024 * 1024;
/// The highest number of a part.
const MAX_PART_NUMBER: u16 = 10_000;

impl StrictAws {
    /// The `bucket/key` of every upload that was neither completed nor aborted. S3 charges for
    /// their parts.
    pub fn open_uploads(&self) -> Vec<String> {
        let state = self.state();
        state.s3.uploads.open.values().map(|upload| upload.place.path()).collect()
    }
}

/// The uploads that are neither completed nor aborted, by id.
#[derive(Default)]
pub(super) struct Uploads {
    open: BTreeMap<String, Upload>,
    created: usize,
}

struct Upload {
    place: Place,
    object: Object,
    parts: BTreeMap<u16, Bytes>,
}

impl S3 {
    fn upload(&mut self, id: &str, place: &Place) -> Result<&mut Upload, Refusal> {
        self.check_bucket(&place.bucket)?;
        let message = "The specified upload does not exist.";
        let found = self.uploads.open.get_mut(id).filter(|upload| upload.place == *place);
        found.ok_or_else(|| Refusal::new(404, "NoSuchUpload", message))
    }
}

fn upload_id(request: &Request) -> String {
    request.parameter("uploadId").unwrap_or_default()
}

pub(super) fn create(request: &Request, place: Place) -> Result<Operation, Refusal> {
    let (headers, tags) = (kept_headers(request), header_tags(request)?);
    Ok(Operation::new("CreateMultipartUpload", place.path(), move |state, _| {
        state.s3.check_bucket(&place.bucket)?;
        let id = format!("upload-{}", state.s3.uploads.created);
        state.s3.uploads.created += 1;
        let reply = Reply::xml(&format!(
            "<InitiateMultipartUploadResult><Bucket>{}</Bucket><Key>{}</Key>\
             <UploadId>{id}</UploadId></InitiateMultipartUploadResult>",
            place.bucket,
            xml_escape(&place.key),
        ));
        let object = Object { headers, tags, ..Object::of(Bytes::new(), 0) };
        let upload = Upload { place, object, parts: BTreeMap::new() };
        state.s3.uploads.open.insert(id, upload);
        Ok(reply)
    }))
}

pub(super) fn put_part(request: &Request, place: Place) -> Result<Operation, Refusal> {
    let id = upload_id(request);
    let number = request.parameter("partNumber").and_then(|number| number.parse().ok());
    let number = number.filter(|number| (1..=MAX_PART_NUMBER).contains(number));
    let number = number.ok_or_else(|| {
        let message = "Part number must be an integer between 1 and 10000, inclusive";
        Refusal::new(400, "InvalidArgument", message)
    })?;
    let digest = request.header("content-md5").is_some();
    let payload = payload(request).and_then(|payload| verify_md5(request).map(|()| payload));
    Ok(Operation::new("UploadPart", place.path(), move |state, _| {
        let payload = payload?;
        check_lock(&state.s3, &place, digest || payload.checksum.is_some())?;
        let reply = Reply::ok().header("etag", etag(&payload.data));
        state.s3.upload(&id, &place)?.parts.insert(number, payload.data);
        Ok(payload.checksum.into_iter().fold(reply, |reply, (name, sum)| reply.header(name, sum)))
    }))
}

pub(super) fn abort(request: &Request, place: Place) -> Operation {
    let id = upload_id(request);
    Operation::new("AbortMultipartUpload", place.path(), move |state, _| {
        state.s3.upload(&id, &place)?;
        state.s3.uploads.open.remove(&id);
        Ok(Reply::ok().status(204))
    })
}

pub(super) fn complete(request: &Request, place: Place) -> Result<Operation, Refusal> {
    let id = upload_id(request);
    let condition = Condition::of(request)?;
    let listed = xml::read(&request.body, "CompleteMultipartUpload", |root| {
        xml::children(root, "Part")
            .map(|part| {
                let number = xml::text(part, "PartNumber")?.parse().ok()?;
                Some((number, xml::text(part, "ETag")?))
            })
            .collect::<Option<Vec<(u16, String)>>>()
    })?;
    let operation = Operation::new("CompleteMultipartUpload", place.path(), move |state, fault| {
        fault.check_contents([place.key.as_bytes()].into_iter())?;
        let modified_ms = state.now_ms();
        let upload = state.s3.upload(&id, &place)?;
        let (data, etag) = assemble(&upload.parts, &listed)?;
        let object = Object { data, etag, modified_ms, ..upload.object.clone() };
        condition.check(&state.s3, &place)?;
        let reply = Reply::xml(&format!(
            "<CompleteMultipartUploadResult><Bucket>{}</Bucket><Key>{}</Key><ETag>{}</ETag>\
             </CompleteMultipartUploadResult>",
            place.bucket,
            xml_escape(&place.key),
            xml_escape(&object.etag),
        ));
        state.s3.uploads.open.remove(&id);
        state.s3.objects.insert(place.path(), object);
        Ok(reply.stored(1))
    });
    Ok(operation.storing(1))
}

/// The content of the listed parts, and its ETag.
fn assemble(
    parts: &BTreeMap<u16, Bytes>,
    listed: &[(u16, String)],
) -> Result<(Bytes, String), Refusal> {
    if listed.is_empty() {
        return Err(xml::malformed());
    }
    if !listed.is_sorted_by(|one, two| one.0 < two.0) {
        let message = "The list of parts was not in ascending order.";
        return Err(Refusal::new(400, "InvalidPartOrder", message));
    }
    let (mut data, mut digests) = (BytesMut::new(), Md5::new());
    for (index, (number, listed_etag)) in listed.iter().enumerate() {
        let part = parts.get(number).filter(|part| same(&etag(part), listed_etag));
        let message = "One or more of the specified parts could not be found.";
        let part = part.ok_or_else(|| Refusal::new(400, "InvalidPart", message))?;
        if part.len() < MIN_PART_BYTES && index + 1 < listed.len() {
            let message = "Your proposed upload is smaller than the minimum allowed size";
            return Err(Refusal::new(400, "EntityTooSmall", message));
        }
        data.extend_from_slice(part);
        digests.update(Md5::digest(part));
    }
    let digest: String = digests.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    Ok((data.freeze(), format!("\"{digest}-{}\"", listed.len())))
}

/// Clients send ETags with or without quotes.
fn same(etag: &str, listed: &str) -> bool {
    etag.trim_matches('"') == listed.trim_matches('"')
}
