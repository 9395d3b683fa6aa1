//! Reads, copies and rewrites JSON text without building a tree.
//!
//! A [`Cursor`] walks a text once, from left to right, one token after the other. Values that only
//! have to be copied go to an [`Output`] while they are read, a block of sixteen bytes at a time.
//! This crate knows no format above JSON and does no input or output.
//!
//! ```
//! use changefan_json::Cursor;
//!
//! let mut cursor = Cursor::new(r#"{"id":7,"tags":["a","b"]}"#);
//! let mut id = None;
//! cursor.object(|cursor, name| match name {
//!     b"id" => cursor.number().map(|number| id = Some(number)),
//!     _ => cursor.skip().map(drop),
//! })?;
//! assert_eq!(id, Some(b"7".as_slice()));
//! # Ok::<(), changefan_json::SyntaxError>(())
//! ```

mod append;
mod canonical;
mod collection;
mod copy;
mod cursor;
mod labels;
mod literal;
mod member;
mod output;
mod rewrite;
mod simd;
mod skip;
mod string;
mod syntax_error;
mod token;

pub use append::Append;
pub use canonical::{Canonical, Labelled, Scratch, Version};
pub use cursor::Cursor;
pub use labels::Label;
pub use literal::Literal;
pub use member::{Copied, Wrapped};
pub use output::Output;
pub use rewrite::{
    write_escaped, write_line, write_numbers_as_strings, write_optional_string, write_string,
};
pub use string::JsonStr;
pub use syntax_error::{Expectation, SyntaxError};
pub use token::is_number;
