//! The dependencies of the function.

use std::collections::BTreeSet;
use std::process::Command;

/// The packages that the function is linked with, by their names.
fn packages() -> BTreeSet<String> {
    let arguments = "tree -p changefan --no-default-features --features aws -e normal \
                     --offline --locked --prefix none";
    let output = Command::new(env!("CARGO"))
        .args(arguments.split(' '))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let name = |line: &str| line.split(' ').next().unwrap_or_default().to_owned();
    String::from_utf8_lossy(&output.stdout).lines().map(name).collect()
}

#[test]
fn function_has_no_dependency_of_the_command_line() {
    let packages = packages();
    let has = |name: &&str| packages.contains(*name);
    let own = ["changefan", "changefan-events", "changefan-sinks", "lambda_runtime", "aws-sdk-s3"];
    assert!(own.iter().all(has), "{packages:?}");
    let of_the_command_line = [
        "clap",
        "indicatif",
        "aws-config",
        "aws-sdk-dynamodbstreams",
        "aws-sdk-kinesis",
        "aws-sdk-sqs",
        "tempfile",
    ];
    assert_eq!(
        of_the_command_line.iter().filter(|name| has(name)).collect::<Vec<_>>(),
        Vec::<&&str>::new()
    );
}
