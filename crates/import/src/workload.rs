//! An application of a foreign file, as far as the short form of an intent has room for it.

use crate::draft::Application;
use watertight_base::{Quantity, Span};
use watertight_yaml::{Value, mapping};

/// An application with one image.
#[derive(Debug, Clone)]
pub(crate) struct Workload {
    /// Its name, and where it stands.
    pub(crate) name: String,
    pub(crate) span: Span,
    /// Its image, if that is known by digest, and else what to put into its place.
    pub(crate) image: Result<String, String>,
    pub(crate) command: Vec<String>,
    pub(crate) args: Vec<String>,
    pub(crate) ports: Vec<Port>,
    pub(crate) env: Vec<(String, String)>,
    /// Variables whose values are in the Secret of the application's name, under the key of the variable's.
    pub(crate) secrets: Vec<String>,
    pub(crate) resources: Resources,
    pub(crate) scaling: Scaling,
    /// The name of each probe, with what it asks.
    pub(crate) probes: Vec<(&'static str, Probe)>,
    /// Where it is to be reached from outside.
    pub(crate) entries: Vec<Entry>,
    /// The routes that come of that: the environment, and what each says.
    pub(crate) routes: Vec<(String, Vec<Route>)>,
    pub(crate) stores: Vec<String>,
    /// What is still to be done before it can run.
    pub(crate) to_do: Vec<String>,
}

/// A port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Port {
    pub(crate) name: String,
    pub(crate) container_port: u16,
    pub(crate) port: u16,
    pub(crate) protocol: &'static str,
}

/// An amount, and where it stands.
pub(crate) type Amount = Option<(Quantity, Span)>;

/// What a container asks for and may take.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Resources {
    pub(crate) requests: Amounts,
    pub(crate) limits: Amounts,
}

/// Amounts of the resources that files of others know.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Amounts {
    pub(crate) cpu: Amount,
    pub(crate) memory: Amount,
}

/// How many pods there are.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Scaling {
    pub(crate) min: Option<u32>,
    pub(crate) max: Option<u32>,
    pub(crate) cpu: Option<u32>,
}

/// A question by HTTP.
#[derive(Debug, Clone)]
pub(crate) struct Probe {
    pub(crate) port: String,
    pub(crate) path: String,
}

/// A wish to be reached from outside.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) path: String,
    /// The name of the port that answers.
    pub(crate) port: String,
    /// Hosts that the file says, each with the environment whose it is.
    pub(crate) hosts: Vec<(String, String)>,
    pub(crate) span: Span,
}

/// A host and a path that lead to a port.
#[derive(Debug, Clone)]
pub(crate) struct Route {
    pub(crate) host: String,
    pub(crate) path: String,
    pub(crate) port: String,
}

impl Workload {
    /// One of which nothing is known but its name.
    pub(crate) fn new(name: String, span: Span) -> Self {
        Self {
            image: Err(format!("REGISTRY/{name}@sha256:DIGEST")),
            name,
            span,
            command: Vec::new(),
            args: Vec::new(),
            ports: Vec::new(),
            env: Vec::new(),
            secrets: Vec::new(),
            resources: Resources::default(),
            scaling: Scaling::default(),
            probes: Vec::new(),
            entries: Vec::new(),
            routes: Vec::new(),
            stores: Vec::new(),
            to_do: Vec::new(),
        }
    }

    /// As it is written in an intent: what is the default is left out.
    pub(crate) fn draft(self) -> Application {
        let mut members: Vec<(&str, Value)> = vec![("name", self.name.as_str().into())];
        let image = match &self.image {
            Ok(image) | Err(image) => image.as_str(),
        };
        members.push(("image", image.into()));
        let mut list = |key, elements: Vec<Value>| {
            if !elements.is_empty() {
                members.push((key, Value::List(elements)));
            }
        };
        list("command", self.command.iter().map(|word| word.as_str().into()).collect());
        list("args", self.args.iter().map(|word| word.as_str().into()).collect());
        list("ports", self.ports.iter().map(Port::value).collect());
        let env = |(name, value): &(String, String)| {
            mapping([("name", name.as_str().into()), ("value", value.as_str().into())])
        };
        list("env", self.env.iter().map(env).collect());
        let secret = |name: &String| {
            mapping([
                ("name", name.as_str().into()),
                ("secret", self.name.as_str().into()),
                ("key", name.as_str().into()),
            ])
        };
        list("secrets", self.secrets.iter().map(secret).collect());
        let mut object = |key, fields: Vec<(&str, Value)>| {
            if !fields.is_empty() {
                members.push((key, owned(fields)));
            }
        };
        object("resources", self.resources.fields());
        object("scaling", self.scaling.fields());
        object("probes", self.probes.iter().map(|(name, probe)| (*name, probe.value())).collect());
        if !self.routes.is_empty() {
            let overrides = self.routes.iter().map(|(environment, routes)| {
                let routes = routes.iter().map(Route::value).collect();
                mapping([("environment", environment.as_str().into()), ("routes", Value::List(routes))])
            });
            members.push(("overrides", Value::List(overrides.collect())));
        }
        Application { value: owned(members), to_do: self.to_do, stores: self.stores }
    }
}

impl Port {
    fn value(&self) -> Value {
        let mut fields = vec![
            ("name", self.name.as_str().into()),
            ("containerPort", Value::Integer(self.container_port.into())),
        ];
        if self.port != self.container_port {
            fields.push(("port", Value::Integer(self.port.into())));
        }
        if self.protocol != "TCP" {
            fields.push(("protocol", self.protocol.into()));
        }
        owned(fields)
    }
}

impl Resources {
    fn fields(&self) -> Vec<(&'static str, Value)> {
        let sides = [("requests", self.requests), ("limits", self.limits)];
        let fields = sides.into_iter().map(|(name, amounts)| (name, amounts.fields()));
        fields.filter(|(_, fields)| !fields.is_empty()).map(|(name, fields)| (name, owned(fields))).collect()
    }
}

impl Amounts {
    fn fields(self) -> Vec<(&'static str, Value)> {
        let amounts = [("cpu", self.cpu), ("memory", self.memory)];
        amounts.into_iter().filter_map(|(name, amount)| Some((name, amount?.0.to_string().into()))).collect()
    }
}

impl Scaling {
    fn fields(self) -> Vec<(&'static str, Value)> {
        let min = self.min.filter(|min| *min != 1);
        let max = self.max.filter(|max| *max != self.min.unwrap_or(1));
        // Without autoscaling nobody looks at the share.
        let cpu = self.cpu.filter(|cpu| *cpu != 80 && max.is_some());
        let fields = [("min", min), ("max", max), ("cpu", cpu)];
        fields.into_iter().filter_map(|(name, number)| Some((name, Value::Integer(number?.into())))).collect()
    }
}

impl Probe {
    fn value(&self) -> Value {
        mapping([("port", self.port.as_str().into()), ("path", self.path.as_str().into())])
    }
}

impl Route {
    fn value(&self) -> Value {
        let mut fields = vec![("host", self.host.as_str().into())];
        if self.path != "/" {
            fields.push(("path", self.path.as_str().into()));
        }
        fields.push(("port", self.port.as_str().into()));
        owned(fields)
    }
}

/// A mapping of these fields.
pub(crate) fn owned(fields: Vec<(&str, Value)>) -> Value {
    Value::Mapping(fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}
