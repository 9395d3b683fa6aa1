//! The part of HTTP/1.1 that clients of a local service use, over blocking streams.

use std::io::{self, BufRead, BufReader, Read, Write};

/// Larger than most bodies' parts, so that a body takes few system calls.
const BUFFER: usize = 256 * 1024;

/// A connection to a client.
#[derive(Debug)]
pub struct Connection<S: Read> {
    stream: BufReader<S>,
}

/// The first line of a request and its headers.
#[derive(Debug)]
pub struct Head {
    /// The method, such as `GET`.
    pub method: String,
    /// The path and the query, as they were sent.
    pub path: String,
    /// Names are in lower case.
    headers: Vec<(String, String)>,
}

impl Head {
    /// The value of a header whose name is given in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|header| header.0 == name).map(|header| header.1.as_str())
    }
}

impl<S: Read + Write> Connection<S> {
    /// A connection that nothing has been read from.
    pub fn new(stream: S) -> Self {
        Self { stream: BufReader::with_capacity(BUFFER, stream) }
    }

    /// Reads the next request without its body; `None` when the client has closed the connection.
    ///
    /// # Errors
    ///
    /// Returns the error of the stream.
    pub fn head(&mut self) -> io::Result<Option<Head>> {
        let first = self.line()?;
        let mut words = first.split(' ').map(str::to_owned);
        let Some((method, path)) = words.next().zip(words.next()) else { return Ok(None) };
        let mut headers = Vec::new();
        loop {
            let line = self.line()?;
            match line.split_once(':') {
                Some((name, value)) => headers.push((name.to_lowercase(), value.trim().to_owned())),
                None => return Ok(Some(Head { method, path, headers })),
            }
        }
    }

    /// Reads the body that belongs to a head.
    ///
    /// # Errors
    ///
    /// Returns the error of the stream, or that of a chunk whose size is not a number.
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

    /// Answers with JSON. `headers` are complete lines, each with its line break.
    ///
    /// # Errors
    ///
    /// Returns the error of the stream.
    pub fn answer(&mut self, status: &str, headers: &str, body: &[u8]) -> io::Result<()> {
        let length = body.len();
        let head = format!(
            "HTTP/1.1 {status}\r\ncontent-type: application/json\r\n\
             content-length: {length}\r\n{headers}\r\n"
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
