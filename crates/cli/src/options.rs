//! Options that commands share. The doc comments here are their help.

use crate::failure::Failure;
use crate::rules::suggestions;
use clap::{Args, ValueEnum};
use watertight_model::Principal;
use watertight_network::{Profile, ProfileError};
use watertight_prove::GivenPrincipal;
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

/// The forms of repairs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FixOutput {
    /// For people
    Text,
    /// The patch alone, for `git apply` or `patch -p1`
    Diff,
    /// For machines, by our own schema
    Json,
}

impl OutputFormat for FixOutput {
    fn leaves_out_the_input(self) -> bool {
        self != Self::Json
    }

    fn holds_the_digest(self) -> bool {
        self == Self::Json
    }
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

/// The two ends of a boundary.
#[derive(Debug, Args)]
pub(crate) struct Ends {
    /// The environment that is taken as hostile.
    #[arg(long, value_name = "ENVIRONMENT")]
    pub(crate) from: String,
    /// The environment that is to be kept.
    #[arg(long, value_name = "ENVIRONMENT")]
    pub(crate) to: String,
}

/// What belongs to an environment.
#[derive(Debug, Args)]
pub(crate) struct Belonging {
    /// What an environment is: namespaces by name, glob or label. Without it, namespaces belong to an environment by
    /// the usual names and labels, and the answer says which and why.
    #[arg(long, value_name = "NAME=SELECTOR", value_parser = pair)]
    pub(crate) env: Vec<(String, String)>,
    /// Whose a user or a group is, where their bindings do not tell.
    #[arg(long, value_name = "ENVIRONMENT=user:NAME|group:NAME", value_parser = principal)]
    pub(crate) principal: Vec<GivenPrincipal>,
}

impl Ends {
    /// What can be wrong with a boundary whatever the input is.
    ///
    /// # Errors
    /// Both ends are one environment, or `--env` defines one that is at neither end: silently passed over, a slip of
    /// the pen there would prove something about other namespaces than were meant.
    pub(crate) fn check(&self, belonging: &Belonging) -> Result<(), Failure> {
        let Self { from, to } = self;
        let Belonging { env, principal } = belonging;
        if from == to {
            return Err(same_twice(from));
        }
        if let Some(given) = principal.iter().find(|it| it.environment != *from && it.environment != *to) {
            let name = &given.environment;
            let why = format!("`--principal {name}=…` is for neither `--from` nor `--to`");
            let alike = suggestions(name, [from.as_str(), to.as_str()]);
            let meant = alike.first().map_or_else(
                || format!("`{from}` or `{to}` can be named here"),
                |alike| format!("did you mean `{alike}`?"),
            );
            return Err(Failure::new(why).help(meant));
        }
        match env.iter().find(|(name, _)| name != from && name != to) {
            None => Ok(()),
            Some((name, selector)) => {
                let why = format!("`--env {name}={selector}` is for neither `--from` nor `--to`");
                let alike = suggestions(name, [from.as_str(), to.as_str()]);
                let meant = alike.first().map_or_else(
                    || format!("`{from}` or `{to}` can be defined here"),
                    |alike| format!("did you mean `--env {alike}={selector}`?"),
                );
                Err(Failure::new(why).help(meant))
            }
        }
    }
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

/// `production=group:on-call`.
fn principal(text: &str) -> Result<GivenPrincipal, String> {
    let (environment, who) = pair(text)?;
    let principal = match who.split_once(':') {
        Some(("user", name)) if !name.is_empty() => Principal::user(name),
        Some(("group", name)) if !name.is_empty() => Principal::group(name),
        _ => return Err("write `ENVIRONMENT=user:NAME` or `ENVIRONMENT=group:NAME`".to_owned()),
    };
    Ok(GivenPrincipal { environment, principal })
}

/// `NAME=VALUE`, cut at the first `=`.
pub(crate) fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() && !value.trim().is_empty() => {
            Ok((name.trim().to_owned(), value.trim().to_owned()))
        }
        _ => Err("it needs a name, `=` and a value".to_owned()),
    }
}

/// Both ends of a boundary are one environment.
pub(crate) fn same_twice(name: &str) -> Failure {
    Failure::new(format!("`--from` and `--to` are both `{name}`"))
        .help("name two environments: what is hostile, and what is to be kept")
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_is_cut_at_its_first_equals_sign() {
        assert_eq!(pair("qa=team=qa"), Ok(("qa".to_owned(), "team=qa".to_owned())));
        for bad in ["qa", "=x", "qa=", " = "] {
            assert!(pair(bad).is_err(), "{bad}");
        }
    }
}
