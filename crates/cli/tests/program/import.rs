//! `watertight import`, as people run it.

use crate::common::{Folder, run, run_with};

const QOVERY: &str = "\
application:
  name: shop
  port: 8080
routers:
  - name: main
    routes: [{application_name: shop, paths: [/*]}]
";

const IMAGE: &str =
    "shop=registry.example/shop@sha256:8d9001d32c6a703d95921a77115050f33dd823d3f1730bd35215dcbecad6dc20";

#[test]
fn what_is_missing_is_talk_and_the_intent_is_data() {
    let folder = Folder::with(&[(".qovery.yml", QOVERY.as_bytes())]);
    let outcome = run(&folder, &["import", ".qovery.yml"]);
    assert_eq!(outcome.code, 0);
    assert!(outcome.stdout.contains("# - name: shop\n"), "{}", outcome.stdout);
    let first = outcome.stderr.lines().next().unwrap();
    assert_eq!(first, "warning[import-gap]: the image of `shop` is not known by its digest, so that");
    let quiet = run(&folder, &["import", ".qovery.yml", "--quiet"]);
    assert_eq!((quiet.stdout, quiet.stderr.as_str()), (outcome.stdout, ""));
}

#[test]
fn an_intent_of_which_all_is_said_compiles() {
    let folder = Folder::with(&[(".qovery.yml", QOVERY.as_bytes())]);
    let options = [
        "import",
        "-",
        "--image",
        IMAGE,
        "--ingress",
        "ingress-nginx/nginx",
        "--host",
        "production/shop=shop.example.com",
        "--env",
        "production",
        "--output-file",
        "fleet/watertight.yaml",
    ];
    let outcome = run_with(&folder, &options, QOVERY.as_bytes());
    assert_eq!((outcome.code, outcome.stdout.as_str()), (0, ""), "{}", outcome.stderr);
    assert!(outcome.stderr.starts_with("note: `fleet/watertight.yaml` is written"), "{}", outcome.stderr);
    let compiled = run(&folder, &["compile", "-f", "fleet/watertight.yaml", "--output-dir", "deploy"]);
    assert_eq!(compiled.code, 0, "{}", compiled.stderr);
}

#[test]
fn each_environment_has_an_ingress_of_its_own() {
    let import = |ingresses: &[&str]| {
        let folder = Folder::with(&[(".qovery.yml", QOVERY.as_bytes())]);
        let hosts = ["--host", "production=shop.example.com", "--host", "staging=shop.example.net"];
        let mut words = vec!["import", ".qovery.yml", "--image", IMAGE, "--output-file", "watertight.yaml"];
        words.extend(hosts);
        words.extend(ingresses.iter().flat_map(|ingress| ["--ingress", ingress]));
        let imported = run(&folder, &words);
        let compiled = run(&folder, &["compile", "--output-dir", "deploy"]);
        (imported, compiled)
    };
    let (imported, compiled) = import(&["staging=ingress-staging/a", "production=ingress-production/b"]);
    assert_eq!((imported.code, compiled.code), (0, 0), "{imported:?} {compiled:?}");
    assert!(!imported.stderr.contains("shared-ingress"), "{imported:?}");
    // One of its own is enough.
    let (imported, compiled) = import(&["ingress-nginx/nginx", "staging=ingress-staging/a"]);
    assert_eq!((imported.code, compiled.code), (0, 0), "{imported:?} {compiled:?}");
    // One for both is said at once.
    let (imported, compiled) = import(&["ingress-nginx/nginx"]);
    assert!(imported.stderr.contains("give one a controller of its own"), "{imported:?}");
    assert!(compiled.code == 2 && compiled.stderr.contains("[shared-ingress]"), "{compiled:?}");
    for (wrong, says) in [
        (&["qa=a/b"][..], "is for `qa`, which is no environment"),
        (&["a/b", "c/d"], "is given twice for all environments"),
        (&["staging=production/b"], "names the namespace `production`"),
    ] {
        let (imported, _) = import(wrong);
        assert!(imported.code == 2 && imported.stderr.contains(says), "{imported:?}");
    }
}

#[test]
fn nothing_is_written_over_unasked() {
    let folder = Folder::with(&[(".qovery.yml", QOVERY.as_bytes()), ("watertight.yaml", b"mine")]);
    let import = ["import", ".qovery.yml", "--output-file", "watertight.yaml"];
    let refused = run(&folder, &import);
    assert_eq!((refused.code, refused.stdout.as_str()), (2, ""));
    assert_eq!(
        refused.stderr,
        "error: `watertight.yaml` is there already, and is not written over\n\
         help: choose another file, or add `--force`\n"
    );
    assert_eq!(text(&folder), "mine");
    assert_eq!(run(&folder, &[&import[..], &["--force"]].concat()).code, 0);
    assert!(text(&folder).starts_with("# yaml-language-server:"));
}

#[expect(clippy::disallowed_methods, reason = "a test looks at what was written")]
fn text(folder: &Folder) -> String {
    std::fs::read_to_string(folder.path().join("watertight.yaml")).unwrap()
}

#[test]
fn a_file_with_errors_shows_them_all_and_writes_nothing() {
    let folder =
        Folder::with(&[("score.yaml", b"apiVersion: score.dev/v1b1\nmetadata: {name: 7}\ncontainers: []\n")]);
    let outcome = run(&folder, &["import", "score.yaml", "--output-file", "watertight.yaml"]);
    assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""));
    insta::assert_snapshot!(outcome.stderr);
    assert!(!folder.path().join("watertight.yaml").exists());
}
