//! The checksums that S3 verifies and returns.

use base64::prelude::{BASE64_STANDARD, Engine};
use crc_fast::CrcAlgorithm::{Crc32Iscsi, Crc32IsoHdlc, Crc64Nvme};
use sha1::Sha1;
use sha2::{Digest, Sha256};

use crate::answer::Refusal;

const PREFIX: &str = "x-amz-checksum-";

/// Whether a header or a trailer holds a checksum of the body.
pub(super) fn is_checksum(name: &str) -> bool {
    let name = name.strip_prefix(PREFIX);
    name.is_some_and(|name| !matches!(name, "algorithm" | "type" | "mode"))
}

/// Verifies a checksum by the name of its header, in lower case.
pub(super) fn verify(name: &str, sent: &str, data: &[u8]) -> Result<(), Refusal> {
    let algorithm = name.strip_prefix(PREFIX).unwrap_or(name);
    let computed = compute(algorithm, data).ok_or_else(|| {
        let message = format!("Value for {name} header is invalid.");
        Refusal::new(400, "InvalidRequest", message)
    })?;
    if sent == computed {
        return Ok(());
    }
    let algorithm = algorithm.to_uppercase();
    let message = format!("The {algorithm} you specified did not match the calculated checksum.");
    Err(Refusal::new(400, "BadDigest", message))
}

/// The checksum in base64; none for an algorithm that S3 does not have.
fn compute(algorithm: &str, data: &[u8]) -> Option<String> {
    let bytes = match algorithm {
        "crc32" => crc32(Crc32IsoHdlc, data),
        "crc32c" => crc32(Crc32Iscsi, data),
        "crc64nvme" => crc_fast::checksum(Crc64Nvme, data).to_be_bytes().to_vec(),
        "sha1" => Sha1::digest(data).to_vec(),
        "sha256" => Sha256::digest(data).to_vec(),
        _ => return None,
    };
    Some(BASE64_STANDARD.encode(bytes))
}

fn crc32(algorithm: crc_fast::CrcAlgorithm, data: &[u8]) -> Vec<u8> {
    // The checksum of 32 bits is in the lower half.
    crc_fast::checksum(algorithm, data).to_be_bytes()[4..].to_vec()
}
