//! Amazon DynamoDB: `DescribeTable`.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::StrictAws;
use crate::answer::{Refusal, Reply};
use crate::call::Operation;
use crate::json::{Input, unknown_operation};

impl StrictAws {
    /// Creates a table whose keys are given by name and type (`S`, `N` or `B`): the partition key,
    /// and the sort key if there is one.
    pub fn create_table(&self, table: &str, keys: &[(&str, &str)]) {
        let keys = keys.iter().map(|(name, kind)| ((*name).to_owned(), (*kind).to_owned()));
        self.state().dynamodb.tables.insert(table.to_owned(), keys.collect());
    }
}

/// The tables: the names and types of their keys.
#[derive(Default)]
pub(crate) struct DynamoDb {
    tables: BTreeMap<String, Vec<(String, String)>>,
}

/// Parses a request.
pub(crate) fn parse(name: &str, input: Input<'_>) -> Result<Operation, Refusal> {
    match name {
        "DescribeTable" => describe_table(input),
        _ => Err(unknown_operation()),
    }
}

fn describe_table(input: Input<'_>) -> Result<Operation, Refusal> {
    let name = input.text("TableName")?;
    // A table is given by name or by ARN.
    let name = name.rsplit_once(":table/").map_or(name, |(_, name)| name).to_owned();
    Ok(Operation::new("DescribeTable", name.clone(), move |state, _| {
        let missing = || {
            let message = format!("Requested resource not found: Table: {name} not found");
            Refusal::new(400, "ResourceNotFoundException", message)
        };
        let keys = state.dynamodb.tables.get(&name).ok_or_else(missing)?;
        Ok(Reply::json(&json!({"Table": description(&name, keys)})))
    }))
}

fn description(table: &str, keys: &[(String, String)]) -> Value {
    let schema = keys.iter().zip(["HASH", "RANGE"]);
    let schema: Vec<Value> =
        schema.map(|((name, _), role)| json!({"AttributeName": name, "KeyType": role})).collect();
    let attributes: Vec<Value> = keys
        .iter()
        .map(|(name, kind)| json!({"AttributeName": name, "AttributeType": kind}))
        .collect();
    json!({
        "TableName": table,
        "TableArn": format!("arn:aws:dynamodb:us-east-1:000000000000:table/{table}"),
        "TableStatus": "ACTIVE",
        "KeySchema": schema,
        "AttributeDefinitions": attributes,
    })
}
