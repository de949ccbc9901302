//! Checks on volumes. Validation holds each volume to one source, so that a source that is there is the only one.

use super::may;
use super::pod::Pod;
use crate::Known;

/// What the restricted level admits.
const RESTRICTED: [&str; 9] = [
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "image",
    "persistentVolumeClaim",
    "projected",
    "secret",
];

/// `hostPathVolumes`: no folder of the node.
pub(super) fn no_host_path(pod: &Pod<'_>) -> bool {
    may::elements(pod.spec.field("volumes")).iter().all(|volume| may::be_absent(volume.field("hostPath")))
}

/// `restrictedVolumes`: nothing but what is listed.
pub(super) fn restricted(pod: &Pod<'_>) -> bool {
    may::elements(pod.spec.field("volumes")).iter().all(|volume| {
        let is_another = |(name, source): (&String, &Known)| {
            name != "name" && !RESTRICTED.contains(&name.as_str()) && !may::be_absent(source)
        };
        let has_another = matches!(volume, Known::Map { fields, .. } if fields.iter().any(is_another));
        !has_another && RESTRICTED.iter().any(|source| may::be_there(volume.field(source)))
    })
}
