//! Endpoints that do not respond as AWS's do.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;

/// An address without a listener.
pub(super) fn closed_port() -> SocketAddr {
    address(&listen())
}

/// Accepts connections and never responds.
pub(super) struct Silent(TcpListener);

impl Silent {
    pub(super) fn start() -> Self {
        Self(listen())
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", address(&self.0))
    }
}

/// Starts a service that answers one call with success. Returns its address.
pub(super) fn start_accepting_once() -> String {
    let listener = listen();
    let url = format!("http://{}", address(&listener));
    thread::spawn(move || accept(listener.accept().expect("a connection").0));
    url
}

fn listen() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").expect("a free port")
}

fn address(listener: &TcpListener) -> SocketAddr {
    listener.local_addr().expect("an address")
}

/// Reads a whole request, so that closing the connection does not reset it.
fn accept(mut stream: TcpStream) {
    let mut request = BufReader::new(stream.try_clone().expect("a socket"));
    let lines = request.by_ref().lines().map(|line| line.expect("a header").to_lowercase());
    let header: Vec<_> = lines.take_while(|line| !line.is_empty()).collect();
    let length =
        header.iter().find_map(|line| line.strip_prefix("content-length: ")).expect("a length");
    let mut body = vec![0; length.parse().expect("a number")];
    request.read_exact(&mut body).expect("a body");
    stream
        .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        .expect("an answer");
}
