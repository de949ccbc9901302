//! What an intent compiles to: a real API server takes it and keeps it as it is, and the proof says that the walls stand.

use anyhow::{Context as _, Result};
use std::path::Path;
use tempfile::TempDir;
use watertight_base::{Source, SourceId};
use watertight_compile::{Given, GivenFile, Question as Wanted, compile};
use watertight_ingest::{Options, read};
use watertight_intent::{ApplicationId, Date, Environment, Intent, Party, PlacedSource, Spanned};
use watertight_model::{Channel, Principal, Report, SubjectKind, Verdict};
use watertight_network::Profile;
use watertight_prove::{GivenPrincipal, NeedQuestion, Question, prove};
use watertight_testbed::{ControlPlane, CustomResources, eventually};

pub(crate) const MINIMAL: &str = include_str!("../../../../examples/intent-minimal/watertight.yaml");
pub(crate) const FULL: &str = include_str!("../../../../examples/intent-full/watertight.yaml");

/// What its application that is made of manifests consists of.
pub(crate) const FILES: [(&str, &str); 2] = [
    ("apps/legacy/", include_str!("../../../../examples/intent-full/apps/legacy/legacy.yaml")),
    (
        "apps/legacy-production/",
        include_str!("../../../../examples/intent-full/apps/legacy-production/legacy.yaml"),
    ),
];

/// The kinds that are compiled, and what else the channel `api` looks at.
pub(crate) const KINDS: &str = "namespaces,networkpolicies,resourcequotas,limitranges,priorityclasses,roles,rolebindings,\
                     clusterroles,clusterrolebindings,serviceaccounts,validatingadmissionpolicies,\
                     validatingadmissionpolicybindings,deployments,services,\
                     clusternetworkpolicies,flowschemas,prioritylevelconfigurations";

/// Compiles an intent into a folder, and returns it.
pub(crate) fn compile_into(folder: &Path, text: &str) -> Result<Intent> {
    let source = |name: &str, text: &str| Source { name: name.to_owned(), bytes: text.as_bytes().to_vec() };
    let mut sources = vec![source("watertight.yaml", text)];
    sources.extend(FILES.map(|(path, text)| source(path, text)));
    let today = Date::new(2026, 11, 20).context("a day")?;
    let intent = watertight_intent::read(SourceId(0), &sources[0], today).intent.context("an intent")?;
    let given = given(&intent);
    for file in compile(Wanted { intent: &intent, sources: &sources, given: &given, beside: &[] }).files {
        let path = folder.join(&file.path);
        std::fs::create_dir_all(path.parent().context("a folder")?)?;
        std::fs::write(path, file.text)?;
    }
    Ok(intent)
}

/// The full example without the connection that it lets through on purpose.
pub(crate) fn without_connections(text: &str) -> String {
    let (head, rest) = text.split_once("        - connection:\n").unwrap_or_else(|| panic!("{text}"));
    let (_, tail) = rest.split_once("        - access:\n").unwrap_or_else(|| panic!("{text}"));
    format!("{head}        - access:\n{tail}")
}

/// What the applications consist of that are made of manifests.
fn given(intent: &Intent) -> Vec<Given> {
    let mut given = Vec::new();
    for (index, application) in intent.applications.iter().enumerate() {
        for placement in &application.placements {
            let PlacedSource::Manifests(path) = &placement.source else { continue };
            let known = (1..).zip(FILES).find(|(_, (known, _))| *known == path.value);
            given.extend(known.map(|(source, (from, _))| Given {
                application: ApplicationId(index),
                environment: placement.environment,
                files: vec![GivenFile { source: SourceId(source), from: from.to_owned() }],
            }));
        }
    }
    given
}

/// Users and groups of an environment, as the intent gives them to it. An exception makes nobody one of the other side.
pub(crate) fn principals(environment: &Environment) -> Vec<GivenPrincipal> {
    let given = |kind: SubjectKind, name: &str| GivenPrincipal {
        environment: environment.name.value.clone(),
        principal: Principal { kind, name: name.to_owned() },
    };
    let of_party = |party: &Party| {
        let users = party.users.iter().map(|user| given(SubjectKind::User, &user.value));
        let groups = party.groups.iter().map(|group| given(SubjectKind::Group, &group.value));
        users.chain(groups).collect::<Vec<_>>()
    };
    environment.access.parties().flat_map(of_party).collect()
}

/// The verdict on the network and on rights under each profile that enforces policies, of all that a server holds.
fn verdicts(served: &str, from: &Environment, to: &Environment) -> Result<Vec<(String, Verdict)>> {
    let profiles = Profile::ALL.into_iter().filter(|profile| profile.name != "none");
    let verdict = |profile: Profile| {
        let name = profile.label();
        Ok((name, proved(served, from, to, profile, Vec::new())?.boundaries[0].verdict))
    };
    profiles.map(verdict).collect()
}

/// What is proved of the network and of rights under a profile, of all that a server holds, and whether what is needed works.
pub(crate) fn proved(
    served: &str,
    from: &Environment,
    to: &Environment,
    profile: Profile,
    needs: Vec<NeedQuestion>,
) -> Result<Report> {
    let source = Source { name: "served.json".to_owned(), bytes: served.as_bytes().to_vec() };
    let snapshot = read(&[source], &Options::default()).snapshot;
    Ok(prove(&snapshot, &Question { needs, ..question(from, to, profile) })?)
}

/// Whether two environments are kept apart on the network and by rights.
pub(crate) fn question(from: &Environment, to: &Environment, profile: Profile) -> Question {
    let namespaces = |environment: &Environment| {
        let name = environment.name.value.clone();
        let pair = move |namespace: &Spanned<String>| (name.clone(), namespace.value.clone());
        environment.namespaces.iter().map(pair).collect::<Vec<_>>()
    };
    Question {
        environments: [namespaces(from), namespaces(to)].concat(),
        profile,
        channels: vec![Channel::Network, Channel::Api],
        principals: [principals(from), principals(to)].concat(),
        ..Question::between(&from.name.value, &to.name.value)
    }
}

#[tokio::test]
async fn a_server_takes_what_an_intent_compiles_to_and_the_walls_stand() -> Result<()> {
    for (text, cluster) in [(MINIMAL.to_owned(), "default"), (without_connections(FULL), "main")] {
        let Some(plane) = ControlPlane::start()? else { return Ok(()) };
        plane.install(CustomResources::NetworkPolicyApi)?;
        let folder = TempDir::new()?;
        let intent = compile_into(folder.path(), &text)?;
        let of_cluster = folder.path().join(cluster);
        let of_cluster = of_cluster.to_str().context("a path")?;
        plane.kubectl(&["apply", "--server-side", "-k", of_cluster])?;
        is_kept(&plane, of_cluster).await?;

        let served = plane.kubectl(&["get", KINDS, "-A", "-o", "json"])?;
        let [staging, production, ..] = intent.environments.as_slice() else { panic!("{intent:?}") };
        for (from, to) in [(staging, production), (production, staging)] {
            for (profile, verdict) in verdicts(&served, from, to)? {
                let from = &from.name.value;
                assert_eq!(verdict, Verdict::Isolated, "{cluster}: from {from} under {profile}");
            }
        }
        takes_no_more_than_it_may(&plane).await?;
        if cluster == "main" {
            changes_all_but_the_wall(&plane);
        }
    }
    Ok(())
}

/// Nothing is written in another way than the server keeps it. While controllers write statuses, those differ.
pub(crate) async fn is_kept(plane: &ControlPlane, folder: &str) -> Result<()> {
    let diff = ["diff", "--server-side", "-k", folder];
    let is_same = async || Ok(plane.kubectl(&diff).ok().filter(String::is_empty));
    eventually(&format!("{folder} is as the server keeps it"), is_same).await.map(drop)
}

/// A pod of staging gets neither the class of production nor a probe that its node would send anywhere.
async fn takes_no_more_than_it_may(plane: &ControlPlane) -> Result<()> {
    let account = ["get", "serviceaccount", "default", "-n", "staging"];
    eventually("its ServiceAccount is there", async || Ok(plane.kubectl(&account).ok())).await?;
    let pod = |extra: &str, of_container: &str| {
        format!(
            "apiVersion: v1
kind: Pod
metadata: {{generateName: web-, namespace: staging}}
spec:
  {extra}
  securityContext: {{runAsNonRoot: true, runAsUser: 1000, seccompProfile: {{type: RuntimeDefault}}}}
  containers:
    - name: web
      image: registry.example/web@sha256:8c1f0c2f1d2d2c7b6b1f8f6a2b7e0a4c9d5e3f1a7b6c5d4e3f2a1b0c9d8e7f60
      securityContext: {{allowPrivilegeEscalation: false, capabilities: {{drop: [ALL]}}}}
      {of_container}
"
        )
    };
    let create = |text: &str| plane.kubectl_with_input(&["create", "-f", "-"], text);
    create(&pod("priorityClassName: staging", ""))?;
    for class in ["production", "system-cluster-critical"] {
        let Err(refused) = create(&pod(&format!("priorityClassName: {class}"), "")) else {
            panic!("a pod of staging has the class {class}");
        };
        let promise = "staging is kept out of production (promise capacity)";
        assert!(format!("{refused:#}").contains(promise), "{refused:#}");
    }
    let probe = "readinessProbe: {httpGet: {host: 10.0.0.1, port: 80}}";
    let Err(refused) = create(&pod("priorityClassName: staging", probe)) else {
        panic!("a probe names a host");
    };
    assert!(format!("{refused:#}").contains("PodSecurity"), "{refused:#}");
    Ok(())
}

/// A team of staging works there, takes nothing of the wall down, and only looks at production, as its exception says.
fn changes_all_but_the_wall(plane: &ControlPlane) {
    let may = |verb: &str, resource: &str, namespace: &str| {
        let asked =
            ["auth", "can-i", verb, resource, "-n", namespace, "--as=jane", "--as-group=shop-developers"];
        plane.kubectl(&asked).is_ok()
    };
    for (verb, resource) in [("create", "deployments.apps"), ("get", "secrets"), ("create", "pods/exec")] {
        assert!(may(verb, resource, "staging"), "{verb} {resource}");
        assert!(!may(verb, resource, "production"), "{verb} {resource}");
    }
    assert!(may("list", "pods", "production"));
    for resource in
        ["networkpolicies", "resourcequotas", "limitranges", "roles", "rolebindings", "endpointslices"]
    {
        for verb in ["create", "update", "patch", "delete"] {
            assert!(!may(verb, resource, "staging"), "{verb} {resource}");
        }
    }
    assert!(!may("patch", "namespaces", "staging"));
}
