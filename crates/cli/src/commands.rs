//! The commands, one file each, and what those share that read manifests.

pub(crate) mod completions;
pub(crate) mod explain;
pub(crate) mod man;
pub(crate) mod map;
pub(crate) mod prove;

use crate::failure::Failure;
use crate::options::{Output, Reading};
use crate::terminal::Terminal;
use crate::{digest, input};
use watertight_base::Source;
use watertight_ingest::{Ingested, Options};
use watertight_render::{Colour, Detail, Inputs, Provenance, diagnostics_text};

/// What a command has read.
struct Read {
    sources: Vec<Source>,
    ingested: Ingested,
}

impl Read {
    /// Reads all inputs as one cluster. In text mode, what is wrong with them goes to stderr.
    ///
    /// # Errors
    /// An input cannot be read, or no object is in any of them.
    fn new(reading: &Reading, terminal: &mut Terminal<'_>) -> Result<Self, Failure> {
        let sources = input::read(&reading.filename, terminal.stdin, input::BYTES_MAX)?;
        let options = Options { default_namespace: reading.namespace.clone() };
        let ingested = watertight_ingest::read(&sources, &options);
        let read = Self { sources, ingested };
        let nothing = read.ingested.snapshot.kinds.is_empty();
        if reading.output == Output::Text || nothing {
            terminal.talk(|colour| read.diagnostics_text(reading, colour));
        }
        if nothing {
            let names: Vec<String> = reading.filename.iter().map(|name| input::display_name(name)).collect();
            return Err(Failure::new(format!("no Kubernetes object was read from {}", names.join(", ")))
                .help("give manifests with `apiVersion` and `kind`: for a Helm chart the output of `helm template`, for a kustomization that of `kubectl kustomize`"));
        }
        Ok(read)
    }

    fn diagnostics_text(&self, reading: &Reading, colour: Colour) -> String {
        let inputs = Inputs::new(&self.sources);
        let mut text = diagnostics_text(&self.ingested.diagnostics, &inputs, reading.detail(), colour);
        if !text.is_empty() {
            text.push('\n');
        }
        text
    }

    fn provenance<'a>(&'a self, inputs: &'a Inputs<'a>, digest: &'a str) -> Provenance<'a> {
        Provenance {
            version: env!("CARGO_PKG_VERSION"),
            input_digest: digest,
            inputs,
            snapshot: &self.ingested.snapshot,
            diagnostics: &self.ingested.diagnostics,
        }
    }

    fn digest(&self) -> String {
        digest::input_digest(&self.sources)
    }
}

impl Reading {
    /// How much is shown.
    fn detail(&self) -> Detail {
        if self.all { Detail::All } else { Detail::Summary }
    }
}
