//! The commands, one file each, and what those share that read manifests.

pub(crate) mod can;
mod can_batch;
pub(crate) mod check_certificate;
pub(crate) mod compile;
pub(crate) mod completions;
pub(crate) mod explain;
pub(crate) mod fix;
pub(crate) mod import;
pub(crate) mod init;
pub(crate) mod man;
pub(crate) mod map;
pub(crate) mod prove;
pub(crate) mod rules;
pub(crate) mod schema;
pub(crate) mod who_can;

use crate::access::Server;
use crate::failure::Failure;
use crate::fleet::Sides;
use crate::input::Rest;
use crate::options::{AccessOptions, OutputFormat, Reading};
use crate::terminal::Terminal;
use crate::{digest, fleet, input};
use std::mem::ManuallyDrop;
use watertight_base::{Diagnostic, Source};
use watertight_ingest::{Ingested, Options};
use watertight_prove::GivenPrincipal;
use watertight_render::{Detail, Inputs, Provenance, Style, diagnostics_text, linked};

/// What a command has read.
struct Read {
    sources: Vec<Source>,
    working_directory: String,
    ingested: Ingested,
    /// What a compiled fleet says of the boundary.
    sides: Sides,
}

/// Adds templates of manifests and compressed ones, which are blind spots.
fn add_other_forms(rest: &Rest, sources: &mut Vec<Source>) -> Result<(), Failure> {
    sources.extend(rest.sources(input::BYTES_MAX)?);
    sources.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(())
}

/// The two environments that a question is about.
struct BoundaryOf<'a> {
    from: &'a str,
    to: &'a str,
    /// Whether the values of Secrets and of other objects are asked for.
    values: bool,
}

impl Read {
    /// The program's version.
    const VERSION: &str = env!("CARGO_PKG_VERSION");

    /// Reads all inputs as one cluster. What is wrong with them goes to stderr, unless the answer itself says it.
    ///
    /// # Errors
    /// An input cannot be read, or no object is in any of them.
    // What was read is never given back: the program ends with its answer, and to take a big cluster apart before that
    // would take a part of the time.
    fn new<F: OutputFormat>(
        reading: &Reading<F>,
        default_namespace: &str,
        detail: Detail,
        terminal: &mut Terminal<'_>,
    ) -> Result<ManuallyDrop<Self>, Failure> {
        Self::with(reading, default_namespace, detail, None, terminal)
    }

    /// The same, for a boundary: of a compiled fleet the cluster of both environments, and with the values of Secrets and of
    /// other objects if they are asked for.
    fn with<F: OutputFormat>(
        reading: &Reading<F>,
        default_namespace: &str,
        detail: Detail,
        boundary: Option<BoundaryOf<'_>>,
        terminal: &mut Terminal<'_>,
    ) -> Result<ManuallyDrop<Self>, Failure> {
        let phase = terminal.begin("reading");
        let (mut sources, rest) = input::read_with_rest(&reading.filename, terminal.stdin, input::BYTES_MAX)?;
        add_other_forms(&rest, &mut sources)?;
        let sides = match &boundary {
            Some(BoundaryOf { from, to, .. }) => fleet::of_boundary(&mut sources, from, to)?,
            None => fleet::of_one_cluster(&mut sources).map(|()| Sides::default())?,
        };
        let values = boundary.is_some_and(|boundary| boundary.values);
        let options = Options { default_namespace: default_namespace.to_owned(), values };
        let mut ingested = watertight_ingest::read(&sources, &options);
        ingested.diagnostics.extend(watertight_prove::admission_diagnostics(&ingested.snapshot));
        ingested.diagnostics.extend(watertight_ingest::unread(&rest.names(false)));
        terminal.end(phase);
        for Source { name, bytes } in &sources {
            terminal.detail("read", &format!("{} ({} bytes)", input::display_name(name), bytes.len()));
        }
        let read = Self { sources, working_directory: input::working_directory(), ingested, sides };
        let nothing = read.ingested.snapshot.kinds.is_empty();
        if reading.output.leaves_out_the_input() || nothing {
            let links = terminal.abilities.stderr_links;
            terminal.talk(|style| read.linked(read.diagnostics_text(detail, style), links));
        }
        if nothing {
            let names: Vec<String> = reading.filename.iter().map(|name| input::display_name(name)).collect();
            return Err(Failure::new(format!("no Kubernetes object was read from {}", names.join(", ")))
                .help("give manifests with `apiVersion` and `kind`: for a Helm chart the output of `helm template`, for a kustomization that of `kubectl kustomize`"));
        }
        Ok(ManuallyDrop::new(read))
    }

    /// As [`Read::new`], for questions about rights, with what is odd about roles and bindings.
    ///
    /// # Errors
    /// As [`Read::new`].
    fn for_access(
        reading: &Reading,
        options: &AccessOptions,
        terminal: &mut Terminal<'_>,
    ) -> Result<ManuallyDrop<Self>, Failure> {
        let mut read = Self::new(reading, &options.default_namespace, options.detail(), terminal)?;
        let found = Server::new(&read.ingested.snapshot, options).access.findings();
        read.add(found, reading.output, options.detail(), terminal);
        Ok(read)
    }

    /// Adds findings that only show when everything is known.
    fn add<F: OutputFormat>(
        &mut self,
        found: Vec<Diagnostic>,
        output: F,
        detail: Detail,
        terminal: &mut Terminal<'_>,
    ) {
        if output.leaves_out_the_input() {
            let links = terminal.abilities.stderr_links;
            terminal.talk(|style| self.linked(self.findings_text(&found, detail, style), links));
        }
        self.ingested.diagnostics.extend(found);
    }

    fn diagnostics_text(&self, detail: Detail, style: Style) -> String {
        self.findings_text(&self.ingested.diagnostics, detail, style)
    }

    fn findings_text(&self, findings: &[Diagnostic], detail: Detail, style: Style) -> String {
        let inputs = Inputs::new(&self.sources, &self.ingested.hidden);
        let mut text = diagnostics_text(findings, &inputs, detail, style);
        if !text.is_empty() {
            text.push('\n');
        }
        text
    }

    /// The text with links to the places that it names, where they can be shown.
    fn linked(&self, text: String, links: bool) -> String {
        if links {
            linked(&text, &Inputs::new(&self.sources, &self.ingested.hidden), &self.working_directory)
        } else {
            text
        }
    }

    /// Whose users and groups are, as the command line says, and as a compiled fleet says of all others.
    fn principals(&self, said: &[GivenPrincipal]) -> Vec<GivenPrincipal> {
        let is_said = |given: &&GivenPrincipal| said.iter().any(|said| said.principal == given.principal);
        said.iter().chain(self.sides.principals.iter().filter(|given| !is_said(given))).cloned().collect()
    }

    /// Which namespaces the environments have, as the command line says, and as a compiled fleet says of those of which it says nothing.
    fn environments(&self, said: &[(String, String)]) -> Vec<(String, String)> {
        let is_said = |name: &str| said.iter().any(|(known, _)| known == name);
        let of_fleet = self.sides.environments.iter().filter(|(name, _)| !is_said(name));
        said.iter().chain(of_fleet).cloned().collect()
    }

    fn provenance<'a>(&'a self, inputs: &'a Inputs<'a>, digest: &'a str) -> Provenance<'a> {
        Provenance {
            version: Self::VERSION,
            input_digest: digest,
            inputs,
            working_directory: &self.working_directory,
            snapshot: &self.ingested.snapshot,
            diagnostics: &self.ingested.diagnostics,
        }
    }

    /// The digest of what was read, for a form that holds it; else nothing.
    fn digest_for(&self, output: impl OutputFormat) -> String {
        if output.holds_the_digest() { digest::input_digest(&self.sources) } else { String::new() }
    }
}
