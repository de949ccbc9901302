//! Applications, and what each is in each of its environments.

use super::{Known, workload};
use crate::fields::Fields;
use crate::findings::{Findings, meant};
use crate::intent::{
    Application, ApplicationId, Environment, EnvironmentId, LeftOut, PlacedSource, Placement, Spanned,
};
use crate::names::repeated;
use crate::rules;

pub(super) fn read(
    fields: Fields<'_>,
    environments: &[Environment],
    known: &Known,
    findings: &mut Findings,
) -> Application {
    let name = fields.required("name");
    fits_manifests(fields, findings);
    let places = places(fields, environments, known, findings);
    let overrides = overrides(fields, &places, known, findings);
    let placements = places
        .into_iter()
        .filter_map(|place| {
            let environment = environments.get(place.value.0)?;
            let differs = overrides.iter().find(|(id, _)| *id == place.value).map(|(_, fields)| *fields);
            Some(Placement {
                environment: place.value,
                namespace: namespace(fields, differs, environment, findings),
                source: source(fields, differs, &name, known, findings)?,
                without: [Some(fields), differs].into_iter().flatten().flat_map(without).collect(),
            })
        })
        .collect();
    let depends_on = fields.texts("dependsOn");
    repeated(&depends_on, "application", findings);
    let depends_on =
        depends_on.iter().filter_map(|name| known.applications.id(name, ApplicationId, findings)).collect();
    Application { name, depends_on, placements, span: fields.span() }
}

/// The environments of an application, in the order in which they are listed in the intent.
fn places(
    fields: Fields<'_>,
    environments: &[Environment],
    known: &Known,
    findings: &mut Findings,
) -> Vec<Spanned<EnvironmentId>> {
    if fields.get("environments").is_none() {
        let all = environments.iter().enumerate();
        return all.map(|(index, place)| Spanned::new(EnvironmentId(index), place.name.span)).collect();
    }
    let written = fields.texts("environments");
    repeated(&written, "environment", findings);
    let mut places: Vec<Spanned<EnvironmentId>> =
        written.iter().filter_map(|name| known.environments.id(name, EnvironmentId, findings)).collect();
    places.sort_by_key(|place| place.value);
    places.dedup_by_key(|place| place.value);
    places
}

/// What differs, by environment.
fn overrides<'a>(
    fields: Fields<'a>,
    places: &[Spanned<EnvironmentId>],
    known: &Known,
    findings: &mut Findings,
) -> Vec<(EnvironmentId, Fields<'a>)> {
    let overrides = fields.objects("overrides");
    let names: Vec<Spanned<String>> = overrides.iter().map(|fields| fields.required("environment")).collect();
    repeated(&names, "environment", findings);
    let mut known_places = Vec::new();
    for (differs, name) in overrides.into_iter().zip(&names) {
        fits(fields, differs, findings);
        let Some(index) = known.environments.resolve(name, findings) else { continue };
        if places.iter().any(|place| place.value.0 == index) {
            known_places.push((EnvironmentId(index), differs));
        } else {
            let message =
                format!("an override is for `{}`, in which the application does not run", name.value);
            let help = format!("add `{}` to `environments`, or leave the override out", name.value);
            findings.error(rules::UNKNOWN_NAME, message, name.span, "not among its environments", help);
        }
    }
    known_places
}

/// The fields of an override, each with the field of the application that it needs.
const NEEDS: [(&str, &str); 8] = [
    ("manifests", "manifests"),
    ("kustomization", "kustomization"),
    ("values", "helm"),
    ("env", "image"),
    ("secrets", "image"),
    ("resources", "image"),
    ("scaling", "image"),
    ("routes", "image"),
];

/// Reports what an override changes, although the application has no such thing.
fn fits(fields: Fields<'_>, differs: Fields<'_>, findings: &mut Findings) {
    for (field, needed) in NEEDS {
        if let Some(value) = differs.get(field)
            && fields.get(needed).is_none()
        {
            let message = format!("an override has `{field}`, and the application has no `{needed}`");
            let help = format!("leave it out: only what comes from `{needed}` has `{field}`");
            findings.error(rules::UNKNOWN_FIELD, message, value.span, format!("belongs to `{needed}`"), help);
        }
    }
}

/// The namespace of an application in an environment: one of its namespaces.
fn namespace(
    fields: Fields<'_>,
    differs: Option<Fields<'_>>,
    environment: &Environment,
    findings: &mut Findings,
) -> Spanned<String> {
    let written = differs.and_then(|differs| differs.text("namespace")).or_else(|| fields.text("namespace"));
    let Some(written) = written else {
        return environment.namespaces.first().unwrap_or(&environment.name).clone();
    };
    let known: Vec<&str> = environment.namespaces.iter().map(|name| name.value.as_str()).collect();
    if !known.contains(&written.value.as_str()) {
        let (name, of) = (&written.value, &environment.name.value);
        let message = format!("`{name}` is no namespace of the environment `{of}`");
        let help = meant(name, &known, &format!("the namespaces of `{of}` are"));
        findings.error(rules::UNKNOWN_NAME, message, written.span, format!("not in `{of}`"), help);
    }
    written
}

/// Reports that something is left out of the short form, in which only what is wanted is written.
fn fits_manifests(fields: Fields<'_>, findings: &mut Findings) {
    if fields.get("image").is_none() {
        return;
    }
    let places = std::iter::once(fields).chain(fields.objects("overrides"));
    for without in places.filter_map(|fields| fields.get("without")) {
        let message =
            "an application of the short form has `without`, which leaves something out of manifests";
        let help = "leave it out: in the short form is only what is written";
        findings.error(rules::UNKNOWN_FIELD, message, without.span, "belongs to manifests", help);
    }
}

/// What is left out of manifests.
fn without(fields: Fields<'_>) -> Vec<LeftOut> {
    let objects = fields.objects("without").into_iter();
    objects
        .map(|object| LeftOut {
            kind: object.required("kind"),
            name: object.required("name"),
            fields: object.texts("fields"),
        })
        .collect()
}

fn source(
    fields: Fields<'_>,
    differs: Option<Fields<'_>>,
    name: &Spanned<String>,
    known: &Known,
    findings: &mut Findings,
) -> Option<PlacedSource> {
    let path = |field: &str| {
        let own = fields.text(field)?;
        Some(differs.and_then(|differs| differs.text(field)).unwrap_or(own))
    };
    if let Some(image) = fields.text("image") {
        let workload = workload::read(fields, differs, image, known, findings);
        return Some(PlacedSource::Workload(Box::new(workload)));
    }
    if let Some(chart) = fields.object("helm") {
        let mut values = chart.texts("values");
        values.extend(differs.map(|differs| differs.texts("values")).unwrap_or_default());
        return Some(PlacedSource::Helm {
            chart: chart.required("chart"),
            release_name: chart.text("releaseName").unwrap_or_else(|| name.clone()),
            values,
        });
    }
    path("manifests")
        .map(PlacedSource::Manifests)
        .or_else(|| path("kustomization").map(PlacedSource::Kustomization))
}
