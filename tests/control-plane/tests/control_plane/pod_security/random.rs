//! Random pods. Mostly one that the restricted level admits, of which little was changed, so that each check is often the
//! only one that stops it.

use serde_json::{Value, json};
use watertight_oracle::Random;

/// The pod of a seed. A server may find it invalid.
pub(super) fn pod(seed: u64) -> Value {
    let mut random = Random::new(seed);
    let mut pod = match random.below(10) {
        0 => base(json!({}), json!({}), &mut random),
        1 => {
            let mut pod = base(json!({"runAsNonRoot": true}), json!({}), &mut random);
            pod["spec"]["os"]["name"] = json!("windows");
            pod
        }
        _ => base(
            json!({"runAsNonRoot": true, "seccompProfile": {"type": "RuntimeDefault"}}),
            json!({"allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}}),
            &mut random,
        ),
    };
    if random.chance(15) {
        pod["spec"]["hostUsers"] = json!(random.chance(20));
    }
    for _ in 0..random.one_of([0, 1, 1, 1, 1, 2, 3]) {
        random.one_of(CHANGES)(&mut pod, &mut random);
    }
    pod
}

fn base(of_pod: Value, of_container: Value, random: &mut Random) -> Value {
    let container =
        |name: &str| json!({"name": name, "image": "a.example/a", "securityContext": of_container});
    let names = &["a", "b"][..=random.below(2)];
    let containers: Vec<Value> = names.iter().map(|name| container(name)).collect();
    let mut spec = json!({
        "automountServiceAccountToken": false,
        "securityContext": of_pod,
        "containers": containers,
    });
    if random.chance(40) {
        let mut init = container("c");
        if random.chance(60) {
            init["restartPolicy"] = json!("Always");
        }
        spec["initContainers"] = json!([init]);
    }
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": spec})
}

type Change = fn(&mut Value, &mut Random);

const CHANGES: [Change; 26] = [
    |pod, random| {
        let field = random.one_of(["hostNetwork", "hostPID", "hostIPC"]);
        pod["spec"][field] = json!(random.chance(80));
    },
    |pod, random| context(pod, random)["privileged"] = json!(random.chance(60)),
    |pod, random| {
        // Validation wants both.
        let context = context(pod, random);
        context["privileged"] = json!(true);
        context["allowPrivilegeEscalation"] = json!(true);
    },
    |pod, random| {
        let added: Vec<&str> = (0..=random.below(2))
            .map(|_| {
                random.one_of([
                    "NET_BIND_SERVICE",
                    "CHOWN",
                    "SYS_CHROOT",
                    "NET_RAW",
                    "SYS_ADMIN",
                    "chown",
                    "ALL",
                ])
            })
            .collect();
        context(pod, random)["capabilities"]["add"] = json!(added);
    },
    |pod, random| {
        let dropped: &[&str] =
            random.one_of([&[], &["ALL"], &["all"], &["NET_RAW"], &["CAP_ALL"], &["KILL", "ALL"]]);
        context(pod, random)["capabilities"]["drop"] = json!(dropped);
    },
    |pod, random| {
        context(pod, random)["capabilities"] = random.pick(&[Value::Null, json!({})]).unwrap().clone()
    },
    volume,
    volume,
    |pod, random| {
        let port = json!({"containerPort": 80, "hostPort": random.one_of([0, 80, 8080])});
        container(pod, random)["ports"] = json!([{"containerPort": 81}, port]);
    },
    |pod, random| {
        let kind = random.one_of(["RuntimeDefault", "Unconfined", "Unconfined", "Localhost"]);
        let mut profile = json!({"type": kind});
        if kind == "Localhost" {
            profile["localhostProfile"] = json!("a");
        }
        any_context(pod, random)["appArmorProfile"] = profile;
    },
    |pod, random| {
        let container = random.one_of(["a", "a", "b", "nobody"]);
        let profile = random.one_of(["runtime/default", "localhost/a", "unconfined", "unconfined", ""]);
        let key = format!("container.apparmor.security.beta.kubernetes.io/{container}");
        pod["metadata"]["annotations"][key] = json!(profile);
    },
    |pod, random| {
        let field = random.one_of(["type", "type", "type", "user", "role", "level"]);
        let value = random.one_of(["container_t", "container_kvm_t", "container_engine_t", "spc_t", "x", ""]);
        any_context(pod, random)["seLinuxOptions"][field] = json!(value);
    },
    |pod, random| context(pod, random)["procMount"] = json!(random.one_of(["Default", "Unmasked"])),
    |pod, random| {
        // Validation wants it.
        pod["spec"]["hostUsers"] = json!(false);
        context(pod, random)["procMount"] = json!("Unmasked");
    },
    seccomp,
    seccomp,
    |pod, _| drop(pod["spec"]["securityContext"]["seccompProfile"].take()),
    |pod, random| {
        // A field would have to say the same.
        pod["spec"]["securityContext"]["seccompProfile"].take();
        let key = random.one_of([
            "seccomp.security.alpha.kubernetes.io/pod",
            "container.seccomp.security.alpha.kubernetes.io/a",
            "container.seccomp.security.alpha.kubernetes.io/c",
            "container.seccomp.security.alpha.kubernetes.io/nobody",
        ]);
        let profiles = ["runtime/default", "docker/default", "localhost/a", "unconfined", "unconfined"];
        pod["metadata"]["annotations"][key] = json!(random.one_of(profiles));
    },
    |pod, random| {
        let name = random.one_of([
            "kernel.shm_rmid_forced",
            "net.ipv4.ip_unprivileged_port_start",
            "net.ipv4.ip_local_reserved_ports",
            "net.ipv4.tcp_keepalive_time",
            "net.ipv4.tcp_rmem",
            "net.core.somaxconn",
            "net.ipv4.ip_forward",
        ]);
        pod["spec"]["securityContext"]["sysctls"] = json!([{"name": name, "value": "1"}]);
    },
    |pod, random| {
        pod["spec"]["hostNetwork"] = json!(true);
        let of_pod = random.chance(50);
        let context = if of_pod { &mut pod["spec"]["securityContext"] } else { context(pod, random) };
        context["windowsOptions"] = json!({"hostProcess": random.chance(80), "runAsUserName": "a"});
    },
    |pod, random| {
        let probe = random.one_of(["livenessProbe", "readinessProbe", "startupProbe"]);
        let action = random.one_of(["httpGet", "tcpSocket"]);
        container(pod, random)[probe][action] = dialed(random);
    },
    |pod, random| {
        let hook = random.one_of(["postStart", "preStop"]);
        let action = random.one_of(["httpGet", "tcpSocket"]);
        container(pod, random)["lifecycle"][hook][action] = dialed(random);
    },
    |pod, random| {
        let value = random.pick(&[Value::Null, json!(true), json!(false)]).unwrap().clone();
        context(pod, random)["allowPrivilegeEscalation"] = value;
    },
    |pod, random| {
        let value = random.pick(&[Value::Null, json!(true), json!(false)]).unwrap().clone();
        any_context(pod, random)["runAsNonRoot"] = value;
    },
    |pod, random| any_context(pod, random)["runAsUser"] = json!(random.one_of([0, 0, 1, 1000])),
    |pod, random| pod["spec"]["os"]["name"] = json!(random.one_of(["linux", "windows"])),
];

/// A container of the pod.
fn container<'p>(pod: &'p mut Value, random: &mut Random) -> &'p mut Value {
    let list = match pod["spec"]["initContainers"].is_null() || random.chance(50) {
        true => "containers",
        false => "initContainers",
    };
    let containers = pod["spec"][list].as_array_mut().unwrap();
    let place = random.below(containers.len());
    &mut containers[place]
}

/// The `securityContext` of a container.
fn context<'p>(pod: &'p mut Value, random: &mut Random) -> &'p mut Value {
    &mut container(pod, random)["securityContext"]
}

/// That of the pod or of a container.
fn any_context<'p>(pod: &'p mut Value, random: &mut Random) -> &'p mut Value {
    match random.chance(40) {
        true => &mut pod["spec"]["securityContext"],
        false => context(pod, random),
    }
}

/// A `securityContext` for a container that is put into a running pod.
pub(super) fn context_of_debugger(random: &mut Random) -> Value {
    let mut pod = base(
        json!({}),
        json!({"allowPrivilegeEscalation": false, "runAsNonRoot": true, "capabilities": {"drop": ["ALL"]},
               "seccompProfile": {"type": "RuntimeDefault"}}),
        random,
    );
    for _ in 0..random.below(3) {
        random.one_of(CHANGES)(&mut pod, random);
    }
    context(&mut pod, random).take()
}

fn seccomp(pod: &mut Value, random: &mut Random) {
    let kind = random.one_of(["RuntimeDefault", "Unconfined", "Unconfined", "Localhost"]);
    let mut profile = json!({"type": kind});
    if kind == "Localhost" {
        profile["localhostProfile"] = json!("a");
    }
    any_context(pod, random)["seccompProfile"] = profile;
}

fn dialed(random: &mut Random) -> Value {
    let mut action = json!({"port": 80});
    if random.chance(80) {
        action["host"] = json!(random.one_of(["db.example", "10.0.0.1", "127.0.0.1", ""]));
    }
    action
}

fn volume(pod: &mut Value, random: &mut Random) {
    let sources = [
        json!({"hostPath": {"path": "/var"}}),
        json!({"hostPath": {"path": "/var"}}),
        json!({"hostPath": {"path": "/var"}}),
        json!({"configMap": {"name": "a"}}),
        json!({"downwardAPI": {"items": [{"path": "a", "fieldRef": {"fieldPath": "metadata.name"}}]}}),
        json!({"emptyDir": {}}),
        json!({"projected": {"sources": [{"secret": {"name": "a"}}]}}),
        json!({"secret": {"secretName": "a"}}),
        json!({"csi": {"driver": "a.example"}}),
        json!({"persistentVolumeClaim": {"claimName": "a"}}),
        json!({"ephemeral": {"volumeClaimTemplate": {"spec": {
            "accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}}}}),
        json!({"image": {"reference": "a.example/a"}}),
        json!({"nfs": {"server": "a.example", "path": "/"}}),
        json!({"iscsi": {"targetPortal": "10.0.0.1:3260", "iqn": "iqn.2001-04.example:a", "lun": 0}}),
        json!({"fc": {"targetWWNs": ["a"], "lun": 0}}),
        json!({"gcePersistentDisk": {"pdName": "a"}}),
        json!({"awsElasticBlockStore": {"volumeID": "a"}}),
        json!({"azureFile": {"secretName": "a", "shareName": "a"}}),
        json!({"azureDisk": {"diskName": "a", "diskURI": "a"}}),
        json!({"cephfs": {"monitors": ["10.0.0.1"]}}),
        json!({"cinder": {"volumeID": "a"}}),
        json!({"flexVolume": {"driver": "example/a"}}),
        json!({"flocker": {"datasetName": "a"}}),
        json!({"gitRepo": {"repository": "https://a.example"}}),
        json!({"glusterfs": {"endpoints": "a", "path": "a"}}),
        json!({"photonPersistentDisk": {"pdID": "a"}}),
        json!({"portworxVolume": {"volumeID": "a"}}),
        json!({"quobyte": {"registry": "a:1", "volume": "a"}}),
        json!({"rbd": {"monitors": ["10.0.0.1"], "image": "a"}}),
        json!({"scaleIO": {"gateway": "a", "system": "a", "secretRef": {"name": "a"}, "volumeName": "a"}}),
        json!({"storageos": {"volumeName": "a"}}),
        json!({"vsphereVolume": {"volumePath": "a"}}),
    ];
    let volumes: Vec<Value> = (0..=random.below(2))
        .map(|number| {
            let mut volume = random.pick(&sources).unwrap().clone();
            volume["name"] = json!(format!("v{number}"));
            volume
        })
        .collect();
    pod["spec"]["volumes"] = json!(volumes);
}
