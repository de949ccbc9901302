//! What kubelets serve by themselves: they ask the API server whether somebody may, and no kubelet runs here.

use super::Stage;
use crate::replay::actor::Answer;
use crate::replay::deeds::Shown;
use crate::replay::rights::Right;
use anyhow::{Context, Result};
use serde_json::json;

const BELOW: [&str; 7] = ["checkpoint", "log", "pods", "configz", "stats", "metrics", "proxy"];

/// Asks what a kubelet would ask about a request of somebody.
pub(super) async fn reviewed(stage: &Stage<'_>, right: &Right) -> Result<Shown> {
    let mut shown = None;
    for below in BELOW {
        let Some(verb) =
            ["get", "create"].into_iter().find(|verb| right.allows(verb, "", &format!("nodes/{below}")))
        else {
            continue;
        };
        let (user, groups) = right.actor.who().await?;
        let node = right.names().first().map_or("node-1", String::as_str);
        let review = json!({"spec": {"user": user, "groups": groups, "resourceAttributes": {
            "verb": verb, "resource": "nodes", "subresource": below, "name": node,
        }}});
        if !stage.server.review(&review).await? {
            let answer = Answer { code: 403, body: json!({"message": format!("{user} may not")}) };
            return Err(right.actor.refusal(verb, &format!("nodes/{below}"), &answer).into());
        }
        shown = Some(Shown::Passed(format!("{user} may {verb} nodes/{below}")));
    }
    shown.context("a right on what kubelets serve")
}
