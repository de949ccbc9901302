//! What is said of a test that failed: what was in its namespace, what happened there, and what the servers said last.

use super::ControlPlane;
use crate::process::last_lines;

/// How many lines of each server's log are shown.
const LINES: usize = 10;

/// How much of each line is shown.
const WIDTH: usize = 240;

impl ControlPlane {
    /// What is in a namespace, its events, and the servers' last lines. What cannot be found out is said in its place.
    #[must_use]
    pub fn autopsy(&self, namespace: &str) -> String {
        let said = |arguments: &[&str]| {
            let answer = self.kubectl(&[&["--namespace", namespace], arguments].concat());
            answer.unwrap_or_else(|error| format!("{error:#}\n"))
        };
        let mut text = format!("──── autopsy of the namespace {namespace} ────\n");
        let kinds = said(&["api-resources", "--verbs=list", "--namespaced", "-o", "name"]);
        // Events come by themselves, and in two groups; what everybody has is of no interest.
        let kinds: Vec<&str> = kinds.lines().filter(|kind| !kind.starts_with("events")).collect();
        let objects = said(&["get", &kinds.join(","), "--show-kind", "--ignore-not-found", "-o", "wide"]);
        text += &objects;
        text += "──── events ────\n";
        text += &said(&["get", "events", "--sort-by=.metadata.creationTimestamp"]);
        for (server, _) in self.servers() {
            let log = self.cluster.folder.join("logs").join(format!("{server}.log"));
            text += &format!("──── the last of {server} ────\n");
            for line in last_lines(&log, LINES).lines() {
                text.extend(line.chars().take(WIDTH));
                text.push('\n');
            }
        }
        text
    }
}
