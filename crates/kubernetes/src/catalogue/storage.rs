//! Volumes: those of nodes and of clouds, by objects that stand in no namespace.

use crate::primitive::{ActsAs, CHANGE, CREATE, EDIT, EVER, Need, Primitive};
use watertight_model::Gain;

/// What is behind a volume cannot be changed once it is there; whose it is can.
const VOLUMES: &[(&str, &str)] = &[("", "persistentvolumes")];

pub(super) const ROWS: &[Primitive] = &[
    // A pod of the Pod Security level `restricted` may mount a claim, whatever is behind it. Tried on 1.36.
    Primitive {
        rule: "create-volumes",
        needs: &[Need::cluster(&[CREATE], VOLUMES)],
        gain: Gain::EntersPods,
        acts_as: ActsAs::ServiceAccounts,
        versions: EVER,
        does: "mount any folder of a node and any disk, with the files of the pods of {}",
        fix: "let only provisioners create PersistentVolumes; claims with a StorageClass need none",
    },
    // `spec.claimRef` of a volume that is bound can be changed, and the claim that it names then is bound to it. Tried on
    // 1.36.
    Primitive {
        rule: "rebind-volumes",
        needs: &[Need::cluster(EDIT, VOLUMES)],
        gain: Gain::ReadsVolumes,
        acts_as: ActsAs::Nobody,
        versions: EVER,
        does: "bind volumes of {} to claims of its own",
        fix: "let only provisioners and the controllers of storage change PersistentVolumes",
    },
    Primitive {
        rule: "import-snapshots",
        needs: &[Need::cluster(
            CHANGE,
            &[
                ("snapshot.storage.k8s.io", "volumesnapshotcontents"),
                ("groupsnapshot.storage.k8s.io", "volumegroupsnapshotcontents"),
            ],
        )],
        gain: Gain::ReadsVolumes,
        acts_as: ActsAs::Nobody,
        versions: EVER,
        does: "restore snapshots of the volumes of {} into volumes of its own",
        fix: "let only the snapshot controller write VolumeSnapshotContents",
    },
];
