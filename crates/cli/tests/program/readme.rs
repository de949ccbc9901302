//! The README is true: its picture is what the program prints, and what it says to write is what there is.

use crate::common::{program, repository_yaml};
use serde_json::Value;
use std::path::{Path, PathBuf};

const README: &str = include_str!("../../../../README.md");

/// The picture leaves out lines where it says `…`; what stands between is there, in this order.
#[test]
fn the_readme_shows_what_the_program_prints() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let picture = between(
        README,
        "<!-- terminal picture: begin -->\n```text\n$ watertight ",
        "```\n<!-- terminal picture: end -->",
    );
    let (command, shown) = picture.split_once('\n').unwrap();
    let printed = printed(&root, &command.split(' ').collect::<Vec<_>>());
    let mut rest = printed.as_str();
    for part in shown.split("…\n").filter(|part| !part.is_empty()) {
        let place =
            rest.find(part).unwrap_or_else(|| panic!("the program does not print, in this place:\n{part}"));
        rest = &rest[place + part.len()..];
    }
    assert_eq!(rest, "", "the picture ends before the output does");
}

#[test]
fn the_workflow_of_the_readme_gives_the_action_what_it_needs() {
    let inputs = repository_yaml("action.yml")["inputs"].as_object().unwrap().clone();
    let step = &snippet("- uses:")[1];
    let with = step["with"].as_object().unwrap();
    assert!(with.keys().all(|key| inputs.contains_key(key)), "{with:?}");
    let needed = inputs.iter().filter(|(_, input)| input["required"] == true);
    let missing: Vec<&String> =
        needed.map(|(name, _)| name).filter(|name| !with.contains_key(*name)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn the_hook_of_the_readme_is_there_and_takes_its_arguments() {
    let hooks = repository_yaml(".pre-commit-hooks.yaml");
    let used = &snippet("repos:")["repos"][0]["hooks"][0];
    let hook = hooks.as_array().unwrap().iter().find(|hook| hook["id"] == used["id"]).unwrap();
    let entry = hook["entry"].as_str().unwrap().split(' ').skip(1);
    let arguments = used["args"].as_array().unwrap().iter().filter_map(Value::as_str);
    // No folder of that name is there: what is wrong is the input, and not the usage.
    let output = program(Path::new("."), &entry.chain(arguments).collect::<Vec<_>>()).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.starts_with("error: there is no file or folder `k8s/`"), "{said}");
}

/// The YAML block of the README that begins like this.
fn snippet(start: &str) -> Value {
    let block = between(README, &format!("```yaml\n{start}"), "```");
    serde_saphyr::from_str(&format!("{start}{block}")).unwrap()
}

fn between<'t>(text: &'t str, start: &str, end: &str) -> &'t str {
    let (_, behind) = text.split_once(start).unwrap();
    behind.split_once(end).unwrap().0
}

fn printed(folder: &Path, arguments: &[&str]) -> String {
    let output = program(folder, arguments).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}
