//! docs/values.md is true in every cell: its tables and examples are read and compared with
//! decoded samples.

use std::collections::BTreeSet;

use changefan::{ChangeEvent, Encoder, Format, Operation, Source};
use changefan_events::{Numbers, ROWS_COLUMNS};

use super::cases::columns;
use super::plain::Plain;
use super::support::{decode, decode_records, file, line, read, sample, samples};

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
fn table_of_sources_agrees_with_the_samples() {
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
fn json_examples_are_lines_of_the_samples() {
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
fn table_of_types_agrees_with_the_formats() {
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
fn formats_agree_on_the_time() {
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

/// The blocks of the page in this language.
fn blocks<'a>(page: &'a str, language: &str) -> Vec<&'a str> {
    let start = format!("```{language}\n");
    page.split(&*start).skip(1).filter_map(|block| block.split("\n```").next()).collect()
}

#[test]
fn rows_identity_and_version_have_the_documented_joins() {
    let page = page();
    let rows: Vec<Vec<&str>> = blocks(&page, "text")[0]
        .lines()
        .skip(1)
        .map(|line| line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect())
        .collect();
    let mut shown = BTreeSet::new();
    for (_, payload) in samples() {
        for event in decode(payload).events {
            let source = match (event.source(), event.operation()) {
                (Source::DynamoDb, _) => "DynamoDB Streams",
                (_, Operation::Append) => "Kinesis: other",
                _ => "Kinesis: change",
            };
            let row = rows.iter().find(|row| row[0] == source).expect(source);
            let line = Plain::read(&line(&event, Format::Rows));
            assert_eq!(line.get("change_id").text(), Some(&*joined(row[1], '/', &line, &event)));
            assert_eq!(line.get("version").text(), Some(&*joined(row[2], '|', &line, &event)));
            shown.insert(source);
        }
    }
    assert_eq!(shown.len() + 1, rows.len(), "all but exports");
    assert_eq!(rows[3][2], "0");
}

/// The members that a template names, joined; those of `version` with leading zeros.
fn joined(template: &str, by: char, line: &Plain, event: &ChangeEvent) -> String {
    let part = |name: &str| match name {
        "label" => event.stream_label().unwrap_or_default().to_owned(),
        "index" => format!("{:0>10}", event.sub_record().unwrap_or_default()),
        _ => {
            let text = line.get(name).text().unwrap_or_default();
            let is_padded = by == '|' && name == "sequence_number";
            if is_padded { format!("{text:0>60}") } else { text.to_owned() }
        }
    };
    template.split(by).map(part).collect::<Vec<_>>().join(&by.to_string())
}

#[test]
fn rows_examples_are_lines_of_the_samples() {
    let lines: BTreeSet<String> = samples()
        .into_iter()
        .flat_map(|(_, payload)| decode(payload).events)
        .map(|event| line(&event, Format::Rows))
        .collect();
    let page = page();
    let examples = blocks(&page, "jsonl");
    assert_eq!(examples.len(), 3);
    assert!(examples.iter().all(|example| lines.contains(*example)));
}

#[test]
fn rows_members_are_the_columns_in_order() {
    let page = page();
    let text = page.split_once("in this order: ").expect("the members").1;
    let names = codes(text.split_once(". ").expect("a sentence").0);
    let columns: Vec<&str> = ROWS_COLUMNS.iter().map(|column| column.name).collect();
    assert_eq!(names, columns);
}

#[test]
fn table_of_debezium_has_every_member() {
    let page = page();
    let rows = table(&page, "member | type |");
    let documented: BTreeSet<&str> = rows.iter().skip(1).flat_map(|row| codes(&row[0])).collect();
    let event = &decode(sample("orders.json")).events[0];
    let Plain::Map(line) = Plain::read(&line(event, Format::Debezium)) else { panic!("a map") };
    let Plain::Map(source) = &line["source"] else { panic!("a map") };
    let ours = ["event_id", "region", "account", "actor", "keys"];
    let of_source = source.keys().filter(|name| !ours.contains(&name.as_str()));
    let members = of_source.map(|name| format!("source.{name}"));
    let outer = line.keys().filter(|name| !["before", "after", "source"].contains(&name.as_str()));
    let members: Vec<String> = outer.cloned().chain(members).collect();
    assert_eq!(members.iter().map(String::as_str).collect::<BTreeSet<_>>(), documented);
}
