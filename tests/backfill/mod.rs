//! `changefan backfill` as a process: exports in folders and buckets, lakes in both.

mod bucket_sources;
mod command;
mod export;
mod folders;
mod interruptions;
mod lake;
mod refusals;
mod sinks;
