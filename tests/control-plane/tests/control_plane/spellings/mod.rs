//! YAML means to the reader what it means to kubectl, however a scalar is spelt and wherever it stands.

mod kubectl;
mod position;
mod scalars;

use anyhow::Result;
use position::{Meaning, Position};
use std::collections::BTreeSet;
use watertight_oracle::Random;
use watertight_testbed::ControlPlane;

/// How many scalars are made up, beside those that are listed.
const RANDOM: usize = 6000;

/// A document with one scalar in it.
struct Document {
    position: Position,
    text: String,
}

/// What only kubectl reads. The reader says so, and so nothing is proved. There is nothing that only the reader reads.
const DIFFERENCES: [Difference; 9] = [
    Difference {
        because: "in YAML 1.2, a `-` by itself is no value in braces or brackets",
        covers: |text| ["-}", "-]", "-,"].iter().any(|end| text.contains(end)),
    },
    Difference {
        because: "in YAML 1.2, a value in braces or brackets does not end in a `:`",
        covers: |text| [":}", ":]", ":,"].iter().any(|end| text.contains(end)),
    },
    Difference {
        because: "in YAML 1.1, a `?` begins a key in braces without a space behind it",
        covers: |text| text.contains("{?") || text.contains(",?"),
    },
    Difference {
        because: "nobody writes base64 in a field that is read",
        covers: |text| text.contains("!!binary"),
    },
    Difference { because: "in YAML 1.2, a tag has fewer characters", covers: |text| text.contains('!') },
    Difference {
        because: "in YAML 1.2, a space stands before each comment, that of a block too",
        covers: |text| ["|", ">", "-", "+"].iter().any(|header| text.contains(&format!("{header}#"))),
    },
    Difference {
        because: "in YAML 1.1, a `?` ends the name of an anchor",
        covers: |text| text.contains('&') && text.contains('?'),
    },
    Difference {
        because: "a byte order mark is for the beginning of a file",
        covers: |text| text.contains('\u{feff}'),
    },
    Difference {
        because: "YAML 1.2 and editors do not take these as line breaks, so that people may read something else",
        covers: |text| text.contains(['\u{85}', '\u{2028}']),
    },
];

struct Difference {
    because: &'static str,
    covers: fn(&str) -> bool,
}

fn documents() -> Vec<Document> {
    let mut random = Random::new(1);
    let listed = scalars::listed();
    let mut documents = Vec::new();
    let mut add = |position: Position, scalar: &str| {
        documents.push(Document { position, text: position.document(documents.len(), scalar) });
    };
    for scalar in &listed {
        for position in Position::ALL {
            add(position, scalar);
        }
    }
    for _ in 0..RANDOM {
        let scalar = scalars::random(&mut random);
        add(random.one_of(Position::ALL), &scalar);
    }
    documents
}

#[test]
fn every_spelling_means_what_it_means_to_kubectl() -> Result<()> {
    let Some(plane) = ControlPlane::shared()? else { return Ok(()) };
    let documents = documents();
    let texts: Vec<&str> = documents.iter().map(|document| document.text.as_str()).collect();
    let read = kubectl::read(plane, &texts)?;
    let ours = position::read(&texts);
    let mut occurred = BTreeSet::new();
    let mut unlisted = Vec::new();
    let mut meanings = BTreeSet::new();
    for ((document, read), ours) in documents.iter().zip(&read).zip(ours) {
        let theirs = read.as_ref().map_or(Meaning::Refused, |object| document.position.meaning(object));
        let ours = document.position.ours(ours);
        meanings.insert(theirs.sort());
        if ours == theirs {
            continue;
        }
        let listed = DIFFERENCES.iter().position(|listed| (listed.covers)(&document.text));
        match listed.filter(|_| ours == Meaning::Refused) {
            Some(index) => {
                occurred.insert(index);
            }
            None => unlisted.push(format!("kubectl: {theirs:?}, ours: {ours:?}, of\n{}", document.text)),
        }
    }
    let shown = unlisted.iter().take(20).map(String::as_str).collect::<Vec<_>>().join("\n");
    assert!(unlisted.is_empty(), "{} of {} differ:\n{shown}", unlisted.len(), documents.len());
    for (index, difference) in DIFFERENCES.iter().enumerate() {
        assert!(occurred.contains(&index), "this difference does not occur any more: {}", difference.because);
    }
    assert_eq!(Vec::from_iter(meanings), ["no value", "number", "other shape", "refused", "text"]);
    Ok(())
}
