//! Where an intent is written: to stdout, or into a file that is never written over unasked.

use crate::failure::Failure;
use crate::paths::{plain, relative};
use crate::terminal::Terminal;
use crate::{input, output_files};
use std::path::{Path, PathBuf};
use watertight_base::{Severity, Source};
use watertight_import::Written;
use watertight_render::{Detail, Inputs, diagnostics_text, note_text};

/// Where the intent goes.
#[derive(Debug, clap::Args)]
pub(crate) struct IntentFile {
    /// Write the intent into this file, and not to stdout. A file that is there stays as it is.
    #[arg(long, value_name = "FILE")]
    output_file: Option<PathBuf>,
    /// Write over the file that is there.
    #[arg(long, requires = "output_file")]
    force: bool,
    /// The name of the fleet.
    #[arg(long, value_name = "NAME", value_parser = name)]
    pub(crate) name: Option<String>,
}

/// A name that an intent takes.
pub(crate) fn name(text: &str) -> Result<String, String> {
    watertight_intent::Format::Name.check(text).map(|()| text.to_owned())
}

impl IntentFile {
    /// Checks, before anything is done, that nothing is written over.
    ///
    /// # Errors
    /// The file is there, and `--force` is not given.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        match &self.output_file {
            Some(file) if !self.force && input::is_there(file) => {
                Err(Failure::new(format!("`{}` is there already, and is not written over", file.display()))
                    .help("choose another file, or add `--force`"))
            }
            _ => Ok(()),
        }
    }

    /// A path that leads from the folder of the intent to a file or a folder; one that is outside of the working directory stays
    /// absolute. Without a file, the intent is thought to be in the working directory.
    pub(crate) fn path_to(&self, file: &str) -> String {
        let working_directory = PathBuf::from(input::working_directory());
        let folder = self.output_file.as_deref().and_then(Path::parent).unwrap_or(Path::new(""));
        let file = plain(&working_directory.join(file));
        if file.starts_with(&working_directory) {
            relative(&plain(&working_directory.join(folder)), &file)
        } else {
            file.to_string_lossy().into_owned()
        }
    }

    /// Checks that an intent can name files: it names none outside of its folder.
    ///
    /// # Errors
    /// It is to be written into a file beside or below which one of them is not.
    pub(crate) fn check_reach(&self, files: &[Source]) -> Result<(), Failure> {
        let Some(intent) = &self.output_file else { return Ok(()) };
        let below = |file: &&Source| {
            file.name == input::STDIN || {
                let path = self.path_to(&file.name);
                !path.starts_with("..") && Path::new(&path).is_relative()
            }
        };
        let Some(outside) = files.iter().find(|file| !below(file)) else { return Ok(()) };
        let message = format!(
            "an intent in `{}` cannot name `{}`, which is not below its folder",
            intent.display(),
            outside.name
        );
        Err(Failure::new(message)
            .help("write it into a folder above the manifests: `--output-file watertight.yaml`"))
    }

    /// Says what is to be said, and writes the intent if there is one.
    ///
    /// # Errors
    /// There is none, or it cannot be written.
    pub(crate) fn write(
        &self,
        written: &Written,
        sources: &[Source],
        terminal: &mut Terminal<'_>,
    ) -> Result<(), Failure> {
        let Written { text, diagnostics, hidden } = written;
        let said = |style| {
            let mut text = diagnostics_text(diagnostics, &Inputs::new(sources, hidden), Detail::All, style);
            if !text.is_empty() {
                text.push('\n');
            }
            text
        };
        let Some(text) = text else {
            terminal.complain(said);
            let errors = diagnostics.iter().filter(|found| found.severity == Severity::Error).count();
            let errors = if errors == 1 { "an error".to_owned() } else { format!("{errors} errors") };
            return Err(Failure::new(format!("the input has {errors}, and no intent is written")));
        };
        terminal.talk(said);
        let Some(file) = &self.output_file else { return terminal.data(text) };
        self.check()?;
        output_files::write_below(file, text)?;
        let next = format!(
            "`{}` is written; `watertight compile -f {0} --output-dir deploy/` compiles it",
            file.display()
        );
        terminal.talk(|style| note_text("note", &next, style));
        Ok(())
    }
}
