//! What the API server refuses, the reader reports, and what the server takes, the reader reads, in the fields that the
//! engine reads: on every value of the catalogue by itself, and on objects with two of them.
//!
//! `WATERTIGHT_CLUSTERS` sets how many objects are made by chance.

mod catalogue;
mod differences;
mod generate;
mod reader;
mod server;

use anyhow::Result;
use catalogue::kinds;
use differences::differences;
use futures_util::{StreamExt, TryStreamExt, stream};
use generate::{Case, by_chance, single_changes};
use kube::Client;
use reader::{Reading, read_one};
use serde_json::Value;
use server::{Answer, ask};
use std::collections::BTreeMap;
use watertight_testbed::{ControlPlane, CustomResources};

/// How many requests are under way at a time.
const AT_A_TIME: usize = 16;

/// How many disagreements are shown.
const SHOWN: usize = 30;

#[tokio::test]
async fn each_value_that_the_server_refuses_the_reader_reports_and_no_other() -> Result<()> {
    let Some(plane) = plane()? else { return Ok(()) };
    let kinds = kinds();
    let cases = single_changes(&kinds);
    let judged = plane.in_namespace("validation", async |namespace| {
        judge(&namespace.client(), namespace.name(), cases).await
    });
    let judged = judged.await?;
    // The test would see nothing if the server took, or refused, everything.
    for kind in &kinds {
        let of_kind = judged.iter().filter(|judged| judged.case.kind.name == kind.name);
        let (taken, refused): (Vec<_>, Vec<_>) =
            of_kind.partition(|judged| judged.answer == Answer::Accepted);
        assert!(taken.len() > 10 && refused.len() > 50, "{}: {} {}", kind.name, taken.len(), refused.len());
    }
    for judged in judged.iter().filter(|judged| judged.case.changes.is_empty()) {
        assert_eq!(judged.answer, Answer::Accepted, "{}", judged.case.object());
    }
    for difference in differences() {
        let occurs = |judged: &Judged<'_>| {
            judged.disagrees() && judged.case.changes.iter().any(|change| difference.covers(change))
        };
        assert!(
            judged.iter().any(occurs),
            "no difference any more: {} ({})",
            difference.field,
            difference.reason
        );
    }
    report(judged);
    Ok(())
}

#[tokio::test]
async fn objects_that_the_server_refuses_the_reader_reports_and_no_others() -> Result<()> {
    let Some(plane) = plane()? else { return Ok(()) };
    let kinds = kinds();
    let asked = std::env::var("WATERTIGHT_CLUSTERS").ok().and_then(|text| text.parse().ok());
    let cases = (0..asked.unwrap_or(2000)).map(|seed| by_chance(&kinds, seed)).collect();
    let judged = plane.in_namespace("validation", async |namespace| {
        let (client, namespace) = (namespace.client(), namespace.name());
        let judged = judge(&client, namespace, cases).await?;
        // What is wrong with a change by itself is told of that change.
        let parts = judged.iter().filter(|judged| judged.disagrees()).flat_map(|judged| judged.case.parts());
        let parts = judge(&client, namespace, parts.collect()).await?;
        let mut told = judged;
        told.retain(|whole| !parts.iter().any(|part| part.explains(whole)));
        told.extend(parts);
        Ok(told)
    });
    report(judged.await?);
    Ok(())
}

/// A control plane that knows all kinds of the catalogue.
fn plane() -> Result<Option<&'static ControlPlane>> {
    let Some(plane) = ControlPlane::shared()? else { return Ok(None) };
    plane.install(CustomResources::NetworkPolicyApi)?;
    plane.install(CustomResources::NetworkPolicyApiV1Alpha1)?;
    Ok(Some(plane))
}

/// What both said to an object.
struct Judged<'k> {
    case: Case<'k>,
    answer: Answer,
    reading: Reading,
}

impl Judged<'_> {
    /// Whether the reader is less or more strict than the server.
    fn disagrees(&self) -> bool {
        let is_reported = !self.reading.words.is_empty();
        match self.answer {
            Answer::Accepted => is_reported || self.reading.admitted == Some(false),
            Answer::Refused(_) => !is_reported || self.reading.admitted == Some(true),
        }
    }

    /// Whether the disagreement about one change is that about more.
    fn explains(&self, whole: &Judged<'_>) -> bool {
        self.disagrees()
            && self.case.kind.name == whole.case.kind.name
            && self.case.changes.iter().all(|change| whole.case.changes.contains(change))
    }

    /// Whether it is listed.
    fn is_known(&self) -> bool {
        let differences = differences();
        self.case.changes.iter().any(|change| differences.iter().any(|difference| difference.covers(change)))
    }
}

/// Asks the server and the reader about all cases.
async fn judge<'k>(client: &Client, namespace: &str, cases: Vec<Case<'k>>) -> Result<Vec<Judged<'k>>> {
    let judge_one = async |case: Case<'k>| {
        let object: Value = case.object();
        let answer = ask(client, case.kind, namespace, &object).await?;
        let reading = read_one(case.kind, namespace, &object);
        anyhow::Ok(Judged { case, answer, reading })
    };
    stream::iter(cases).map(judge_one).buffered(AT_A_TIME).try_collect().await
}

/// Fails with the disagreements that are not listed, each change once.
fn report(judged: Vec<Judged<'_>>) {
    let unknown = judged.iter().filter(|judged| judged.disagrees() && !judged.is_known());
    let mut told = BTreeMap::new();
    for judged in unknown {
        let changes: Vec<String> = judged.case.changes.iter().map(ToString::to_string).collect();
        told.entry((judged.case.kind.name, changes.join(", "), judged.case.base)).or_insert(judged);
    }
    let lines = told.iter().take(SHOWN).map(|((kind, changes, _), Judged { case, answer, reading })| {
        format!(
            "{kind} with {changes}:\n  object: {}\n  server: {answer:?}\n  reader: {:?}, admitted: {:?}\n",
            case.object(),
            reading.words,
            reading.admitted
        )
    });
    let lines: String = lines.collect();
    assert!(told.is_empty(), "{} disagreements of {} objects:\n{lines}", told.len(), judged.len());
}
