//! `watertight import`: files of others into an intent.

use crate::exit;
use crate::failure::Failure;
use crate::input;
use crate::intent_file::{IntentFile, name};
use crate::terminal::Terminal;
use watertight_import::{Host, Ingress, Question};
use watertight_intent::Format;

/// Write an intent from files of others: .qovery.yml and score.yaml.
///
/// What the files do not say and an intent needs is given by options, or it is
/// left to be filled in: as a comment in the intent, with a word on stderr. So
/// is what an intent does not say. Values that look like credentials are never
/// copied.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// A `.qovery.yml` or a `score.yaml`, or `-` for stdin. Several become one intent.
    #[arg(value_name = "FILE", required = true)]
    files: Vec<String>,
    #[command(flatten)]
    output: IntentFile,
    /// An environment; it may be given several times.
    #[arg(long, value_name = "NAME", value_parser = name, default_values = ["staging", "production"])]
    env: Vec<String>,
    /// The image of an application, by its digest.
    #[arg(long, value_name = "APPLICATION=IMAGE@sha256:DIGEST", value_parser = image)]
    image: Vec<(String, String)>,
    /// The port on which the container of an application listens, where a file does not say it.
    #[arg(long, value_name = "APPLICATION=NUMBER", value_parser = port)]
    port: Vec<(String, u16)>,
    /// A host of an environment, for one application or for all that are reached from outside.
    #[arg(long, value_name = "ENVIRONMENT[/APPLICATION]=HOST", value_parser = host)]
    host: Vec<Host>,
    /// Who serves routes: the namespace of the ingress controller, and its IngressClass. Each environment that is reached from outside
    /// needs one of its own.
    #[arg(long, value_name = "[ENVIRONMENT=]NAMESPACE/CLASS", value_parser = ingress)]
    ingress: Vec<Ingress>,
}

const AFTER_HELP: &str = "\
Examples:
  # What is missing is said on stderr
  watertight import .qovery.yml

  # All of it
  watertight import .qovery.yml --output-file watertight.yaml \\
    --image shop=registry.example.com/shop@sha256:8d9001d3… \\
    --ingress staging=ingress-staging/staging \\
    --ingress production=ingress-production/production \\
    --host staging=shop.staging.example.com --host production=shop.example.com

  # Workloads of a team into one intent with three environments
  watertight import */score.yaml --name shop \\
    --env dev --env staging --env production

Exit codes: 0 an intent was written, 2 the command failed.";

fn image(text: &str) -> Result<(String, String), String> {
    let (application, image) = crate::options::pair(text)?;
    Format::Image
        .check(&image)
        .map_err(|why| format!("`{image}` {why}: write `IMAGE@sha256:` and its 64 digits"))?;
    Ok((application, image))
}

fn port(text: &str) -> Result<(String, u16), String> {
    let (application, number) = crate::options::pair(text)?;
    let number = number.parse().ok().filter(|number| *number > 0);
    Ok((application, number.ok_or("a port is a number from 1 to 65535")?))
}

fn host(text: &str) -> Result<Host, String> {
    let (of, host) = crate::options::pair(text)?;
    Format::Host.check(&host).map_err(|why| format!("`{host}` {why}"))?;
    let (environment, application) = match of.split_once('/') {
        Some((environment, application)) => (environment.to_owned(), Some(application.to_owned())),
        None => (of, None),
    };
    Ok(Host { environment, application, host })
}

fn ingress(text: &str) -> Result<Ingress, String> {
    let (environment, place) = match text.split_once('=') {
        Some((environment, place)) => (Some(environment.to_owned()), place),
        None => (None, text),
    };
    let (namespace, class) =
        place.split_once('/').ok_or("it is `NAMESPACE/CLASS`, such as `ingress-nginx/nginx`")?;
    Format::Name.check(namespace).map_err(|why| format!("`{namespace}` {why}"))?;
    Format::Subdomain.check(class).map_err(|why| format!("`{class}` {why}"))?;
    Ok(Ingress { environment, namespace: namespace.to_owned(), class: class.to_owned() })
}

/// Reads the files, and writes the intent.
pub(crate) fn run(arguments: &Arguments, terminal: &mut Terminal<'_>) -> Result<u8, Failure> {
    let Arguments { files, output, env, image, port, host, ingress } = arguments;
    output.check()?;
    let sources = input::read(files, terminal.stdin, input::BYTES_MAX)?;
    let written = watertight_import::import(&Question {
        sources: &sources,
        name: output.name.as_deref(),
        environments: env,
        images: image,
        ports: port,
        hosts: host,
        ingresses: ingress,
    });
    output.write(&written, &sources, 0, terminal)?;
    Ok(exit::ISOLATED)
}
