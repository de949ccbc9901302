//! Policies with expressions of any types on a real API server: it takes each that is taken here.

use super::{GROUP, snapshot};
use anyhow::{Result, ensure};
use kube::client::Body;
use kube::core::Request;
use serde_json::{Value, json};
use watertight_admission::Admission;
use watertight_oracle::Random;
use watertight_oracle::expressions::{truth, value};
use watertight_testbed::ControlPlane;

/// How many policies are tried.
const POLICIES: u64 = 1500;

/// What has misled once: what is open is settled by its first use, and names with dots are no fields.
const BY_HAND: &[(&str, bool)] = &[
    ("[].all(x, x == 1 || x == 'a')", false),
    ("(true ? [] : ['a']).all(x, x == 1)", false),
    ("(object.a + [1]).all(x, x == 'a')", false),
    ("[].sum() == 'a'", false),
    ("object.a.orValue('a') == 1", false),
    ("object.?a[?'b'].orValue('') == 1", false),
    ("has(authorizer.requestResource)", false),
    ("object.a[null] == 1", false),
    ("object.a[?dyn(['x'])].hasValue()", false),
    ("int('x') == 1", false),
    ("string(dyn(null)) == ''", false),
    ("object.a.matches(dyn('('))", false),
    ("double(int(1)) < 2.0 && string(1.5) == '1.5' && object['a'] == dyn(null)", true),
    ("'x'.matches('((a{40})b{9}){40}')", false),
    ("'x'.matches('a{40}(b){40}')", true),
    ("[['x'], []].size() == 2", true),
    ("object.metadata.?labels[?'a'].value() == 'x'", true),
    ("object.?a[?'b'].?c.orValue([]).all(x, x == 'a')", true),
    ("object.?a[?'b'].value().all(x, x == 'a' || x == 1)", true),
    ("namespaceObject.metadata.?labels.orValue({}).all(k, k != 'a')", true),
    ("quantity('1').add(1).isLessThan(quantity('2')) || [1.5].isSorted() || ['a'].min() == 'a'", true),
    ("sets.contains(['a'], []) && [1].indexOf(1) == 0 && optional.none().orValue('a') == 'a'", true),
    ("authorizer.requestResource.check('x').errored() || url('https://a').getHost() == 'a'", true),
];

#[tokio::test]
async fn the_server_takes_the_policies_that_are_taken() -> Result<()> {
    let Some(plane) = ControlPlane::shared()? else { return Ok(()) };
    let asked = std::env::var("WATERTIGHT_CLUSTERS").ok().and_then(|text| text.parse::<u64>().ok());
    let policies = asked.map_or(POLICIES, |clusters| clusters.max(POLICIES));
    let (mut taken, mut refused, mut besides) = (0, 0, 0);
    let checked = plane.in_namespace("types", async |namespace| {
        let client = namespace.client();
        let by_hand = BY_HAND.iter().map(|(text, is_taken)| (policy(text, "'x'", "[]"), Some(*is_taken)));
        let by_chance = (0..policies).map(|seed| {
            let random = &mut Random::new(seed);
            let depth = random.below(4);
            (policy(&truth(random, depth), &value(random, 1), &value(random, 1)), None)
        });
        for (policy, expected) in by_hand.chain(by_chance) {
            let path = format!("{GROUP}/validatingadmissionpolicies?dryRun=All");
            let body = serde_json::to_vec(&policy)?;
            let mut request = Request::new(&path).create(&kube::api::PostParams::default(), body)?;
            *request.uri_mut() = path.parse()?;
            request.headers_mut().insert("content-type", "application/json".parse()?);
            let response = client.send(request.map(Body::from)).await?;
            let status = response.status();
            let is_taken = status.is_success();
            let answer = String::from_utf8(response.into_body().collect_bytes().await?.to_vec())?;
            ensure!(is_taken || answer.contains("].expression: "), "{status} {answer} of {policy}");
            if let Some(expected) = expected {
                ensure!(is_taken == expected, "the server takes it: {is_taken}, {policy} {answer}");
            }
            let snapshot = snapshot(&json!({"metadata": {"name": "types"}}), &[policy.clone(), binding()]);
            let is_taken_here = !Admission::new(&snapshot).is_open();
            ensure!(is_taken || !is_taken_here, "the server refuses {policy}: {answer}");
            taken += usize::from(is_taken_here);
            refused += usize::from(!is_taken);
            besides += usize::from(is_taken && !is_taken_here);
        }
        Ok(())
    });
    checked.await?;
    // The test would see nothing if all were taken, or refused.
    println!("{taken} taken, {refused} refused, {besides} taken by the server alone");
    assert!(taken > 150 && refused > 200, "{taken} taken, {refused} refused");
    Ok(())
}

fn policy(validation: &str, variable: &str, list: &str) -> Value {
    let rule = json!({"apiGroups": ["*"], "apiVersions": ["*"], "operations": ["*"], "resources": ["*"]});
    json!({
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicy",
        "metadata": {"name": "types"},
        "spec": {
            "matchConstraints": {"resourceRules": [rule]},
            "variables": [{"name": "v", "expression": variable}, {"name": "list", "expression": list}],
            "validations": [{"expression": validation}],
        },
    })
}

fn binding() -> Value {
    json!({
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicyBinding",
        "metadata": {"name": "types"},
        "spec": {"policyName": "types", "validationActions": ["Deny"]},
    })
}
