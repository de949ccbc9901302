//! What was read of all files into one draft: names that fit together, images, routes, and room for it all.

use crate::draft::{Draft, Environment, Store};
use crate::notes::Notes;
use crate::workload::{Route, Workload};
use crate::{Host, Ingress, Question, amounts, names, rules};
use std::collections::{BTreeMap, BTreeSet};
use watertight_base::words::listed;
use watertight_base::{Diagnostic, Span};
use watertight_yaml::mapping;

/// What one file says.
#[derive(Debug, Default)]
pub(crate) struct File {
    /// What the platform called the project.
    pub(crate) project: Option<String>,
    pub(crate) workloads: Vec<Workload>,
    /// The stores, each with where it is named.
    pub(crate) stores: Vec<(Store, Span)>,
}

impl File {
    /// Adds a store, and says what is open about it.
    pub(crate) fn add_store(&mut self, store: Store, span: Span, notes: &mut Notes) {
        let name = &store.name;
        notes.gap(
            span,
            format!("where the store `{name}` is, nothing says"),
            "written as a comment",
            "fill in its host and its addresses for each environment, and take the comment marks away, there and at the application".to_owned(),
        );
        self.stores.push((store, span));
    }
}

/// One draft of all files.
pub(crate) fn compose(files: Vec<File>, question: &Question<'_>, notes: &mut Notes) -> Draft {
    let project = files.iter().find_map(|file| file.project.clone());
    let mut draft = Draft::default();
    let mut workloads: Vec<Workload> = Vec::new();
    for file in files {
        for (store, span) in file.stores {
            match draft.stores.iter().find(|known| known.name == store.name) {
                None => draft.stores.push(store),
                Some(known) if *known == store => {}
                Some(_) => {
                    let message = format!("two stores of different engines are called `{}`", store.name);
                    let diagnostic =
                        Diagnostic::error(rules::REPEATED_NAME, message).at(span, "the second of them");
                    notes.push(diagnostic.help("give one of them another name"));
                }
            }
        }
        for workload in file.workloads {
            if let Some(known) = workloads.iter().find(|known| known.name == workload.name) {
                let message = format!("two applications are called `{}`", known.name);
                let diagnostic =
                    Diagnostic::error(rules::REPEATED_NAME, message).at(workload.span, "the second of them");
                notes.push(diagnostic.help("give one of them another name, or leave one of the files out"));
            }
            workloads.push(workload);
        }
    }
    draft.name = question
        .name
        .map(str::to_owned)
        .or_else(|| project.as_deref().and_then(names::label))
        .or_else(|| workloads.first().map(|first| first.name.clone()))
        .unwrap_or_else(|| "fleet".to_owned());
    draft.environments = question
        .environments
        .iter()
        .map(|name| Environment { name: name.clone(), fields: Vec::new() })
        .collect();
    known_names(&workloads, question, notes);
    images(&mut workloads, question, notes);
    let served = workloads.iter().any(|workload| !workload.entries.is_empty());
    for ingress in question.ingresses.iter().filter(|_| served) {
        let Ingress { environment, namespace, class } = ingress;
        let value = mapping([("namespace", namespace.as_str().into()), ("className", class.as_str().into())]);
        let Some(environment) = environment else {
            draft.clusters.push(mapping([("name", "default".into()), ("ingress", value)]));
            continue;
        };
        if let Some(draft) = draft.environments.iter_mut().find(|it| it.name == *environment) {
            draft.fields.push(("ingress", value));
        }
    }
    routes(&mut workloads, question, notes);
    shared_ingress(&workloads, question, notes);
    amounts::fit(&mut draft, &mut workloads, notes);
    draft.applications = workloads.into_iter().map(Workload::draft).collect();
    draft
}

/// An error of what was asked, which has no place in a file.
fn fault(rule: &'static str, message: String, help: &str, notes: &mut Notes) {
    notes.push(Diagnostic::error(rule, message).help(help));
}

/// Options name applications and environments that are there.
fn known_names(workloads: &[Workload], question: &Question<'_>, notes: &mut Notes) {
    let applications: Vec<&str> = workloads.iter().map(|workload| workload.name.as_str()).collect();
    let environments: Vec<&str> = question.environments.iter().map(String::as_str).collect();
    let images = question.images.iter().map(|(name, _)| ("--image", name));
    let ports = question.ports.iter().map(|(name, _)| ("--port", name));
    let hosts = question.hosts.iter().filter_map(|host| Some(("--host", host.application.as_ref()?)));
    for (option, name) in images.chain(ports).chain(hosts) {
        if !applications.contains(&name.as_str()) {
            let message = format!("`{option}` is for an application `{name}`, and no file has one");
            let help = format!("the applications are {}", listed(&applications));
            fault(
                rules::UNKNOWN_NAME,
                message,
                if applications.is_empty() { "give a file with one" } else { &help },
                notes,
            );
        }
    }
    for Host { environment, host, .. } in question.hosts {
        if !environments.contains(&environment.as_str()) {
            let message = format!("`--host` gives `{host}` to `{environment}`, which is no environment");
            fault(
                rules::UNKNOWN_NAME,
                message,
                &format!("the environments are {}", listed(&environments)),
                notes,
            );
        }
    }
    ingresses(question, &environments, notes);
    notes.production_is_named(&environments);
    let mut owners: BTreeMap<&str, &str> = BTreeMap::new();
    for Host { environment, host, .. } in question.hosts {
        let owner = owners.entry(host).or_insert(environment);
        if owner != environment {
            let message = format!("`--host` gives `{host}` to `{owner}` and to `{environment}`");
            fault(rules::INVALID_VALUE, message, "give each environment hosts of its own", notes);
        }
    }
    for (index, name) in environments.iter().enumerate() {
        if environments[..index].contains(name) {
            fault(
                rules::REPEATED_NAME,
                format!("the environment `{name}` is given twice"),
                "name each once",
                notes,
            );
        }
        if *name == "default" || name.starts_with("kube-") {
            let message = format!("`{name}` is a namespace of the whole cluster, and no environment");
            fault(rules::INVALID_VALUE, message, "give the environment another name", notes);
        }
    }
}

/// Each environment has one ingress controller, in a namespace of no environment.
fn ingresses(question: &Question<'_>, environments: &[&str], notes: &mut Notes) {
    for (index, Ingress { environment, namespace, .. }) in question.ingresses.iter().enumerate() {
        let before = question.ingresses.get(..index).unwrap_or_default();
        if let Some(name) = environment.as_deref().filter(|name| !environments.contains(name)) {
            let message = format!("`--ingress` is for `{name}`, which is no environment");
            let help = format!("the environments are {}", listed(environments));
            fault(rules::UNKNOWN_NAME, message, &help, notes);
        }
        if before.iter().any(|other| other.environment == *environment) {
            let of = environment.as_ref().map_or("all environments".to_owned(), |name| format!("`{name}`"));
            let message = format!("`--ingress` is given twice for {of}");
            let help = "give it once for each environment: `--ingress ENVIRONMENT=NAMESPACE/CLASS`";
            fault(rules::REPEATED_NAME, message, help, notes);
        }
        if environments.contains(&namespace.as_str()) {
            let message = format!("`--ingress` names the namespace `{namespace}`, which is an environment");
            let help = "what serves routes has a namespace that is no environment's";
            fault(rules::INVALID_VALUE, message, help, notes);
        }
    }
}

/// Two environments that publish by one controller, which leads from one into the other: that is not compiled.
fn shared_ingress(workloads: &[Workload], question: &Question<'_>, notes: &mut Notes) {
    let mut places: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut first = None;
    for workload in workloads {
        for (environment, _) in &workload.routes {
            if let Some(ingress) = question.ingress_of(environment) {
                first = first.or(Some(workload.span));
                places.entry(&ingress.namespace).or_default().insert(environment);
            }
        }
    }
    for (namespace, of) in places {
        let of: Vec<&str> = of.into_iter().collect();
        let (Some(span), [_, .., last]) = (first, of.as_slice()) else { continue };
        notes.gap(
            span,
            format!("routes of {} are served from the namespace `{namespace}`", listed(&of)),
            "`compile` refuses this as `shared-ingress`",
            format!("give one a controller of its own: `--ingress {last}=NAMESPACE/CLASS`"),
        );
    }
}

/// Images that are given win. Whoever has none is a comment.
fn images(workloads: &mut [Workload], question: &Question<'_>, notes: &mut Notes) {
    for workload in workloads {
        let given = question.images.iter().find(|(name, _)| *name == workload.name);
        if let Some((_, image)) = given {
            workload.image = Ok(image.clone());
        }
        let Err(placeholder) = &workload.image else { continue };
        let name = &workload.name;
        let tagged =
            placeholder.strip_suffix("@sha256:DIGEST").filter(|tagged| !tagged.starts_with("REGISTRY/"));
        let find = tagged.map(|tagged| format!("; `crane digest {tagged}` prints it")).unwrap_or_default();
        notes.gap(
            workload.span,
            format!(
                "the image of `{name}` is not known by its digest, so that `{name}` is written as a comment"
            ),
            "no image by digest",
            format!("give `--image {name}={placeholder}`{find}"),
        );
        workload
            .to_do
            .push("name the image by its digest, and take the comment marks below away.".to_owned());
    }
}

/// Ways in from outside, for each environment that has a host.
fn routes(workloads: &mut [Workload], question: &Question<'_>, notes: &mut Notes) {
    let mut taken: BTreeMap<(String, String), String> = BTreeMap::new();
    let mut owners: BTreeMap<String, String> =
        question.hosts.iter().map(|host| (host.host.clone(), host.environment.clone())).collect();
    for workload in workloads {
        let Some(first) = workload.entries.first() else { continue };
        let (name, span) = (workload.name.clone(), first.span);
        if question.ingresses.is_empty() {
            let message = format!("`{name}` is reached from outside, and nothing says who serves routes");
            let help = "give `--ingress NAMESPACE/CLASS`: the namespace of the ingress controller, and its IngressClass";
            notes.gap(span, message, "no route is written", help.to_owned());
            continue;
        }
        let mut without: Vec<&str> = Vec::new();
        for environment in question.environments {
            if question.ingress_of(environment).is_none() {
                continue;
            }
            let mut routes: Vec<Route> = Vec::new();
            let mut seen: BTreeSet<(String, String)> = BTreeSet::new();
            for entry in &workload.entries {
                let own =
                    entry.hosts.iter().filter(|(of, _)| of == environment).map(|(_, host)| host.clone());
                for host in hosts(question, environment, &name).into_iter().chain(own) {
                    let owner = owners.entry(host.clone()).or_insert_with(|| environment.clone());
                    let other =
                        taken.entry((host.clone(), entry.path.clone())).or_insert_with(|| name.clone());
                    if owner != environment || *other != name {
                        let message =
                            format!("`{host}{}` leads elsewhere already, and not to `{name}`", entry.path);
                        notes.left_out(entry.span, message, "give it another path, or a host of its own");
                    } else if seen.insert((host.clone(), entry.path.clone())) {
                        routes.push(Route { host, path: entry.path.clone(), port: entry.port.clone() });
                    }
                }
            }
            if routes.is_empty() {
                without.push(environment);
            } else {
                workload.routes.push((environment.clone(), routes));
            }
        }
        if !without.is_empty() {
            let message =
                format!("`{name}` is reached from outside, and has no host in {}", listed(&without));
            let options: Vec<String> =
                without.iter().map(|environment| format!("`--host {environment}/{name}=HOST`")).collect();
            notes.gap(
                span,
                message,
                "each environment needs hosts of its own",
                format!("give {}", options.join(" ")),
            );
        }
    }
}

/// The hosts that are given for an application in an environment: its own, else those of all.
fn hosts(question: &Question<'_>, environment: &str, application: &str) -> Vec<String> {
    let of = |whose: Option<&str>| -> Vec<String> {
        let hosts = question.hosts.iter().filter(|host| host.environment == environment);
        hosts.filter(|host| host.application.as_deref() == whose).map(|host| host.host.clone()).collect()
    };
    let own = of(Some(application));
    if own.is_empty() { of(None) } else { own }
}
