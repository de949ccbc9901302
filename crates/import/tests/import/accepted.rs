//! Whatever is written is an intent, whatever the files are.

use crate::support::{DIGEST, both, intent, question, source};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use watertight_import::{Host, Question, import};

fn name() -> impl Strategy<Value = String> {
    prop_oneof![12 => "[a-z][a-z0-9-]{0,10}[a-z0-9]", 3 => "[A-Za-z][A-Za-z_. -]{0,20}", 1 => "[0-9]{1,4}", 1 => ".{0,70}"]
}

/// A text in quotes, as YAML takes any.
fn quoted(text: &str) -> String {
    let escaped: String = text
        .chars()
        .map(|letter| {
            if letter.is_ascii_graphic() && !"\"\\".contains(letter) || letter == ' ' {
                letter.to_string()
            } else {
                format!("\\u{:04x}", u32::from(letter).min(0xd7ff))
            }
        })
        .collect();
    format!("\"{escaped}\"")
}

/// A value that a field may have, or may not.
fn odd() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("null".to_owned()),
        Just("[]".to_owned()),
        Just("{}".to_owned()),
        Just("true".to_owned()),
        Just("-1".to_owned()),
        Just("1.5".to_owned()),
        name().prop_map(|name| quoted(&name)),
    ]
}

fn or_odd(usual: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    prop_oneof![400 => usual, 1 => odd()]
}

fn amount() -> impl Strategy<Value = String> {
    or_odd(prop_oneof![
        (1_u32..9000).prop_map(|milli| format!("{milli}m")),
        (1_u32..40).prop_map(|number| number.to_string()),
        (1_u32..9000).prop_map(|number| format!("{number}Mi")),
        (1_u32..90).prop_map(|number| format!("{number}G")),
        (1_u32..90).prop_map(|number| format!("{number}M")),
        Just("0.24".to_owned()),
    ])
}

/// A mapping of these fields, of which the first `needed` are mostly there, and the others now and then.
fn with(needed: usize, fields: Vec<(&'static str, BoxedStrategy<String>)>) -> impl Strategy<Value = String> {
    let field = |(index, (key, value)): (usize, (&'static str, BoxedStrategy<String>))| {
        let often = if index < needed { 0.99 } else { 0.6 };
        prop::option::weighted(often, value.prop_map(move |value| format!("{key}: {value}")))
    };
    let fields: Vec<_> = fields.into_iter().enumerate().map(field).collect();
    fields.prop_map(|fields| format!("{{{}}}", fields.into_iter().flatten().collect::<Vec<_>>().join(", ")))
}

/// A mapping of some of these fields.
fn some(fields: Vec<(&'static str, BoxedStrategy<String>)>) -> impl Strategy<Value = String> {
    with(0, fields)
}

fn named(value: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    prop::collection::btree_map(name().prop_map(|name| quoted(&name)), value, 1..4).prop_map(|members| {
        let members: Vec<String> =
            members.into_iter().map(|(key, value)| format!("{key}: {value}")).collect();
        format!("{{{}}}", members.join(", "))
    })
}

fn listed(value: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    prop::collection::vec(value, 0..4).prop_map(|elements| format!("[{}]", elements.join(", ")))
}

fn text() -> impl Strategy<Value = String> {
    or_odd(prop_oneof![name().prop_map(|name| quoted(&name)), ".{0,30}".prop_map(|text| quoted(&text))])
}

fn number(max: u32) -> impl Strategy<Value = String> {
    or_odd(prop_oneof![60 => (1..=max).prop_map(|number| number.to_string()), 1 => Just("0".to_owned())])
}

fn application() -> impl Strategy<Value = String> {
    let scaling = some(vec![
        ("min_instances", number(3).boxed()),
        ("max_instances", number(900).boxed()),
        ("cpu_threshold", number(100).boxed()),
    ]);
    some(vec![
        ("project", text().boxed()),
        ("publicly_accessible", or_odd(Just("true".to_owned())).boxed()),
        ("dockerfile", text().boxed()),
        ("port", number(65_535).boxed()),
        ("cpu", amount().boxed()),
        ("ram", amount().boxed()),
        ("auto_scaling", scaling.boxed()),
        ("odd", odd().boxed()),
    ])
}

fn qovery() -> impl Strategy<Value = String> {
    let one = (name(), application()).prop_map(|(name, rest)| {
        let rest = rest.trim_start_matches('{').to_owned();
        let comma = if rest == "}" { "" } else { ", " };
        format!("{{name: {}{comma}{rest}", quoted(&name))
    });
    let stores = |types: &'static [&'static str]| {
        listed(with(
            2,
            vec![
                ("type", or_odd(prop::sample::select(types).prop_map(str::to_owned)).boxed()),
                ("name", text().boxed()),
                ("version", number(20).boxed()),
            ],
        ))
    };
    let domains = listed(some(vec![
        (
            "branch",
            or_odd(prop::sample::select(vec!["main", "staging", "x"]).prop_map(str::to_owned)).boxed(),
        ),
        (
            "domain",
            or_odd(prop::sample::select(vec!["a.example.com", "b.example.com", "c"]).prop_map(str::to_owned))
                .boxed(),
        ),
    ]));
    let paths = listed(prop::sample::select(vec!["/*", "/", "/api/*", "/a", "x", "/a*b"]).prop_map(quoted));
    let routes = listed(with(1, vec![("application_name", text().boxed()), ("paths", paths.boxed())]));
    let routers = listed(some(vec![
        ("name", text().boxed()),
        ("custom_domains", domains.boxed()),
        ("routes", routes.boxed()),
    ]));
    let application = prop_oneof![one.boxed(), named(application()).boxed()];
    let rest = some(vec![
        ("databases", stores(&["postgresql", "MYSQL", "mongodb", "oracle"]).boxed()),
        ("brokers", stores(&["redis", "rabbitmq"]).boxed()),
        ("routers", or_odd(routers).boxed()),
    ]);
    (application, rest).prop_map(|(application, rest)| {
        let rest = rest.trim_start_matches('{').to_owned();
        let comma = if rest == "}" { "" } else { ", " };
        format!("{{application: {application}{comma}{rest}")
    })
}

fn score() -> impl Strategy<Value = String> {
    let amounts = || some(vec![("cpu", amount().boxed()), ("memory", amount().boxed())]);
    let probe = || {
        let get =
            with(2, vec![("path", or_odd(Just("/ready".to_owned())).boxed()), ("port", number(4).boxed())]);
        with(1, vec![("httpGet", get.boxed())])
    };
    let image = prop_oneof![
        3 => Just(quoted(&format!("a/b@{DIGEST}"))),
        1 => Just("a/b:1".to_owned()),
        1 => text(),
    ];
    let variables = named(prop_oneof![
        text(),
        prop::sample::select(vec!["${resources.db.host}", "${metadata.name}-x", "${x}", "$${y}"])
            .prop_map(quoted),
    ]);
    let container = with(
        1,
        vec![
            ("image", image.boxed()),
            ("command", listed(text()).boxed()),
            ("args", listed(text()).boxed()),
            ("variables", variables.boxed()),
            ("resources", some(vec![("requests", amounts().boxed()), ("limits", amounts().boxed())]).boxed()),
            ("livenessProbe", probe().boxed()),
            ("readinessProbe", probe().boxed()),
        ],
    );
    let port = with(
        1,
        vec![
            ("port", number(4).boxed()),
            ("targetPort", number(4).boxed()),
            ("protocol", or_odd(Just("UDP".to_owned())).boxed()),
        ],
    );
    let params = some(vec![
        (
            "host",
            or_odd(
                prop::sample::select(vec!["a.example.com", "\"${resources.dns.host}\"", "B"])
                    .prop_map(str::to_owned),
            )
            .boxed(),
        ),
        ("path", or_odd(prop::sample::select(vec!["/", "/api", "x"]).prop_map(str::to_owned)).boxed()),
        ("port", number(4).boxed()),
    ]);
    let resource = with(
        1,
        vec![
            (
                "type",
                or_odd(
                    prop::sample::select(vec!["postgres", "redis", "route", "dns", "volume"])
                        .prop_map(str::to_owned),
                )
                .boxed(),
            ),
            ("id", text().boxed()),
            ("params", params.boxed()),
        ],
    );
    let ports = some(vec![("ports", named(port).boxed())]);
    (name(), ports, named(container), named(resource)).prop_map(|(name, ports, containers, resources)| {
        format!(
            "{{apiVersion: score.dev/v1b1, metadata: {{name: {}}}, service: {ports}, containers: {containers}, resources: {resources}}}",
            quoted(&name)
        )
    })
}

fn file() -> impl Strategy<Value = String> {
    prop_oneof![qovery(), score()]
}

/// How many questions are asked, and of how many an intent comes at least: random files are often refused.
const CASES: u32 = 1500;
const WRITTEN_MIN: u32 = 300;

#[test]
fn whatever_is_written_is_an_intent() {
    let files = prop::collection::vec(file(), 1..3);
    let hosts = prop::collection::vec(("staging|production", "[ab]\\.example\\.com"), 0..3);
    let written = std::cell::Cell::new(0);
    let mut runner =
        TestRunner::new_with_rng(Config::with_cases(CASES), TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let outcome = runner.run(&(files, any::<bool>(), hosts), |(files, served, hosts)| {
        let sources: Vec<_> =
            files.iter().enumerate().map(|(index, text)| source(&format!("{index}.yaml"), text)).collect();
        let host = |(environment, host)| Host { environment, application: None, host };
        let hosts: Vec<Host> = hosts.into_iter().map(host).collect();
        let ingress = watertight_import::Ingress {
            environment: None,
            namespace: "ingress-nginx".to_owned(),
            class: "nginx".to_owned(),
        };
        let environments = both();
        let answer = import(&Question {
            hosts: &hosts,
            ingresses: if served { std::slice::from_ref(&ingress) } else { &[] },
            ..question(&sources, &environments)
        });
        // What stands without a place is about what was given beside the files: what is written is refused for nothing.
        for found in answer.diagnostics.iter().filter(|found| found.at.is_none()) {
            prop_assert!(found.message.contains("--host"), "{found:?}\n{files:#?}");
        }
        if let Some(text) = answer.text {
            intent(&text);
            written.set(written.get() + 1);
        }
        Ok(())
    });
    assert_eq!(outcome, Ok(()));
    assert!(written.get() >= WRITTEN_MIN, "only {} were written", written.get());
}
