//! `prove -o html` in a real browser: what stands on the page, and that it asks for nothing and complains of nothing.
//!
//! The browser is Chromium without a window. Where there is none, the tests say that they were not made, and fail where
//! `CI` is set.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "it finds, starts and awaits another program"
)]

use crate::common::{Folder, HOLE, ISOLATED, ODD, Outcome, example, program, run};
use std::collections::BTreeSet;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// What Chromium is called.
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
/// How long a page may take.
const PATIENCE: Duration = Duration::from_secs(90);

fn chromium() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let found = NAMES.iter().find_map(|name| {
        std::env::split_paths(&path).map(|folder| folder.join(name)).find(|program| program.is_file())
    });
    if found.is_none() {
        assert!(std::env::var_os("CI").is_none(), "there is no Chromium: `apt-get install chromium`");
        eprintln!("not made: there is no Chromium");
    }
    found
}

/// What a browser made of a page.
#[derive(Debug)]
struct Visit {
    /// The document as it stands after loading.
    document: String,
    /// What the page complained of.
    complaints: Vec<String>,
    /// What the page asked for over the network, by address.
    asked: Vec<String>,
}

/// Opens a file in a browser that finds no host, so that nothing leaves this machine whatever a page asks for.
fn visit(browser: &Path, page: &str) -> Visit {
    let folder = TempDir::new().unwrap();
    let (file, log) = (folder.path().join("page.html"), folder.path().join("network.json"));
    std::fs::write(&file, page).unwrap();
    let mut command = Command::new(browser);
    command.args(["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--dump-dom"]);
    command.args(["--enable-logging=stderr", "--virtual-time-budget=2000"]);
    command.args(["--disable-background-networking", "--host-resolver-rules=MAP * ~NOTFOUND"]);
    command.arg(format!("--log-net-log={}", log.display()));
    command.arg(format!("--user-data-dir={}", folder.path().join("profile").display()));
    command.arg(format!("file://{}", file.display()));
    command.env("HOME", folder.path()).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let (mut stdout, mut stderr) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    // Both are read while it runs, so that a full pipe never holds it up.
    let document = std::thread::spawn(move || {
        let mut text = String::new();
        stdout.read_to_string(&mut text).map(|_| text)
    });
    let talk = std::thread::spawn(move || {
        let mut bytes = Vec::new();
        stderr.read_to_end(&mut bytes).map(|_| String::from_utf8_lossy(&bytes).into_owned())
    });
    let begun = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if begun.elapsed() > PATIENCE {
            child.kill().unwrap();
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    let talk = talk.join().unwrap().unwrap();
    let complaints = talk.lines().filter(|line| line.contains(":CONSOLE")).map(str::to_owned).collect();
    Visit { document: document.join().unwrap().unwrap(), complaints, asked: asked(&log) }
}

/// What pages asked for, by the browser's own log. The browser asks for things of its own, but for no page.
fn asked(log: &Path) -> Vec<String> {
    let log: serde_json::Value = serde_json::from_slice(&std::fs::read(log).unwrap()).unwrap();
    let begins = &log["constants"]["logEventTypes"]["URL_REQUEST_START_JOB"];
    assert!(begins.is_number());
    let requests = log["events"].as_array().unwrap().iter().filter(|event| event["type"] == *begins);
    let of_page = requests.filter_map(|event| {
        let params = &event["params"];
        let by_page = params["initiator"].as_str().is_some_and(|initiator| initiator != "not an origin");
        by_page.then(|| params["url"].as_str().unwrap().to_owned())
    });
    of_page.collect()
}

/// The first of what stands between two pieces of the document, and so on.
fn between<'a>(document: &'a str, open: &'a str, close: &'a str) -> Vec<&'a str> {
    document.split(open).skip(1).map(|rest| rest.split_once(close).unwrap().0).collect()
}

fn page(folder: &Path, form: &str) -> Outcome {
    let question = ["prove", "-f", ".", "--from", "staging", "--to", "production", "-o", form];
    let output = program(folder, &question).output().unwrap();
    Outcome {
        code: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

#[test]
fn both_examples_show_their_verdict_and_every_breach_and_load_nothing() {
    let Some(browser) = chromium() else { return };
    for (name, verdict, code) in [("shop-leaky", "breached", 1), ("shop-watertight", "isolated", 0)] {
        let html = page(&example(name), "html");
        assert_eq!((html.code, html.stderr.as_str()), (code, ""));
        let visit = visit(&browser, &html.stdout);
        assert_eq!(between(&visit.document, "<h1>", "</h1>"), [format!("{verdict} on network, api")]);
        let json = page(&example(name), "json").json();
        let channels = json["boundaries"][0]["channels"].as_array().unwrap();
        let breaches = channels.iter().flat_map(|channel| channel["breaches"].as_array().unwrap());
        let expected: BTreeSet<&str> = breaches.map(|breach| breach["id"].as_str().unwrap()).collect();
        let shown: BTreeSet<&str> =
            between(&visit.document, "<details class=\"breach\" id=\"", "\"").into_iter().collect();
        assert_eq!(shown, expected);
        assert_eq!(expected.is_empty(), code == 0);
        assert_eq!(between(&visit.document, "class=\"wt-map\"", "</svg>").len(), 1);
        assert_eq!(visit.complaints, [""; 0]);
        assert_eq!(visit.asked, [""; 0]);
    }
}

#[test]
fn a_page_that_would_load_or_complain_is_noticed() {
    let Some(browser) = chromium() else { return };
    let asks =
        visit(&browser, "<!DOCTYPE html><title>x</title><img src=\"http://example.org/x.png\"><h1>x</h1>");
    assert_eq!(asks.asked, ["http://example.org/x.png"]);
    let html = page(&example("shop-leaky"), "html").stdout;
    let held = visit(
        &browser,
        &html.replace(
            "<main>",
            "<main><img src=\"http://example.org/x.png\"><script>document.title = 1</script>",
        ),
    );
    assert_eq!(held.asked, [""; 0], "the page's own policy lets nothing load");
    assert!(held.complaints.len() >= 2, "{:#?}", held.complaints);
    assert_eq!(
        between(&held.document, "<title>", "</title>")[0].split(':').next(),
        Some("breached on network, api")
    );
}

#[test]
fn names_that_are_markup_stay_text_in_a_browser() {
    let Some(browser) = chromium() else { return };
    let name = "<script>document.title='taken'<";
    let odd = ODD.replace("kind: Portal", &format!("kind: \"</p><img src=x onerror=alert(1)>{name}\""));
    let files = [("a.yaml", ISOLATED), ("h.yaml", HOLE), (&format!("{name}.yaml"), &odd)];
    let folder = Folder::with(&files.map(|(path, text)| (path, text.as_bytes())));
    let arguments = ["prove", "-f", ".", "--from", "staging", "--to", "production", "-o", "html"];
    let visit = visit(&browser, &run(&folder, &arguments).stdout);
    assert_eq!(between(&visit.document, "<h1>", "</h1>").len(), 1, "{visit:#?}");
    assert!(!visit.document.contains("<script") && !visit.document.contains("<img"), "{}", visit.document);
    assert!(visit.document.contains("&lt;script&gt;document.title"), "{}", visit.document);
    assert_eq!(visit.complaints, [""; 0]);
}
