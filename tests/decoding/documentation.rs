//! docs/values.md is true in every cell: its tables and examples are read and compared with
//! decoded samples.

use changefan::{Encoder, Format};
use changefan_events::Numbers;

use super::cases::columns;
use super::plain::Plain;
use super::support::{decode, decode_records, file, line, read, samples};

type Row = Vec<String>;

/// The rows of the table whose first column's heading is this, headings included.
fn table(page: &str, heading: &str) -> Vec<Row> {
    let start = format!("| {heading}");
    let lines = page
        .lines()
        .skip_while(|line| !line.starts_with(start.trim_end()))
        .take_while(|line| line.starts_with('|'));
    let rows = lines.map(|line| {
        line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect::<Row>()
    });
    rows.filter(|row| !row[0].starts_with("---")).collect()
}

fn page() -> String {
    read(&file("docs/values.md"))
}

/// The parts of a cell that are in backticks.
fn codes(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

#[test]
fn every_cell_of_the_table_of_sources_is_true() {
    let rows = table(&page(), "| DynamoDB Streams, mapping");
    let columns = columns();
    assert_eq!(
        rows[0][1..],
        columns.iter().map(|(heading, _)| heading.to_string()).collect::<Vec<_>>()
    );
    let fields: Vec<&str> = rows[1..].iter().map(|row| row[0].as_str()).collect();
    let members = [
        "event_id",
        "operation",
        "account",
        "table",
        "region",
        "source",
        "sequence_number",
        "timestamp",
        "actor",
        "keys",
        "old",
        "new",
        "changed",
    ];
    assert!(
        members.iter().all(|member| fields.contains(&format!("`{member}`").as_str())),
        "{fields:?}"
    );
    for row in &rows[1..] {
        let field = if row[0].starts_with('`') { row[0].trim_matches('`') } else { &row[0] };
        assert_eq!(row.len(), 1 + columns.len(), "{field}");
        for (cell, (column, cases)) in row[1..].iter().zip(&columns) {
            let codes = codes(cell);
            for case in cases {
                let found = case.json.get(field);
                assert!(
                    case.agrees(field, cell, &codes),
                    "{field} of {column}: the page says {cell}, found {found:?}"
                );
            }
            let idle: Vec<_> = codes
                .iter()
                .filter(|code| !cases.iter().any(|case| case.needs(field, code)))
                .collect();
            assert!(idle.is_empty(), "{field} of {column}: no sample shows {idle:?} of {cell}");
        }
    }
}

#[test]
fn the_examples_are_lines_of_the_samples() {
    let (page, columns) = (page(), columns());
    let blocks: Vec<&str> =
        page.split("```json\n").skip(1).filter_map(|block| block.split("\n```").next()).collect();
    assert_eq!(blocks.len(), columns.len());
    for (example, (column, cases)) in blocks.iter().zip(&columns) {
        let found = cases.iter().any(|case| line(&case.event, Format::Json) == **example);
        assert!(found, "{column}: {example}");
    }
}

#[test]
fn every_type_becomes_what_its_row_says() {
    let page = page();
    let rows = table(&page, "type |");
    assert_eq!(rows.len(), 13);
    for row in &rows[1..] {
        let [typed, number, string] = [1, 2, 3].map(|column| codes(&row[column])[0]);
        let record = format!(
            r#"{{"eventID":"1","eventName":"INSERT","dynamodb":{{"NewImage":{{"a":{typed}}}}}}}"#
        );
        let event = &decode_records(&[record]).events[0];
        for (numbers, expected) in [(Numbers::Number, number), (Numbers::String, string)] {
            let json = line(event, Encoder { format: Format::Json, numbers });
            assert!(json.contains(&format!(r#""new":{{"a":{expected}}}"#)), "{typed}: {json}");
            let debezium = line(event, Encoder { format: Format::Debezium, numbers });
            assert!(
                debezium.contains(&format!(r#""after":{{"a":{expected}}}"#)),
                "{typed}: {debezium}"
            );
        }
    }
}

#[test]
fn every_format_tells_the_same_time() {
    for (name, payload) in samples() {
        for event in decode(payload).events {
            let [json, log, debezium] = [Format::Json, Format::Log, Format::Debezium]
                .map(|format| Plain::read(&line(&event, format)));
            let seconds =
                json.get("timestamp").text().map(|timestamp| timestamp[..19].replace('T', " "));
            assert_eq!(log.get("log_timestamp").text(), seconds.as_deref(), "{name}");
            let milliseconds = event
                .timestamp()
                .map_or(Plain::Null, |time| Plain::Number(time.milliseconds().to_string()));
            assert_eq!(
                (debezium.get("ts_ms"), debezium.get("source").get("ts_ms")),
                (&milliseconds, &milliseconds)
            );
        }
    }
}
