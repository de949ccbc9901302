//! Walls: one for each ordered pair of environments, with what is said about some of them.

use super::{Known, access, protocol};
use crate::fields::Fields;
use crate::findings::Findings;
use crate::formats::date::Date;
use crate::intent::{
    ApplicationId, Boundary, Environment, EnvironmentId, Exception, ExceptionAllows, Promise, Role, Spanned,
    Subject,
};
use crate::rules;
use watertight_base::Span;

/// All walls. A pair that is not listed has every promise and no exception.
pub(super) fn read(
    list: &[Fields<'_>],
    environments: &[Environment],
    known: &Known,
    today: Date,
    findings: &mut Findings,
) -> Vec<Boundary> {
    let mut boundaries: Vec<Boundary> = pairs(environments.len())
        .map(|(from, to)| {
            let at = environments[to.0].name.span;
            Boundary { from, to, promises: all(at), exceptions: Vec::new(), span: at }
        })
        .collect();
    let mut said: Vec<(EnvironmentId, EnvironmentId)> = Vec::new();
    for fields in list {
        let (from, to) = (fields.required("from"), fields.required("to"));
        let from_id = known.environments.id(&from, EnvironmentId, findings);
        let to_id = known.environments.id(&to, EnvironmentId, findings);
        let exceptions: Vec<Exception> = fields
            .objects("exceptions")
            .into_iter()
            .filter_map(|fields| exception(fields, known, today, findings))
            .collect();
        let (Some(from_id), Some(to_id)) = (from_id, to_id) else { continue };
        let pair = (from_id.value, to_id.value);
        if pair.0 == pair.1 {
            let message = format!("a boundary is from `{}` to itself", from.value);
            findings.error(rules::INVALID_VALUE, message, to.span, "the same", "name two environments");
            continue;
        }
        if said.contains(&pair) {
            let message =
                format!("the boundary from `{}` to `{}` is there more than once", from.value, to.value);
            findings.error(
                rules::REPEATED_NAME,
                message,
                fields.span(),
                "the same again",
                "make one of the two",
            );
            continue;
        }
        said.push(pair);
        let Some(boundary) = boundaries.iter_mut().find(|known| (known.from, known.to) == pair) else {
            continue;
        };
        boundary.span = fields.span();
        boundary.promises = promises(*fields);
        boundary.exceptions = exceptions;
        for exception in &boundary.exceptions {
            is_needed(exception, &boundary.promises, findings);
        }
    }
    boundaries
}

/// Every ordered pair of different environments.
fn pairs(count: usize) -> impl Iterator<Item = (EnvironmentId, EnvironmentId)> {
    let pair = move |from: usize| (0..count).map(move |to| (EnvironmentId(from), EnvironmentId(to)));
    (0..count).flat_map(pair).filter(|(from, to)| from != to)
}

fn all(at: Span) -> Vec<Spanned<Promise>> {
    Promise::ALL.into_iter().map(|promise| Spanned::new(promise, at)).collect()
}

fn promises(fields: Fields<'_>) -> Vec<Spanned<Promise>> {
    let written = fields.texts("promises");
    if written.is_empty() {
        return all(fields.span());
    }
    let of = |promise: Promise| {
        let word = written.iter().find(|word| word.value == promise.name())?;
        Some(Spanned::new(promise, word.span))
    };
    Promise::ALL.into_iter().filter_map(of).collect()
}

/// An exception from what is not promised lets nothing through that is held back.
fn is_needed(exception: &Exception, promises: &[Spanned<Promise>], findings: &mut Findings) {
    let promise = match exception.allows {
        ExceptionAllows::Connection { .. } => Promise::Network,
        ExceptionAllows::Access { .. } => Promise::Api,
    };
    if promises.iter().any(|given| given.value == promise) {
        return;
    }
    let name = promise.name();
    findings.error(
        rules::INVALID_VALUE,
        format!("an exception is about the channel `{name}`, on which nothing is promised"),
        exception.span,
        "an exception from nothing",
        format!("add `{name}` to `promises`, or leave the exception out"),
    );
}

fn exception(fields: Fields<'_>, known: &Known, today: Date, findings: &mut Findings) -> Option<Exception> {
    let expires = fields.parsed("expires", Date::parse);
    if let Some(expires) = expires.filter(|expires| expires.value < today) {
        let owner = fields.required("owner").value;
        findings.error(
            rules::EXPIRED_EXCEPTION,
            format!("an exception of `{owner}` expired on {}, and today is {today}", expires.value),
            expires.span,
            "in the past",
            format!("take it out, or have `{owner}` decide on a later day"),
        );
    }
    let connection = fields.object("connection").map(|fields| connection(fields, known, findings));
    let access = fields.object("access").map(|fields| grant(fields, findings));
    Some(Exception {
        allows: connection.flatten().or(access.flatten())?,
        reason: fields.required("reason"),
        owner: fields.required("owner"),
        expires: expires?,
        span: fields.span(),
    })
}

fn connection(fields: Fields<'_>, known: &Known, findings: &mut Findings) -> Option<ExceptionAllows> {
    let from = fields.text("from").map(|name| known.applications.id(&name, ApplicationId, findings));
    let to = fields.required("to");
    let id = known.applications.id(&to, ApplicationId, findings);
    Some(ExceptionAllows::Connection {
        from: match from {
            Some(from) => Some(from?),
            None => None,
        },
        to: id?,
        ports: fields.integers("ports"),
        protocol: protocol(fields, to.span),
    })
}

fn grant(fields: Fields<'_>, findings: &mut Findings) -> Option<ExceptionAllows> {
    let mut named = |name: &str, make: fn(String) -> Subject| {
        let text = fields.text(name)?;
        access::is_somebody(&text, findings);
        Some(Spanned::new(make(text.value), text.span))
    };
    let subject = named("user", Subject::User).or_else(|| named("group", Subject::Group));
    let of_account = |account: Fields<'_>| {
        Spanned::new(Subject::ServiceAccount(access::service_account(account)), account.span())
    };
    let role = access::role(fields).unwrap_or(Spanned::new(Role::View, fields.span()));
    Some(ExceptionAllows::Access {
        subject: subject.or_else(|| fields.object("serviceAccount").map(of_account))?,
        role,
    })
}
