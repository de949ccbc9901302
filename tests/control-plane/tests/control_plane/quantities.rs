//! Amounts mean to us what they mean to the API server, and are written as it writes them.

use anyhow::Result;
use serde_json::{Value, json};
use watertight_base::Quantity;
use watertight_testbed::ControlPlane;

/// Amounts by chance, with every suffix.
fn random() -> Vec<String> {
    let mut rng = fastrand::Rng::with_seed(7);
    let below = |rng: &mut fastrand::Rng, digits: u32| {
        let digits = rng.u32(1..digits);
        rng.u32(0..10_u32.pow(digits))
    };
    let suffixes = [
        "n", "u", "m", "", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei", "e3", "E-2",
        "e+6", "e0",
    ];
    let mut texts = Vec::new();
    for suffix in suffixes {
        for _ in 0..40 {
            let whole = below(&mut rng, 7);
            let fraction = match rng.u8(0..3) {
                0 => format!(".{}", below(&mut rng, 9)),
                1 => ".50".to_owned(),
                _ => String::new(),
            };
            let sign = if rng.u8(0..9) == 0 { "+" } else { "" };
            texts.push(format!("{sign}{whole}{fraction}{suffix}"));
        }
    }
    texts
}

/// A quota with this amount, as the server would keep it.
fn asked(plane: &ControlPlane, hard: &Value) -> Result<Value> {
    let quota = json!({
        "apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "amounts", "namespace": "default"},
        "spec": {"hard": hard},
    });
    let text = plane
        .kubectl_with_input(&["create", "--dry-run=server", "-o", "json", "-f", "-"], &quota.to_string())?;
    Ok(serde_json::from_str::<Value>(&text)?["spec"]["hard"].clone())
}

/// What the server makes of amounts, where it keeps them as they are.
fn kept(plane: &ControlPlane, texts: &[String]) -> Result<Vec<Value>> {
    let metric = |(index, text): (usize, &String)| {
        let target = json!({"type": "AverageValue", "averageValue": text});
        json!({"type": "Pods", "pods": {"metric": {"name": format!("amount-{index}")}, "target": target}})
    };
    let metrics: Vec<Value> = texts.iter().enumerate().map(metric).collect();
    let autoscaler = json!({
        "apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "amounts", "namespace": "default"},
        "spec": {
            "maxReplicas": 2, "metrics": metrics,
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"},
        },
    });
    let text = plane.kubectl_with_input(
        &["create", "--dry-run=server", "-o", "json", "-f", "-"],
        &autoscaler.to_string(),
    )?;
    let kept: Value = serde_json::from_str(&text)?;
    let metrics = kept["spec"]["metrics"].as_array().cloned().unwrap_or_default();
    Ok(metrics.into_iter().map(|metric| metric["pods"]["target"]["averageValue"].clone()).collect())
}

#[tokio::test]
async fn amounts_are_written_as_the_server_writes_them() -> Result<()> {
    let Some(plane) = ControlPlane::shared()? else { return Ok(()) };
    let is_something = |text: &String| Quantity::parse(text).is_ok_and(|amount| !amount.is_zero());
    let texts: Vec<String> = random().into_iter().filter(is_something).collect();
    assert!(texts.len() > 700, "{}", texts.len());
    for (text, theirs) in texts.iter().zip(kept(plane, &texts)?) {
        same(text, &theirs, |amount| amount);
    }
    Ok(())
}

/// Holds what the server kept of a text against what we make of it. Of what is nearly canonical, the server
/// keeps the text.
fn same(text: &str, theirs: &Value, ours: impl Fn(Quantity) -> Quantity) {
    let theirs = theirs.as_str().unwrap_or_default();
    let (Ok(amount), Ok(kept)) = (Quantity::parse(text), Quantity::parse(theirs)) else {
        panic!("{text} and {theirs} are amounts");
    };
    assert_eq!(ours(amount), kept, "{text}: {theirs}");
    if theirs != text {
        assert_eq!(ours(amount).to_string(), theirs, "{text}");
    }
}

#[tokio::test]
async fn a_resource_list_keeps_thousandths() -> Result<()> {
    let Some(plane) = ControlPlane::shared()? else { return Ok(()) };
    let texts = random();
    // A quota on anything with a name of its own takes any amount that is not negative.
    let key = |index: usize| format!("requests.example.com/amount-{index}");
    let hard: serde_json::Map<String, Value> =
        texts.iter().enumerate().map(|(index, text)| (key(index), json!(text))).collect();
    let kept = asked(plane, &Value::Object(hard))?;
    for (index, text) in texts.iter().enumerate() {
        same(text, &kept[key(index)], Quantity::up_to_milli);
    }
    Ok(())
}

#[tokio::test]
async fn what_is_no_amount_to_us_is_none_to_the_server() -> Result<()> {
    let Some(plane) = ControlPlane::shared()? else { return Ok(()) };
    for text in ["", "1gb", "1K", "1mi", "1.2.3", "two", "1 Gi", "--1", "1e", "1e1.5", "0x10"] {
        assert!(Quantity::parse(text).is_err(), "{text}");
        assert!(asked(plane, &json!({"pods": text})).is_err(), "{text}");
    }
    Ok(())
}
