//! What is of lesser rank, where it is in doubt (`rules/shared-address.md`).

use crate::by_hand::{
    CLOSED, PASSING, REFUSED, accepted, doubted, forged, needs_each_fact, of_rights, rejected, right, third,
    verdict,
};
use serde_json::{Value, json};
use watertight_model::Verdict;
use watertight_prove::Question;

const RUNS: &str = "{apiGroups: [''], resources: [pods], verbs: [create]}";
const READS: &str = "{apiGroups: [''], resources: [configmaps], verbs: [get]}";

fn strictly() -> Question {
    Question { strict: true, ..of_rights() }
}

/// A namespace of neither side, with a ConfigMap that names a host.
fn cluster(host: &str) -> String {
    format!(
        "{CLOSED}{}---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: settings, namespace: other}}\ndata: {{URL: 'http://{host}/'}}\n",
        third("other")
    )
}

/// The certificate of what is not asked strictly, that says that it was.
fn said_strictly(mut certificate: Value) -> Value {
    certificate["strict"] = Value::from(true);
    let assumption = json!({"id": "names-are-known", "text": "", "check": ""});
    certificate["assumptions"].as_array_mut().unwrap().push(assumption);
    certificate
}

/// Rights to the ConfigMap, as they surely are there and as they may be. Whether reading is of that one is not looked at.
fn rights() -> [(String, Verdict); 4] {
    let (runs, reads) = (right("other", RUNS), right("other", READS));
    let [refused, passing] = [REFUSED, PASSING].map(|metadata| doubted(&runs, metadata));
    let unknown = [reads, refused, passing].map(|rights| (rights, Verdict::Unknown));
    let [reads, refused, passing] = unknown;
    [(runs, Verdict::Breached), reads, refused, passing]
}

#[test]
fn an_address_that_may_be_read_counts_strictly() {
    for (rights, expected) in rights() {
        let text = cluster("web.production.svc") + &rights;
        assert_eq!(verdict(&strictly(), &text), expected, "{text}");
        // By default it is no matter.
        let certificate = accepted(&of_rights(), &text);
        let address = "names a host of the other side";
        rejected(&said_strictly(certificate), &text, address);
        rejected(&forged(&strictly(), &text), &text, address);
    }
}

#[test]
fn an_address_of_nobody_is_accepted_strictly() {
    for (rights, _) in rights() {
        let text = cluster("web.other.svc") + &rights;
        let certificate = accepted(&strictly(), &text);
        assert!(needs_each_fact(&certificate, &text) > 3);
        rejected(&certificate, &text.replace("web.other.svc", "web.production.svc"), "names a host");
    }
}
