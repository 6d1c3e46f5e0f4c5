//! What the compiler and clippy say of a function's body is what they say without the attribute, at the same place.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// Level, code, place and words of one diagnostic, as often as it came.
type Diagnostics = BTreeMap<String, usize>;

/// `attribute` is compiled into every case of a file.
fn diagnostics(cases: &str, attribute: &str) -> Diagnostics {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a workspace");
    let mut cargo = Command::new(env!("CARGO"));
    // A target directory of its own: the one of this test may be locked.
    cargo.current_dir(root).env("CARGO_TARGET_DIR", root.join("target/transparency")).env_remove("RUSTFLAGS");
    cargo.args([
        "clippy",
        "--quiet",
        "--locked",
        "--message-format=json",
        "-p",
        "altlocks-transparency",
        "--test",
        cases,
    ]);
    cargo.args(["--", "--cfg", "transparency", "--cfg", &format!("attribute=\"{attribute}\"")]);
    let output = cargo.output().expect("cargo runs");
    let lines = String::from_utf8(output.stdout).expect("JSON");
    let mut diagnostics = Diagnostics::new();
    for line in lines.lines() {
        let message: Value = serde_json::from_str(line).expect("JSON");
        let message = &message["message"];
        let Some(text) = message["message"].as_str().filter(|_| !message["spans"][0].is_null()) else { continue };
        let rendered = message["rendered"].as_str().unwrap_or_default();
        assert!(!rendered.contains("in the attribute macro"), "{attribute}:\n{rendered}");
        let spans = message["spans"].as_array().expect("spans");
        let places = spans.iter().filter(|span| span["is_primary"] == true);
        let places: Vec<String> = places
            .map(|span| format!("{}:{}:{}", span["file_name"], span["line_start"], span["column_start"]))
            .collect();
        let code = message["code"]["code"].as_str().unwrap_or("-");
        let key = format!("{} {code} {} {text}", message["level"], places.join(" "));
        *diagnostics.entry(key).or_default() += 1;
    }
    diagnostics
}

fn missing<'a>(from: &'a Diagnostics, other: &'a Diagnostics) -> impl Iterator<Item = &'a String> {
    from.iter().filter(|(key, count)| other.get(*key) != Some(count)).map(|(key, _)| key)
}

#[test]
fn errors_and_lints_of_a_body_are_those_of_the_bare_function_at_the_same_place() {
    let (mut all, mut same) = (0, 0);
    let mut differing = Vec::new();
    for cases in ["types", "borrows", "lints"] {
        let bare = diagnostics(cases, "noop");
        assert!(bare.len() >= 10, "{cases}: {bare:#?}");
        for attribute in ["circuit_breaker", "throttle", "resource_guard"] {
            let ours = diagnostics(cases, attribute);
            all += bare.len();
            same += bare.iter().filter(|(key, count)| ours.get(*key) == Some(count)).count();
            differing.extend(missing(&bare, &ours).map(|key| format!("{attribute}: without it only: {key}")));
            differing.extend(missing(&ours, &bare).map(|key| format!("{attribute}: with it only: {key}")));
        }
    }
    println!("{same} of {all} are the same; not so:\n{}", differing.join("\n"));
    assert!(same * 100 >= all * 95, "{same} of {all} are the same:\n{}", differing.join("\n"));
}
