//! Workloads: objects of which a controller makes pods.

use crate::primitive::{ActsAs, CHANGE, CREATE, DELETE, EVER, Need, Primitive};
use watertight_model::Gain;

/// Those of Kubernetes itself.
pub(super) const WORKLOADS: &[(&str, &str)] = &[
    ("apps", "deployments"),
    ("apps", "daemonsets"),
    ("apps", "statefulsets"),
    ("apps", "replicasets"),
    ("batch", "jobs"),
    ("batch", "cronjobs"),
    ("", "replicationcontrollers"),
];

/// Those of well-known projects, each of which holds a pod template, or an image, that its writer chooses. They count
/// although the input does not show that they are installed.
pub(super) const CUSTOM_WORKLOADS: &[(&str, &str)] = &[
    // Kubernetes does nothing with a PodTemplate; Argo Rollouts and others do.
    ("", "podtemplates"),
    ("argoproj.io", "rollouts"),
    ("argoproj.io", "experiments"),
    ("argoproj.io", "analysisruns"),
    ("argoproj.io", "analysistemplates"),
    ("argoproj.io", "workflows"),
    ("argoproj.io", "workflowtemplates"),
    ("argoproj.io", "cronworkflows"),
    ("argoproj.io", "eventsources"),
    ("argoproj.io", "sensors"),
    ("serving.knative.dev", "services"),
    ("serving.knative.dev", "configurations"),
    ("serving.knative.dev", "revisions"),
    ("sources.knative.dev", "containersources"),
    ("keda.sh", "scaledjobs"),
    ("tekton.dev", "tasks"),
    ("tekton.dev", "taskruns"),
    ("tekton.dev", "pipelines"),
    ("tekton.dev", "pipelineruns"),
    ("triggers.tekton.dev", "triggertemplates"),
    ("triggers.tekton.dev", "eventlisteners"),
    ("apps.openshift.io", "deploymentconfigs"),
    ("build.openshift.io", "buildconfigs"),
    ("build.openshift.io", "builds"),
    ("apps.kruise.io", "clonesets"),
    ("apps.kruise.io", "statefulsets"),
    ("apps.kruise.io", "daemonsets"),
    ("apps.kruise.io", "uniteddeployments"),
    ("apps.kruise.io", "advancedcronjobs"),
    ("apps.kruise.io", "broadcastjobs"),
    ("actions.github.com", "autoscalingrunnersets"),
    ("actions.github.com", "ephemeralrunnersets"),
    ("actions.github.com", "ephemeralrunners"),
    ("actions.summerwind.dev", "runners"),
    ("actions.summerwind.dev", "runnerdeployments"),
    ("actions.summerwind.dev", "runnersets"),
    ("batch.volcano.sh", "jobs"),
    ("jobset.x-k8s.io", "jobsets"),
    ("leaderworkerset.x-k8s.io", "leaderworkersets"),
    ("kubeflow.org", "notebooks"),
    ("kubeflow.org", "mpijobs"),
    ("kubeflow.org", "pytorchjobs"),
    ("kubeflow.org", "tfjobs"),
    ("kubeflow.org", "xgboostjobs"),
    ("kubeflow.org", "paddlejobs"),
    ("kubeflow.org", "jaxjobs"),
    ("trainer.kubeflow.org", "trainjobs"),
    ("ray.io", "rayclusters"),
    ("ray.io", "rayjobs"),
    ("ray.io", "rayservices"),
    ("sparkoperator.k8s.io", "sparkapplications"),
    ("sparkoperator.k8s.io", "scheduledsparkapplications"),
    ("flink.apache.org", "flinkdeployments"),
    ("postgresql.cnpg.io", "clusters"),
    ("monitoring.coreos.com", "prometheuses"),
    ("monitoring.coreos.com", "alertmanagers"),
    ("monitoring.coreos.com", "thanosrulers"),
    ("opentelemetry.io", "opentelemetrycollectors"),
];

const REVISIONS: &[(&str, &str)] = &[("apps", "controllerrevisions")];

const DOES: &str = "have controllers run any code in {}, with any ServiceAccount, Secret and volume there";
const FIX: &str = "let only production's own pipeline change workloads there";

pub(super) const ROWS: &[Primitive] = &[
    Primitive {
        rule: "create-workloads",
        needs: &[Need::namespaced(CHANGE, WORKLOADS)],
        gain: Gain::RunsPods,
        acts_as: ActsAs::ServiceAccounts,
        versions: EVER,
        does: DOES,
        fix: FIX,
    },
    Primitive {
        rule: "create-custom-workloads",
        needs: &[Need::namespaced(CHANGE, CUSTOM_WORKLOADS)],
        gain: Gain::RunsPods,
        acts_as: ActsAs::ServiceAccounts,
        versions: EVER,
        does: DOES,
        fix: FIX,
    },
    // A StatefulSet makes pods of its current revision until an update is through. What a revision holds cannot be changed,
    // but one can be deleted and another made under its name. Tried on 1.36.
    Primitive {
        rule: "exchange-revisions",
        needs: &[Need::namespaced(&[CREATE], REVISIONS), Need::namespaced(DELETE, REVISIONS)],
        gain: Gain::RunsPods,
        acts_as: ActsAs::ServiceAccounts,
        versions: EVER,
        does: "exchange the revisions of which StatefulSets make the pods of {}",
        fix: "nobody but the controllers of workloads needs to write ControllerRevisions",
    },
    // These stand in no namespace, and what they say becomes part of pods in any.
    Primitive {
        rule: "create-custom-workloads",
        needs: &[Need::cluster(
            CHANGE,
            &[("argoproj.io", "clusterworkflowtemplates"), ("apps.kruise.io", "sidecarsets")],
        )],
        gain: Gain::RunsPods,
        acts_as: ActsAs::ServiceAccounts,
        versions: EVER,
        does: DOES,
        fix: FIX,
    },
];
