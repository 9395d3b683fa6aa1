//! `GetObjectTagging`, `PutObjectTagging` and `DeleteObjectTagging`.

use std::collections::BTreeMap;

use crate::answer::{Refusal, Reply, xml_escape};
use crate::call::Operation;
use crate::request::Request;
use crate::s3::body::payload;
use crate::s3::object::verify_md5;
use crate::s3::{Place, xml};

/// The most tags of an object.
const MAX_TAGS: usize = 10;
/// The longest key of a tag, in characters.
const MAX_KEY: usize = 128;
/// The longest value of a tag, in characters.
const MAX_VALUE: usize = 256;

/// Checks tags against the limits. Keys are unique.
pub(super) fn check(tags: Vec<(String, String)>) -> Result<BTreeMap<String, String>, Refusal> {
    let count = tags.len();
    if count > MAX_TAGS {
        let message = format!("Object tags cannot be greater than {MAX_TAGS}");
        return Err(Refusal::new(400, "BadRequest", message));
    }
    let fits = |(key, value): &(String, String)| {
        (1..=MAX_KEY).contains(&key.chars().count()) && value.chars().count() <= MAX_VALUE
    };
    if !tags.iter().all(fits) {
        return Err(Refusal::new(400, "InvalidTag", "a tag is too long"));
    }
    let tags = BTreeMap::from_iter(tags);
    if tags.len() < count {
        let message = "Cannot provide multiple Tags with the same key";
        return Err(Refusal::new(400, "InvalidTag", message));
    }
    Ok(tags)
}

pub(super) fn get(place: Place) -> Operation {
    Operation::new("GetObjectTagging", place.path(), move |state, _| {
        let tags: String = state.s3.object(&place)?.tags.iter().map(tag).collect();
        Ok(Reply::xml(&format!("<Tagging><TagSet>{tags}</TagSet></Tagging>")))
    })
}

fn tag((key, value): (&String, &String)) -> String {
    let (key, value) = (xml_escape(key), xml_escape(value));
    format!("<Tag><Key>{key}</Key><Value>{value}</Value></Tag>")
}

/// Replaces all tags of an object.
pub(super) fn put(request: &Request, place: Place) -> Result<Operation, Refusal> {
    let payload = payload(request)?;
    verify_md5(request)?;
    let tags = xml::read(&payload.data, "Tagging", |root| {
        let set = xml::children(root, "TagSet").next()?;
        xml::children(set, "Tag")
            .map(|tag| xml::text(tag, "Key").zip(xml::text(tag, "Value")))
            .collect::<Option<Vec<_>>>()
    })?;
    let tags = check(tags)?;
    Ok(Operation::new("PutObjectTagging", place.path(), move |state, _| {
        state.s3.object_mut(&place)?.tags = tags;
        Ok(Reply::ok())
    }))
}

pub(super) fn delete(place: Place) -> Operation {
    Operation::new("DeleteObjectTagging", place.path(), move |state, _| {
        state.s3.object_mut(&place)?.tags.clear();
        Ok(Reply::ok().status(204))
    })
}
