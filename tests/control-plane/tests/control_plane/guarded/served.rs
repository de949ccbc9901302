//! What a server holds, and what is proved of it.

use crate::compiled::{KINDS, proved};
use anyhow::{Context as _, Result};
use serde_json::Value;
use std::collections::BTreeSet;
use watertight_intent::{Environment, Intent};
use watertight_model::Verdict;
use watertight_network::Profile;
use watertight_testbed::ControlPlane;

/// What else `prove` looks at here.
const MORE_KINDS: &str = "pods,endpointslices,ingresses,ingressclasses,gateways,httproutes,nodes";

/// All that a server holds, as kubectl prints it.
pub(super) struct Served(pub(super) Value);

impl Served {
    pub(super) fn of(plane: &ControlPlane) -> Result<Self> {
        let kinds = format!("{KINDS},{MORE_KINDS}");
        Ok(Self(serde_json::from_str(&plane.kubectl(&["get", &kinds, "-A", "-o", "json"])?)?))
    }

    /// Without the objects of a kind and a name; there is one.
    pub(super) fn without(&self, kind: &str, name: &str) -> Result<Self> {
        let mut served = self.0.clone();
        let items = served["items"].as_array_mut().context("a list")?;
        let before = items.len();
        items.retain(|item| item["kind"] != kind || item["metadata"]["name"] != name);
        assert_eq!(items.len() + 1, before, "{kind} {name}");
        Ok(Self(served))
    }

    /// Without the objects of a kind.
    pub(super) fn without_kind(&self, kind: &str) -> Self {
        let mut served = self.0.clone();
        if let Some(items) = served["items"].as_array_mut() {
            items.retain(|item| item["kind"] != kind);
        }
        Self(served)
    }

    /// What could not be seen.
    pub(super) fn blind_spots(
        &self,
        from: &Environment,
        to: &Environment,
        profile: Profile,
    ) -> Result<Vec<String>> {
        let report = proved(&self.0.to_string(), from, to, profile, Vec::new())?;
        let channels = report.boundaries.iter().flat_map(|boundary| &boundary.channels);
        let spots = channels.flat_map(|channel| &channel.blind_spots);
        Ok(spots.map(|spot| format!("{}: {}", spot.rule, spot.reason)).collect())
    }

    /// Each validation of a policy, by its message behind the promise, with what is served without it.
    pub(super) fn without_validations(&self, policy: &str) -> Result<Vec<(String, Self)>> {
        let items = self.0["items"].as_array().context("a list")?;
        let index = items.iter().position(|item| {
            item["kind"] == "ValidatingAdmissionPolicy" && item["metadata"]["name"] == policy
        });
        let index = index.context("a policy")?;
        let validations = items[index]["spec"]["validations"].as_array().context("validations")?;
        let without = |(number, validation): (usize, &Value)| {
            let mut served = self.0.clone();
            let left = served["items"][index]["spec"]["validations"].as_array_mut().context("validations")?;
            left.remove(number);
            let message = validation["message"].as_str().and_then(|message| message.split_once("): "));
            let (_, why) = message.context("a message")?;
            Ok((why.to_owned(), Self(served)))
        };
        validations.iter().enumerate().map(without).collect()
    }

    /// The verdict, and the rules of the breaches.
    pub(super) fn verdict(
        &self,
        from: &Environment,
        to: &Environment,
        profile: Profile,
    ) -> Result<(Verdict, BTreeSet<&'static str>)> {
        let report = proved(&self.0.to_string(), from, to, profile, Vec::new())?;
        let boundary = report.boundaries.first().context("a boundary")?;
        let channels = boundary.channels.iter();
        let rules = channels.flat_map(|channel| &channel.breaches).map(|breach| breach.rule).collect();
        Ok((boundary.verdict, rules))
    }
}

/// The environments as (name, itself, the other one).
pub(super) fn sides(intent: &Intent) -> [(&str, &Environment, &Environment); 2] {
    let [staging, production] = intent.environments.as_slice() else { panic!("{intent:?}") };
    [("staging", staging, production), ("production", production, staging)]
}
