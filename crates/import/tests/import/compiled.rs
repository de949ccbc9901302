//! What `init` writes, compiled, has what was there: each object of an environment as it was, or it was said what becomes of it.

use crate::support::{initialised_without, intent, manifests, source};
use std::collections::{BTreeMap, BTreeSet};
use watertight_base::{Diagnostic, Severity, Source, SourceId, Span};
use watertight_compile::{Given, GivenFile, Question, compile};
use watertight_ingest::{Content, Tree, trees};
use watertight_intent::{ApplicationId, Intent, PlacedSource};

/// Kinds that are made anew, or of no environment: the wall is held to what is promised of it by other tests.
const OF_WALL: [&str; 5] = ["Namespace", "ResourceQuota", "LimitRange", "Role", "RoleBinding"];

const ENVIRONMENTS: [&str; 2] = ["staging", "production"];

/// An object by its kind, its namespace and its name.
type Key = (String, String, String);

/// The objects of a source, those of lists one by one.
fn objects(index: usize, source: &Source) -> Vec<Tree> {
    let read = trees(SourceId(u32::try_from(index).unwrap()), source);
    let mut objects = Vec::new();
    for document in read.documents {
        match document.get("items").map(|items| &items.content) {
            Some(Content::List(items)) => objects.extend(items.iter().cloned()),
            _ => objects.push(document),
        }
    }
    objects
}

fn text(tree: &Tree, path: &[&str]) -> String {
    let found = path.iter().try_fold(tree, |tree, key| tree.get(key));
    found.and_then(Tree::text).unwrap_or_default().to_owned()
}

fn key(tree: &Tree) -> Key {
    (text(tree, &["kind"]), text(tree, &["metadata", "namespace"]), text(tree, &["metadata", "name"]))
}

/// What a value says that another one does not say, by its path. What the other one says more is no loss.
/// What is left out is none either.
fn lost(was: &Tree, is: &Tree, path: &str, left_out: &[Span], losses: &mut Vec<String>) {
    let stays = |tree: &Tree| !left_out.contains(&tree.span);
    match (&was.content, &is.content) {
        (Content::Mapping(members), Content::Mapping(_)) => {
            let members = members.iter().filter(|member| stays(&member.value));
            for member in members.filter(|member| !matches!(member.value.content, Content::Null)) {
                let path = format!("{path}.{}", member.key);
                match is.get(&member.key) {
                    // It is the server who writes it.
                    None if [".status", ".metadata.creationTimestamp"].contains(&path.as_str()) => {}
                    None => losses.push(path),
                    Some(is) => lost(&member.value, is, &path, left_out, losses),
                }
            }
        }
        (Content::List(was), Content::List(is))
            if was.iter().filter(|element| stays(element)).count() == is.len() =>
        {
            for (index, (was, is)) in was.iter().filter(|element| stays(element)).zip(is).enumerate() {
                lost(was, is, &format!("{path}[{index}]"), left_out, losses);
            }
        }
        (was, is) if was == is => {}
        _ => losses.push(path.to_owned()),
    }
}

/// What the applications of an intent consist of.
pub(crate) fn given(intent: &Intent, sources: &[Source]) -> Vec<Given> {
    let mut given = Vec::new();
    for (index, application) in intent.applications.iter().enumerate() {
        for placement in &application.placements {
            let PlacedSource::Manifests(path) = &placement.source else { panic!("{:?}", placement.source) };
            let is_below = |name: &str| match path.value.strip_suffix('/') {
                Some(folder) => name.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/')),
                None => name == path.value,
            };
            let numbered = (0..).zip(sources).skip(1).filter(|(_, source)| is_below(&source.name));
            let files: Vec<GivenFile> = numbered
                .map(|(id, source)| GivenFile { source: SourceId(id), from: source.name.clone() })
                .collect();
            assert!(!files.is_empty(), "no file is at `{}`", path.value);
            given.push(Given {
                application: ApplicationId(index),
                environment: placement.environment,
                files,
            });
        }
    }
    given
}

/// Whether it was said that an object is not carried over: of a file as a whole, or of so many objects of its kind.
fn is_told(object: &Tree, missing: usize, said: &[Diagnostic]) -> bool {
    let kind = text(object, &["kind"]);
    said.iter().any(|found| {
        let is_here = found.at.as_ref().is_some_and(|(span, _)| span.source == object.span.source);
        let counts = found.message.contains(&format!("{missing} {kind}"));
        ["taken-by-wall", "replaced-by-wall"].contains(&found.rule)
            && (is_here && found.message.starts_with("no application holds") || counts)
    })
}

/// What became of some sources.
#[derive(Debug, Default)]
pub(crate) struct Fate {
    /// Files that were taken away, since nothing can be left out so that the compiler takes them.
    refused: usize,
    /// Objects that are as they were.
    kept: usize,
    /// Objects that are as they were, but for fields that are left out.
    partly: usize,
    /// Objects that are left out.
    left_out: usize,
    /// Objects of which it was told that they are gone.
    gone: usize,
}

/// Takes away what the compiler refuses as it is, as people are told to, and looks at what became of all else.
fn carried_over(mut sources: Vec<Source>) -> Fate {
    let all = sources.len();
    sources.insert(0, source("watertight.yaml", ""));
    let mut left_out = Vec::new();
    loop {
        match compared(&sources, &left_out) {
            Ok(fate) => return Fate { refused: all + 1 - sources.len(), ..fate },
            Err(refused) => {
                let more: BTreeSet<Span> = refused.iter().flat_map(|found| found.without.clone()).collect();
                let before = left_out.len();
                left_out.extend(more.into_iter().filter(|span| !left_out.contains(span)).collect::<Vec<_>>());
                if left_out.len() == before {
                    let names: BTreeSet<String> = refused.iter().map(|found| file(found, &sources)).collect();
                    sources.retain(|source| !names.contains(&source.name));
                    // The numbers of the others have changed.
                    left_out.clear();
                }
            }
        }
    }
}

/// The file in which something is refused.
fn file(found: &Diagnostic, sources: &[Source]) -> String {
    match &found.at {
        Some((span, _)) if span.source.0 > 0 => sources[span.source.0 as usize].name.clone(),
        _ => panic!("nothing can be left out so that this goes: {found:#?}"),
    }
}

/// What became of objects where these parts are left out; or what the compiler refuses. The intent is the first of the sources.
pub(crate) fn compared(sources: &[Source], left_out: &[Span]) -> Result<Fate, Vec<Diagnostic>> {
    let written = initialised_without(sources, &[], left_out).unwrap();
    let text = written.text.as_deref().unwrap_or_else(|| panic!("{:#?}", written.diagnostics));
    let intent = intent(text);
    let mut all = sources.to_vec();
    all[0] = source("watertight.yaml", text);
    let given = given(&intent, sources);
    let compiled = compile(Question { intent: &intent, sources: &all, given: &given, beside: &[] });
    let mut errors = compiled.diagnostics;
    errors.retain(|found| found.severity == Severity::Error);
    if !errors.is_empty() {
        return Err(errors);
    }
    let mut made: BTreeMap<Key, Vec<Tree>> = BTreeMap::new();
    for file in &compiled.files {
        for object in objects(0, &source(&file.path, &file.text)) {
            made.entry(key(&object)).or_default().push(object);
        }
    }
    let were = sources.iter().enumerate().flat_map(|(index, source)| objects(index, source));
    let were: Vec<Tree> = were
        .filter(|object| {
            let (kind, namespace, _) = key(object);
            ENVIRONMENTS.contains(&namespace.as_str()) && !OF_WALL.contains(&kind.as_str())
        })
        .collect();
    let mut fate = Fate::default();
    for was in &were {
        let key = key(was);
        if left_out.contains(&was.span) {
            // The intent itself may make one of its name.
            let of_application = |made: &Tree| {
                !self::text(made, &["metadata", "annotations", "watertight.dev/source"]).is_empty()
            };
            let comes = made.get(&key).is_some_and(|made| made.iter().any(of_application));
            assert!(!comes, "{key:?} is not left out\n{text}");
            fate.left_out += 1;
            continue;
        }
        let Some(is) = made.get(&key) else {
            let missing = were
                .iter()
                .filter(|other| {
                    let other = self::key(other);
                    (&other.0, &other.1) == (&key.0, &key.1) && !made.contains_key(&other)
                })
                .count();
            assert!(is_told(was, missing, &written.diagnostics), "nothing is said of {key:?}\n{text}");
            fate.gone += 1;
            continue;
        };
        assert_eq!(is.len(), 1, "{key:?} is there more than once");
        let mut losses = Vec::new();
        lost(was, &is[0], "", left_out, &mut losses);
        assert_eq!(losses, Vec::<String>::new(), "{key:?} changed");
        if left_out.iter().any(|span| was.span.contains(*span)) {
            fate.partly += 1;
        } else {
            fate.kept += 1;
        }
    }
    Ok(fate)
}

/// A public stack, twice: each in a folder and a namespace of its environment.
fn twice(folder: &str, home: Option<&str>) -> Vec<Source> {
    let mut sources = Vec::new();
    for environment in ENVIRONMENTS {
        for own in manifests(folder, folder) {
            let text = format!("\n{}", String::from_utf8(own.bytes).unwrap());
            let text = match home {
                Some(home) if text.contains(&format!("\n  namespace: {home}")) => {
                    text.replace(&format!("namespace: {home}"), &format!("namespace: {environment}"))
                }
                _ => text.replace("\nmetadata:\n", &format!("\nmetadata:\n  namespace: {environment}\n")),
            };
            sources.push(source(&format!("k8s/{environment}/{}", own.name), &text));
        }
    }
    sources
}

#[test]
fn stacks_are_carried_over() {
    let mut fates = Vec::new();
    let mut note = |folder: &str, sources: Vec<Source>| {
        let Fate { refused, kept, partly, left_out, gone } = carried_over(sources);
        fates.push(format!(
            "{folder}: {kept} kept, {partly} in part, {left_out} left out, {gone} gone, {refused} files refused"
        ));
    };
    for shop in ["shop-leaky", "shop-watertight"] {
        note(shop, manifests(&format!("examples/{shop}"), "examples"));
    }
    for (folder, home) in [
        ("online-boutique", None),
        ("argo-cd/manifests", None),
        ("kube-prometheus/manifests", Some("monitoring")),
        ("two-environments/argo-cd", None),
        ("two-environments/kube-prometheus", Some("monitoring")),
        ("two-environments/kubernetes/cockroachdb", None),
        ("two-environments/kubernetes/csi-hostpath", Some("default")),
        ("two-environments/kubernetes/event-exporter", Some("kube-system")),
        ("two-environments/kubernetes/ingress-controller", Some("kube-system")),
        ("two-environments/kubernetes/metrics-server", Some("kube-system")),
        ("two-environments/kubernetes/snapshot-controller", Some("kube-system")),
    ] {
        note(folder, twice(&format!("tests/corpus/{folder}"), home));
    }
    insta::assert_snapshot!(fates.join("\n"));
}
