//! `score.yaml`, by the specification `score.dev/v1b1`.
//!
//! Source: <https://docs.score.dev/docs/score-specification/score-spec-reference/>, and the JSON Schema beside it,
//! <https://github.com/score-spec/spec/blob/main/score-v1b1.json>.

use crate::compose::File;
use crate::credentials::looks_like_one;
use crate::draft::Store;
use crate::notes::Notes;
use crate::qovery::{engine, host_of, named, production};
use crate::variables::{Resolved, resolve};
use crate::workload::{Amounts, Entry, Port, Probe, Workload};
use crate::{Question, names, read, rules};
use watertight_base::{Diagnostic, Span};
use watertight_ingest::{Content, Member, Tree};
use watertight_intent::Format;

/// What the format is called.
const FORMAT: &str = "`score.yaml`";

/// The version that is read.
const VERSION: &str = "score.dev/v1b1";

/// An ending of an amount that Kubernetes writes otherwise.
const AMOUNTS: [(&str, &str); 1] = [("K", "k")];

/// Whether a document means to be one.
pub(crate) fn is_one(document: &Tree) -> bool {
    let version = document.get("apiVersion").and_then(Tree::text);
    version.is_some_and(|version| version.starts_with("score.dev/"))
}

/// Reads one.
pub(crate) fn read(document: &Tree, question: &Question<'_>, notes: &mut Notes) -> File {
    let mut file = File::default();
    let version = document.get("apiVersion");
    if let Some(version) = version.filter(|version| version.text() != Some(VERSION)) {
        let message = "this version of `score.yaml` is not known here".to_owned();
        notes.invalid(
            version.span,
            message,
            "another version",
            &format!("write `apiVersion: {VERSION}`, if it means the same"),
        );
        return file;
    }
    let metadata = document.get("metadata");
    let name = metadata.and_then(|metadata| metadata.get("name"));
    let workload = match name {
        Some(name) => read::text(name, "name", notes)
            .and_then(|text| named(text, name.span, "workload", notes))
            .map(|own| Workload::new(own, name.span)),
        None => {
            notes.missing(metadata.map_or(document.span, |metadata| metadata.span), "metadata", "name");
            None
        }
    };
    // Without a name, what else is wrong is still told.
    let mut workload = workload.unwrap_or_else(|| Workload::new("workload".to_owned(), document.span));
    // Ports first: probes and routes name them.
    if let Some(service) = document.get("service") {
        workload.ports = ports(service, notes);
    }
    for member in document.members() {
        let value = &member.value;
        match member.key.as_str() {
            "apiVersion" | "service" => {}
            "metadata" => of_metadata(value, notes),
            "containers" => containers(value, metadata, &mut workload, notes),
            "resources" => resources(value, metadata, question, (&mut file, &mut workload), notes),
            _ => notes.unknown(member, FORMAT),
        }
    }
    if document.get("containers").is_none() {
        notes.missing(document.span, "workload", "containers");
    }
    file.workloads.push(workload);
    file
}

fn of_metadata(metadata: &Tree, notes: &mut Notes) {
    let others = read::mapping(metadata, "metadata", notes).iter().filter(|member| member.key != "name");
    for member in others {
        let message = format!(
            "`{}` of the metadata is not carried over: an application of an intent has a name alone",
            member.key
        );
        notes.left_out(
            member.key_span,
            message,
            "nothing that runs hangs on it, but where a placeholder named it",
        );
    }
}

fn ports(service: &Tree, notes: &mut Notes) -> Vec<Port> {
    let mut ports: Vec<Port> = Vec::new();
    for member in read::optional(service, "service", notes) {
        if member.key != "ports" {
            notes.unknown(member, FORMAT);
            continue;
        }
        for named in read::optional(&member.value, "ports", notes) {
            let Some(port) = port(named, notes) else { continue };
            if ports.iter().any(|taken| taken.name == port.name) {
                let message = format!("two ports would be called `{}`", port.name);
                let help = "give the port a name of at most 15 letters, digits and `-`";
                notes.left_out(named.key_span, message, help);
                continue;
            }
            // A server takes each number once, of the container and of the Service.
            let is_there = |taken: &&Port| {
                taken.protocol == port.protocol
                    && (taken.container_port == port.container_port || taken.port == port.port)
            };
            if let Some(taken) = ports.iter().find(is_there) {
                let message = format!("the port `{}` is `{}` once more", port.name, taken.name);
                notes.left_out(named.key_span, message, "keep one name for each number and protocol");
                continue;
            }
            ports.push(port);
        }
    }
    ports
}

fn port(named: &Member, notes: &mut Notes) -> Option<Port> {
    let (mut port, mut target, mut protocol) = (None, None, "TCP");
    for member in read::mapping(&named.value, "port", notes) {
        let (key, value) = (member.key.as_str(), &member.value);
        match key {
            "port" => port = read::port(value, key, notes),
            "targetPort" => target = read::port(value, key, notes),
            "protocol" => match read::text(value, key, notes) {
                Some("TCP") | None => {}
                Some("UDP") => protocol = "UDP",
                Some(_) => notes.invalid(
                    value.span,
                    "this is no protocol of a port".to_owned(),
                    "unknown",
                    "write `TCP` or `UDP`",
                ),
            },
            _ => notes.unknown(member, FORMAT),
        }
    }
    if matches!(named.value.content, Content::Mapping(_)) && named.value.get("port").is_none() {
        notes.missing(named.value.span, "port", "port");
    }
    let port = port?;
    let container_port = target.unwrap_or(port);
    let name = names::port(&named.key, port);
    if name != named.key {
        let message = format!(
            "the port `{}` is called `{name}`: its own name is none of a port in Kubernetes",
            named.key
        );
        let help = "nothing is lost, if nobody asks for the port by its name";
        notes.push(
            Diagnostic::warning(rules::NOT_CARRIED_OVER, message)
                .at(named.key_span, "another name")
                .help(help),
        );
    }
    Some(Port { name, container_port, port, protocol })
}

fn containers(tree: &Tree, metadata: Option<&Tree>, workload: &mut Workload, notes: &mut Notes) {
    let members = read::mapping(tree, "containers", notes);
    if members.is_empty() && matches!(tree.content, Content::Mapping(_)) {
        notes.invalid(
            tree.span,
            "a workload has no container".to_owned(),
            "none",
            "give it a container with an image",
        );
    }
    for (index, member) in members.iter().enumerate() {
        if index == 0 {
            container(&member.value, metadata, workload, notes);
            continue;
        }
        // What is wrong with it is told all the same.
        let mut other = Workload::new(workload.name.clone(), member.key_span);
        container(&member.value, metadata, &mut other, &mut *notes);
        let name = &workload.name;
        notes.gap(
            member.key_span,
            format!("`{name}` has another container, and the short form of an application has one"),
            "not carried over",
            format!(
                "write the manifests of `{name}`, as `score-k8s generate` does, and name them in `manifests`"
            ),
        );
    }
    if members.len() > 1 {
        let more = members.len() - 1;
        workload.to_do.push(format!(
            "{more} more of its containers are not here: write its manifests, or decide that it runs without."
        ));
    }
}

fn container(tree: &Tree, metadata: Option<&Tree>, workload: &mut Workload, notes: &mut Notes) {
    for member in read::mapping(tree, "container", notes) {
        let (key, value) = (member.key.as_str(), &member.value);
        match key {
            "image" => image(value, workload, notes),
            "command" => workload.command = words(value, key, notes),
            "args" => workload.args = words(value, key, notes),
            "variables" => variables(value, metadata, workload, notes),
            "resources" => requirements(value, workload, notes),
            "livenessProbe" => probe("liveness", value, workload, notes),
            "readinessProbe" => probe("readiness", value, workload, notes),
            "before" => {
                let message = "in which order containers start is not carried over: the short form of an application has one";
                let help = "write its manifests with init containers, and name them in `manifests`";
                notes.left_out(member.key_span, message.to_owned(), help);
            }
            "files" | "volumes" => {
                let message =
                    format!("`{key}` are not carried over: the short form of an application mounts nothing");
                let help = "write its manifests with what is mounted, and name them in `manifests`";
                notes.left_out(member.key_span, message, help);
                // Inline contents may be anything.
                notes.hide(value.span);
            }
            _ => notes.unknown(member, FORMAT),
        }
    }
    if matches!(tree.content, Content::Mapping(_)) && tree.get("image").is_none() {
        notes.missing(tree.span, "container", "image");
    }
}

fn image(tree: &Tree, workload: &mut Workload, notes: &mut Notes) {
    let Some(image) = read::text(tree, "image", notes) else { return };
    workload.image = match Format::Image.check(image) {
        Ok(()) => Ok(image.to_owned()),
        // A tag is of use to find the digest by; `.` means that somebody else will say.
        Err(_) if Format::Image.check(&format!("{image}@sha256:{}", "0".repeat(64))).is_ok() => {
            Err(format!("{image}@sha256:DIGEST"))
        }
        Err(_) => return,
    };
}

/// Words of a command line. One that looks like a credential keeps all of them from being copied.
fn words(tree: &Tree, name: &str, notes: &mut Notes) -> Vec<String> {
    let words = read::texts(tree, name, notes);
    let flag = |word: &str| word.trim_start_matches('-').to_owned();
    let alone = words.iter().any(|word| {
        let (name, value) = word.split_once('=').unwrap_or(("", word));
        looks_like_one(name, value)
    });
    let behind =
        words.windows(2).any(|pair| pair[0].starts_with('-') && looks_like_one(&flag(&pair[0]), &pair[1]));
    if !alone && !behind {
        return words;
    }
    notes.hide(tree.span);
    notes.push(
        Diagnostic::warning(
            rules::PLAIN_CREDENTIAL,
            format!("`{name}` seems to hold a credential, and is not copied"),
        )
        .at(tree.span, "not carried over")
        .help("let the program read it from a variable of `secrets`"),
    );
    Vec::new()
}

fn variables(tree: &Tree, metadata: Option<&Tree>, workload: &mut Workload, notes: &mut Notes) {
    for member in read::optional(tree, "variables", notes) {
        let (name, span) = (member.key.as_str(), member.value.span);
        let written = read::text(&member.value, name, notes);
        if written.is_none_or(|written| looks_like_one(name, written)) {
            notes.hide(span);
        }
        let Some(written) = written else { continue };
        if Format::VariableName.check(name).is_err() || Format::SecretKey.check(name).is_err() {
            notes.left_out(
                member.key_span,
                "this is no name of a variable".to_owned(),
                "write letters, digits and `_`",
            );
            continue;
        }
        match resolve(written, metadata) {
            Resolved::Text(value) if looks_like_one(name, &value) => {
                notes.hide(span);
                let of = &workload.name;
                notes.push(
                    Diagnostic::warning(rules::PLAIN_CREDENTIAL, format!("`{name}` looks like a credential, and its value is not copied"))
                        .at(member.key_span, "becomes a reference to a Secret")
                        .help(format!("put it into a Secret `{of}` of each environment, under the key `{name}`, and out of this file")),
                );
                workload.secrets.push(name.to_owned());
            }
            Resolved::Text(value) => workload.env.push((name.to_owned(), value)),
            Resolved::Resource(resource) => {
                let of = &workload.name;
                notes.gap(
                    member.key_span,
                    format!("the value of `{name}` comes from the resource `{resource}`, which nobody provides here"),
                    "becomes a reference to a Secret",
                    format!("put it into a Secret `{of}` of each environment, under the key `{name}`"),
                );
                workload.secrets.push(name.to_owned());
            }
            Resolved::Unknown(placeholder) => {
                notes.left_out(
                    member.key_span,
                    format!("nothing is known of `{placeholder}`, so that `{name}` is not carried over"),
                    "write its value in `env`, or name a Secret that has it in `secrets`",
                );
            }
        }
    }
}

fn requirements(tree: &Tree, workload: &mut Workload, notes: &mut Notes) {
    for member in read::optional(tree, "resources", notes) {
        let amounts = match member.key.as_str() {
            "requests" => &mut workload.resources.requests,
            "limits" => &mut workload.resources.limits,
            _ => {
                notes.unknown(member, FORMAT);
                continue;
            }
        };
        *amounts = of_container(&member.value, &member.key, notes);
    }
}

fn of_container(tree: &Tree, name: &str, notes: &mut Notes) -> Amounts {
    let mut amounts = Amounts::default();
    for member in read::optional(tree, name, notes) {
        match member.key.as_str() {
            "cpu" => amounts.cpu = read::amount(&member.value, "cpu", &[], notes),
            "memory" => amounts.memory = read::amount(&member.value, "memory", &AMOUNTS, notes),
            _ => notes.unknown(member, FORMAT),
        }
    }
    amounts
}

/// A probe, if an intent can ask the same.
fn probe(name: &'static str, tree: &Tree, workload: &mut Workload, notes: &mut Notes) {
    let (mut get, mut asks) = (None, false);
    for member in read::mapping(tree, "probe", notes) {
        asks = true;
        match member.key.as_str() {
            "httpGet" => get = Some(&member.value),
            "exec" => {
                let message =
                    format!("the command of the {name} probe is not carried over: an intent asks a port");
                let help = "write `probes` for a port that answers, or its manifests with the probe, and name them in `manifests`";
                notes.left_out(member.key_span, message, help);
                // A command line may be anything.
                notes.hide(member.value.span);
            }
            _ => notes.unknown(member, FORMAT),
        }
    }
    let Some(get) = get else {
        if matches!(tree.content, Content::Mapping(_)) && !asks {
            let message = format!("the {name} probe asks nothing, and is not carried over");
            notes.left_out(tree.span, message, "give it an `httpGet`, or take it away");
        }
        return;
    };
    let (mut path, mut number, mut odd) = (None, None, None);
    for member in read::mapping(get, "httpGet", notes) {
        let (key, value) = (member.key.as_str(), &member.value);
        match key {
            "path" => path = read::text(value, key, notes),
            "port" => number = read::port(value, key, notes),
            "scheme" if value.text() == Some("HTTP") => {}
            "host" | "httpHeaders" | "scheme" => odd = Some(member),
            _ => notes.unknown(member, FORMAT),
        }
    }
    let fields = ["path", "port"].into_iter().filter(|field| get.get(field).is_none());
    if matches!(get.content, Content::Mapping(_)) {
        fields.for_each(|field| notes.missing(get.span, "probe", field));
    }
    let (Some(path), Some(number)) = (path, number) else { return };
    let left_out = |span: Span, why: &str, help: &str, notes: &mut Notes| {
        notes.left_out(span, format!("the {name} probe is not carried over: {why}"), help);
    };
    if let Some(member) = odd {
        notes.hide(member.value.span);
        let why = format!("an intent asks without `{}`, which may get another answer", member.key);
        left_out(member.key_span, &why, "write `probes` for what answers without it", notes);
    } else if Format::UrlPath.check(path).is_err() {
        left_out(
            get.span,
            "its path is none that an intent asks for",
            "write a path such as `/healthz`",
            notes,
        );
    } else if let Some(port) =
        workload.ports.iter().find(|port| port.container_port == number && port.protocol == "TCP")
    {
        workload.probes.push((name, Probe { port: port.name.clone(), path: path.to_owned() }));
    } else {
        let help =
            format!("list the port {number} in `ports`, which gives it a Service too, and write the probe");
        left_out(get.span, "an intent asks a port that is listed, and this one is not", &help, notes);
    }
}

/// What the workload depends on.
fn resources(
    tree: &Tree,
    metadata: Option<&Tree>,
    question: &Question<'_>,
    (file, workload): (&mut File, &mut Workload),
    notes: &mut Notes,
) {
    for resource in read::optional(tree, "resources", notes) {
        let (mut kind, mut params, mut id): (_, Option<&Member>, Option<(&Member, &str)>) =
            (None, None, None);
        for member in read::mapping(&resource.value, "resource", notes) {
            let (key, value) = (member.key.as_str(), &member.value);
            match key {
                "type" => kind = read::text(value, key, notes),
                "id" => id = read::text(value, key, notes).map(|text| (member, text)),
                "params" => {
                    params = Some(member);
                    // Of what is no route, they may hold what it is reached with.
                    if resource.value.get("type").and_then(Tree::text) != Some("route") {
                        notes.hide(value.span);
                    }
                }
                "class" | "metadata" => {
                    of_resource(member, resource, notes);
                }
                _ => notes.unknown(member, FORMAT),
            }
        }
        if matches!(resource.value.content, Content::Mapping(_)) && resource.value.get("type").is_none() {
            notes.missing(resource.value.span, "resource", "type");
        }
        if let (Some("route" | "dns"), Some((member, _))) = (kind, id) {
            of_resource(member, resource, notes);
        }
        match kind {
            Some("route") => {
                route(resource, params.map(|params| &params.value), metadata, question, workload, notes);
            }
            Some("dns") => {
                let message = format!("the resource `{}` is a host that nobody makes here", resource.key);
                let help =
                    format!("give a host for each environment: `--host ENVIRONMENT/{}=HOST`", workload.name);
                notes.left_out(resource.key_span, message, &help);
            }
            None => {}
            Some(kind) => match engine(kind.strip_suffix("-instance").unwrap_or(kind)) {
                Some(engine) => {
                    params.into_iter().for_each(|params| of_resource(params, resource, notes));
                    // What has an id is shared; what has none is the workload's own.
                    let own = format!("{}-{}", workload.name, resource.key);
                    let (name, span) =
                        id.map_or((own.as_str(), resource.key_span), |(member, id)| (id, member.value.span));
                    let Some(name) = names::label(name) else {
                        let message = "nothing of the name of this store can be a name in Kubernetes";
                        let help = "write lower-case letters, digits and `-`";
                        notes.left_out(span, message.to_owned(), help);
                        continue;
                    };
                    if !workload.stores.contains(&name) {
                        workload.stores.push(name.clone());
                    }
                    file.add_store(Store { name, engine }, resource.key_span, notes);
                }
                None => {
                    let message =
                        format!("the resource `{}` is of a type that no intent knows", resource.key);
                    let help = "provide it apart, and name its addresses in `egress` of the environments";
                    notes.left_out(resource.key_span, message, help);
                }
            },
        }
    }
}

/// Says that a field of a resource is not carried over.
fn of_resource(member: &Member, resource: &Member, notes: &mut Notes) {
    let message = format!("`{}` of the resource `{}` is not carried over", member.key, resource.key);
    notes.left_out(member.key_span, message, "say it where the resource itself is made");
}

/// The way in from outside.
fn route(
    resource: &Member,
    params: Option<&Tree>,
    metadata: Option<&Tree>,
    question: &Question<'_>,
    workload: &mut Workload,
    notes: &mut Notes,
) {
    let (mut hosts, mut path, mut port) = (Vec::new(), Some("/".to_owned()), None);
    for member in params.map(|params| read::optional(params, "params", notes)).unwrap_or_default() {
        let (key, value) = (member.key.as_str(), &member.value);
        match key {
            "host" => match read::text(value, key, notes).map(|text| resolve(text, metadata)) {
                Some(Resolved::Text(host)) => {
                    host_of(&host, value.span, production(question), &mut hosts, notes);
                }
                Some(Resolved::Resource(_) | Resolved::Unknown(_)) => {
                    let message = "the host of a route is not known before somebody has provided it";
                    let help = format!(
                        "give a host for each environment: `--host ENVIRONMENT/{}=HOST`",
                        workload.name
                    );
                    notes.left_out(value.span, message.to_owned(), &help);
                }
                None => {}
            },
            "path" => match read::text(value, key, notes).map(|text| resolve(text, metadata)) {
                Some(Resolved::Text(text)) => path = Some(text),
                Some(Resolved::Resource(_) | Resolved::Unknown(_)) => path = None,
                None => {}
            },
            "port" => port = Some(value),
            _ => notes.unknown(member, FORMAT),
        }
    }
    let Some(path) = path.filter(|path| Format::UrlPath.check(path).is_ok()) else {
        notes.left_out(
            resource.key_span,
            "the path of a route is none of an intent".to_owned(),
            "write a path such as `/api`",
        );
        return;
    };
    let number = |tree: &Tree| match &tree.content {
        Content::Number { whole: Some(number), .. } => u16::try_from(*number).ok(),
        Content::Text(text) => text.parse().ok(),
        _ => None,
    };
    let answers = |candidate: &&Port| match port {
        Some(port) => port.text() == Some(candidate.name.as_str()) || number(port) == Some(candidate.port),
        None => workload.ports.len() == 1,
    };
    // What serves routes asks by TCP.
    let Some(answering) = workload.ports.iter().filter(|port| port.protocol == "TCP").find(answers) else {
        let span = port.map_or(resource.key_span, |port| port.span);
        notes.left_out(
            span,
            "a route leads to no port of the service".to_owned(),
            "list the port in `ports`, and write the route",
        );
        return;
    };
    let port = answering.name.clone();
    workload.entries.push(Entry { path, port, hosts, span: resource.key_span });
}
