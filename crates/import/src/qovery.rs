//! `.qovery.yml`, of the first version of that platform's command line, in both forms that were published: an `application`
//! with a `name`, or an `application` that holds a mapping for each name.
//!
//! No document of it is left that says all: the fields are those of its command line, its editor's schema, its pages and
//! public repositories that hold such a file.

use crate::compose::File;
use crate::draft::Store;
use crate::notes::Notes;
use crate::workload::{Entry, Port, Workload};
use crate::{Question, names, read, rules};
use watertight_base::{Diagnostic, Quantity, Span};
use watertight_ingest::{Content, Member, Tree};
use watertight_intent::Format;

/// What the format is called.
const FORMAT: &str = "`.qovery.yml`";

/// How amounts of memory end there, and here.
const MEMORY: [(&str, &str); 9] = [
    ("KB", "k"),
    ("MB", "M"),
    ("GB", "G"),
    ("Kb", "k"),
    ("Mb", "M"),
    ("Gb", "G"),
    ("kb", "k"),
    ("mb", "M"),
    ("gb", "G"),
];

/// What the one port is called, of which there is only a number.
const PORT: &str = "http";

/// The branches that are production by custom: an environment was a branch.
const MAIN_BRANCHES: [&str; 2] = ["main", "master"];

/// Whether a document means to be one.
pub(crate) fn is_one(document: &Tree) -> bool {
    document.get("application").is_some() && document.get("apiVersion").is_none()
}

/// A router's wish: the application that it leads to, the paths, and hosts with their environments.
struct Leads {
    application: String,
    span: Span,
    paths: Vec<(String, Span)>,
    hosts: Vec<(String, String)>,
}

/// Reads one.
pub(crate) fn read(document: &Tree, question: &Question<'_>, notes: &mut Notes) -> File {
    let mut file = File::default();
    let mut leads: Vec<Leads> = Vec::new();
    let mut public: Vec<(String, Span)> = Vec::new();
    for member in document.members() {
        match member.key.as_str() {
            "application" => applications(&member.value, question, &mut file, &mut public, notes),
            "databases" => stores(&member.value, "database", &mut file, notes),
            "brokers" => stores(&member.value, "broker", &mut file, notes),
            "routers" => leads = routers(&member.value, question, notes),
            _ => notes.unknown(member, FORMAT),
        }
    }
    for workload in &mut file.workloads {
        workload.stores = file.stores.iter().map(|(store, _)| store.name.clone()).collect();
        workload.stores.sort();
        workload.stores.dedup();
        let of_it = |lead: &&Leads| lead.application == workload.name;
        let routed: Vec<&Leads> = leads.iter().filter(of_it).collect();
        let Some((_, span)) = public.iter().find(|(name, _)| *name == workload.name) else {
            enter(workload, &routed, notes);
            continue;
        };
        let everything = Leads {
            application: workload.name.clone(),
            span: *span,
            paths: vec![("/".to_owned(), *span)],
            hosts: Vec::new(),
        };
        let routed = if routed.is_empty() { vec![&everything] } else { routed };
        enter(workload, &routed, notes);
    }
    for lead in leads {
        if !file.workloads.iter().any(|workload| workload.name == lead.application) {
            let message =
                format!("a route leads to `{}`, which is no application of this file", lead.application);
            notes.left_out(
                lead.span,
                message,
                "import the file of that application together with this one, and write its `routes`",
            );
        }
    }
    file
}

/// The way in from outside, if the application has a port that is known.
fn enter(workload: &mut Workload, leads: &[&Leads], notes: &mut Notes) {
    let Some(first) = leads.first() else { return };
    if workload.ports.is_empty() {
        let name = &workload.name;
        let message = format!("`{name}` is reached from outside, and nothing says on which port it listens");
        notes.gap(first.span, message, "a route needs a port", format!("give `--port {name}=NUMBER`"));
        return;
    }
    for lead in leads {
        for (path, span) in &lead.paths {
            workload.entries.push(Entry {
                path: path.clone(),
                port: PORT.to_owned(),
                hosts: lead.hosts.clone(),
                span: *span,
            });
        }
    }
}

/// One application, or one for each name.
fn applications(
    tree: &Tree,
    question: &Question<'_>,
    file: &mut File,
    public: &mut Vec<(String, Span)>,
    notes: &mut Notes,
) {
    let members = read::mapping(tree, "application", notes);
    let is_named =
        |member: &Member| member.key == "name" && !matches!(member.value.content, Content::Mapping(_));
    let maps = |member: &Member| matches!(member.value.content, Content::Mapping(_));
    // One of which nothing is said may have nothing behind its name.
    let may_map = |member: &Member| maps(member) || member.value.content == Content::Null;
    let each_by_name = members.iter().any(maps) && members.iter().all(may_map);
    if each_by_name {
        for member in members {
            let Some(name) = named(&member.key, member.key_span, "application", notes) else { continue };
            let workload = Workload::new(name, member.key_span);
            let fields = member.value.members().iter();
            application(workload, fields, question, file, public, notes);
        }
        return;
    }
    let Some(name) = members.iter().find(|member| is_named(member)) else {
        if matches!(tree.content, Content::Mapping(_)) {
            notes.missing(tree.span, "application", "name");
        }
        return;
    };
    let Some(text) = read::text(&name.value, "name", notes) else { return };
    let Some(own) = named(text, name.value.span, "application", notes) else { return };
    let fields = members.iter().filter(|member| member.key != "name");
    application(Workload::new(own, name.value.span), fields, question, file, public, notes);
}

fn application<'t>(
    mut workload: Workload,
    fields: impl Iterator<Item = &'t Member>,
    question: &Question<'_>,
    file: &mut File,
    public: &mut Vec<(String, Span)>,
    notes: &mut Notes,
) {
    for member in fields {
        let (key, value) = (member.key.as_str(), &member.value);
        match key {
            "project" => file.project = read::text(value, key, notes).map(str::to_owned),
            "publicly_accessible" => {
                if read::boolean(value, key, notes) == Some(true) {
                    public.push((workload.name.clone(), value.span));
                }
            }
            "port" => {
                let number = read::port(value, key, notes);
                workload.ports = number.into_iter().map(one_port).collect();
            }
            "cpu" => workload.resources.limits.cpu = read::amount(value, key, &[], notes),
            "ram" | "memory" => workload.resources.limits.memory = memory(value, key, notes),
            "auto_scaling" => scaling(value, &mut workload, notes),
            _ => not_said(member, notes),
        }
    }
    let given = question.ports.iter().find(|(name, _)| *name == workload.name);
    if let Some((_, number)) = given {
        workload.ports = vec![one_port(*number)];
    }
    file.workloads.push(workload);
}

fn one_port(number: u16) -> Port {
    Port { name: PORT.to_owned(), container_port: number, port: number, protocol: "TCP" }
}

/// A field of an application that no intent has.
fn not_said(member: &Member, notes: &mut Notes) {
    let (why, help) = match member.key.as_str() {
        "organization" => ("an intent has no organizations", "nothing is lost: the fleet has a name"),
        "cloud_region" => {
            ("where a cluster runs is not said in an intent", "name the cluster's `context` in `clusters`")
        }
        "dockerfile" | "build_mode" | "buildpack_language" => {
            ("an intent builds nothing", "build the image in your pipeline, and name it by its digest")
        }
        "storage" => (
            "the short form of an application has no volumes",
            "write its manifests with a PersistentVolumeClaim, and name them in `manifests`",
        ),
        _ => return notes.unknown(member, FORMAT),
    };
    notes.left_out(member.key_span, format!("`{}` is not carried over: {why}", member.key), help);
}

/// An amount of memory. A number alone is one of megabytes, as that platform counts them.
fn memory(tree: &Tree, name: &str, notes: &mut Notes) -> Option<(Quantity, Span)> {
    let (amount, span) = read::amount(tree, name, &MEMORY, notes)?;
    let (Content::Text(written) | Content::Number { written, .. }) = &tree.content else { return None };
    let number = written.trim();
    let alone = number.bytes().all(|byte| byte.is_ascii_digit());
    let Some(megabytes) = Quantity::parse(&format!("{number}Mi")).ok().filter(|_| alone) else {
        return Some((amount, span));
    };
    let message = format!("`{name}` has no unit, and is taken for megabytes");
    notes.push(
        Diagnostic::warning(rules::NOT_CARRIED_OVER, message)
            .at(span, format!("becomes `{megabytes}`"))
            .help("write the unit, such as `512MB`"),
    );
    Some((megabytes, span))
}

/// The most pods that an intent knows, and the greatest share of the cores that are asked for.
const PODS_MAX: u32 = 1000;
const SHARE_MAX: u32 = 100;

fn scaling(tree: &Tree, workload: &mut Workload, notes: &mut Notes) {
    for member in read::mapping(tree, "auto_scaling", notes) {
        let (key, value) = (member.key.as_str(), &member.value);
        let scaling = &mut workload.scaling;
        match key {
            "min_instances" => scaling.min = nearest(value, key, PODS_MAX, notes),
            // There, less than nothing is as many as it takes.
            "max_instances" if read::is_negative(value) => {
                let message = "`max_instances` sets no bound, and an intent always does";
                let help = "write as `max` how many there may be: quotas are made for that many";
                near(value.span, message.to_owned(), PODS_MAX, help, notes);
                scaling.max = Some(PODS_MAX);
            }
            "max_instances" => scaling.max = nearest(value, key, PODS_MAX, notes),
            "cpu_threshold" => scaling.cpu = nearest(value, key, SHARE_MAX, notes),
            _ => notes.unknown(member, FORMAT),
        }
    }
    let scaling = workload.scaling;
    if let (Some(min), Some(max)) = (scaling.min, scaling.max)
        && min > max
    {
        let message = format!("`min_instances` is {min}, and `max_instances` {max}");
        notes.invalid(
            tree.span,
            message,
            "more at least than at most",
            "write the greater one as `max_instances`",
        );
    }
}

/// A number, or the nearest one that an intent knows, from 1 to the greatest.
fn nearest(tree: &Tree, name: &str, max: u32, notes: &mut Notes) -> Option<u32> {
    let number = read::whole(tree, name, notes)?;
    let known = u32::try_from(number.clamp(1, max.into())).ok()?;
    if i64::from(known) != number {
        let message = format!("`{name}` is {number}, and an intent knows 1 to {max}");
        near(tree.span, message, known, "change it in `scaling`, if something else is meant", notes);
    }
    Some(known)
}

/// Says that a number stands for one that an intent does not know.
fn near(span: Span, message: String, known: u32, help: &str, notes: &mut Notes) {
    notes.push(
        Diagnostic::warning(rules::NOT_CARRIED_OVER, message).at(span, format!("becomes {known}")).help(help),
    );
}

/// Databases or brokers.
fn stores(tree: &Tree, noun: &str, file: &mut File, notes: &mut Notes) {
    for element in read::optional_list(tree, &format!("{noun}s"), notes) {
        let (mut kind, mut name) = (None, None);
        for member in read::mapping(element, noun, notes) {
            match member.key.as_str() {
                "type" => {
                    kind = read::text(&member.value, "type", notes).map(|text| (text, member.value.span))
                }
                "name" => {
                    name = read::text(&member.value, "name", notes).map(|text| (text, member.value.span))
                }
                "version" => notes.left_out(
                    member.key_span,
                    format!("the version of a {noun} is not carried over: an intent makes none"),
                    "keep to it where the store itself is made",
                ),
                _ => notes.unknown(member, FORMAT),
            }
        }
        if matches!(element.content, Content::Mapping(_)) {
            for field in ["type", "name"].into_iter().filter(|field| element.get(field).is_none()) {
                notes.missing(element.span, noun, field);
            }
        }
        let (Some((kind, span)), Some((name, name_span))) = (kind, name) else { continue };
        let Some(name) = named(name, name_span, noun, notes) else { continue };
        let Some(engine) = engine(kind) else {
            let message = format!("the {noun} `{name}` is of a type that no intent knows");
            notes.left_out(
                span,
                message,
                "let it run as an application with `manifests`, or name its addresses in `egress`",
            );
            continue;
        };
        file.add_store(Store { name, engine }, name_span, notes);
    }
}

/// The engine of an intent.
pub(crate) fn engine(kind: &str) -> Option<&'static str> {
    let engines = [
        ("postgres", "postgresql"),
        ("postgresql", "postgresql"),
        ("mysql", "mysql"),
        ("mongodb", "mongodb"),
        ("mongo", "mongodb"),
        ("redis", "redis"),
        ("valkey", "valkey"),
    ];
    engines.into_iter().find(|(name, _)| kind.eq_ignore_ascii_case(name)).map(|(_, engine)| engine)
}

fn routers(tree: &Tree, question: &Question<'_>, notes: &mut Notes) -> Vec<Leads> {
    let mut leads = Vec::new();
    for router in read::optional_list(tree, "routers", notes) {
        let mut hosts = Vec::new();
        let mut routes: &[Tree] = &[];
        for member in read::mapping(router, "router", notes) {
            let (key, value) = (member.key.as_str(), &member.value);
            match key {
                "name" => drop(read::text(value, key, notes)),
                "dns" => {
                    if let Some(host) = read::text(value, key, notes) {
                        host_of(host, value.span, production(question), &mut hosts, notes);
                    }
                }
                "custom_domains" => domains(value, question, &mut hosts, notes),
                "routes" => routes = read::optional_list(value, key, notes),
                _ => notes.unknown(member, FORMAT),
            }
        }
        for route in routes {
            leads.extend(lead(route, &hosts, notes));
        }
    }
    leads
}

fn lead(route: &Tree, hosts: &[(String, String)], notes: &mut Notes) -> Option<Leads> {
    let (mut application, mut paths) = (None, Vec::new());
    for member in read::mapping(route, "route", notes) {
        let (key, value) = (member.key.as_str(), &member.value);
        match key {
            "application_name" => application = read::text(value, key, notes).map(|name| (name, value.span)),
            "paths" => {
                let elements = read::optional_list(value, key, notes);
                if elements.is_empty() {
                    let message = "a route has no path, and leads nowhere";
                    notes.left_out(
                        member.key_span,
                        message.to_owned(),
                        "write `paths: [/*]` for all of them",
                    );
                }
                for element in elements {
                    if let Some(path) =
                        read::text(element, "path", notes).and_then(|path| prefix(path, element.span, notes))
                    {
                        paths.push((path, element.span));
                    }
                }
            }
            _ => notes.unknown(member, FORMAT),
        }
    }
    let Some((name, span)) = application else {
        if matches!(route.content, Content::Mapping(_)) && route.get("application_name").is_none() {
            notes.missing(route.span, "route", "application_name");
        }
        return None;
    };
    if route.get("paths").is_none() {
        paths.push(("/".to_owned(), span));
    }
    let application = names::service(name).unwrap_or_else(|| name.to_owned());
    Some(Leads { application, span, paths, hosts: hosts.to_vec() })
}

/// `/api` of `/api/*`: what the paths of an intent begin with.
fn prefix(path: &str, span: Span, notes: &mut Notes) -> Option<String> {
    let prefix = path.strip_suffix('*').unwrap_or(path);
    let prefix = if prefix.len() > 1 { prefix.strip_suffix('/').unwrap_or(prefix) } else { prefix };
    if prefix.contains('*') || Format::UrlPath.check(prefix).is_err() {
        notes.left_out(
            span,
            "a path is none of an intent, which knows what paths begin with".to_owned(),
            "write the beginning of the paths, such as `/api`",
        );
        return None;
    }
    Some(prefix.to_owned())
}

/// Domains of branches.
fn domains(tree: &Tree, question: &Question<'_>, hosts: &mut Vec<(String, String)>, notes: &mut Notes) {
    for element in read::optional_list(tree, "custom_domains", notes) {
        let (mut branch, mut domain) = (None, None);
        for member in read::mapping(element, "custom domain", notes) {
            match member.key.as_str() {
                "branch" => branch = read::text(&member.value, "branch", notes),
                "domain" => {
                    domain = read::text(&member.value, "domain", notes).map(|text| (text, member.value.span))
                }
                _ => notes.unknown(member, FORMAT),
            }
        }
        let Some((domain, span)) = domain else { continue };
        let own = question.environments.iter().find(|name| Some(name.as_str()) == branch);
        let main = branch.is_none_or(|branch| MAIN_BRANCHES.contains(&branch));
        let environment = own.or_else(|| production(question).filter(|_| main));
        host_of(domain, span, environment, hosts, notes);
    }
}

/// The environment that is production.
pub(crate) fn production<'q>(question: &Question<'q>) -> Option<&'q String> {
    question.environments.iter().find(|name| ["production", "prod"].contains(&name.as_str()))
}

/// A host of an environment, if there is one whose it can be.
pub(crate) fn host_of(
    host: &str,
    span: Span,
    environment: Option<&String>,
    hosts: &mut Vec<(String, String)>,
    notes: &mut Notes,
) {
    if let Err(why) = Format::Host.check(host) {
        notes.left_out(span, format!("a host {why}"), "give a host such as `shop.example.com` by `--host`");
        return;
    }
    match environment {
        Some(environment) => hosts.push((environment.clone(), host.to_owned())),
        None => notes.gap(
            span,
            format!("of which environment `{host}` is a host is not said"),
            "a host belongs to one environment",
            format!("give `--host ENVIRONMENT={host}`"),
        ),
    }
}

/// A name as an intent takes it. Another one is told.
pub(crate) fn named(name: &str, span: Span, noun: &str, notes: &mut Notes) -> Option<String> {
    let Some(label) = names::service(name) else {
        notes.invalid(
            span,
            format!("nothing of the name of this {noun} can be a name in Kubernetes"),
            "no letter or digit",
            "write lower-case letters, digits and `-`",
        );
        return None;
    };
    if label != name {
        let message = format!("the {noun} is called `{label}`: its own name can be none in Kubernetes");
        let help = "where its name is used, write the new one";
        notes.push(Diagnostic::warning(rules::NOT_CARRIED_OVER, message).at(span, "another name").help(help));
    }
    Some(label)
}
