//! `watertight map`: who can open a connection to whom.

use super::Read;
use crate::ends::{not_there, port};
use crate::exit;
use crate::failure::Failure;
use crate::options::{MapOutput, NetworkOptions, OutputFormat as _, Reading, pair, same_twice};
use crate::terminal::Terminal;
use clap::ValueEnum;
use watertight_base::Protocol;
use watertight_model::{BlindScope, BlindSpot, Channel, ConnectivityMap, Peer, Relation, Snapshot};
use watertight_network::{Pods, Profile, classes, explain, peers_named};
use watertight_prove::{environments, usual_environments};
use watertight_render::{
    Inputs, MERMAID_ARROWS_MAX, Setting, blind_spots_text, explanation_text, map_classes, map_csv, map_dot,
    map_json, map_markdown, map_mermaid, map_svg, map_text, note_text,
};

/// Show who can open a connection to whom, and why.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    #[command(flatten)]
    reading: Reading<MapOutput>,
    #[command(flatten)]
    network: NetworkOptions,
    /// Which connections to show.
    #[arg(long, value_enum, default_value = "may", value_name = "RELATION")]
    relation: RelationName,
    /// Only what touches this namespace or workload: `NAME`, `NAMESPACE/NAME` or `NAMESPACE/KIND/NAME`.
    #[arg(long, value_name = "NAME", conflicts_with = "explain")]
    focus: Option<String>,
    /// Also what pods that could be created might reach: in each namespace one without labels, and one for each selector
    /// that would select it and selects no pod that is there.
    #[arg(long, conflicts_with = "explain")]
    future: bool,
    /// Every rule that allows or denies one connection. Ends are `NAMESPACE/NAME`, `NAMESPACE/KIND/NAME` or an
    /// address; a port is `80`, `tcp/80` or `80/udp`.
    #[arg(long, num_args = 2..=3, value_names = ["SRC", "DST", "PORT"])]
    explain: Option<Vec<String>>,
    /// In a picture, what this environment can open to that of `--to` is red.
    #[arg(long, value_name = "ENVIRONMENT", requires = "to")]
    from: Option<String>,
    /// See `--from`.
    #[arg(long, value_name = "ENVIRONMENT", requires = "from")]
    to: Option<String>,
    /// In a picture, what these environments are, as `prove` has it.
    #[arg(long, value_name = "NAME=SELECTOR", value_parser = pair, requires = "from")]
    env: Vec<(String, String)>,
}

const AFTER_HELP: &str = "\
Examples:
  watertight map -f k8s/
  watertight map -f k8s/ --focus production -o json
  watertight map -f k8s/ -o csv | grep ^staging/
  watertight map -f k8s/ -o svg --from staging --to production > map.svg
  watertight map -f k8s/ -o dot | dot -Tpdf > map.pdf
  watertight map -f k8s/ --explain staging/api production/db 5432

Exit codes: 0 the map is whole, 2 the command failed, 3 something was not seen
or not understood.";

/// The relations by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum RelationName {
    /// Whatever some conforming implementation lets pass
    May,
    /// Only what every implementation lets pass
    Must,
}

/// Prints the map, or explains one pair of it.
pub(crate) fn run(arguments: &Arguments, terminal: &mut Terminal<'_>) -> Result<u8, Failure> {
    let Arguments { reading, network, relation, focus, future, explain, from, .. } = arguments;
    let relation = match relation {
        RelationName::May => Relation::May,
        RelationName::Must => Relation::Must,
    };
    let profile = network.profile.one()?;
    let question = explain.as_deref().map(Pair::parse).transpose()?;
    if question.is_some() && reading.output != MapOutput::Text {
        return Err(Failure::new("`--explain` has no form but text").help("leave out `-o`"));
    }
    if focus.is_some() && reading.output == MapOutput::Classes {
        return Err(Failure::new("`--focus` does not narrow `-o classes`")
            .help("choose another form, such as `-o json`"));
    }
    if from.is_some() && reading.output != MapOutput::Svg {
        return Err(Failure::new("`--from` and `--to` are for a picture")
            .help("add `-o svg`, or use `watertight prove`"));
    }
    let read = Read::new(reading, &network.namespace, network.detail(), terminal)?;
    let snapshot = &read.ingested.snapshot;
    let inputs = Inputs::new(&read.sources, &read.ingested.hidden);
    let text = match (&question, reading.output) {
        (Some(pair), _) => {
            let explanations = pair.explain(snapshot, profile, relation)?;
            explanation_text(&explanations, pair.port, &inputs, terminal.abilities.stdout_colour)
        }
        (None, output) => {
            let phase = terminal.begin("mapping");
            let pods = if *future { Pods::AndToCome } else { Pods::Today };
            let classes = classes(snapshot, profile, relation, pods);
            let peers = || -> Result<ConnectivityMap, Failure> {
                let mut map = classes.expand();
                if let Some(name) = focus {
                    narrow(&mut map, snapshot, profile, name)?;
                }
                Ok(map)
            };
            let digest = read.digest_for(output);
            let provenance = read.provenance(&inputs, &digest);
            let text = match output {
                MapOutput::Text => map_text(&peers()?, terminal.abilities.stdout_colour),
                MapOutput::Json => map_json(&peers()?, &profile.label(), provenance)?,
                MapOutput::Classes => map_classes(&classes, &profile.label(), provenance)?,
                MapOutput::Csv => map_csv(&peers()?)?,
                MapOutput::Markdown => map_markdown(&peers()?, provenance),
                MapOutput::Svg => arguments.picture(&peers()?, snapshot)?,
                MapOutput::Dot => map_dot(&peers()?),
                MapOutput::Mermaid => {
                    let map = peers()?;
                    let arrows = map.edges.len() + map.paths.len();
                    if arrows > MERMAID_ARROWS_MAX {
                        terminal.talk(|style| note_text("warning", &too_many_arrows(arrows), style));
                    }
                    map_mermaid(&map)
                }
            };
            terminal.end(phase);
            text
        }
    };
    let spots: Vec<BlindSpot> = snapshot.blind_spots_of(Channel::Network).cloned().collect();
    let links = question.is_some() && terminal.abilities.stdout_links;
    terminal.data(&read.linked(text.clone(), links))?;
    if reading.output.leaves_out_the_input() {
        if text.is_empty() {
            let why = if snapshot.pods.is_empty() {
                "the input holds no pod, and so the map is empty"
            } else {
                "no connection is possible here"
            };
            terminal.talk(|style| note_text("note", why, style));
        }
        let diagnostics = &read.ingested.diagnostics;
        let detail = network.detail();
        let links = terminal.abilities.stderr_links;
        let text = |style| blind_spots_text(&spots, diagnostics, &inputs, detail, style);
        terminal.talk(|style| read.linked(text(style), links));
    }
    let whole = spots.iter().all(|spot| spot.scope == BlindScope::Nothing);
    Ok(if whole { exit::ISOLATED } else { exit::UNKNOWN })
}

impl Arguments {
    /// The map as a picture, with the environments that were named or are usual.
    fn picture(&self, map: &ConnectivityMap, snapshot: &Snapshot) -> Result<String, Failure> {
        let boundary = self.from.as_deref().zip(self.to.as_deref());
        let environments = match boundary {
            Some((from, to)) if from == to => return Err(same_twice(from)),
            Some((from, to)) => environments(snapshot, from, to, &self.env)?,
            None => usual_environments(snapshot),
        };
        let setting = Setting {
            environments: &environments,
            boundary,
            focus: self.focus.as_deref(),
            blind_spots: snapshot.blind_spots_of(Channel::Network).count(),
        };
        Ok(map_svg(map, setting))
    }
}

fn too_many_arrows(count: usize) -> String {
    format!(
        "the map has {count} connections, and Mermaid draws {MERMAID_ARROWS_MAX} unless `maxEdges` says more; \
         `--focus NAME` narrows it"
    )
}

/// Leaves only the edges that touch what is named.
fn narrow(
    map: &mut ConnectivityMap,
    snapshot: &Snapshot,
    profile: Profile,
    name: &str,
) -> Result<(), Failure> {
    let named = peers_named(snapshot, profile, name);
    let touches = |peer: &Peer| {
        let by_name = match peer {
            Peer::Workload { namespace, name: workload, .. } => namespace == name || workload == name,
            Peer::Future { namespace, .. } => namespace == name,
            Peer::Node { name: node } => node == name,
            Peer::Cidrs(_) => false,
        };
        by_name || named.contains(peer)
    };
    let is_known = !named.is_empty()
        || snapshot.namespaces.iter().any(|namespace| namespace.name == name)
        || snapshot.pods.iter().any(|pod| pod.workload.name == name)
        || snapshot.nodes.iter().any(|node| node.name == name);
    if !is_known {
        return Err(not_there(snapshot, name, false));
    }
    map.edges.retain(|edge| touches(&edge.from) || touches(&edge.to));
    map.paths.retain(|path| touches(&path.from) || touches(&path.to));
    Ok(())
}

/// What `--explain` asks for.
struct Pair<'a> {
    from: &'a str,
    to: &'a str,
    port: Option<(Protocol, u16)>,
}

impl<'a> Pair<'a> {
    fn parse(words: &'a [String]) -> Result<Self, Failure> {
        match words {
            [from, to] => Ok(Self { from, to, port: None }),
            [from, to, number] => Ok(Self { from, to, port: Some(port(number)?) }),
            _ => Err(Failure::new("`--explain` takes a source, a destination and perhaps a port")),
        }
    }

    fn explain(
        &self,
        snapshot: &Snapshot,
        profile: Profile,
        relation: Relation,
    ) -> Result<Vec<watertight_model::Explanation>, Failure> {
        let ends = |name: &str| match peers_named(snapshot, profile, name) {
            peers if peers.is_empty() => Err(not_there(snapshot, name, false)),
            peers => Ok(peers),
        };
        let (sources, destinations) = (ends(self.from)?, ends(self.to)?);
        let pairs = sources.iter().flat_map(|from| destinations.iter().map(move |to| (from, to)));
        Ok(pairs.flat_map(|(from, to)| explain(snapshot, profile, relation, from, to, self.port)).collect())
    }
}
