//! What programs that make manifests say when they fail, without the values that they repeat: a literal that is wrong, a patch, a URL
//! with a password. What is known to repeat none is shown, and of all else that there was something.

use crate::rendering::Program;

/// Words of kubectl beside which stand names of files, fields and objects, and no values.
const WITHOUT_VALUES: [&str; 14] = [
    "already registered id",
    "cannot unmarshal",
    "cycle detected",
    "failed to find unique target for patch",
    "found multiple possible outputs",
    "illegally repeats the key",
    "is not in or below",
    "missing Resource metadata",
    "must build at directory",
    "no matches for",
    "no such file or directory",
    "unable to find one of",
    "unknown field",
    "yaml: line",
];

/// Signs that values stand there all the same.
const WITH_VALUES: [&str; 6] = ["literal source", "://", "{", "anchor", "map[", "with config"];

/// Before these words of Helm a quoted text is the name of a template or of a field.
const BEFORE_NAMES: [&str; 3] = ["executing ", "at ", "on "];

/// What stands in place of what is not shown.
const HIDDEN: &str = "…";

/// What is said in place of words that may repeat values.
const NOT_SHOWN: &str =
    "its words are not shown, since they may repeat values: run it by yourself to read them";

/// What is shown of what a program said, as lines.
pub(crate) fn shown(program: Program, said: &str) -> Vec<String> {
    match program {
        Program::Kubectl => of_kubectl(said),
        Program::Helm => {
            said.lines().map(str::trim_end).filter(|line| !line.is_empty()).map(unquoted).collect()
        }
    }
}

fn of_kubectl(said: &str) -> Vec<String> {
    // It logs its failure, in one line if it has one, with the time before it.
    let logged = said.split_once("err=\"").map(|(_, rest)| rest.trim_end());
    let logged = logged.map(|rest| rest.strip_suffix('"').unwrap_or(rest));
    let Some(words) = logged.or_else(|| in_one_line(said)) else {
        return match said.split_once("trouble configuring builtin ") {
            Some((_, rest)) => {
                let part: String = rest.chars().take_while(char::is_ascii_alphanumeric).collect();
                vec![format!("trouble configuring builtin {part}"), NOT_SHOWN.to_owned()]
            }
            None if said.trim().is_empty() => Vec::new(),
            None => vec![NOT_SHOWN.to_owned()],
        };
    };
    if words.contains("literal source") {
        return vec!["a literal of a generator is not `KEY=VALUE`".to_owned()];
    }
    let words = without_lists(&words.replace("\\\"", "\"").replace("[noGrp]", "").replace("[noNs]", ""));
    let is_known = WITHOUT_VALUES.iter().any(|part| words.contains(part))
        && !WITH_VALUES.iter().any(|part| words.contains(part));
    vec![if is_known { words } else { NOT_SHOWN.to_owned() }]
}

/// All that is said, if it is one line.
fn in_one_line(said: &str) -> Option<&str> {
    let said = said.trim();
    (!said.is_empty() && !said.contains('\n')).then_some(said)
}

/// Words without what stands in the brackets of a list.
fn without_lists(words: &str) -> String {
    match (words.find('['), words.rfind(']')) {
        (Some(start), Some(end)) if start < end => {
            format!("{}[{HIDDEN}{}", &words[..start], &words[end..])
        }
        _ => words.to_owned(),
    }
}

/// A line without quoted texts, but for names.
fn unquoted(line: &str) -> String {
    let mut shown = String::new();
    let mut rest = line;
    while let Some(start) = rest.find(['"', '\'', '`']) {
        let quote = &rest[start..=start];
        // An apostrophe stands within a word.
        let is_apostrophe = quote == "'" && rest[..start].ends_with(char::is_alphanumeric);
        let Some(length) = rest[start + 1..].find(quote).filter(|_| !is_apostrophe) else {
            shown += &rest[..=start];
            rest = &rest[start + 1..];
            continue;
        };
        let (before, text) = (&rest[..start], &rest[start + 1..start + 1 + length]);
        let is_name = BEFORE_NAMES.iter().any(|words| before.ends_with(words));
        shown += &format!("{before}{quote}{}{quote}", if is_name { text } else { HIDDEN });
        rest = &rest[start + length + 2..];
    }
    shown + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A value that must not be seen.
    const MARK: &str = "hunter2";

    #[test]
    fn kubectl_repeats_no_values() {
        let log = "E1123 18:34:11.700142   11064 run.go:72] \"command failed\" err=";
        for said in [
            "\"loading KV pairs: literal sources [hunter2]: invalid literal source hunter2, expected key=value\"",
            "\"loading KV pairs: literal sources [a=hunter2 no such file or directory]: invalid literal source hunter2\"",
            "\"loading KV pairs: file sources: [hunter2=a=b]: source \\\"hunter2=a=b\\\" key name or file path contains '='\"",
            "<\n\ttrouble configuring builtin PatchTransformer with config: `\n\tpatch: hunter2hunter2\n\t`: unable to parse SM or JSON patch from [patch: \"hunter2hunter2\"]\n >",
            "<\n\ttrouble configuring builtin PatchStrategicMergeTransformer with config: `\n\tpaths:\n\t- |-\n\t  stringData: {a: hunter2}\n\t`: evalsymlink failure on '/s/kind: Secret\n\tstringData: {a: hunter2}' : lstat /s/kind: no such file or directory\n >",
            "\"accumulating resources: accumulation err='accumulating resources from 'https://user:hunter2@127.0.0.1:1/x.yaml': Get \\\"x\\\"': lstat /s/https:: no such file or directory\"",
            "\"MalformedYAMLError: yaml: line 3: unknown anchor 'hunter2' referenced in File: s.yaml\"",
            "\"missing metadata.name in object {{v1 Secret} {{ x} map[a:hunter2] map[]}}: must build at directory\"",
            "\"something new that repeats hunter2\"",
        ] {
            for said in [format!("{log}{said}\n"), said.trim_matches('"').to_owned()] {
                let shown = shown(Program::Kubectl, &said);
                assert!(!shown.is_empty() && !shown.join(" ").contains(MARK), "{shown:?}");
            }
        }
    }

    #[test]
    fn what_helps_is_shown() {
        for said in [
            "loading KV pairs: env source files: […]: evalsymlink failure on '/s/e.env' : lstat /s/e.env: no such file or directory",
            "invalid Kustomization: json: unknown field \"stringDta\"",
            "invalid Kustomization: json: cannot unmarshal string into Go struct field Kustomization.secretGenerator of type […]types.SecretArgs",
            "accumulating resources: MalformedYAMLError: yaml: line 5: did not find expected ',' in File: s.yaml",
        ] {
            let logged =
                format!("E1123 1 run.go:72] \"command failed\" err=\"{}\"\n", said.replace('"', "\\\""));
            let logged = logged.replace("files: […]", "files: [e.env]").replace("[…]types", "[]types");
            assert_eq!(shown(Program::Kubectl, &logged), [said]);
        }
        assert_eq!(shown(Program::Kubectl, ""), Vec::<String>::new());
        let helm = "Error: execution error at (web/templates/a.yaml:1:4): A password isn't given\n";
        assert_eq!(shown(Program::Helm, helm), [helm.trim_end()]);
        let helm = "Error: template: web/a.yaml:1:3: executing \"web/a.yaml\" at <atoi>: parsing \"hunter2\": invalid syntax\n- at '/password': 'hunter2' does not match pattern '^a'";
        let shown = shown(Program::Helm, helm);
        assert_eq!(
            shown,
            [
                "Error: template: web/a.yaml:1:3: executing \"web/a.yaml\" at <atoi>: parsing \"…\": invalid syntax",
                "- at '/password': '…' does not match pattern '…'"
            ]
        );
    }
}
