//! What is left to be filled in, and what is never copied.

use crate::support::{DIGEST, imported, intent, shown, source};

const QOVERY: &str = "\
application: {name: shop, port: 8080}
databases:
  - {type: mysql, name: orders}
";

#[test]
fn a_gap_that_is_filled_in_is_an_intent() {
    let text = imported(".qovery.yml", QOVERY).text.unwrap();
    assert_eq!(intent(&text).applications.len(), 0);
    // Twice: the application's stores are a comment within a comment.
    let uncommented = |text: &str| -> String {
        let line = |line: &str| {
            let (before, rest) = line.split_at(line.len() - line.trim_start().len());
            format!("{before}{}\n", rest.strip_prefix("# ").unwrap_or(rest))
        };
        text.lines().filter(|line| !line.contains("yaml-language-server")).map(line).collect()
    };
    let filled = uncommented(&uncommented(&text)).replace("sha256:DIGEST", DIGEST);
    let filled = filled.replace("REGISTRY", "registry.example").replace("HOST", "db.example.com");
    let filled = intent(&filled.replace("ADDRESSES", "\"10.0.0.0/28\""));
    assert_eq!((filled.applications.len(), filled.stores.len()), (1, 1));
    let watertight_intent::PlacedSource::Workload(workload) = &filled.applications[0].placements[0].source
    else {
        panic!("an application with an image");
    };
    assert_eq!(workload.stores.len(), 1);
}

/// A value that must not be seen anywhere.
const MARK: &str = "hunter2hunter2";

#[test]
fn credentials_are_neither_copied_nor_shown() {
    let places = [
        format!("variables: {{API_TOKEN: {MARK}}}"),
        format!("variables: {{DATABASE: \"postgres://a:{MARK}@db/x\"}}"),
        format!("variables: {{API_TOKEN: [{MARK}]}}"),
        format!("variables:\n      PASSWORD: |\n        {MARK}\n        second line"),
        format!("args: [\"--password={MARK}\"]"),
        format!("args: [--password, {MARK}]"),
        format!("command: [\"sh\", \"-c\", \"login --token={MARK}\"]"),
        format!("files: [{{target: /x, content: {MARK}}}]"),
        format!(
            "livenessProbe: {{httpGet: {{path: /, port: 80, httpHeaders: [{{name: a, value: {MARK}}}]}}}}"
        ),
        format!("password: {MARK}"),
        format!("variables: {{API_TOKEN: {MARK}}}\n  broken: ["),
    ];
    for place in places {
        let text = format!(
            "apiVersion: score.dev/v1b1\nmetadata: {{name: shop}}\ncontainers:\n  main:\n    image: a/b@{DIGEST}\n    {place}\n"
        );
        let written = imported("score.yaml", &text);
        let shown = shown(&written, &[source("score.yaml", &text)]);
        assert!(!shown.contains(MARK), "{shown}");
        assert!(!written.diagnostics.is_empty(), "{place}");
    }
}
