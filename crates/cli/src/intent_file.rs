//! Where an intent is written: to stdout, or into a file that is never written over unasked.

use crate::failure::Failure;
use crate::paths::{plain, relative};
use crate::terminal::Terminal;
use crate::{input, output_files};
use std::path::{Path, PathBuf};
use watertight_base::{Severity, Source};
use watertight_import::Written;
use watertight_render::{Detail, Inputs, diagnostics_text, note_text};

/// How an intent is called where nobody says it.
const NAME: &str = "watertight.yaml";

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

    /// Checks that an intent can name files: it names none outside of its folder, nor behind a link that leads out of it. Without
    /// a file, the intent is thought to be in the working directory.
    ///
    /// # Errors
    /// One of them is not below the folder of the intent.
    pub(crate) fn check_reach(&self, files: &[Source]) -> Result<(), Failure> {
        let folder = self.output_file.as_deref().and_then(Path::parent).unwrap_or(Path::new(""));
        let real = input::real(folder);
        let below = |file: &&Source| {
            file.name == input::STDIN || {
                let path = self.path_to(&file.name);
                !path.starts_with("..")
                    && Path::new(&path).is_relative()
                    && input::real(Path::new(&file.name)).starts_with(&real)
            }
        };
        let Some(outside) = files.iter().find(|file| !below(file)) else { return Ok(()) };
        let outside = &outside.name;
        Err(match &self.output_file {
            Some(intent) => Failure::new(format!(
                "an intent in `{}` cannot name `{outside}`, which is not below its folder",
                intent.display()
            ))
            .help("write it into a folder above the manifests: `--output-file watertight.yaml`"),
            None => Failure::new(format!(
                "an intent in the working directory cannot name `{outside}`, which is not below it"
            ))
            .help("run it in a folder above the manifests, and name them from there; what a link leads to does not count"),
        })
    }

    /// How the intent is called: as the file, or as the one that `compile` reads where nobody names one.
    pub(crate) fn name_of_file(&self) -> String {
        self.output_file.as_deref().unwrap_or(Path::new(NAME)).to_string_lossy().into_owned()
    }

    /// Says what is to be said, and writes the intent if there is one. `refusals` of the findings are what `compile` says no to.
    ///
    /// # Errors
    /// There is none, or it cannot be written.
    pub(crate) fn write(
        &self,
        written: &Written,
        sources: &[Source],
        refusals: usize,
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
        if let Some(file) = &self.output_file {
            self.check()?;
            output_files::write_below(file, text)?;
        } else {
            terminal.data(text)?;
        }
        let name = self.name_of_file();
        let command = format!("`watertight compile -f {name} --output-dir deploy/`");
        let next = match (&self.output_file, refusals) {
            (None, 0) => return Ok(()),
            (Some(_), 0) => format!("`{name}` is written; {command} compiles it"),
            (_, 1) => format!(
                "{command} refuses the intent for one thing, which is named above: mend it, or leave its file out of `manifests`"
            ),
            (_, count) => format!(
                "{command} refuses the intent for {count} things, which are named above: mend them, or leave their files out of `manifests`"
            ),
        };
        terminal.talk(|style| note_text("note", &next, style));
        Ok(())
    }
}
