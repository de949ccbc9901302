//! The short form of an application in one environment.

use super::{Known, protocol, resources};
use crate::fields::Fields;
use crate::findings::{Findings, meant};
use crate::intent::{
    CronJob, EnvVar, Job, Port, Probe, Probes, Requirements, Route, Scaling, SecretVar, Spanned, StoreId,
    Workload,
};
use crate::names::repeated;
use crate::rules;
use watertight_base::Span;

/// Reads an application with an image, and what an override says beside it.
pub(super) fn read(
    fields: Fields<'_>,
    differs: Option<Fields<'_>>,
    image: Spanned<String>,
    known: &Known,
    findings: &mut Findings,
) -> Workload {
    let at = image.span;
    let ports: Vec<Port> = fields.objects("ports").into_iter().map(port).collect();
    repeated(&ports.iter().map(|port| port.name.clone()).collect::<Vec<_>>(), "port", findings);
    let (env, secrets) = variables(fields, differs, findings);
    let resources = requirements(fields, differs);
    let jobs: Vec<Job> = fields.objects("jobs").into_iter().map(|fields| job(fields, resources)).collect();
    let cron: Vec<CronJob> =
        fields.objects("cron").into_iter().map(|fields| cron(fields, resources)).collect();
    let named = jobs.iter().chain(cron.iter().map(|cron| &cron.job));
    repeated(&named.map(|job| job.name.clone()).collect::<Vec<_>>(), "job", findings);
    let stores = fields.texts("stores");
    repeated(&stores, "store", findings);
    let probes = probes(fields.object("probes"), &ports, findings);
    let routes = match differs.filter(|differs| differs.get("routes").is_some()) {
        Some(differs) => routes(differs, &ports, findings),
        None => routes(fields, &ports, findings),
    };
    Workload {
        command: fields.texts("command"),
        args: fields.texts("args"),
        ports,
        env,
        secrets,
        resources,
        scaling: scaling(fields, differs, at, findings),
        probes,
        routes,
        jobs,
        cron,
        stores: stores.iter().filter_map(|name| known.stores.id(name, StoreId, findings)).collect(),
        image,
    }
}

fn port(fields: Fields<'_>) -> Port {
    let name = fields.required("name");
    let container_port = fields.integer("containerPort").unwrap_or(Spanned::new(0, name.span));
    Port {
        port: fields.integer("port").unwrap_or(container_port),
        protocol: protocol(fields, name.span),
        container_port,
        name,
    }
}

/// The variables of an application, with those of an override in place of what bears the same name.
fn variables(
    fields: Fields<'_>,
    differs: Option<Fields<'_>>,
    findings: &mut Findings,
) -> (Vec<EnvVar>, Vec<SecretVar>) {
    let (mut env, mut secrets) = own_variables(fields, findings);
    if let Some(differs) = differs {
        let (of_env, of_secrets) = own_variables(differs, findings);
        let replaced = |name: &Spanned<String>| {
            of_env
                .iter()
                .map(|env| &env.name)
                .chain(of_secrets.iter().map(|secret| &secret.name))
                .any(|other| other.value == name.value)
        };
        env.retain(|env| !replaced(&env.name));
        secrets.retain(|secret| !replaced(&secret.name));
        env.extend(of_env);
        secrets.extend(of_secrets);
    }
    (env, secrets)
}

fn own_variables(fields: Fields<'_>, findings: &mut Findings) -> (Vec<EnvVar>, Vec<SecretVar>) {
    let env = |fields: Fields<'_>| EnvVar { name: fields.required("name"), value: fields.required("value") };
    let secret = |fields: Fields<'_>| SecretVar {
        name: fields.required("name"),
        secret: fields.required("secret"),
        key: fields.required("key"),
    };
    let env: Vec<EnvVar> = fields.objects("env").into_iter().map(env).collect();
    let secrets: Vec<SecretVar> = fields.objects("secrets").into_iter().map(secret).collect();
    let names = env.iter().map(|env| &env.name).chain(secrets.iter().map(|secret| &secret.name));
    repeated(&names.cloned().collect::<Vec<_>>(), "variable", findings);
    (env, secrets)
}

/// What an override says, and of the application what it does not.
fn requirements(fields: Fields<'_>, differs: Option<Fields<'_>>) -> Requirements {
    let own = resources::requirements(fields.object("resources"));
    let of_override = resources::requirements(differs.and_then(|differs| differs.object("resources")));
    Requirements {
        requests: of_override.requests.or(own.requests),
        limits: of_override.limits.or(own.limits),
    }
}

fn scaling(fields: Fields<'_>, differs: Option<Fields<'_>>, at: Span, findings: &mut Findings) -> Scaling {
    let own = fields.object("scaling");
    let of_override = differs.and_then(|differs| differs.object("scaling"));
    let said = |name: &str| {
        let of = |fields: Option<Fields<'_>>| fields.and_then(|fields| fields.integer::<u32>(name));
        of(of_override).or_else(|| of(own))
    };
    let min = said("min");
    let max = said("max");
    let scaling = Scaling {
        // With a greatest number and no least one, there may be one.
        min: min.unwrap_or(Spanned::new(1, max.map_or(at, |max| max.span))),
        max: max.or(min).unwrap_or(Spanned::new(1, at)),
        cpu: said("cpu").unwrap_or(Spanned::new(80, at)),
    };
    if scaling.min.value > scaling.max.value {
        findings.error(
            rules::INVALID_VALUE,
            format!("`min` is {} and `max` is {}", scaling.min.value, scaling.max.value),
            scaling.max.span,
            "less than the least",
            "make `max` at least as large as `min`",
        );
    }
    scaling
}

fn probes(fields: Option<Fields<'_>>, ports: &[Port], findings: &mut Findings) -> Probes {
    let Some(fields) = fields else { return Probes::default() };
    let mut probe = |name: &str| fields.object(name).map(|fields| self::probe(fields, ports, findings));
    Probes { readiness: probe("readiness"), liveness: probe("liveness"), startup: probe("startup") }
}

fn probe(fields: Fields<'_>, ports: &[Port], findings: &mut Findings) -> Probe {
    let port = fields.required("port");
    let at = port.span;
    is_port(&port, ports, findings);
    let seconds = |name: &str, default: u32| fields.integer(name).unwrap_or(Spanned::new(default, at));
    Probe {
        path: fields.text("path"),
        period_seconds: seconds("periodSeconds", 10),
        timeout_seconds: seconds("timeoutSeconds", 1),
        failure_threshold: seconds("failureThreshold", 3),
        port,
    }
}

fn routes(fields: Fields<'_>, ports: &[Port], findings: &mut Findings) -> Vec<Route> {
    let mut route = |fields: Fields<'_>| {
        let host = fields.required("host");
        let port = fields.required("port");
        is_port(&port, ports, findings);
        Route {
            path: fields.text("path").unwrap_or_else(|| Spanned::new("/".to_owned(), host.span)),
            tls_secret: fields.text("tlsSecret"),
            span: fields.span(),
            host,
            port,
        }
    };
    fields.objects("routes").into_iter().map(&mut route).collect()
}

/// Reports a port that the application does not have.
fn is_port(name: &Spanned<String>, ports: &[Port], findings: &mut Findings) {
    let known: Vec<&str> = ports.iter().map(|port| port.name.value.as_str()).collect();
    if name.value.is_empty() || known.contains(&name.value.as_str()) {
        return;
    }
    let message = format!("the application has no port `{}`", name.value);
    let help = match known.is_empty() {
        true => format!("list `{}` in `ports`", name.value),
        false => meant(&name.value, &known, "its ports are"),
    };
    findings.error(rules::UNKNOWN_NAME, message, name.span, "nothing bears this name", help);
}

fn job(fields: Fields<'_>, of_application: Requirements) -> Job {
    let own = resources::requirements(fields.object("resources"));
    Job {
        name: fields.required("name"),
        command: fields.texts("command"),
        args: fields.texts("args"),
        resources: Requirements {
            requests: own.requests.or(of_application.requests),
            limits: own.limits.or(of_application.limits),
        },
    }
}

fn cron(fields: Fields<'_>, of_application: Requirements) -> CronJob {
    let schedule = fields.required("schedule");
    CronJob {
        job: job(fields, of_application),
        time_zone: fields
            .text("timeZone")
            .unwrap_or_else(|| Spanned::new("Etc/UTC".to_owned(), schedule.span)),
        schedule,
    }
}
