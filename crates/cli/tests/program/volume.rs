//! `--quiet`, `--verbose`, and what is only for terminals.

use crate::common::{Folder, HOLE, ISOLATED, ODD, Outcome, run};

fn outcome(arguments: &[&str]) -> Outcome {
    // What is given twice is worth a warning.
    let files = [("a.yaml", ISOLATED), ("b.yaml", ISOLATED), ("odd.yaml", ODD), ("hole.yaml", HOLE)];
    let files = files.map(|(name, text)| (name, text.as_bytes()));
    run(&Folder::with(&files), arguments)
}

const PROVE: [&str; 7] = ["prove", "-f", ".", "--from", "staging", "--to", "production"];
const MAP: [&str; 3] = ["map", "-f", "."];

#[test]
fn quiet_leaves_the_answer_and_takes_the_talk() {
    for question in [&PROVE[..], &MAP] {
        let plain = outcome(question);
        assert_ne!(plain.stderr, "");
        for option in ["-q", "--quiet"] {
            let quiet = outcome(&[question, &[option]].concat());
            assert_eq!((quiet.code, &quiet.stdout, quiet.stderr.as_str()), (plain.code, &plain.stdout, ""));
        }
    }
}

#[test]
fn quiet_keeps_errors() {
    for arguments in
        [&["map", "-f", "nothing.yaml", "-q"][..], &["map", "-q"], &["explain", "no-such-rule", "-q"]]
    {
        let failed = outcome(arguments);
        assert_eq!(failed.code, 2);
        assert!(failed.stderr.starts_with("error: "), "{}", failed.stderr);
    }
}

#[test]
fn verbose_names_files_environments_and_times() {
    let verbose = outcome(&[&PROVE[..], &["-v"]].concat());
    let plain = outcome(&PROVE);
    assert_eq!((verbose.code, &verbose.stdout), (plain.code, &plain.stdout));
    let of = |lead: &str| -> Vec<String> {
        verbose.stderr.lines().filter_map(|line| line.strip_prefix(lead)).map(str::to_owned).collect()
    };
    assert_eq!(
        of("read: "),
        [("./a.yaml", ISOLATED), ("./b.yaml", ISOLATED), ("./hole.yaml", HOLE), ("./odd.yaml", ODD)]
            .map(|(name, text)| format!("`{name}` ({} bytes)", text.len()))
    );
    assert_eq!(
        of("environment: "),
        [
            "`staging` has `staging`, since it is named `staging`",
            "`production` has `production`, since it is named `production`"
        ]
    );
    let times = of("time: ");
    let parts: Vec<&str> = times.iter().map(|time| time.split(' ').next().unwrap()).collect();
    assert_eq!(parts, ["reading", "proving"]);
    let without =
        |lead: &&str| !["read: ", "environment: ", "time: "].iter().any(|known| lead.starts_with(known));
    let rest: Vec<&str> = verbose.stderr.lines().filter(without).collect();
    assert_eq!(rest, plain.stderr.lines().collect::<Vec<_>>());
}

#[test]
fn quiet_and_verbose_exclude_each_other() {
    let both = outcome(&[&MAP[..], &["-q", "-v"]].concat());
    assert_eq!((both.code, both.stdout.as_str()), (2, ""));
}

#[test]
fn what_is_no_terminal_gets_no_links() {
    // Colours can be asked for anywhere; links only make sense where somebody can follow them.
    let coloured = outcome(&[&PROVE[..], &["--color", "always"]].concat());
    assert!(coloured.stdout.contains("\u{1b}[") && !coloured.stdout.contains("\u{1b}]8;;"));
}
