//! The parts of an ARN.

/// The region in an ARN: `arn:partition:service:region:account:resource`.
pub(super) fn region(arn: &str) -> Option<&str> {
    arn.split(':').nth(3).filter(|region| !region.is_empty())
}

/// The service in an ARN.
pub(super) fn service(arn: &str) -> Option<&str> {
    arn.split(':').nth(2)
}
