//! Groups within groups: environments, their namespaces, and boxes in those.

use super::boxes::{Boxes, Home};
use super::{Level, Setting};
use crate::page::{clean, counted};

/// How many names a box lists.
const NAMES_MAX: usize = 4;

/// A group, or a box.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    /// What it is called; empty for a box.
    pub(crate) title: String,
    /// What stands in a box, a line each.
    pub(crate) lines: Vec<String>,
    /// All of it, for those who ask.
    pub(crate) full: String,
    /// The groups and boxes in it; none for a box.
    pub(crate) children: Vec<usize>,
    /// The box.
    pub(crate) of: Option<usize>,
    /// The environment that it is, or is in.
    pub(crate) environment: Option<usize>,
    /// How deep it lies: 0 for what is in nothing else.
    pub(crate) depth: usize,
}

/// All groups and boxes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tree {
    /// Each, before those in it.
    pub(crate) nodes: Vec<Node>,
    /// Those that are in nothing else: environments, what is of neither, nodes, what is outside.
    pub(crate) roots: Vec<usize>,
}

impl Tree {
    /// The tree over some boxes.
    pub(crate) fn of(boxes: &Boxes, setting: Setting<'_>) -> Self {
        let mut tree = Self::default();
        let mut homes: Vec<(Home, Vec<usize>)> = Vec::new();
        for (index, each) in boxes.boxes.iter().enumerate() {
            match homes.last_mut().filter(|(home, _)| *home == each.home) {
                Some((_, members)) => members.push(index),
                None => homes.push((each.home.clone(), vec![index])),
            }
        }
        for (index, environment) in setting.environments.iter().enumerate() {
            let inside: Vec<_> = homes
                .iter()
                .filter(|(home, _)| matches!(home, Home::Environment(of, _) if *of == index))
                .collect();
            tree.group_of_namespaces(
                &format!("environment {}", environment.name),
                Some(index),
                &inside,
                boxes,
            );
        }
        let neither: Vec<_> = homes.iter().filter(|(home, _)| matches!(home, Home::Neither(_))).collect();
        match setting.environments {
            [] => neither.iter().for_each(|home| tree.group_of_namespaces("", None, &[home], boxes)),
            _ => tree.group_of_namespaces("other namespaces", None, &neither, boxes),
        }
        for (wanted, title) in [(Home::Nodes, "nodes"), (Home::Outside, "outside the cluster")] {
            if let Some((_, members)) = homes.iter().find(|(home, _)| *home == wanted) {
                let group = tree.push(None, Node::group(title, None));
                members.iter().for_each(|&index| tree.push_box(group, index, boxes));
            }
        }
        tree
    }

    /// Whether a node is another one, or in it.
    pub(crate) fn is_within(&self, node: usize, outer: usize) -> bool {
        node == outer
            || self
                .nodes
                .get(outer)
                .is_some_and(|outer| outer.children.iter().any(|&child| self.is_within(node, child)))
    }

    /// The box that a node stands for, and those of all in it.
    pub(crate) fn leaves(&self, node: usize) -> Vec<usize> {
        let Some(Node { of, children, .. }) = self.nodes.get(node) else { return Vec::new() };
        of.iter().copied().chain(children.iter().flat_map(|&child| self.leaves(child))).collect()
    }

    /// Some namespaces under one title; one alone has no group around it.
    fn group_of_namespaces(
        &mut self,
        title: &str,
        environment: Option<usize>,
        namespaces: &[&(Home, Vec<usize>)],
        boxes: &Boxes,
    ) {
        let title_of = |home: &Home| match home {
            Home::Environment(_, name) | Home::Neither(name) if !name.is_empty() => {
                format!("namespace {name}")
            }
            _ => String::new(),
        };
        match namespaces {
            [] => {}
            [(home, members)] => {
                let name = title_of(home);
                let group = Node::group(if title.is_empty() { &name } else { title }, environment);
                let second = Some(name).filter(|name| !title.is_empty() && !name.is_empty());
                let group = self.push(None, Node { lines: second.into_iter().collect(), ..group });
                members.iter().for_each(|&index| self.push_box(group, index, boxes));
            }
            many => {
                let group = self.push(None, Node::group(title, environment));
                for (home, members) in many {
                    let namespace = self.push(Some(group), Node::group(&title_of(home), environment));
                    members.iter().for_each(|&index| self.push_box(namespace, index, boxes));
                }
            }
        }
    }

    fn push_box(&mut self, group: usize, index: usize, boxes: &Boxes) {
        let Some(each) = boxes.boxes.get(index) else { return };
        let environment = self.nodes.get(group).and_then(|group| group.environment);
        let count = each.names.len();
        let lines = match boxes.level {
            Level::Peers if count > NAMES_MAX + 1 => {
                let rest = format!("+ {} more", count - NAMES_MAX);
                each.names.iter().take(NAMES_MAX).cloned().chain([rest]).collect()
            }
            Level::Namespaces | Level::Sides if count > 1 => vec![format!("{count} peers")],
            _ => each.names.clone(),
        };
        let names = each.names.join(", ");
        let full = match &each.home {
            Home::Environment(_, namespace) | Home::Neither(namespace) if !namespace.is_empty() => {
                clean(&format!("{namespace}: {names}"))
            }
            _ => names,
        };
        let node = Node { lines, full, of: Some(index), ..Node::group("", environment) };
        self.push(Some(group), node);
    }

    fn push(&mut self, parent: Option<usize>, node: Node) -> usize {
        let index = self.nodes.len();
        let depth = parent.and_then(|parent| self.nodes.get(parent)).map_or(0, |parent| parent.depth + 1);
        self.nodes.push(Node { depth, ..node });
        match parent.and_then(|parent| self.nodes.get_mut(parent)) {
            Some(parent) => parent.children.push(index),
            None => self.roots.push(index),
        }
        index
    }
}

impl Node {
    fn group(title: &str, environment: Option<usize>) -> Self {
        let title = clean(title);
        Self {
            full: title.clone(),
            title,
            lines: Vec::new(),
            children: Vec::new(),
            of: None,
            environment,
            depth: 0,
        }
    }
}

/// What a picture says about boxes that stand for more than peers; nothing where each stands for those that it names.
pub(crate) fn caveat(level: Level, peers: usize) -> Option<String> {
    let what = match level {
        Level::Peers => return None,
        Level::Namespaces => "a namespace",
        Level::Sides => "an environment, or all of what its title says",
    };
    Some(format!(
        "{} are too many for one picture: a box is {what}, and an arrow begins and ends at some pod of it; `--focus NAME` narrows it",
        counted(peers, "peer", "peers")
    ))
}
