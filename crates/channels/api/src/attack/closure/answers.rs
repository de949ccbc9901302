//! What follows from answering the API server: from the start, where pods of the `from` side do, and once the attacker runs
//! what answers, leads the calls elsewhere, or cuts it off.

use super::{Gained, Search};
use crate::attack::answering::Home;
use crate::attack::asking::Yield;
use crate::attack::fact::Derived;
use std::collections::{BTreeMap, BTreeSet};
use watertight_kubernetes::Primitive;
use watertight_model::{Because, Evidence, EvidenceRole, Fact, Gain, When};

/// What the attacker has done to those whom the server asks.
#[derive(Debug, Default)]
pub(super) struct Answered {
    /// For whom it answers,
    answers: BTreeSet<usize>,
    /// and whom it has cut off.
    cut_off: BTreeSet<usize>,
    /// Where it leads calls elsewhere, by the facts that say so,
    leads: BTreeMap<String, usize>,
    /// and where it reads the keys by which those who answer are known.
    keys: BTreeMap<String, usize>,
}

impl Search<'_, '_> {
    /// Where pods of the `from` side answer, nothing else is needed.
    pub(super) fn answer_from_the_start(&mut self) {
        for index in 0..self.asking.len() {
            let own = |home: &&Home| home.answers && self.from.contains(&home.namespace);
            if let Some(home) = self.asking[index].homes.iter().find(own) {
                let (namespace, because) = (home.namespace.clone(), home.because.clone());
                let text = format!(
                    "{} has the API server ask what pods of `{namespace}` answer",
                    self.asking[index].object
                );
                self.answer(index, &namespace, text, because, Vec::new());
            }
        }
    }

    /// What a gain in a namespace of neither side means for those who answer there.
    pub(super) fn answer_by(&mut self, gain: Gain, scope: Option<&str>, names: &[String], fact: usize) {
        let Some(scope) = scope.filter(|scope| !self.to.contains(*scope)) else { return };
        match gain {
            Gain::TakesTraffic => {
                self.answered.leads.entry(scope.to_owned()).or_insert(fact);
            }
            Gain::ReadsSecrets => {
                self.answered.keys.entry(scope.to_owned()).or_insert(fact);
            }
            _ => {}
        }
        for index in 0..self.asking.len() {
            let of_scope = |home: &&Home| home.namespace == scope;
            // A Service may lead to others of its namespace, and to pods by their addresses.
            let homes: Vec<Home> = self.asking[index].homes.iter().filter(of_scope).cloned().collect();
            for home in homes {
                self.answer_at(index, &home, (gain, names), fact);
            }
        }
    }

    /// What a gain in the namespace of one who answers means.
    fn answer_at(&mut self, index: usize, home: &Home, (gain, names): (Gain, &[String]), fact: usize) {
        let scope = home.namespace.as_str();
        let (because, answers) = (home.because.clone(), home.answers);
        let is_about = is_about(gain, names, home.service.as_deref());
        let (leads, keys) = (self.answered.leads.get(scope).copied(), self.answered.keys.get(scope).copied());
        let skips = self.asking[index].skips_verification;
        match (gain, leads, keys) {
            (Gain::RunsPods | Gain::EntersPods, ..) if answers && is_about => {
                let text = format!(
                    "so its code can answer what {} has the API server ask",
                    self.asking[index].object
                );
                self.answer(index, scope, text, because, vec![fact]);
            }
            (Gain::GrantsRights | Gain::ControlsCluster, ..) => {
                let text =
                    format!("so it can answer what {} has the API server ask", self.asking[index].object);
                self.answer(index, scope, text, because, vec![fact]);
            }
            (Gain::TakesTraffic | Gain::ReadsSecrets, Some(leads), Some(keys)) => {
                let text = format!(
                    "so it can answer, with the key that is expected, what {} has the API server ask",
                    self.asking[index].object
                );
                self.answer(index, scope, text, because, vec![leads, keys]);
            }
            (Gain::TakesTraffic, ..) if skips && is_about => {
                let text = format!(
                    "so it can answer, as no certificate is checked, what {} has the API server ask",
                    self.asking[index].object
                );
                self.answer(index, scope, text, because, vec![fact]);
            }
            (Gain::TakesTraffic | Gain::StopsPods | Gain::ChangesFence, ..) if is_about => {
                self.cut_off(index, fact);
            }
            _ => {}
        }
    }

    /// The attacker answers.
    fn answer(
        &mut self,
        index: usize,
        namespace: &str,
        text: String,
        because: Vec<Because>,
        uses: Vec<usize>,
    ) {
        if !self.answered.answers.insert(index) {
            return;
        }
        let asking = &self.asking[index];
        let asks = Because {
            role: EvidenceRole::Selects,
            object: asking.object.clone(),
            path: asking.path.clone(),
            evidence: Some(Evidence::File(asking.span)),
        };
        let object = asking.object.clone();
        let yields = asking.answers.clone();
        let Some((_, first)) = yields.first() else { return };
        let because = std::iter::once(asks).chain(because).collect();
        let fact = Fact::Answers { object, namespace: namespace.to_owned() };
        let answers = self.add(Derived { fact, rule: first.rule, text, uses, because });
        for one in yields {
            self.comes_to(one, answers);
        }
    }

    /// Nobody answers.
    fn cut_off(&mut self, index: usize, fact: usize) {
        if self.answered.answers.contains(&index) || !self.answered.cut_off.insert(index) {
            return;
        }
        for one in self.asking[index].cut_off.clone() {
            self.comes_to(one, fact);
        }
    }

    /// What one comes to by answering, or by keeping others from it.
    fn comes_to(&mut self, (scope, primitive): Yield, by: usize) {
        let text = format!("so it can {}", primitive.done(scope.as_deref()));
        let fact = Fact::Gains { gain: primitive.gain, scope: scope.clone(), names: Vec::new() };
        let fact = Derived { fact, rule: primitive.rule, text, uses: vec![by], because: Vec::new() };
        let fact = self.add(fact);
        let primitive: &'static Primitive = primitive;
        self.closure.gains.push(Gained { fact, primitive, scope, when: When::Now });
    }
}

/// Whether a gain that is bound to names may be about what answers for a Service. Pods and slices have the name of what they
/// are of at the beginning of their own; pods that are made have any.
fn is_about(gain: Gain, names: &[String], service: Option<&str>) -> bool {
    let is_of = |name: &String| {
        service.is_none_or(|service| {
            name == service || name.starts_with(service) || service.starts_with(name.as_str())
        })
    };
    gain == Gain::RunsPods || names.is_empty() || names.iter().any(is_of)
}
