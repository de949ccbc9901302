//! What shells complete.

use crate::common::{Folder, commands, is_installed, run, through};
use std::collections::BTreeSet;

const SHELLS: [&str; 5] = ["bash", "elvish", "fish", "powershell", "zsh"];

fn script(shell: &str) -> String {
    let outcome = run(&Folder::with(&[]), &["completions", shell]);
    assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""), "{shell}");
    outcome.stdout
}

#[test]
fn every_shell_learns_of_every_command() {
    for shell in SHELLS {
        let script = script(shell);
        let words: BTreeSet<&str> = script.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').collect();
        let missing: Vec<String> =
            commands().into_iter().filter(|command| !words.contains(command.as_str())).collect();
        assert!(missing.is_empty(), "{shell}: {missing:?}");
    }
}

#[test]
fn every_shell_that_is_installed_takes_its_script() {
    for (shell, arguments) in [("bash", &["-n"][..]), ("fish", &["-n"]), ("zsh", &["-n"])] {
        if is_installed(shell) {
            assert_eq!(through(shell, arguments, &script(shell)), "", "{shell}");
        }
    }
}

#[test]
fn bash_completes_commands_options_and_values() {
    if !is_installed("bash") {
        return;
    }
    let completed = |words: &[&str]| -> BTreeSet<String> {
        let quoted: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
        let (last, before) = (quoted.len() - 1, &quoted[quoted.len() - 2]);
        let ask = format!(
            "COMP_WORDS=({}) COMP_CWORD={last}; _watertight watertight {} {before}; printf '%s\\n' \"${{COMPREPLY[@]}}\"\n",
            quoted.join(" "),
            quoted[last],
        );
        through("bash", &["--norc"], &(script("bash") + "\n" + &ask)).lines().map(str::to_owned).collect()
    };
    let all = completed(&["watertight", ""]);
    assert!(commands().iter().all(|command| all.contains(command)), "{all:?}");
    assert_eq!(completed(&["watertight", "pro"]), BTreeSet::from(["prove".to_owned()]));
    assert_eq!(completed(&["watertight", "prove", "--fr"]), BTreeSet::from(["--from".to_owned()]));
    let shells = SHELLS.map(str::to_owned);
    assert!(completed(&["watertight", "completions", ""]).is_superset(&BTreeSet::from(shells)));
    let colours = ["always", "auto", "never"].map(str::to_owned);
    assert_eq!(completed(&["watertight", "prove", "--color", ""]), BTreeSet::from(colours));
}
