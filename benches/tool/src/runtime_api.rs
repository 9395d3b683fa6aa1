//! Lambda's Runtime API, which hands one payload out as often as it is told and measures until the answer.

use std::collections::HashMap;
use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::http::{Connection, Head};

const NEXT: &str = "/2018-06-01/runtime/invocation/next";

/// How long a function may take.
const TIMEOUT: Duration = Duration::from_secs(300);

#[derive(Clone)]
pub struct RuntimeApi {
    pub address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    payload: Vec<u8>,
    /// Whether answers are left without a reply, so that the function goes on with nothing.
    hold: bool,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    number: usize,
    waiting: Vec<usize>,
    started: HashMap<usize, Instant>,
    answers: Vec<Answer>,
}

/// What a function answered, and how long after it was handed the payload.
#[derive(Clone, Debug)]
pub struct Answer {
    pub elapsed: Duration,
    pub path: String,
    pub body: String,
}

impl RuntimeApi {
    pub fn start(payload: Vec<u8>, hold: bool) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let shared =
            Arc::new(Shared { payload, hold, state: Mutex::default(), changed: Condvar::new() });
        let api = RuntimeApi { address, shared: shared.clone() };
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = shared.clone();
                // A function that was ended breaks its connection off.
                thread::spawn(move || shared.serve(stream));
            }
        });
        Ok(api)
    }

    /// Hands the payload out `count` times, at once if the function asks so often, and waits for the answers. `None`
    /// when `alive` said that the function is gone.
    pub fn invoke(&self, count: usize, mut alive: impl FnMut() -> bool) -> Option<Vec<Answer>> {
        let mut state = self.shared.lock();
        for _ in 0..count {
            state.number += 1;
            let number = state.number;
            state.waiting.push(number);
        }
        self.shared.changed.notify_all();
        while state.answers.len() < count {
            let waited = self.shared.changed.wait_timeout(state, Duration::from_millis(200));
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
            if !alive() && state.answers.len() < count {
                return None;
            }
        }
        Some(std::mem::take(&mut state.answers))
    }
}

impl Shared {
    fn serve(&self, stream: TcpStream) -> io::Result<()> {
        stream.set_nodelay(true)?;
        let mut connection = Connection::new(stream);
        while let Some(head) = connection.head()? {
            let body = connection.body(&head)?;
            match head.path.as_str() {
                NEXT => self.hand_out(&mut connection)?,
                _ => {
                    self.take(&head, body);
                    if self.hold {
                        thread::sleep(TIMEOUT);
                    }
                    connection.answer("202 Accepted", "", b"{}")?;
                }
            }
        }
        Ok(())
    }

    fn hand_out(&self, connection: &mut Connection<TcpStream>) -> io::Result<()> {
        let number = self.next();
        let deadline = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default() + TIMEOUT;
        let headers = format!(
            "lambda-runtime-aws-request-id: {number}\r\n\
             lambda-runtime-deadline-ms: {}\r\n\
             lambda-runtime-invoked-function-arn: arn:aws:lambda:eu-west-1:123456789012:function:bench\r\n\
             lambda-runtime-trace-id: Root=1-00000000-000000000000000000000000;Sampled=0\r\n",
            deadline.as_millis()
        );
        self.lock().started.insert(number, Instant::now());
        connection.answer("200 OK", &headers, &self.payload)
    }

    fn next(&self) -> usize {
        let mut state = self.lock();
        loop {
            match state.waiting.pop() {
                Some(number) => return number,
                None => state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
            }
        }
    }

    fn take(&self, head: &Head, body: Vec<u8>) {
        let now = Instant::now();
        let mut state = self.lock();
        // …/invocation/NUMBER/response; an error at start has no number.
        let number = head.path.split('/').rev().nth(1).and_then(|number| number.parse().ok());
        let started = number.and_then(|number| state.started.remove(&number)).unwrap_or(now);
        let body = String::from_utf8_lossy(&body).into_owned();
        state.answers.push(Answer { elapsed: now - started, path: head.path.clone(), body });
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
