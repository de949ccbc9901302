//! The kinds that make pods from a template.

use super::metadata::{check_maps, label_map};
use super::passing;
use super::pod_body::{self, PodBody};
use super::selector::{self, Fields};
use crate::context::{Context, Unclear};
use crate::kinds::EvaluatedKind;
use crate::rules;
use crate::scalar::Scalar;
use crate::tree::{Mapping, Node, Value};
use watertight_base::Selector;
use watertight_model::Replicas;

/// A workload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Workload {
    pub(crate) body: PodBody,
    /// The JSON Pointer from the object to the template.
    pub(crate) template: &'static str,
    /// How many pods it makes; `None` for none at all.
    pub(crate) pods: Option<Replicas>,
    /// Whether an autoscaler may change their number.
    pub(crate) scalable: bool,
    /// Whether it is there for a moment only, or never.
    pub(crate) is_passing: bool,
}

/// Reads a workload of this kind, which is served under `apps/v1` or what belongs to it.
pub(crate) fn read(
    context: &mut Context,
    kind: EvaluatedKind,
    object: &Mapping<'_>,
) -> Result<Workload, Unclear> {
    let Some(spec) = context.mapping(object.entry("spec"))? else {
        return Err(missing_template(context, object));
    };
    context.near_misses(&spec, &["jobTemplate", "parallelism", "replicas", "selector", "template"]);
    let (holder, template) = match kind {
        EvaluatedKind::CronJob => {
            let job = context.mapping(spec.entry("jobTemplate"))?;
            let job_spec = job.as_ref().map(|job| context.mapping(job.entry("spec"))).transpose()?.flatten();
            (job_spec, "/spec/jobTemplate/spec/template")
        }
        _ => (Some(spec.clone()), "/spec/template"),
    };
    let pod = holder.as_ref().map(|holder| context.mapping(holder.entry("template"))).transpose()?.flatten();
    let Some(pod) = pod else {
        return Err(missing_template(context, holder.as_ref().unwrap_or(&spec)));
    };
    if let Some(metadata) = context.mapping(pod.entry("metadata"))? {
        check_maps(context, &metadata)?;
    }
    let mut body = pod_body::read(context, &pod)?;
    body.scheduling.daemon = kind == EvaluatedKind::DaemonSet;
    check_selector(context, kind, &spec, &body)?;
    let scalable = matches!(
        kind,
        EvaluatedKind::Deployment
            | EvaluatedKind::StatefulSet
            | EvaluatedKind::ReplicaSet
            | EvaluatedKind::ReplicationController
    );
    let pods = match kind {
        EvaluatedKind::DaemonSet | EvaluatedKind::CronJob => Some(Replicas::Many),
        EvaluatedKind::Job if is_over(object) => None,
        EvaluatedKind::Job => count(context, &spec, "parallelism")?.or(Some(Replicas::One)),
        _ => count(context, &spec, "replicas")?,
    };
    let is_passing = passing::is_passing(context, object)?;
    Ok(Workload { body, template, pods, scalable, is_passing })
}

fn missing_template(context: &mut Context, place: &Mapping<'_>) -> Unclear {
    context.unclear(
        rules::MISSING_FIELD,
        "there is no pod template",
        place.span,
        "no `template` here",
        "give it a `template`; a patch must be applied first, as `kubectl kustomize` does",
    )
}

/// A number of pods; one if the field is missing.
fn count(context: &mut Context, spec: &Mapping<'_>, field: &str) -> Result<Option<Replicas>, Unclear> {
    Ok(match context.integer(spec.entry(field))? {
        Some(0) => None,
        None | Some(1) => Some(Replicas::One),
        Some(number) if number < 0 => {
            let span = spec.get(field).map_or(spec.span, Node::span);
            let message = format!("`{field}` is {number}");
            context.refuse(rules::INVALID_VALUE, message, span, "less than none", "write 0 or more");
            Some(Replicas::Many)
        }
        Some(number) if number > i128::from(i32::MAX) => {
            let span = spec.get(field).map_or(spec.span, Node::span);
            let message = format!("`{field}` is {number}");
            context.refuse(
                rules::INVALID_VALUE,
                message,
                span,
                "more than a cluster counts",
                "write a smaller number",
            );
            Some(Replicas::Many)
        }
        Some(_) => Some(Replicas::Many),
    })
}

/// Whether a Job has completed or failed, so that it makes no pod any more.
fn is_over(object: &Mapping<'_>) -> bool {
    let conditions = object.path(&["status", "conditions"]).and_then(Node::sequence).unwrap_or_default();
    conditions.into_iter().filter_map(Node::mapping).any(|condition| {
        let is = |field: &str, values: &[&str]| {
            condition.get(field).and_then(Node::text).is_some_and(|text| values.contains(&text.as_ref()))
        };
        is("type", &["Complete", "Failed"]) && is("status", &["True"])
    })
}

/// The selector must select the template's own pods. Where it does not, the template is what counts.
fn check_selector(
    context: &mut Context,
    kind: EvaluatedKind,
    spec: &Mapping<'_>,
    body: &PodBody,
) -> Result<(), Unclear> {
    let selector = match kind {
        EvaluatedKind::Job | EvaluatedKind::CronJob => return Ok(()),
        EvaluatedKind::ReplicationController => {
            let labels = label_map(context, Some(spec), "selector")?.labels;
            let parts = labels.iter().flat_map(|(key, value)| Selector::label(key, value).requirements);
            Some(Selector { requirements: parts.collect() }).filter(|selector| !selector.is_everything())
        }
        _ => {
            let mapping = context.mapping(spec.entry("selector"))?;
            let selector =
                mapping.map(|mapping| selector::read(context, &mapping, Fields::Lenient)).transpose()?;
            if selector.as_ref().is_none_or(Selector::is_everything) {
                context.refuse(
                    rules::MISSING_FIELD,
                    "there is no `spec.selector`",
                    spec.span,
                    "no `selector` here",
                    "give it a `selector` that selects the labels of its template",
                );
                return Ok(());
            }
            selector
        }
    };
    let Some(selector) = selector.filter(|selector| !selector.matches(&body.labels)) else { return Ok(()) };
    let span = spec.get("selector").map_or(spec.span, Node::span);
    context.refuse(
        rules::INVALID_SELECTOR,
        format!("the selector `{selector}` does not select the pods of the template"),
        span,
        "selects none of its own pods",
        "make `spec.selector` and the labels of `spec.template` agree",
    );
    Ok(())
}

/// What an autoscaler (HorizontalPodAutoscaler, KEDA's ScaledObject) scales: kind and name.
pub(crate) fn scale_target(object: &Mapping<'_>) -> Option<(String, String)> {
    let target = object.path(&["spec", "scaleTargetRef"])?.mapping()?;
    let name = target.get("name")?.written()?.into_owned();
    let kind = match target.get("kind").map(Node::value) {
        Some(Value::Scalar(Scalar::Text(kind))) => kind.into_owned(),
        // KEDA's default.
        _ => "Deployment".to_owned(),
    };
    Some((kind, name))
}
