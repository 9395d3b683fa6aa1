//! As much of HTTP/1.1 as the clients under measurement speak.

use std::io::{self, BufRead, BufReader, Read, Write};

/// Larger than most bodies' parts, so that a body takes few system calls.
const BUFFER: usize = 256 * 1024;

/// A connection to a client.
pub struct Connection<S> {
    stream: BufReader<S>,
}

/// What the first line asks for, and the headers; names are in lower case.
pub struct Head {
    pub path: String,
    headers: Vec<(String, String)>,
}

impl Head {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|header| header.0 == name).map(|header| header.1.as_str())
    }
}

impl<S: Read + Write> Connection<S> {
    pub fn new(stream: S) -> Self {
        Connection { stream: BufReader::with_capacity(BUFFER, stream) }
    }

    /// The next request without its body; `None` when the client is gone.
    pub fn head(&mut self) -> io::Result<Option<Head>> {
        let first = self.line()?;
        let Some(path) = first.split(' ').nth(1).map(String::from) else { return Ok(None) };
        let mut headers = Vec::new();
        loop {
            let line = self.line()?;
            match line.split_once(':') {
                Some((name, value)) => headers.push((name.to_lowercase(), value.trim().to_owned())),
                None => return Ok(Some(Head { path, headers })),
            }
        }
    }

    /// The body that belongs to a head.
    pub fn body(&mut self, head: &Head) -> io::Result<Vec<u8>> {
        if head.header("expect").is_some() {
            self.write(&[b"HTTP/1.1 100 Continue\r\n\r\n"])?;
        }
        if head.header("transfer-encoding") == Some("chunked") {
            return self.chunks();
        }
        let length =
            head.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body)?;
        Ok(body)
    }

    /// Answers with JSON.
    pub fn answer(&mut self, status: &str, headers: &str, body: &[u8]) -> io::Result<()> {
        let length = body.len();
        let head = format!(
            "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n{headers}\r\n"
        );
        self.write(&[head.as_bytes(), body])
    }

    fn write(&mut self, parts: &[&[u8]]) -> io::Result<()> {
        let stream = self.stream.get_mut();
        parts.iter().try_for_each(|part| stream.write_all(part))?;
        stream.flush()
    }

    fn chunks(&mut self) -> io::Result<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let line = self.line()?;
            let size = line.split(';').next().unwrap_or_default();
            let size = usize::from_str_radix(size, 16).map_err(io::Error::other)?;
            let start = body.len();
            body.resize(start + size, 0);
            self.stream.read_exact(&mut body[start..])?;
            // The line feed after a chunk, or what follows the last one.
            while !self.line()?.is_empty() {}
            if size == 0 {
                return Ok(body);
            }
        }
    }

    fn line(&mut self) -> io::Result<String> {
        let mut line = String::new();
        self.stream.read_line(&mut line)?;
        line.truncate(line.trim_end().len());
        Ok(line)
    }
}
