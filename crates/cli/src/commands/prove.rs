//! `watertight prove`: the verdict for one boundary.

use super::{BoundaryOf, Read};
use crate::exit;
use crate::failure::Failure;
use crate::options::{Belonging, Ends, NetworkOptions, ProfileChoice, Reading, VerdictOutput, pair};
use crate::rules::RULES;
use crate::terminal::Terminal;
use crate::{digest, ends, output_files};
use clap::ValueEnum;
use std::path::{Path, PathBuf};
use std::slice;
use watertight_api::{Access, SUPPORTED, bootstrap};
use watertight_model::{Channel, NamespaceChoice, Relation, Report, SubjectKind, Verdict};
use watertight_network::{Profile, connectivity};
use watertight_prove::{GivenPrincipal, Question};
use watertight_render::{
    Bound, Inputs, Style, certificate_json, note_text, profiles_json, profiles_markdown, profiles_text,
    verdict_github, verdict_html, verdict_json, verdict_junit, verdict_markdown, verdict_sarif, verdict_text,
};

/// Prove that nothing in one environment gets into another, over the network or by
/// rights on the API, or show every way across.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    #[command(flatten)]
    ends: Ends,
    #[command(flatten)]
    reading: Reading<VerdictOutput>,
    #[command(flatten)]
    network: NetworkOptions,
    #[command(flatten)]
    belonging: Belonging,
    /// A channel to examine; it may be given several times. Without it, the network is examined, and the API where the input
    /// says who may do what.
    #[arg(long, value_enum, value_name = "CHANNEL")]
    channel: Vec<ChannelChoice>,
    /// Take what is of lesser rank for a breach too, such as reading objects that hold no credentials.
    #[arg(long)]
    strict: bool,
    /// Where nothing gets across, show the ways that are nearest to being open, and what stands in each.
    #[arg(long)]
    why_not: bool,
    /// Take objects of a kind that is not understood as harmless, and say why. It is recorded as an assumption.
    #[arg(long, value_name = "KIND=REASON", value_parser = pair)]
    accept: Vec<(String, String)>,
    /// Show that this works all the same: `dns`, which every pod of both environments needs, or one connection, with ends
    /// as in `map --explain`, or a Service for DST. It may be given several times.
    #[arg(long, value_name = "SRC=DST:PORT|dns")]
    must: Vec<String>,
    /// Write what makes the verdict `isolated` to this file, for `check-certificate`. Any other verdict writes none.
    #[arg(long, value_name = "FILE")]
    certificate: Option<PathBuf>,
}

/// The channels that can be examined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ChannelChoice {
    /// Connections between pods
    Network,
    /// Rights on the API, and what both sides share by their objects
    Api,
}

impl ChannelChoice {
    fn channel(self) -> Channel {
        match self {
            Self::Network => Channel::Network,
            Self::Api => Channel::Api,
        }
    }
}

const AFTER_HELP: &str = "\
Examples:
  # A folder with the manifests of both environments
  watertight prove -f k8s/ --from staging --to production

  # A live cluster's objects, from stdin
  kubectl get ns,nodes,pods,svc,netpol,ingress -A -o json |
    watertight prove -f - --from staging --to production

  # On which network plugins it holds, and why not on the others
  watertight prove -f k8s/ --from staging --to production --profile all

  # What has to work all the same: names resolve, and the web server reaches
  # its database
  watertight prove -f k8s/ --from staging --to production \\
    --must dns --must production/web=production/db:5432

  # With what makes it isolated, which anybody can check
  watertight prove -f k8s/ --from staging --to production \\
    --certificate proof.json
  watertight check-certificate proof.json -f k8s/

  # A comment on a pull request, and alerts of GitHub code scanning
  watertight prove -f k8s/ --from staging --to production -o markdown
  watertight prove -f k8s/ --from staging --to production -o sarif

  # A page for a browser, with a picture
  watertight prove -f k8s/ --from staging --to production -o html > page.html

  # Environments that do not follow the usual names
  watertight prove -f k8s/ --from qa --to shop \\
    --env 'qa=qa-*' --env 'shop=team=shop,tier=live'

Exit codes: 0 isolated, 1 breached, 2 the command failed, 3 unknown. Where all
is isolated, a need that is closed makes it 1, and one that is unknown 3.";

/// Answers the question and prints the report.
pub(crate) fn run(arguments: &Arguments, terminal: &mut Terminal<'_>) -> Result<u8, Failure> {
    let Arguments { reading, network, ends: Ends { from, to }, accept, must, channel, certificate, .. } =
        arguments;
    let Belonging { env, principal } = &arguments.belonging;
    arguments.ends.check(&arguments.belonging)?;
    let needs = must.iter().map(|text| ends::need(text)).collect::<Result<Vec<_>, _>>()?;
    if network.profile == ProfileChoice::All && !reading.output.is_for_all_profiles() {
        return Err(no_form_for_all(reading.output));
    }
    if network.profile == ProfileChoice::All && certificate.is_some() {
        return Err(Failure::new("`--profile all` has no certificate")
            .help("name one profile: what is isolated under `conservative` is so under each"));
    }
    let asks_api = channel.is_empty() || channel.contains(&ChannelChoice::Api);
    let boundary = BoundaryOf { from, to, values: asks_api };
    let mut read = Read::with(reading, &network.namespace, network.detail(), Some(boundary), terminal)?;
    let principals = read.principals(principal);
    let environments = read.environments(env);
    if let Some(namespace) = &read.sides.stands_for {
        if network.profile != ProfileChoice::One(Profile::CONSERVATIVE) {
            return Err(Failure::new(format!(
                "`{from}` is in another cluster than `{to}`, and `--profile` is not for that"
            ))
            .help("leave it out: what holds under `conservative` holds on every plugin"));
        }
        let text = format!(
            "`{from}` is in another cluster than `{to}`: it is asked about as if it were the namespace `{namespace}` there, without \
             policies of its own"
        );
        terminal.talk(|style| note_text("note", &text, style));
    }
    if asks_api {
        let snapshot = &read.ingested.snapshot;
        let minor = snapshot.minor_version().unwrap_or(*SUPPORTED.end());
        let found = Access::new(snapshot, bootstrap(minor)).findings();
        read.add(found, reading.output, network.detail(), terminal);
    }
    let snapshot = &read.ingested.snapshot;
    if let Some(name) = needs.iter().find_map(|need| need.unknown_end(snapshot)) {
        return Err(ends::not_there(snapshot, name, true));
    }
    let question = |profile| Question {
        from: from.clone(),
        to: to.clone(),
        environments: environments.clone(),
        profile,
        accepted: accept.clone(),
        channels: channel.iter().map(|channel| channel.channel()).collect(),
        principals: principals.clone(),
        strict: arguments.strict,
        why_not: arguments.why_not,
        all: network.all,
        needs: needs.clone(),
    };
    let prove = |profile| watertight_prove::prove(&read.ingested.snapshot, &question(profile));
    let style = terminal.style();
    let phase = terminal.begin("proving");
    let (text, code) = match network.profile {
        ProfileChoice::One(profile) => {
            let mut report = prove(profile)?;
            if let Some(file) = certificate {
                arguments.certify(file, &question(profile), &mut report, &read, terminal)?;
            }
            terminal.end(phase);
            environments_found(&report, terminal);
            (arguments.one(&report, profile, &read, style)?, exit::of_reports(slice::from_ref(&report)))
        }
        ProfileChoice::All => {
            let reports = Profile::ENFORCERS.into_iter().map(prove).collect::<Result<Vec<_>, _>>()?;
            terminal.end(phase);
            reports.first().into_iter().for_each(|report| environments_found(report, terminal));
            (arguments.many(&reports, &read, style)?, exit::of_reports(&reports))
        }
    };
    let links = reading.output == VerdictOutput::Text && terminal.abilities.stdout_links;
    let text = read.linked(text, links);
    terminal.data(&text)?;
    Ok(code)
}

/// Says which namespaces each environment was taken to have.
fn environments_found(report: &Report, terminal: &mut Terminal<'_>) {
    for environment in &report.environments {
        for NamespaceChoice { name, why } in &environment.namespaces {
            let text = format!("`{}` has `{name}`, since it {why}", environment.name);
            terminal.detail("environment", &text);
        }
    }
}

/// What annotates places in files would say the same of one place for each plugin.
fn no_form_for_all(output: VerdictOutput) -> Failure {
    let named = |output: VerdictOutput| output.to_possible_value().map(|value| value.get_name().to_owned());
    let have = VerdictOutput::value_variants().iter().filter(|output| output.is_for_all_profiles());
    let have: Vec<String> = have.filter_map(|&output| Some(format!("`{}`", named(output)?))).collect();
    Failure::new(format!("`--profile all` has no form `{}`", named(output).unwrap_or_default()))
        .help(format!("choose one of {}, or name one profile", have.join(", ")))
}

impl Arguments {
    /// Writes the certificate, if there is one. Where there is none, the file stays as it was, and that is said.
    fn certify(
        &self,
        file: &Path,
        question: &Question,
        report: &mut Report,
        read: &Read,
        terminal: &mut Terminal<'_>,
    ) -> Result<(), Failure> {
        let shown = file.display();
        let certified = watertight_prove::certify(&read.ingested.snapshot, question, report)?;
        let Some(certificate) = certified else {
            let worst = report.boundaries.iter().map(|boundary| boundary.verdict).max();
            let verdict = worst.unwrap_or(Verdict::Unknown);
            let why =
                format!("`{shown}` is not written: the verdict is {verdict}, and only `isolated` is proved");
            terminal.talk(|style| note_text("note", &why, style));
            return Ok(());
        };
        let digest = digest::input_digest(&read.sources);
        let principals = question.principals.iter();
        let principals: Vec<_> =
            principals.map(|given| (given.environment.clone(), given.principal.clone())).collect();
        let bound = Bound {
            version: Read::VERSION,
            input_digest: &digest,
            default_namespace: &self.network.namespace,
            environments: &question.environments,
            principals: &principals,
            accepted: &self.accept,
        };
        output_files::write_one(file, &certificate_json(report, &certificate, bound)?)?;
        terminal.detail("certificate", &format!("`{shown}`, {} facts", certificate.facts()));
        Ok(())
    }

    /// The report in the form that was asked for.
    fn one(&self, report: &Report, profile: Profile, read: &Read, style: Style) -> Result<String, Failure> {
        let inputs = Inputs::new(&read.sources, &read.ingested.hidden);
        let digest = read.digest_for(self.reading.output);
        let provenance = read.provenance(&inputs, &digest);
        Ok(match self.reading.output {
            VerdictOutput::Text => {
                let (diagnostics, reverse) = (&read.ingested.diagnostics, self.reverse(profile));
                verdict_text(report, diagnostics, &inputs, &reverse, self.network.detail(), style)
            }
            VerdictOutput::Json => verdict_json(report, provenance)?,
            VerdictOutput::Markdown => verdict_markdown(report, provenance),
            VerdictOutput::Sarif => verdict_sarif(report, RULES, provenance)?,
            VerdictOutput::Github => verdict_github(report, provenance),
            VerdictOutput::Junit => verdict_junit(slice::from_ref(report), provenance)?,
            VerdictOutput::Html => {
                let map = connectivity(&read.ingested.snapshot, profile, Relation::May);
                verdict_html(report, &map, provenance)
            }
        })
    }

    /// The reports under all profiles in the form that was asked for.
    fn many(&self, reports: &[Report], read: &Read, style: Style) -> Result<String, Failure> {
        let inputs = Inputs::new(&read.sources, &read.ingested.hidden);
        let digest = read.digest_for(self.reading.output);
        let provenance = read.provenance(&inputs, &digest);
        match self.reading.output {
            VerdictOutput::Text => Ok(profiles_text(reports, style)),
            VerdictOutput::Json => Ok(profiles_json(reports, provenance)?),
            VerdictOutput::Markdown => Ok(profiles_markdown(reports, provenance)),
            VerdictOutput::Junit => Ok(verdict_junit(reports, provenance)?),
            output @ (VerdictOutput::Sarif | VerdictOutput::Github | VerdictOutput::Html) => {
                Err(no_form_for_all(output))
            }
        }
    }

    /// The command that asks about the other direction.
    fn reverse(&self, profile: Profile) -> String {
        let Self { reading, network, ends: Ends { from, to }, belonging, accept, channel, .. } = self;
        let Belonging { env, principal } = belonging;
        let mut words = vec!["watertight".to_owned(), "prove".to_owned()];
        let mut option = |name: &str, value: &str| words.extend([name.to_owned(), quoted(value)]);
        for filename in &reading.filename {
            option("-f", filename);
        }
        if network.namespace != "default" {
            option("-n", &network.namespace);
        }
        option("--from", to);
        option("--to", from);
        for (name, selector) in env {
            option("--env", &format!("{name}={selector}"));
        }
        if profile != Profile::ALL[0] {
            option("--profile", &profile.label());
        }
        for channel in channel {
            option("--channel", channel.channel().name());
        }
        for GivenPrincipal { environment, principal } in principal {
            let kind = if principal.kind == SubjectKind::Group { "group" } else { "user" };
            option("--principal", &format!("{environment}={kind}:{}", principal.name));
        }
        for (kind, reason) in accept {
            option("--accept", &format!("{kind}={reason}"));
        }
        if self.strict {
            words.push("--strict".to_owned());
        }
        words.join(" ")
    }
}

/// The word as a shell takes it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./:=,@%+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_for_a_shell_only_where_they_must_be() {
        assert_eq!(quoted("k8s/a-b.yaml"), "k8s/a-b.yaml");
        assert_eq!(quoted("k8s/*.yaml"), "'k8s/*.yaml'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
        assert_eq!(quoted(""), "''");
    }
}
