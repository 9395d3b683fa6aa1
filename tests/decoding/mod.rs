//! Decoding and formats, through the public interface: what goes in as a payload, what comes out as
//! lines.

pub(crate) mod aggregates;
mod built;
mod cases;
mod constants;
mod debezium;
mod documentation;
mod edges;
mod fixtures;
mod generate;
mod generate_record;
mod golden;
mod independence;
mod kinesis_edges;
mod kinesis_fixtures;
mod pieces;
mod plain;
mod properties;
mod reference;
mod rows;
mod rows_properties;
mod shapes;
pub(crate) mod snapshots;
pub(crate) mod support;
