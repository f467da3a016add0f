use crate::Actor;
use crate::failure::Outcome;
use crate::tick::Tick;
use serde_json::{Value, json};
use std::sync::Arc;

type Factory = Box<dyn Fn() -> Box<dyn Actor> + Send + Sync>;

/// Takes the templates of a pack.
#[derive(Default)]
pub struct PackHost {
    pub(crate) templates: Vec<Template>,
}

/// The factory of an instance, and its description. Ports and config are lists such as
/// `"left: number, right?: number[]"`, with the types of TypeScript.
pub struct Template {
    pub(crate) name: String,
    pub(crate) factory: Factory,
    inports: String,
    outports: String,
    config: String,
    description: String,
    blocking: bool,
}

impl PackHost {
    /// Adds a template whose instances `factory` creates.
    pub fn template<A: Actor>(&mut self, name: &str, factory: impl Fn() -> A + Send + Sync + 'static) -> &mut Template {
        self.templates.push(Template {
            name: name.to_owned(),
            factory: Box::new(move || Box::new(factory())),
            inports: String::new(),
            outports: String::new(),
            config: String::new(),
            description: String::new(),
            blocking: false,
        });
        self.templates.last_mut().expect("it was pushed")
    }

    /// Adds a template without state.
    pub fn stateless(
        &mut self,
        name: &str,
        run: impl Fn(&mut Tick) -> Outcome + Send + Sync + 'static,
    ) -> &mut Template {
        let run = Arc::new(run);
        self.template(name, move || Stateless(run.clone()))
    }
}

struct Stateless<F>(Arc<F>);

impl<F: Fn(&mut Tick) -> Outcome + Send + Sync + 'static> Actor for Stateless<F> {
    fn run(&mut self, tick: &mut Tick) -> Outcome {
        (self.0)(tick)
    }
}

impl Template {
    pub fn inports(&mut self, ports: &str) -> &mut Self {
        self.inports = ports.to_owned();
        self
    }

    pub fn outports(&mut self, ports: &str) -> &mut Self {
        self.outports = ports.to_owned();
        self
    }

    pub fn config(&mut self, keys: &str) -> &mut Self {
        self.config = keys.to_owned();
        self
    }

    pub fn description(&mut self, text: &str) -> &mut Self {
        self.description = text.to_owned();
        self
    }

    /// A tick may take long and must not run on the host's own thread.
    pub fn blocking(&mut self) -> &mut Self {
        self.blocking = true;
        self
    }

    pub(crate) fn describe(&self) -> Value {
        let (inports, outports) = (ports_in(&self.inports), ports_in(&self.outports));
        let mut types = serde_json::Map::new();
        let mut add = |ports: &[Port], name: &dyn Fn(&str) -> String| {
            for port in ports {
                if let Some(text) = port.type_text {
                    let optional = if port.optional { " | undefined" } else { "" };
                    types.insert(name(port.name), format!("{text}{optional}").into());
                }
            }
        };
        let taken = |name: &str| inports.iter().any(|port| port.name == name);
        add(&inports, &str::to_owned);
        add(&outports, &|name| if taken(name) { format!("out.{name}") } else { name.to_owned() });
        add(&ports_in(&self.config), &|name| format!("config.{name}"));
        let names = |ports: &[Port]| ports.iter().map(|port| port.name.to_owned()).collect::<Vec<_>>();
        json!({
            "name": self.name, "inports": names(&inports), "outports": names(&outports), "types": types,
            "blocking": self.blocking, "description": self.description,
        })
    }
}

struct Port<'a> {
    name: &'a str,
    type_text: Option<&'a str>,
    optional: bool,
}

fn ports_in(list: &str) -> Vec<Port<'_>> {
    let (mut depth, mut before) = (0i32, ' ');
    let parts = list.split(|c: char| {
        match c {
            '<' | '(' | '[' | '{' => depth += 1,
            '>' if before == '=' => {}
            '>' | ')' | ']' | '}' => depth -= 1,
            _ => {}
        }
        before = c;
        c == ',' && depth <= 0
    });
    parts.map(str::trim).filter(|port| !port.is_empty()).map(port_in).collect()
}

fn port_in(port: &str) -> Port<'_> {
    let (name, type_text) = port.split_once(':').map_or((port, None), |(name, text)| (name.trim(), Some(text.trim())));
    let optional = name.ends_with('?');
    Port { name: name.trim_end_matches('?'), type_text, optional }
}
