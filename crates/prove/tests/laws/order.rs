//! The order of files and of the objects in them means nothing, and two runs say the same to the byte.

use crate::cluster::{ENFORCING, cluster, question, seeds};
use watertight_base::Source;
use watertight_ingest::{Ingested, Options, read};
use watertight_model::{Boundary, Relation};
use watertight_network::connectivity;
use watertight_oracle::Random;
use watertight_oracle::manifests::{to_yaml, without_places};
use watertight_prove::prove;
use watertight_render::{Inputs, Provenance, verdict_json};

/// The documents of a cluster, dealt out to files by chance.
fn dealt(yaml: &str, random: &mut Random) -> Vec<Source> {
    let mut documents: Vec<&str> = yaml.split("---\n").filter(|text| !text.is_empty()).collect();
    let mut files = vec![String::new(); 1 + random.below(4)];
    while !documents.is_empty() {
        let document = documents.swap_remove(random.below(documents.len()));
        let file = random.below(files.len());
        files[file].push_str(&format!("---\n{document}"));
    }
    let sources = files.into_iter().enumerate();
    sources
        .map(|(number, text)| Source { name: format!("{number}.yaml"), bytes: text.into_bytes() })
        .collect()
}

/// A boundary without the places where things stand: sentences and ids, in their order.
fn said(boundary: &Boundary) -> Vec<String> {
    let mut said = vec![boundary.verdict.to_string()];
    for channel in &boundary.channels {
        for breach in &channel.breaches {
            said.push(format!("{} {} {} {}", breach.id, breach.rule, breach.when.name(), breach.count));
            said.extend([breach.message.clone(), breach.help.clone()]);
            said.extend(
                breach.steps.iter().map(|step| format!("{} {:?} {}", step.rule, step.uses, step.text)),
            );
        }
        said.extend(channel.blind_spots.iter().map(|spot| format!("{} {}", spot.rule, spot.reason)));
        said.extend(channel.public.iter().map(|entry| entry.message.clone()));
        said.extend(channel.assumptions.iter().map(|assumption| assumption.id.clone()));
    }
    said
}

#[test]
fn the_order_of_objects_and_files_changes_neither_snapshot_nor_map_nor_a_word_of_the_verdict() {
    let mut breaches = 0;
    for seed in seeds() {
        let mut random = Random::new(seed ^ 0x5487);
        let yaml = to_yaml(&cluster(seed));
        let options = Options::default();
        let whole = [Source { name: "all.yaml".to_owned(), bytes: yaml.clone().into_bytes() }];
        let [was, is] = [&whole[..], &dealt(&yaml, &mut random)].map(|sources| read(sources, &options));
        assert_eq!(without_places(&was.snapshot), without_places(&is.snapshot), "seed {seed}");
        assert_eq!(was.diagnostics.len(), is.diagnostics.len(), "seed {seed}");
        for profile in ENFORCING {
            let maps = [&was, &is].map(|read| connectivity(&read.snapshot, profile, Relation::May));
            assert_eq!(maps[0], maps[1], "seed {seed}, {}", profile.name);
            let question = question(profile);
            let reports = [&was, &is].map(|read| prove(&read.snapshot, &question).unwrap());
            let [was, is] = reports.each_ref().map(|report| said(&report.boundaries[0]));
            assert_eq!(was, is, "seed {seed}, {}", profile.name);
            breaches += reports[0].boundaries[0].channels[0].breaches.len();
        }
    }
    assert!(breaches > 0);
}

/// One whole run, from bytes to bytes.
fn run(sources: &[Source], all: bool) -> String {
    let Ingested { snapshot, diagnostics, .. } = read(sources, &Options::default());
    let inputs = Inputs::new(sources, &[]);
    let provenance = Provenance {
        version: "1.0.0",
        input_digest: "sha256:0",
        inputs: &inputs,
        snapshot: &snapshot,
        diagnostics: &diagnostics,
        working_directory: "/",
    };
    let reports = ENFORCING.map(|profile| {
        let question = watertight_prove::Question { all, ..question(profile) };
        verdict_json(&prove(&snapshot, &question).unwrap(), provenance).unwrap()
    });
    reports.concat()
}

#[test]
fn two_runs_print_the_same_json_to_the_byte() {
    for seed in seeds() {
        let sources = dealt(&to_yaml(&cluster(seed)), &mut Random::new(seed));
        for all in [false, true] {
            assert_eq!(run(&sources, all), run(&sources, all), "seed {seed}");
        }
    }
}
