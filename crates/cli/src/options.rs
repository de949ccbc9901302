//! Options that commands share. The doc comments here are their help.

use crate::failure::Failure;
use clap::{Args, ValueEnum};
use watertight_network::{Profile, ProfileError};
use watertight_render::Detail;

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorChoice {
    /// On a terminal
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// In which form a command prints its answer. Each command has its own list, which `--help` shows.
pub(crate) trait OutputFormat: ValueEnum + Copy + Send + Sync + 'static {
    /// Whether what is wrong with the input, and what was not seen in it, is said beside the answer, since it has no
    /// place there.
    fn leaves_out_the_input(self) -> bool;

    /// Whether the digest of what was read has a place in it, which takes longer to work out than the answer.
    fn holds_the_digest(self) -> bool;
}

/// The forms of a command that has no others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Output {
    /// For people
    Text,
    /// For machines
    Json,
}

/// The forms of a verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum VerdictOutput {
    /// For people
    Text,
    /// For machines, by our own schema
    Json,
    /// A comment on a pull request
    Markdown,
    /// SARIF 2.1.0, for code scanning and editors
    Sarif,
    /// Annotations of a GitHub Actions workflow
    Github,
    /// JUnit XML, which CI systems show as tests
    Junit,
    /// One page for a browser, with a picture of the map
    Html,
}

/// The forms of a map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum MapOutput {
    /// For people
    Text,
    /// For machines, by our own schema
    Json,
    /// For machines, where peers that no policy tells apart are one: short for big clusters
    Classes,
    /// A table for spreadsheets: from, to, protocol, ports, via
    Csv,
    /// A table in Markdown
    Markdown,
    /// A picture, environments and namespaces as groups
    Svg,
    /// A drawing by Graphviz
    Dot,
    /// A flowchart within Markdown
    Mermaid,
}

impl OutputFormat for MapOutput {
    fn leaves_out_the_input(self) -> bool {
        !matches!(self, Self::Json | Self::Classes)
    }

    fn holds_the_digest(self) -> bool {
        matches!(self, Self::Json | Self::Classes)
    }
}

impl OutputFormat for Output {
    fn leaves_out_the_input(self) -> bool {
        self == Self::Text
    }

    fn holds_the_digest(self) -> bool {
        self == Self::Json
    }
}

impl VerdictOutput {
    /// Whether it can show one boundary under many profiles.
    pub(crate) fn is_for_all_profiles(self) -> bool {
        match self {
            Self::Text | Self::Json | Self::Markdown | Self::Junit => true,
            Self::Sarif | Self::Github | Self::Html => false,
        }
    }
}

impl OutputFormat for VerdictOutput {
    fn leaves_out_the_input(self) -> bool {
        self == Self::Text
    }

    fn holds_the_digest(self) -> bool {
        matches!(self, Self::Json | Self::Junit)
    }
}

/// What is read, and how the answer is printed: the same for every command that reads manifests.
#[derive(Debug, Args)]
pub(crate) struct Reading<F: OutputFormat = Output> {
    /// Files, folders (with all below them), globs, or `-` for stdin, all read as one cluster. It may be given several
    /// times.
    #[arg(short, long = "filename", value_name = "PATH", required = true, num_args = 1..)]
    pub(crate) filename: Vec<String>,
    /// The form of the answer.
    #[arg(short, long, value_enum, value_name = "FORMAT", default_value = "text")]
    pub(crate) output: F,
}

/// How what was read is taken by the commands that ask about the network.
#[derive(Debug, Args)]
pub(crate) struct NetworkOptions {
    /// The namespace of objects that name none.
    #[arg(short, long, value_name = "NAMESPACE", default_value = "default")]
    pub(crate) namespace: String,
    /// How NetworkPolicy is taken to be enforced: a profile, and settings of it behind commas.
    #[arg(long, value_name = "PROFILE", default_value = Profile::ALL[0].name, value_parser = ProfileChoice::parse)]
    #[arg(long_help = profiles_help())]
    pub(crate) profile: ProfileChoice,
    /// Show every finding, where the default shows the worst by each cause, and how to check each assumption.
    #[arg(long)]
    pub(crate) all: bool,
}

/// How what was read is taken by the commands that ask who may do what.
#[derive(Debug, Args)]
pub(crate) struct AccessOptions {
    /// The namespace of objects that name none.
    #[arg(long, value_name = "NAMESPACE", default_value = "default")]
    pub(crate) default_namespace: String,
    /// The version of the API server, whose own roles and resources are taken. Without it, that which the input tells,
    /// or else the newest that is known.
    #[arg(long, value_name = "1.MINOR", value_parser = minor_version)]
    pub(crate) kubernetes_version: Option<u32>,
    /// Show each entry of long lists, where the default shows the first ones.
    #[arg(long)]
    all: bool,
}

impl NetworkOptions {
    /// How much is shown.
    pub(crate) fn detail(&self) -> Detail {
        detail(self.all)
    }
}

impl AccessOptions {
    /// How much is shown.
    pub(crate) fn detail(&self) -> Detail {
        detail(self.all)
    }
}

fn detail(all: bool) -> Detail {
    if all { Detail::All } else { Detail::Summary }
}

/// The minor version of `1.36`, which may be written `v1.36.2` as servers say it.
fn minor_version(text: &str) -> Result<u32, String> {
    let minor = text.strip_prefix('v').unwrap_or(text).strip_prefix("1.").and_then(|rest| {
        let mut parts = rest.split('.');
        let (minor, patch) = (parts.next()?.parse().ok()?, parts.next());
        let is_patch = patch.is_none_or(|patch| patch.parse::<u32>().is_ok());
        (is_patch && parts.next().is_none()).then_some(minor)
    });
    minor.ok_or_else(|| "it is a version such as `1.36`".to_owned())
}

/// What `--profile` asks for.
#[expect(clippy::large_enum_variant, reason = "there is one of it, made once")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ProfileChoice {
    /// One profile.
    One(Profile),
    /// `all`: that of each enforcer.
    All,
}

impl ProfileChoice {
    fn parse(text: &str) -> Result<Self, ProfileError> {
        if text == "all" { Ok(Self::All) } else { Profile::parse(text).map(Self::One) }
    }

    /// The one profile.
    ///
    /// # Errors
    /// All were asked for, which only a verdict can be given for.
    pub(crate) fn one(self) -> Result<Profile, Failure> {
        match self {
            Self::One(profile) => Ok(profile),
            Self::All => Err(Failure::new("`--profile all` is for `prove`")
                .help("name one profile; `watertight map --help` lists them")),
        }
    }
}

fn profiles_help() -> String {
    let mut text = "How NetworkPolicy is taken to be enforced: a profile, and settings of it behind commas, such as \
                    `cilium,cidr-match=pods`. `prove` also takes `all`, which asks about each network plugin.\n"
        .to_owned();
    for profile in Profile::ALL {
        text += &format!("\n- {}: {}", profile.name, profile.summary);
        for setting in profile.settings {
            let values: Vec<&str> = setting.values.iter().map(|value| value.name).collect();
            text += &format!("\n  {}={} ({})", setting.name, values.join("|"), setting.of);
        }
    }
    text
}
