//! Options that commands share. The doc comments here are their help.

use clap::{Args, ValueEnum};
use watertight_network::Profile;

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

/// In which form the answer is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Output {
    /// For people
    Text,
    /// For machines
    Json,
}

/// What is read, and how the answer is printed: the same for every command that reads manifests.
#[derive(Debug, Args)]
pub(crate) struct Reading {
    /// Files, folders (with all below them), globs, or `-` for stdin, all read as one cluster.
    #[arg(short, long = "filename", value_name = "PATH", required = true, num_args = 1..)]
    pub(crate) filename: Vec<String>,
    /// The namespace of objects that name none.
    #[arg(short, long, value_name = "NAMESPACE", default_value = "default")]
    pub(crate) namespace: String,
    /// The form of the answer.
    #[arg(short, long, value_enum, value_name = "FORMAT", default_value = "text")]
    pub(crate) output: Output,
    /// How NetworkPolicy is taken to be enforced.
    #[arg(long, value_name = "PROFILE", default_value = Profile::ALL[0].name, value_parser = profile)]
    #[arg(long_help = profiles_help())]
    pub(crate) profile: Profile,
    /// Show every finding, where the default shows one of each sort, and how to check each assumption.
    #[arg(long)]
    pub(crate) all: bool,
}

fn profile(name: &str) -> Result<Profile, String> {
    Profile::named(name).ok_or_else(|| {
        let names: Vec<String> = Profile::ALL.iter().map(|profile| format!("`{}`", profile.name)).collect();
        format!("the profiles are {}", names.join(", "))
    })
}

fn profiles_help() -> String {
    let lines: Vec<String> =
        Profile::ALL.iter().map(|profile| format!("- {}: {}", profile.name, profile.summary)).collect();
    format!("How NetworkPolicy is taken to be enforced:\n{}", lines.join("\n"))
}
