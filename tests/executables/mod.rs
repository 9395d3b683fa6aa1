//! The two executables as processes: the function behind Lambda's Runtime API, and the command line.

mod allowed_sources;
mod check;
mod command_line;
mod configuration;
mod connect_at_init;
mod dependencies;
mod destinations;
mod folder;
mod function;
mod help;
mod logs;
mod object_keys;
mod panics;
mod payloads;
mod public_samples;
mod quarantined_aggregates;
mod records;
mod replay;
mod replay_failures;
mod replies;
mod schema;
mod services;
mod several_at_once;
mod start;
mod unread_pipes;
