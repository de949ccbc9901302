//! Tests of the checks of the rules' pages, on pages made for them.

use super::*;

fn page(examples: &str) -> String {
    format!(
        "# open-rule\n\nA rule.\n\n## What it finds\n\nX.\n\n## Why it matters\n\nX.\n\n## How to fix it\n\nX.\n\n## Examples\n\n{examples}"
    )
}

fn case(title: &str, expect: &str) -> String {
    format!("### {title}\n\n```yaml\n# ## no heading\nkind: Pod\n```\n\n```expect\n{expect}\n```\n\n")
}

fn whats(text: &str) -> Vec<String> {
    check(&Repository::of(&[("rules/open-rule.md", text)])).into_iter().map(|problem| problem.what).collect()
}

fn broken_and_mended() -> String {
    case("Broken", "verdict: breached\nbreaches: open-rule") + &case("Mended", "verdict: isolated\nbreaches:")
}

#[test]
fn a_page_with_a_broken_and_a_mended_case_is_fine() {
    assert_eq!(whats(&page(&broken_and_mended())), Vec::<String>::new());
    assert_eq!(whats(&page("It needs none.\n")), Vec::<String>::new());
}

#[test]
fn a_page_has_the_fixed_headings() {
    let text = page(&broken_and_mended());
    assert_eq!(whats(&text.replace("## Why it matters", "## Why")).len(), 1);
    assert_eq!(whats(&text.replace("# open-rule", "# other-rule")).len(), 1);
    assert_eq!(whats(&text.replace("\n\nA rule.\n", "\n")).len(), 1);
}

#[test]
fn a_page_shows_its_rule_and_how_it_is_mended() {
    let only_mended = page(&case("Mended", "verdict: isolated\nbreaches:"));
    assert_eq!(whats(&only_mended), ["has no case in which its rule is found"]);
    let only_broken = page(&case("Broken", "verdict: breached\nbreaches: open-rule"));
    assert_eq!(whats(&only_broken), ["has no case in which its rule is mended"]);
}

#[test]
fn a_case_is_manifests_and_an_expectation() {
    let with = |section: &str| whats(&page(&(broken_and_mended() + section)));
    assert_eq!(with("### Odd\n\n```yaml\na: b\n```\n").len(), 1);
    assert_eq!(with("### Odd\n\n```expect\nverdict: isolated\nbreaches:\n```\n").len(), 1);
    assert_eq!(with(&case("Odd", "verdict isolated")).len(), 1);
}

#[test]
fn an_expectation_says_what_can_be_expected() {
    let with = |expect: &str| whats(&page(&(broken_and_mended() + &case("Odd", expect))));
    assert_eq!(with("verdict: isolated\nbreaches:\nprofile: none"), Vec::<String>::new());
    assert_eq!(with("verdict: safe\nbreaches:"), ["this case expects `verdict: safe`, which means nothing"]);
    assert_eq!(with("breaches:"), ["this case does not say `verdict`"]);
    assert_eq!(with("verdict: isolated"), ["this case does not say `breaches`"]);
    assert_eq!(with("intent: refused\ndiagnostics: open-rule"), Vec::<String>::new());
    assert_eq!(
        with("intent: maybe\ndiagnostics:"),
        ["this case expects `intent: maybe`, which means nothing"]
    );
    assert_eq!(with("intent: accepted"), ["this case does not say `diagnostics`"]);
    assert_eq!(with("verdict: isolated\nverdict: unknown\nbreaches:"), ["this case gives `verdict` twice"]);
    assert_eq!(
        with("verdict: unknown\nbreaches:\nblind-spots: no-such"),
        ["this case expects the rule `no-such`, which has no page"]
    );
}

/// The lines of a source file on which a rule without a page is emitted; `open-rule` has one.
fn lines_without_a_page(file: &str, code: &str) -> Vec<usize> {
    let page = page(&broken_and_mended());
    let files = [("rules/open-rule.md", page.as_str()), (file, code)];
    check(&Repository::of(&files)).into_iter().map(|problem| problem.line).collect()
}

#[test]
fn every_rule_that_a_finding_names_has_a_page() {
    let lines = |code| lines_without_a_page("crates/ingest/src/lib.rs", code);
    assert_eq!(lines("Diagnostic::error(\"open-rule\", message)\nStep { rule: \"N35\" }\n"), [0_usize; 0]);
    assert_eq!(
        lines("//! A.\nDiagnostic::warning(\"other\", message)\nBreach { rule: \"third\" }\n"),
        [2, 3]
    );
    assert_eq!(
        lines("// rule: \"comment\"\n#[cfg(test)]\nlet rule = Breach { rule: \"test\" };\n"),
        [0_usize; 0]
    );
}

#[test]
fn every_rule_of_a_list_has_a_page() {
    let lists = "pub const RULES: &[&str] = &[\n    \"open-rule\",\n    \"fourth\",\n];\nlet x = \"y\";\n";
    assert_eq!(lines_without_a_page("crates/ingest/src/lib.rs", lists), [3]);
    let constants = "pub const OPEN: &str = \"open-rule\";\npub const FIFTH: &str = \"fifth\";\n";
    assert_eq!(lines_without_a_page("crates/ingest/src/rules.rs", constants), [2]);
    assert_eq!(lines_without_a_page("crates/ingest/src/other.rs", constants), [0_usize; 0]);
}

#[test]
fn every_rule_that_a_method_names_has_a_page() {
    let code = "    fn rule(self) -> &'static str {\n        match self {\n            A => \"open-rule\",\n            B => \"sixth\",\n        }\n    }\n    fn help() { \"words\" }\n";
    assert_eq!(lines_without_a_page("crates/channels/api/src/leak.rs", code), [4]);
    assert_eq!(lines_without_a_page("crates/channels/api/tests/leak.rs", code), [0_usize; 0]);
    assert_eq!(lines_without_a_page("crates/render/src/leak.rs", code), [0_usize; 0]);
}
