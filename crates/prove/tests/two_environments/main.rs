//! Real stacks, installed once for staging and once for production: every breach is expected, and says why it is true.
//!
//! `tests/corpus/two-environments/README.md` says how the lists are brought up to date.
#![expect(
    clippy::disallowed_methods,
    reason = "the manifests and the lists are files, and a test fails without them"
)]

#[cfg(test)]
mod expected;
#[cfg(test)]
mod install;

#[cfg(test)]
mod stacks {
    use crate::expected::{Found, holds};
    use crate::install::Stack;
    use std::path::{Path, PathBuf};
    use watertight_base::Source;
    use watertight_ingest::{Options, read};
    use watertight_model::{Channel, Report};
    use watertight_prove::{Question, prove};

    fn corpus(path: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/corpus").join(path)
    }

    /// The manifests of a folder and of all below it.
    fn manifests(folder: &Path, sources: &mut Vec<Source>) {
        let mut paths: Vec<PathBuf> =
            std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        for path in paths {
            if path.is_dir() {
                manifests(&path, sources);
            } else if path.extension().is_some_and(|extension| extension == "yaml") {
                let bytes = std::fs::read(&path).unwrap();
                sources.push(Source { name: path.display().to_string(), bytes });
            }
        }
    }

    /// What is proved from staging to production, every breach by itself.
    fn report(sources: &[Source]) -> Report {
        let ingested = read(sources, &Options { default_namespace: "default".to_owned(), values: true });
        let channels = vec![Channel::Network, Channel::Api];
        let question = Question { channels, all: true, ..Question::between("staging", "production") };
        prove(&ingested.snapshot, &question).unwrap()
    }

    fn is_as_expected(stack: &Stack) {
        let mut sources = Vec::new();
        for folder in stack.folders {
            manifests(&corpus(folder), &mut sources);
        }
        let installed = stack.installed(&sources);
        if let Some(folder) = std::env::var_os("INSTALLED") {
            for source in &installed {
                let path = Path::new(&folder).join(&source.name);
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::write(path, &source.bytes).unwrap();
            }
        }
        let report = report(&installed);
        let channels = report.boundaries.iter().flat_map(|boundary| &boundary.channels);
        let found = channels
            .flat_map(|channel| channel.breaches.iter().map(|breach| Found::of(channel.channel, breach)));
        let found: Vec<Found> = found.collect();
        holds(&corpus(&format!("two-environments/expected/{}.md", stack.name)), &found);
    }

    const KUBE_SYSTEM: Stack = Stack { name: "", folders: &[], home: "kube-system", stays: &[] };

    #[test]
    fn a_shop_without_rights() {
        is_as_expected(&Stack {
            name: "online-boutique",
            folders: &["online-boutique"],
            home: "default",
            stays: &[],
        });
    }

    #[test]
    fn argo_cd_for_the_cluster() {
        is_as_expected(&Stack {
            name: "argo-cd",
            folders: &["argo-cd", "two-environments/argo-cd"],
            home: "argocd",
            stays: &[],
        });
    }

    #[test]
    fn argo_cd_for_its_namespace() {
        is_as_expected(&Stack {
            name: "argo-cd-namespaced",
            folders: &["argo-cd", "two-environments/argo-cd/base"],
            home: "argocd",
            stays: &[],
        });
    }

    #[test]
    fn kube_prometheus() {
        is_as_expected(&Stack {
            name: "kube-prometheus",
            folders: &["kube-prometheus", "two-environments/kube-prometheus"],
            home: "monitoring",
            stays: &[],
        });
    }

    #[test]
    fn metrics_server() {
        is_as_expected(&Stack {
            name: "metrics-server",
            folders: &["two-environments/kubernetes/metrics-server"],
            stays: &["metrics-server-auth-reader"],
            ..KUBE_SYSTEM
        });
    }

    #[test]
    fn snapshot_controller() {
        is_as_expected(&Stack {
            name: "snapshot-controller",
            folders: &["two-environments/kubernetes/snapshot-controller"],
            ..KUBE_SYSTEM
        });
    }

    #[test]
    fn csi_driver() {
        is_as_expected(&Stack {
            name: "csi-hostpath",
            folders: &["two-environments/kubernetes/csi-hostpath"],
            home: "default",
            stays: &[],
        });
    }

    #[test]
    fn node_problem_detector() {
        is_as_expected(&Stack {
            name: "node-problem-detector",
            folders: &["two-environments/kubernetes/node-problem-detector"],
            ..KUBE_SYSTEM
        });
    }

    #[test]
    fn event_exporter() {
        is_as_expected(&Stack {
            name: "event-exporter",
            folders: &["two-environments/kubernetes/event-exporter"],
            ..KUBE_SYSTEM
        });
    }

    #[test]
    fn cluster_autoscaler() {
        is_as_expected(&Stack {
            name: "cluster-autoscaler",
            folders: &["two-environments/kubernetes/cluster-autoscaler"],
            ..KUBE_SYSTEM
        });
    }

    #[test]
    fn database() {
        is_as_expected(&Stack {
            name: "cockroachdb",
            folders: &["two-environments/kubernetes/cockroachdb"],
            home: "default",
            stays: &[],
        });
    }

    #[test]
    fn dra_driver() {
        is_as_expected(&Stack {
            name: "dra-driver",
            folders: &["two-environments/kubernetes/dra-driver"],
            home: "dra-kubelet-plugin-namespace",
            stays: &[],
        });
    }

    #[test]
    fn volume_populator() {
        is_as_expected(&Stack {
            name: "volume-populator",
            folders: &["two-environments/kubernetes/volume-populator"],
            home: "hello",
            stays: &[],
        });
    }

    #[test]
    fn dns_autoscaler() {
        is_as_expected(&Stack {
            name: "dns-autoscaler",
            folders: &["two-environments/kubernetes/dns-autoscaler"],
            ..KUBE_SYSTEM
        });
    }

    #[test]
    fn ingress_controller() {
        is_as_expected(&Stack {
            name: "ingress-controller",
            folders: &["two-environments/kubernetes/ingress-controller"],
            ..KUBE_SYSTEM
        });
    }

    #[test]
    fn kwok() {
        is_as_expected(&Stack { name: "kwok", folders: &["two-environments/kwok"], ..KUBE_SYSTEM });
    }

    #[test]
    fn pod_security_webhook() {
        is_as_expected(&Stack {
            name: "pod-security-webhook",
            folders: &["two-environments/pod-security-admission"],
            home: "pod-security-webhook",
            stays: &[],
        });
    }
}
