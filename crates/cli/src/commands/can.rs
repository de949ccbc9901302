//! `watertight can`: whether somebody may do something, and all that they may do.

use super::Read;
use super::can_batch::batch;
use crate::access::{Question, Server, Where, no_question, unknown_namespace, unknown_user, warn};
use crate::exit;
use crate::failure::Failure;
use crate::options::{AccessOptions, Output, OutputFormat as _, Reading};
use crate::terminal::Terminal;
use clap::builder::NonEmptyStringValueParser;
use watertight_api::acting_as;
use watertight_model::User;
use watertight_render::{
    AccessQuestion, Inputs, ListQuestion, can_json, can_list_json, can_list_text, can_text,
};

/// Say whether somebody may do something, as the API server decides it by RBAC, and through which binding.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP, mut_arg("filename", |filename| filename.num_args(1)))]
pub(crate) struct Arguments {
    /// What they want to do: `get`, `list`, `create`… or `*`.
    verb: Option<String>,
    /// To what: `pods`, `deploy`, `deployments.apps/web`, `*`, or a path such as `/metrics`. What is behind the slash is
    /// the name of an object.
    #[arg(value_name = "RESOURCE[.GROUP][/NAME]")]
    resource: Option<String>,
    /// Who: a user, or `system:serviceaccount:NAMESPACE:NAME`.
    #[arg(long = "as", value_name = "USER", required_unless_present = "batch")]
    #[arg(value_parser = NonEmptyStringValueParser::new())]
    user: Option<String>,
    /// A group that they are in. It may be given several times. The groups that nobody of that name is without are added.
    #[arg(long = "as-group", value_name = "GROUP")]
    groups: Vec<String>,
    #[command(flatten)]
    place: Where,
    /// All that they may do: everywhere, and besides in each namespace, or with `-n` in one.
    #[arg(long, conflicts_with_all = ["verb", "resource", "subresource", "all_namespaces"])]
    list: bool,
    /// Many questions: a file, or `-` for stdin, in which each line is the `spec` of a SubjectAccessReview as JSON. Each
    /// answer is a line too. Exactly the groups that are given are used.
    #[arg(long, value_name = "FILE")]
    #[arg(conflicts_with_all = ["verb", "resource", "user", "groups", "subresource", "namespace", "all_namespaces", "list", "output"])]
    batch: Option<String>,
    #[command(flatten)]
    reading: Reading,
    #[command(flatten)]
    access: AccessOptions,
}

const AFTER_HELP: &str = "\
Examples:
  # May the pipeline of staging write to production?
  watertight can --as system:serviceaccount:staging:ci -n production \\
    create deployments -f k8s/

  # May somebody of a group read one Secret, or the logs of pods?
  watertight can --as jane --as-group dev get secrets/db -n shop -f k8s/
  watertight can --as jane --as-group dev get pods --subresource log -f k8s/

  # All that somebody may do
  watertight can --as jane --list -f k8s/

  # On a live cluster's objects
  kubectl get roles,rolebindings,clusterroles,clusterrolebindings,sa,crd \\
    -A -o json | watertight can --as jane delete pods -A -f -

  # Many questions, one line of JSON each
  watertight can -f k8s/ --batch questions.jsonl > answers.jsonl

Exit codes: 0 yes, 1 no, 2 the command failed, 3 unknown. With `--list` and
`--batch`, 0 means that all is known.";

/// The namespace in which kubectl asks unless another one is named.
const NAMESPACE: &str = "default";

/// Answers one question, lists, or answers many.
pub(crate) fn run(arguments: &Arguments, terminal: &mut Terminal<'_>) -> Result<u8, Failure> {
    let Arguments { verb, resource, user, groups, list, batch: questions, .. } = arguments;
    if let Some(questions) = questions {
        return batch(questions, &arguments.reading, &arguments.access, terminal);
    }
    // Only a batch is without a user.
    let user = acting_as(user.as_deref().unwrap_or_default(), groups);
    match (verb, resource) {
        _ if *list => arguments.list(&user, terminal),
        (Some(verb), Some(resource)) => arguments.one(&user, verb, resource, terminal),
        _ => Err(no_question()),
    }
}

impl Arguments {
    fn read(&self, terminal: &mut Terminal<'_>) -> Result<std::mem::ManuallyDrop<Read>, Failure> {
        Read::for_access(&self.reading, &self.access, terminal)
    }

    /// Whether somebody may do something.
    fn one(
        &self,
        user: &User,
        verb: &str,
        resource: &str,
        terminal: &mut Terminal<'_>,
    ) -> Result<u8, Failure> {
        let read = self.read(terminal)?;
        let snapshot = &read.ingested.snapshot;
        let Server { access, resources, version, mut warnings } = Server::new(snapshot, &self.access);
        let question = Question::new(verb, resource, &self.place, Some(NAMESPACE), &resources, snapshot)?;
        warnings.extend(unknown_user(&user.name, snapshot));
        warnings.extend(question.warnings);
        if self.reading.output.leaves_out_the_input() {
            warn(&warnings, terminal);
        }
        let answer = access.explain(user, &question.asked);
        let inputs = Inputs::new(&read.sources, &read.ingested.hidden);
        let question = AccessQuestion {
            asked: &question.asked,
            place: question.place,
            kubernetes_version: &version,
            warnings: &warnings,
        };
        let text = match self.reading.output {
            Output::Text => {
                let (colour, links) = (terminal.abilities.stdout_colour, terminal.abilities.stdout_links);
                let text = can_text(user, &question, &answer, &inputs, self.access.detail(), colour);
                read.linked(text, links)
            }
            Output::Json => {
                let digest = read.digest_for(Output::Json);
                can_json(user, &question, &answer, read.provenance(&inputs, &digest))?
            }
        };
        terminal.data(&text)?;
        Ok(exit::of_decision(answer.decision))
    }

    /// All that somebody may do.
    fn list(&self, user: &User, terminal: &mut Terminal<'_>) -> Result<u8, Failure> {
        let read = self.read(terminal)?;
        let snapshot = &read.ingested.snapshot;
        let Server { access, version, mut warnings, .. } = Server::new(snapshot, &self.access);
        let namespace = self.place.namespace.as_deref();
        warnings.extend(unknown_user(&user.name, snapshot));
        warnings.extend(namespace.and_then(|namespace| unknown_namespace(namespace, snapshot)));
        if self.reading.output.leaves_out_the_input() {
            warn(&warnings, terminal);
        }
        let list = access.list(user, namespace);
        let inputs = Inputs::new(&read.sources, &read.ingested.hidden);
        let question = ListQuestion { user, namespace, kubernetes_version: &version, warnings: &warnings };
        let text = match self.reading.output {
            Output::Text => {
                let (colour, links) = (terminal.abilities.stdout_colour, terminal.abilities.stdout_links);
                let text = can_list_text(question, &list, &inputs, self.access.detail(), colour);
                read.linked(text, links)
            }
            Output::Json => {
                let digest = read.digest_for(Output::Json);
                can_list_json(question, &list, read.provenance(&inputs, &digest))?
            }
        };
        terminal.data(&text)?;
        Ok(if list.is_complete { exit::ISOLATED } else { exit::UNKNOWN })
    }
}
