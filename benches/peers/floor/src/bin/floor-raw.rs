//! Receives a payload over a plain socket and writes as many bytes as changefan does.

use std::error::Error;

use floor::{Api, Output};

fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let output = Output::from_environment()?;
    let mut api = Api::connect()?;
    loop {
        output.write(api.receive()?)?;
        api.answer()?;
    }
}
