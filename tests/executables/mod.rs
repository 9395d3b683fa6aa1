//! The two executables as their users meet them: the function behind Lambda's Runtime API, the command line in a shell.

mod check;
mod command_line;
mod connect_at_init;
mod dependencies;
mod destinations;
mod folder;
mod function;
mod help;
mod logs;
mod panics;
mod payloads;
mod public_samples;
mod records;
mod replay;
mod replay_failures;
mod replies;
mod services;
mod several_at_once;
mod start;
