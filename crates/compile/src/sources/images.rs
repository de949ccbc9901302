//! Images: what was tested in one environment is what runs in the others.

use super::object::Object;
use super::pods;
use crate::rules;
use std::collections::{BTreeMap, BTreeSet};
use watertight_base::{Diagnostic, Span};
use watertight_intent::{ApplicationId, EnvironmentId, Intent};

/// A container: its application, the kind and the name of what makes its pods, and its name.
type Container<'q> = (ApplicationId, &'static str, &'q str, &'q str);

/// Containers with different images in two environments, and images that name no digest.
pub(crate) fn check(intent: &Intent, objects: &[Object<'_>]) -> Vec<Diagnostic> {
    let mut first: BTreeMap<Container<'_>, (EnvironmentId, &str)> = BTreeMap::new();
    let mut mutable: BTreeMap<ApplicationId, (BTreeSet<&str>, &str, Span)> = BTreeMap::new();
    let mut diagnostics = Vec::new();
    let environment =
        |id: EnvironmentId| intent.environments.get(id.0).map_or("", |it| it.name.value.as_str());
    for object in objects {
        for (container, image, span) in pods::images(object) {
            let key = (object.application, object.kind.name, object.name, container);
            let (other, known) = *first.entry(key).or_insert((object.environment, image));
            if known != image {
                let message = format!(
                    "the container `{container}` of {} has the image `{image}` in `{}`, and `{known}` in `{}`",
                    object.label(),
                    environment(object.environment),
                    environment(other),
                );
                diagnostics.push(
                    Diagnostic::error(rules::DIFFERENT_IMAGES, message)
                        .at(span, format!("another one than in `{}`", environment(other)))
                        .help("give each environment the image that was tested: an override changes all but that"),
                );
            }
            if !image.contains('@') {
                let entry = mutable.entry(object.application);
                entry.or_insert_with(|| (BTreeSet::new(), image, span)).0.insert(image);
            }
        }
    }
    for (ApplicationId(application), (images, image, span)) in mutable {
        let name = intent.applications.get(application).map_or("", |it| it.name.value.as_str());
        let which = match images.len() {
            1 => format!("the image `{image}`"),
            2 => format!("the image `{image}` and another"),
            count => format!("the image `{image}` and {} others", count - 1),
        };
        let verb = if images.len() == 1 { "is" } else { "are" };
        let message = format!("{which} of `{name}` {verb} named by a tag, which can be moved");
        diagnostics.push(
            Diagnostic::warning(rules::MUTABLE_IMAGE, message)
                .at(span, "what was tested may not be what runs")
                .help("write the digest behind the name: `registry/name:tag@sha256:…`"),
        );
    }
    diagnostics
}
