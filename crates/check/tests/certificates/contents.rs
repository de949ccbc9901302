//! Images and volumes that nodes fetch from pods (`rules/probe-host.md`).

use crate::by_hand::{CLOSED, accepted, forged, question, rejected, verdict};
use watertight_model::{Channel, Verdict};
use watertight_prove::Question;

/// A node, a pod of production with a Service, and a pod of staging.
const KNOWN: &str = "---
apiVersion: v1
kind: Node
metadata: {name: one}
spec: {podCIDRs: [10.244.0.0/24]}
status: {addresses: [{type: InternalIP, address: 172.31.16.11}]}
---
apiVersion: v1
kind: Pod
metadata: {name: db, namespace: production}
spec: {nodeName: one, containers: [{name: db, image: db}]}
status: {podIP: 10.244.0.7, hostIP: 172.31.16.11}
---
apiVersion: v1
kind: Service
metadata: {name: db, namespace: production}
spec: {type: NodePort, clusterIP: 10.96.0.7, selector: {app: db}, ports: [{port: 5432, nodePort: 30432}]}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: staging}
spec: {nodeName: one, containers: [{name: web, image: 'IMAGE'}], volumes: [{name: v, VOLUME}]}
";

const IMAGE: &str = "registry.example:5000/web:1";
const VOLUME: &str = "nfs: {server: 192.168.40.5, path: /}";

fn network() -> Question {
    Question { channels: vec![Channel::Network], ..question() }
}

fn cluster(image: &str, volume: &str) -> String {
    CLOSED.to_owned() + &KNOWN.replace("IMAGE", image).replace("VOLUME", volume)
}

/// The certificate of the plain cluster does not hold of this one, nor one that an engine that errs would write.
#[track_caller]
fn is_open(text: &str, expected: Verdict) {
    assert_eq!(verdict(&network(), text), expected, "{text}");
    rejected(&accepted(&network(), &cluster(IMAGE, VOLUME)), text, "");
    rejected(&forged(&network(), text), text, "");
}

#[test]
fn what_comes_from_a_pod_of_production_is_a_breach() {
    is_open(&cluster("10.244.0.7:5432/a/b:1", VOLUME), Verdict::Breached);
    for volume in [
        "nfs: {server: 10.244.0.7, path: /}",
        "iscsi: {targetPortal: '10.244.0.7:3260', iqn: a, lun: 0}",
        "iscsi: {targetPortal: 192.168.40.5, portals: ['10.244.0.7:3260'], iqn: a, lun: 0}",
        "cephfs: {monitors: [192.168.40.5, '10.244.0.7:6789']}",
        "rbd: {monitors: ['10.244.0.7:6789'], image: a}",
        "csi: {driver: nfs.csi.k8s.io, volumeAttributes: {share: /, server: 10.244.0.7}}",
        "flexVolume: {driver: a/cifs, options: {networkPath: //10.244.0.7/share}}",
        "gitRepo: {repository: 'https://10.244.0.7:8443/a.git'}",
        "image: {reference: '10.244.0.7:5000/a:1'}",
    ] {
        is_open(&cluster(IMAGE, volume), Verdict::Breached);
    }
}

#[test]
fn what_may_come_from_production_is_not_known() {
    // Another pod, a Service, a port of a node, and names.
    for host in [
        "10.244.9.9",
        "10.96.0.7",
        "172.31.16.11",
        "172.31.99.1",
        "db.production.svc",
        "10-244-0-7.a.pod.cluster.local",
    ] {
        is_open(&cluster(&format!("{host}:30432/a:1"), VOLUME), Verdict::Unknown);
        is_open(&cluster(IMAGE, &format!("nfs: {{server: {host}, path: /}}")), Verdict::Unknown);
    }
    is_open(&cluster(IMAGE, "glusterfs: {endpoints: db, path: a}"), Verdict::Unknown);
    let hidden = cluster(IMAGE, VOLUME).replace("clusterIP: 10.96.0.7, ", "");
    is_open(&hidden, Verdict::Unknown);
}

#[test]
fn ordinary_registries_and_servers_are_no_matter() {
    for image in [
        "web",
        "web:1",
        "shop/web:1",
        "ghcr.io/shop/web:1",
        "localhost:5000/web",
        "203.0.113.9/web:1",
        "nas:5000/web",
    ] {
        accepted(&network(), &cluster(image, VOLUME));
    }
    for volume in [
        "nfs: {server: nas.example, path: /}",
        "emptyDir: {}",
        "csi: {driver: a, volumeAttributes: {size: 1Gi, server: 192.168.40.5}}",
    ] {
        accepted(&network(), &cluster(IMAGE, volume));
    }
}
