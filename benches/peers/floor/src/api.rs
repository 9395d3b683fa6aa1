//! Lambda's Runtime API over a plain socket.

use std::env;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use crate::ANSWER;

/// Most of a payload is read past this buffer, straight into its place.
const HEAD: usize = 4 * 1024;

/// A connection to the Runtime API, and the buffer of its responses.
pub struct Api {
    stream: BufReader<TcpStream>,
    host: String,
    request_id: String,
    buffer: Vec<u8>,
}

impl Api {
    /// Connects to the address in `AWS_LAMBDA_RUNTIME_API`.
    pub fn connect() -> io::Result<Self> {
        let host = env::var("AWS_LAMBDA_RUNTIME_API").map_err(io::Error::other)?;
        let stream = TcpStream::connect(&host)?;
        stream.set_nodelay(true)?;
        let stream = BufReader::with_capacity(HEAD, stream);
        Ok(Self { stream, host, request_id: String::new(), buffer: Vec::new() })
    }

    /// Receives the next payload.
    pub fn receive(&mut self) -> io::Result<&[u8]> {
        let host = &self.host;
        let request =
            format!("GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nhost: {host}\r\n\r\n");
        let length = self.exchange(&request)?;
        Ok(&self.buffer[..length])
    }

    /// Answers the invocation.
    pub fn answer(&mut self) -> io::Result<()> {
        let (host, id, length) = (&self.host, &self.request_id, ANSWER.len());
        let request = format!(
            "POST /2018-06-01/runtime/invocation/{id}/response HTTP/1.1\r\nhost: {host}\r\n\
             content-length: {length}\r\n\r\n{ANSWER}"
        );
        self.exchange(&request)?;
        Ok(())
    }

    /// Sends a request and receives a response into the buffer, whose length is returned.
    fn exchange(&mut self, request: &str) -> io::Result<usize> {
        self.stream.get_mut().write_all(request.as_bytes())?;
        let length = self.head()?;
        // It never shrinks, so that zeros are written once.
        if self.buffer.len() < length {
            self.buffer.resize(length, 0);
        }
        self.stream.read_exact(&mut self.buffer[..length])?;
        Ok(length)
    }

    /// Reads a response's head: the length of its body, and the invocation's id.
    fn head(&mut self) -> io::Result<usize> {
        let mut length = 0;
        let mut line = String::new();
        loop {
            line.clear();
            if self.stream.read_line(&mut line)? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            match line.trim_end().split_once(':') {
                Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                    length = value.trim().parse().map_err(io::Error::other)?;
                }
                Some((name, id)) if name.eq_ignore_ascii_case("lambda-runtime-aws-request-id") => {
                    id.trim().clone_into(&mut self.request_id);
                }
                None if line.trim_end().is_empty() => return Ok(length),
                _ => {}
            }
        }
    }
}
