//! Firehose, S3 and CloudWatch Logs that accept everything, after a delay and unparsed.

use std::io::{self, Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use changefan_fake_lambda::http::{Connection, Head};
use rustls::{ServerConnection, StreamOwned};

use crate::{Error, tls};

/// Serves until standard input ends. The first line of standard output is the URL.
pub fn run(options: &[&str]) -> Result<(), Error> {
    let option = |name: &str| {
        options.iter().position(|option| *option == name).and_then(|at| options.get(at + 1))
    };
    let latency = Duration::from_millis(option("--latency").map_or(Ok(0), |text| text.parse())?);
    let tls = option("--tls").map(|folder| tls::configure(Path::new(folder))).transpose()?;
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let port = listener.local_addr()?.port();
    // A certificate is for a name.
    let origin = if tls.is_some() { "https://localhost" } else { "http://127.0.0.1" };
    println!("{origin}:{port}");
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let tls = tls.clone();
            thread::spawn(move || -> Result<(), Error> {
                stream.set_nodelay(true)?;
                match tls {
                    Some(tls) => {
                        let session = ServerConnection::new(Arc::clone(&tls))?;
                        serve(Connection::new(StreamOwned::new(session, stream)), latency)?;
                    }
                    None => serve(Connection::new(stream), latency)?,
                }
                Ok(())
            });
        }
    });
    io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}

fn serve<S: Read + Write>(mut connection: Connection<S>, latency: Duration) -> io::Result<()> {
    while let Some(head) = connection.head()? {
        let body = connection.body(&head)?;
        thread::sleep(latency);
        connection.answer(
            "200 OK",
            "etag: \"0\"\r\nx-amzn-requestid: 0\r\n",
            answer(&head, &body).as_bytes(),
        )?;
    }
    Ok(())
}

fn answer(head: &Head, body: &[u8]) -> String {
    let target = head.header("x-amz-target").unwrap_or_default();
    if target.ends_with(".PutRecordBatch") {
        let records = body.windows(7).filter(|window| window == b"\"Data\":").count();
        let entries = vec![r#"{"RecordId":"0"}"#; records].join(",");
        format!(r#"{{"FailedPutCount":0,"RequestResponses":[{entries}]}}"#)
    } else if target.is_empty() {
        String::new()
    } else {
        "{}".into()
    }
}
