//! Stores.

use super::Known;
use crate::fields::Fields;
use crate::findings::Findings;
use crate::intent::{Endpoint, Engine, EnvironmentId, Spanned, Store};
use crate::names::repeated;
use crate::schema::ENGINES;

pub(super) fn read(fields: Fields<'_>, known: &Known, findings: &mut Findings) -> Store {
    let name = fields.required("name");
    let engine = fields.parsed("engine", |word| {
        ENGINES.into_iter().find(|(name, _)| *name == word).map(|(name, port)| Engine { name, port })
    });
    let engine = engine.unwrap_or(Spanned::new(Engine { name: "", port: 0 }, name.span));
    let endpoints = fields.objects("endpoints");
    let environments: Vec<Spanned<String>> =
        endpoints.iter().map(|endpoint| endpoint.required("environment")).collect();
    repeated(&environments, "environment", findings);
    let mut endpoint = |fields: Fields<'_>| {
        let environment = fields.required("environment");
        let host = fields.required("host");
        Some(Endpoint {
            environment: known.environments.id(&environment, EnvironmentId, findings)?,
            cidrs: fields.texts("cidrs"),
            port: fields.integer("port").unwrap_or(Spanned::new(engine.value.port, host.span)),
            host,
        })
    };
    let endpoints = endpoints.into_iter().filter_map(&mut endpoint).collect();
    Store { name, engine, endpoints, span: fields.span() }
}
