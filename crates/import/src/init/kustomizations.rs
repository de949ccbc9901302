//! What is to be said of kustomizations: files that nothing applies, and overlays of which nobody tells the environment.

use super::inventory::{Inventory, at};
use super::{Found, Skipped, overlays};
use crate::notes::Notes;
use crate::rules;
use watertight_base::Diagnostic;
use watertight_base::words::listed;

/// Says which files were skipped, and which overlays come to no environment since nothing tells which.
pub(crate) fn tell(found: &Found<'_>, inventory: &Inventory<'_>, notes: &mut Notes) {
    for Skipped { file, kustomization, is_patch } in found.skipped {
        let message = match is_patch {
            true => format!("`{file}` is a patch of `{kustomization}`, and its objects are read as none"),
            false => {
                format!("`{file}` lies beside `{kustomization}`, which does not list it, and is not read")
            }
        };
        let help = match is_patch {
            true => "nothing is lost, if it is not applied by itself",
            false => "list it in `resources` of the kustomization, or move it into a folder without one",
        };
        notes.push(Diagnostic::warning(rules::NOT_CARRIED_OVER, message).help(help));
    }
    if found.is_for_all {
        return;
    }
    for group in overlays::rivals(found, inventory) {
        let names: Vec<&str> = group.iter().map(|(_, overlay)| overlay.folder.as_str()).collect();
        let message = format!(
            "{} go back to the same, and several of them are of one environment: each is an application of its own",
            listed(&names)
        );
        let help = "where one is the same application as another, name it in `overrides` of that";
        notes.push(Diagnostic::warning(rules::IMPORT_GAP, message).help(help));
    }
    for (place, overlay) in found.rendered.iter().filter(|(_, overlay)| overlay.namespace.is_none()) {
        let objects = inventory.files.get(*place).map(|file| file.objects.as_slice()).unwrap_or_default();
        let mut objects = objects.iter().filter_map(|object| inventory.objects.get(*object));
        let names_none = objects.find(|object| {
            object.is_of_applications() && at(object.tree, &["metadata", "namespace"]).is_none()
        });
        let Some(object) = names_none else { continue };
        let message = format!(
            "nothing tells of which environment the overlay `{}` is: it comes to none",
            overlay.folder
        );
        notes.gap(
            object.span,
            message,
            "no `namespace`",
            "write `namespace` in its kustomization, or say by `--env ENVIRONMENT=FOLDER` that the namespace is called as the folder".to_owned(),
        );
    }
}
