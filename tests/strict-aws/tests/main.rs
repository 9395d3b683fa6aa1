//! The stand-in, through the real SDKs and over plain HTTP, in one binary.

mod clients;
mod dynamodb;
mod dynamodb_streams;
mod error_table;
mod eventbridge;
mod faults;
mod firehose;
mod kinesis;
mod logs;
mod plain;
mod s3;
mod s3_deletes;
mod s3_faults;
mod s3_lists;
mod s3_reads;
mod s3_uploads;
mod sqs;
mod wire;
