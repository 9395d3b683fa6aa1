//! Events with the records that they were decoded from, compared with docs/values.md.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use changefan::{ChangeEvent, Format, Operation};

use super::plain::Plain;
use super::support::{decode, line, sample};

/// An event with the record that contained it.
pub(super) struct Case {
    pub event: ChangeEvent,
    pub json: Plain,
    record: Plain,
    /// The content of a Kinesis record; for an aggregate, of this one of its user records.
    data: Option<Plain>,
    /// Its place among the events of the same record.
    index: usize,
}

/// The samples of each column of the table of sources, and which of their events.
pub(super) fn columns() -> Vec<(&'static str, Vec<Case>)> {
    let append = |case: &Case| case.event.operation() == Operation::Append;
    let aggregated = |case: &Case| Plain::read(&case.event.record()) != case.record;
    vec![
        (
            "DynamoDB Streams, mapping",
            cases(
                &[
                    "orders",
                    "dynamodb-all-types",
                    "dynamodb-microseconds",
                    "dynamodb-window",
                    "with-a-bad-record",
                    "record",
                ],
                |_| true,
            ),
        ),
        ("DynamoDB Streams, Pipe", cases(&["pipe-dynamodb"], |_| true)),
        ("Kinesis, mapping: change", cases(&["kinesis-changes", "mixed-tables"], |_| true)),
        ("Kinesis, Pipe: change", cases(&["pipe-kinesis"], |case| !append(case))),
        (
            "Kinesis: other",
            cases(
                &["kinesis-records", "kinesis-microseconds", "pipe-kinesis", "kinesis-aggregated"],
                |case| append(case) && !aggregated(case),
            ),
        ),
        (
            "Kinesis: other, in an aggregate",
            cases(&["kinesis-aggregated", "kinesis-microseconds"], |case| {
                append(case) && aggregated(case)
            }),
        ),
    ]
}

fn cases(names: &[&str], wanted: impl Fn(&Case) -> bool) -> Vec<Case> {
    let cases: Vec<Case> = names
        .iter()
        .flat_map(|name| {
            let batch = decode(sample(&format!("{name}.json")));
            let case =
                |event: &ChangeEvent| case(event, batch.record(event.position()), &batch.events);
            batch.events.iter().map(case).collect::<Vec<_>>()
        })
        .filter(wanted)
        .collect();
    assert!(!cases.is_empty(), "{names:?}");
    cases
}

fn case(event: &ChangeEvent, record: &str, events: &[ChangeEvent]) -> Case {
    let of_event = Plain::read(&event.record());
    let data = if event.operation() == Operation::Append {
        member(&of_event, "data").text().map(content)
    } else {
        None
    };
    let record = Plain::read(record);
    let data = data.or_else(|| member(&record, "data").text().map(content));
    let same_record = events.iter().filter(|other| other.position() == event.position());
    let index = same_record.take_while(|other| other.event_id() != event.event_id()).count();
    Case {
        event: event.clone(),
        json: Plain::read(&line(event, Format::Json)),
        record,
        data,
        index,
    }
}

/// A member of the Kinesis record, which Pipes put at its top.
fn member<'a>(record: &'a Plain, name: &str) -> &'a Plain {
    match record.get("kinesis") {
        Plain::Null => record.get(name),
        kinesis => kinesis.get(name),
    }
}

/// What a Kinesis record holds, as `new` shows it.
fn content(base64: &str) -> Plain {
    let wrapped = |name: &str, text: &str| {
        Plain::Map([(name.to_owned(), Plain::Text(text.to_owned()))].into())
    };
    match String::from_utf8(STANDARD.decode(base64).unwrap()) {
        Ok(text) => match Plain::try_read(&text) {
            Ok(object @ Plain::Map(_)) => object,
            _ => wrapped("data", &text),
        },
        Err(_) => wrapped("data_base64", base64),
    }
}

fn is_path(code: &str) -> bool {
    !code.starts_with(['"', '{']) && code != "null"
}

impl Case {
    /// The value at a path of the page.
    fn at(&self, path: &str) -> &Plain {
        let names: Vec<&str> = path.split('.').collect();
        match names[..] {
            ["kinesis", name] => member(&self.record, name),
            ["data", ref rest @ ..] => {
                rest.iter().fold(self.data.as_ref().unwrap(), |value, name| value.get(name))
            }
            _ => names.iter().fold(&self.record, |value, name| value.get(name)),
        }
    }

    /// Whether a cell of the row `field` is true for this event. `codes` are its parts in
    /// backticks.
    pub(super) fn agrees(&self, field: &str, cell: &str, codes: &[&str]) -> bool {
        let found = self.json.get(field);
        match field {
            "… is the time of" => match self.event.operation() {
                Operation::Append => cell == "the arrival in the stream",
                _ => cell == "the change",
            },
            "… counts" => self.is_time(self.timed(), codes),
            "… has fractional digits" => {
                self.fractional_digits().is_none_or(|digits| codes.contains(&digits))
            }
            "record in `log` and `dynamodb-json`" => self.record_agrees(cell, codes),
            "timestamp" => self.is_time(self.at(codes[0]), &["s", "ms", "µs"]),
            "actor" => *found == self.actor(codes),
            "changed" => {
                let expected: &[&str] =
                    if self.event.operation() == Operation::Append { &["null"] } else { &[] };
                *found == self.changed() && codes == expected
            }
            "keys" | "old" | "new" if codes[0].contains('.') => {
                self.image_agrees(found, self.at(codes[0]), field)
            }
            "account" => {
                let arn = self.at(codes[0]).text();
                found.text() == arn.and_then(|arn| arn.split(':').nth(4))
            }
            "table" if codes.len() == 2 => {
                let name = self
                    .at(codes[0])
                    .text()
                    .and_then(|arn| arn.split_once(codes[1])?.1.split('/').next());
                found.text() == name
            }
            "event_id" if codes.len() > 1 => {
                found.text()
                    == Some(&format!("{}:{}", self.at(codes[0]).text().unwrap(), self.index))
            }
            _ => *found == self.expected(codes[0]),
        }
    }

    /// A constant, or the value at a path.
    fn expected(&self, code: &str) -> Plain {
        if is_path(code) { self.at(code).clone() } else { Plain::read(code) }
    }

    fn image_agrees(&self, found: &Plain, typed: &Plain, field: &str) -> bool {
        let missing = if field == "keys" { Plain::read("{}") } else { Plain::Null };
        *found == if *typed == Plain::Null { missing } else { Plain::of_image(typed) }
    }

    fn timed(&self) -> &Plain {
        let creation = "ApproximateCreationDateTime";
        match self.data.as_ref().map(|data| data.get("dynamodb").get(creation)) {
            Some(time @ Plain::Number(_)) => time,
            Some(_) => member(&self.record, "approximateArrivalTimestamp"),
            None => self.record.get("dynamodb").get(creation),
        }
    }

    /// Whether the source's number, counted in one of these units, is the event's time.
    fn is_time(&self, number: &Plain, units: &[&str]) -> bool {
        let (Plain::Number(number), Some(time)) = (number, self.event.timestamp()) else {
            return *number == Plain::Null && self.event.timestamp().is_none();
        };
        let number: f64 = number.parse().unwrap();
        let micros = [("s", 1e6), ("ms", 1e3), ("µs", 1.0)]
            .into_iter()
            .filter(|(unit, _)| units.contains(unit));
        let distances =
            micros.map(|(_, micros)| (number * micros - time.microseconds() as f64).abs());
        distances.fold(f64::INFINITY, f64::min) < 1.0
    }

    /// Whether this event requires the cell to contain this code.
    pub(super) fn needs(&self, field: &str, code: &str) -> bool {
        match field {
            "… counts" => self.event.timestamp().is_some() && self.is_time(self.timed(), &[code]),
            "… has fractional digits" => self.fractional_digits() == Some(code) || code == "µs",
            _ => {
                !is_path(code)
                    || code.ends_with('/')
                    || code.starts_with(':')
                    || self.at(code) != &Plain::Null
            }
        }
    }

    fn fractional_digits(&self) -> Option<&'static str> {
        let timestamp = self.json.get("timestamp").text()?;
        Some(if timestamp.len() == "2023-07-11T19:25:30.000Z".len() { "3" } else { "6" })
    }

    fn actor(&self, codes: &[&str]) -> Plain {
        let path = codes.iter().find(|code| code.contains("userIdentity"));
        let by_dynamodb = path.is_some_and(|path| {
            self.at(path)
                == &Plain::read(r#"{"type":"Service","principalId":"dynamodb.amazonaws.com"}"#)
        });
        let expired = by_dynamodb && self.event.operation() == Operation::Remove;
        Plain::read(if expired { codes[0] } else { codes.last().unwrap() })
    }

    /// Names of attributes that differ when sets, which plain images show as lists, have no order.
    fn changed(&self) -> Plain {
        let (Plain::Map(old), Plain::Map(new)) = (self.json.get("old"), self.json.get("new"))
        else {
            return Plain::Null;
        };
        let sorted = |value: Option<&Plain>| match value {
            Some(Plain::List(elements)) => {
                let mut elements: Vec<String> =
                    elements.iter().map(|element| format!("{element:?}")).collect();
                elements.sort();
                format!("{elements:?}")
            }
            other => format!("{other:?}"),
        };
        let mut names: Vec<&String> = old.keys().chain(new.keys()).collect();
        names.sort();
        names.dedup();
        names.retain(|name| sorted(old.get(*name)) != sorted(new.get(*name)));
        Plain::List(names.into_iter().cloned().map(Plain::Text).collect())
    }

    fn record_agrees(&self, cell: &str, codes: &[&str]) -> bool {
        let written = Plain::read(&line(&self.event, Format::DynamoDbJson));
        let logged = Plain::read(&line(&self.event, Format::Log));
        let expected = match (cell, codes) {
            ("as delivered", _) => self.record.clone(),
            (_, ["data"]) => self.data.clone().unwrap(),
            // Alone it would have had the same members, except for those that belong to the
            // aggregate.
            ("as Kinesis would have delivered it alone", _) if written != self.record => {
                let id = Plain::Text(self.event.event_id().to_owned());
                return *written.get("eventID") == id
                    && content(member(&written, "data").text().unwrap()) == *self.json.get("new")
                    && *logged.get("log_keys").get("record") == written;
            }
            _ => return false,
        };
        written == expected && *logged.get("log_keys").get("record") == expected
    }
}
