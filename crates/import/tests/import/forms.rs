//! Each form of a foreign file, as it is read.

use crate::support::{DIGEST, both, imported, intent, question, rules, shown, source};
use watertight_import::{Host, Question, import};

/// As public repositories hold it: an application with a name.
const QOVERY: &str = "\
application:
  name: contest
  project: Contest Web
  organization: QoveryCommunity
  cloud_region: eu-west-3
  dockerfile: Dockerfile
  port: \"3000\"
  cpu: 500m
  ram: 1GB
  storage:
    - {name: data, size: \"200\", type: fast_ssd, mount_point: /data}
databases:
  - type: POSTGRESQL
    version: 12
    name: contest-postgresql
brokers:
  - {type: rabbitmq, name: queue}
routers:
  - name: main-contest
    custom_domains:
      - {branch: master, domain: contest.example.com}
      - {branch: feature, domain: feature.example.com}
    routes:
      - application_name: contest
        paths: [/*, /api/*]
      - application_name: other
        paths: [/other]
";

/// As it was published in an article: a mapping for each application.
const QOVERY_BY_NAME: &str = "\
application:
  shop:
    build_mode: DOCKER
    auto_scaling:
      min_instances: 2
      max_instances: 40
      cpu_threshold: 60
  mail: {}
";

const SCORE: &str = r#"apiVersion: score.dev/v1b1
metadata:
  name: hello
  annotations: {example.com/team: shop}
service:
  ports:
    www: {port: 80, targetPort: 3000}
    a-port-with-a-long-name: {port: 9000, protocol: UDP}
containers:
  main:
    image: registry.example.com/hello:1.2
    command: [/bin/hello]
    args: [--verbose]
    variables:
      GREETING: "hello from ${metadata.name}, costs $${PRICE}"
      STRIPE_KEY: sk_live_0123456789abcdef
      QUEUE: amqp://shop:hunter2@queue/
      DB_HOST: ${resources.db.host}
      WHO: ${nobody.knows}
    resources:
      requests: {cpu: 700m, memory: 64M}
      limits: {memory: 128Mi}
    livenessProbe: {httpGet: {port: 3000, path: /livez}}
    readinessProbe: {httpGet: {port: 3001, path: /readyz}}
    files:
      - {target: /etc/hello, content: "hunter2"}
    volumes:
      - {source: "${resources.disk}", target: /data}
resources:
  dns: {type: dns}
  route: {type: route, params: {host: "${resources.dns.host}", path: /hello, port: 80}}
  db: {type: postgres, class: large, id: orders-db}
  cache: {type: redis}
  queue: {type: amqp}
  disk: {type: volume}
"#;

#[test]
fn qovery_with_a_name() {
    insta::assert_snapshot!(shown(&imported(".qovery.yml", QOVERY), &[source(".qovery.yml", QOVERY)]));
}

#[test]
fn qovery_by_names() {
    insta::assert_snapshot!(shown(
        &imported(".qovery.yml", QOVERY_BY_NAME),
        &[source(".qovery.yml", QOVERY_BY_NAME)]
    ));
}

#[test]
fn score() {
    insta::assert_snapshot!(shown(&imported("score.yaml", SCORE), &[source("score.yaml", SCORE)]));
}

#[test]
fn what_options_say_is_no_gap() {
    let sources = [source("score.yaml", SCORE), source("shop/.qovery.yml", QOVERY)];
    let image = |name: &str| (name.to_owned(), format!("registry.example.com/{name}@{DIGEST}"));
    let host = |environment: &str, application: Option<&str>, host: &str| Host {
        environment: environment.to_owned(),
        application: application.map(str::to_owned),
        host: host.to_owned(),
    };
    let written = import(&Question {
        name: Some("shop"),
        images: &[image("hello"), image("contest")],
        ports: &[("contest".to_owned(), 8080)],
        hosts: &[
            host("staging", None, "staging.example.com"),
            host("production", Some("hello"), "hello.example.com"),
        ],
        ingresses: &[nginx(None)],
        ..question(&sources, &both())
    });
    let intent = intent(written.text.as_deref().unwrap());
    assert_eq!(intent.applications.len(), 2);
    insta::assert_snapshot!(written.text.unwrap());
}

#[test]
fn a_host_that_is_given_to_one_environment_is_none_of_another() {
    let sources = [source(".qovery.yml", QOVERY)];
    let host =
        Host { environment: "staging".to_owned(), application: None, host: "contest.example.com".to_owned() };
    let written = import(&Question {
        images: &[("contest".to_owned(), format!("registry.example.com/contest@{DIGEST}"))],
        hosts: &[host],
        ingresses: &[nginx(None)],
        ..question(&sources, &both())
    });
    let intent = intent(written.text.as_deref().unwrap());
    let routes: Vec<usize> = intent.applications[0]
        .placements
        .iter()
        .map(|placement| match &placement.source {
            watertight_intent::PlacedSource::Workload(workload) => workload.routes.len(),
            _ => 0,
        })
        .collect();
    assert_eq!(routes, [2, 0]);
    assert!(written.diagnostics.iter().any(|found| found.message.contains("leads elsewhere already")));
}

#[test]
fn wrong_types_are_all_shown_at_their_lines_and_nothing_is_written() {
    let text = "\
apiVersion: score.dev/v1b1
metadata: {name: hello}
service: {ports: {www: {port: http}}}
containers:
  main:
    image: 7
    command: /bin/hello
    variables: {PIN: 1234, LEVEL: null}
    resources: {limits: {cpu: lots}}
resources: [db]
";
    let written = imported("score.yaml", text);
    assert_eq!((written.text.as_ref(), rules(&written)), (None, vec!["invalid-value", "wrong-type"]));
    insta::assert_snapshot!(shown(&written, &[source("score.yaml", text)]));
}

#[test]
fn what_is_neither_is_refused() {
    for text in ["", "kind: Deployment\napiVersion: apps/v1\n", "- 1\n", "hello"] {
        let written = imported("x.yaml", text);
        assert_eq!((written.text.as_ref(), rules(&written)), (None, vec!["not-importable"]), "{text}");
    }
    assert_eq!(rules(&imported("x.yaml", "a: [")), ["unparsable"]);
    assert_eq!(rules(&imported("x.yaml", "apiVersion: score.dev/v2\n")), ["invalid-value"]);
    assert_eq!(rules(&imported("x.yaml", "application: {}\n")), ["missing-field"]);
    assert_eq!(rules(&imported("x.yaml", "application: [1]\n")), ["wrong-type"]);
}

#[test]
fn options_that_fit_nothing_are_errors() {
    let sources = [
        source("a/.qovery.yml", "application: {name: shop}"),
        source("b/.qovery.yml", "application: {name: shop}"),
    ];
    let environments = ["staging", "staging", "default"].map(str::to_owned);
    let hosts = ["staging", "qa"].map(|environment| Host {
        environment: environment.to_owned(),
        application: Some("mail".to_owned()),
        host: "shop.example.com".to_owned(),
    });
    let written = import(&Question { hosts: &hosts, ..question(&sources, &environments) });
    assert_eq!(written.text, None);
    insta::assert_snapshot!(shown(&written, &sources));
}

fn nginx(environment: Option<&str>) -> watertight_import::Ingress {
    let name = environment.map_or("nginx".to_owned(), |name| format!("nginx-{name}"));
    watertight_import::Ingress {
        environment: environment.map(str::to_owned),
        namespace: format!("ingress-{name}"),
        class: name,
    }
}

/// A `score.yaml` with these lines in its container, and these resources.
fn score_with(container: &str, resources: &str) -> String {
    format!(
        "apiVersion: score.dev/v1b1\nmetadata: {{name: hello}}\nservice: {{ports: {{www: {{port: 80}}}}}}\ncontainers:\n  main:\n    image: a/b@{DIGEST}\n    {container}\nresources: {resources}\n"
    )
}

/// What is said of a file of which an intent is written all the same.
fn said_of(name: &str, text: &str) -> Vec<String> {
    let written = imported(name, text);
    assert!(written.text.is_some(), "{:#?}", written.diagnostics);
    written.diagnostics.into_iter().map(|found| found.message).collect()
}

#[test]
fn what_no_intent_says_of_a_score_is_told_and_stops_nothing() {
    for (container, resources, told) in [
        (
            "livenessProbe: {exec: {command: [\"true\"]}}",
            "{}",
            "the command of the liveness probe is not carried over",
        ),
        (
            "readinessProbe: {exec: {command: [\"true\"]}, httpGet: {path: /, port: 80}}",
            "{}",
            "the command of the readiness probe is not carried over",
        ),
        ("readinessProbe: {}", "{}", "the readiness probe asks nothing"),
        ("before: {other: {ready: started}}", "{}", "in which order containers start"),
        ("files: {/etc/a: {content: a}}", "{}", "`files` are not carried over"),
        ("volumes: {/data: {source: a}}", "{}", "`volumes` are not carried over"),
        ("variables:", "{dns: {type: dns}}", "the resource `dns` is a host that nobody makes here"),
        ("args: []", "{dns: {type: dns, id: shared}}", "`id` of the resource `dns` is not carried over"),
        (
            "args: []",
            "{db: {type: postgres, params: {size: 5}}}",
            "`params` of the resource `db` is not carried over",
        ),
        ("args: []", "{db: {type: postgres, id: \"...\"}}", "nothing of the name of this store"),
        (
            "args: []",
            "{way: {type: route, params: {host: \"${resources.dns.host}\", port: 80}}}",
            "the host of a route is not known",
        ),
        (
            "args: []",
            "{way: {type: route, params: {path: \"${resources.dns.path}\", port: 80}}}",
            "the path of a route is none of an intent",
        ),
        ("args: []", "{way: {type: route, params: {host: under_score, port: 80}}}", "a host "),
    ] {
        let said = said_of("score.yaml", &score_with(container, resources));
        assert!(said.iter().any(|message| message.starts_with(told)), "{told}: {said:#?}");
    }
}

#[test]
fn keys_with_nothing_behind_them_say_nothing() {
    let score = score_with("variables:\n    resources: {requests:, limits: }", "");
    assert_eq!(said_of("score.yaml", &score), Vec::<String>::new());
    let text = "application: {name: shop, port: 80}\ndatabases:\nbrokers:\nrouters:\n";
    let said = said_of(".qovery.yml", text);
    assert!(said.iter().all(|message| message.contains("by its digest")), "{said:#?}");
    let text = "application:\n  shop:\n  mail: {port: 80}\n";
    assert!(said_of(".qovery.yml", text).iter().any(|message| message.contains("`shop`")));
}

#[test]
fn numbers_of_instances_that_no_intent_knows_become_the_nearest() {
    for (scaling, told, written) in [
        ("{max_instances: -1}", "`max_instances` sets no bound", "max: 1000"),
        ("{max_instances: \"-1\"}", "`max_instances` sets no bound", "max: 1000"),
        ("{min_instances: 2, max_instances: -1}", "`max_instances` sets no bound", "min: 2"),
        ("{min_instances: 0, max_instances: 3}", "`min_instances` is 0", "max: 3"),
        ("{max_instances: 5000}", "`max_instances` is 5000", "max: 1000"),
        ("{max_instances: 3, cpu_threshold: 0}", "`cpu_threshold` is 0", "cpu: 1"),
    ] {
        let text = format!("application: {{name: shop, auto_scaling: {scaling}}}\n");
        let answer = imported(".qovery.yml", &text);
        let shown = shown(&answer, &[source(".qovery.yml", &text)]);
        let is_told = |found: &watertight_base::Diagnostic| found.message.starts_with(told);
        assert!(answer.diagnostics.iter().any(is_told), "{shown}");
        assert!(answer.text.unwrap().contains(written), "{shown}");
    }
}

#[test]
fn memory_without_a_unit_is_in_megabytes() {
    for (memory, written) in [("512", "512Mi"), ("512Mb", "512M"), ("1Gi", "1Gi")] {
        let text = format!("application: {{name: shop, memory: {memory}}}\n");
        let answer = imported(".qovery.yml", &text);
        let shown = shown(&answer, &[source(".qovery.yml", &text)]);
        assert!(answer.text.is_some_and(|text| text.contains(&format!("memory: \"{written}\""))), "{shown}");
    }
}
