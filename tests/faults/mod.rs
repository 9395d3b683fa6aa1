//! The proof that no record is lost: a model of the source drives the real handler over real sinks,
//! whose services fail on demand. Afterwards a verdict compares what the services hold with what
//! the source delivered.
//!
//! - `source`, `answer`, `record`: the model of a stream mapping and of Pipes, as they are
//!   documented.
//! - `function`: the handler as Lambda runs it: warm or new, near its timeout, killed midway.
//! - `services`, `verdict`, `order`: what was stored, and whether the promise holds.
//! - `property`: any batches under any schedule of faults. `campaign`: named schedules, many
//!   records.
//! - `mechanisms`: what each mechanism is needed for.

mod answer;
mod campaign;
mod function;
mod mechanisms;
mod order;
mod property;
mod random;
mod record;
mod redrive;
mod schedules;
mod services;
mod source;
mod source_checks;
mod trial;
mod verdict;
mod verdict_checks;
