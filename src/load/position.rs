//! One pass over the events of a YAML text: where everything stands, and what a scenario may not hold.

use std::collections::BTreeMap;

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span};

use super::place::{Path, Place, Problem, Segment};

/// How much one file may hold.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Octets.
    pub(super) bytes: usize,
    /// Lists and mappings inside each other.
    pub(super) depth: usize,
    /// Keys, values, lists and mappings.
    pub(super) nodes: usize,
}

/// Bounds for files that people write.
pub(super) const WRITTEN: Limits = Limits {
    bytes: 64 * 1024,
    depth: 16,
    nodes: 20_000,
};

/// What stands at one place.
#[derive(Debug)]
pub(super) struct Node {
    /// Where its key stands, if it has one.
    pub(super) key: Option<Place>,
    /// Where it begins.
    pub(super) start: Place,
    /// Where it ends, exclusive.
    pub(super) end: Place,
    /// Its text, if it is a scalar.
    pub(super) scalar: Option<String>,
    /// Whether it is a scalar without quotes.
    pub(super) plain: bool,
    children: Children,
}

#[derive(Debug)]
enum Children {
    None,
    Mapping(BTreeMap<String, usize>),
    List(Vec<usize>),
}

/// Where everything of a document stands.
#[derive(Debug, Default)]
pub(super) struct Positions {
    nodes: Vec<Node>,
}

impl Positions {
    /// What stands at the end of `path`.
    pub(super) fn node(&self, path: &Path) -> Option<&Node> {
        path.0
            .iter()
            .try_fold(self.nodes.first()?, |node, segment| {
                let child = match (&node.children, segment) {
                    (Children::Mapping(keys), Segment::Key(key)) => keys.get(key)?,
                    (Children::List(items), Segment::Index(index)) => items.get(*index)?,
                    _ => return None,
                };
                self.nodes.get(*child)
            })
    }

    /// Where `path` leads, or the nearest thing above it: the value if it is a scalar or an item, else its key.
    pub(super) fn place(&self, path: &Path) -> Place {
        let mut path = path.clone();
        loop {
            if let Some(node) = self.node(&path) {
                return match node.key {
                    Some(key) if node.scalar.is_none() => key,
                    _ => node.start,
                };
            }
            match path.parent() {
                Some(above) => path = above,
                None => return Place { line: 1, column: 1 },
            }
        }
    }

    /// Everything with the keys that lead to it.
    pub(super) fn all(&self) -> Vec<(Vec<&str>, &Node)> {
        let mut found = Vec::new();
        let mut open: Vec<(Vec<&str>, usize)> = vec![(Vec::new(), 0)];
        while let Some((keys, index)) = open.pop() {
            let Some(node) = self.nodes.get(index) else {
                continue;
            };
            match &node.children {
                Children::None => {}
                Children::List(items) => {
                    open.extend(items.iter().map(|item| (keys.clone(), *item)));
                }
                Children::Mapping(entries) => open.extend(entries.iter().map(|(key, item)| {
                    let mut keys = keys.clone();
                    keys.push(key);
                    (keys, *item)
                })),
            }
            found.push((keys, node));
        }
        found
    }
}

struct Frame {
    node: usize,
    pending: Option<(String, Place)>,
    keys: BTreeMap<String, Place>,
}

struct Walk {
    positions: Positions,
    stack: Vec<Frame>,
    documents: usize,
    problems: Vec<Problem>,
    limits: Limits,
}

/// Reads the whole text. With problems, the positions hold what came before the first that ends the reading.
pub(super) fn scan(text: &str, limits: Limits) -> (Positions, Vec<Problem>) {
    let mut walk = Walk {
        positions: Positions::default(),
        stack: Vec::new(),
        documents: 0,
        problems: Vec::new(),
        limits,
    };
    let mut parser = Parser::new_from_str(text);
    while let Some(event) = parser.next_event() {
        let goes_on = match event {
            Ok((event, span)) => walk.take(&event, span),
            Err(error) => {
                walk.problems.push(syntax(&error));
                false
            }
        };
        if !goes_on {
            break;
        }
    }
    if walk.problems.is_empty() && walk.positions.nodes.is_empty() {
        let top = Place { line: 1, column: 1 };
        walk.problems
            .push(Problem::new(top, "the file is empty", None));
    }
    (walk.positions, walk.problems)
}

fn place(marker: saphyr_parser::Marker) -> Place {
    Place {
        line: marker.line().max(1),
        column: marker.col() + 1,
    }
}

fn syntax(error: &ScanError) -> Problem {
    if error.info().contains("unknown anchor") {
        let help = Some("write the value out");
        return Problem::new(place(*error.marker()), "aliases are not allowed", help);
    }
    Problem::new(
        place(*error.marker()),
        format!("not valid YAML: {}", error.info()),
        Some("look for a missing quote, bracket, comma or space behind a colon here or just above"),
    )
}

impl Walk {
    /// Whether reading goes on after this event.
    fn take(&mut self, event: &Event<'_>, span: Span) -> bool {
        let at = place(span.start);
        match event {
            Event::DocumentStart(_) => {
                self.documents += 1;
                if self.documents > 1 {
                    return self.stop(
                        at,
                        "a second document begins here",
                        "one file holds one document; write another file",
                    );
                }
                true
            }
            Event::Alias(_) => self.stop(at, "aliases are not allowed", "write the value out"),
            Event::Scalar(text, style, anchor, tag) => {
                self.plain_speech(at, *anchor, tag.is_some())
                    && self.scalar(text, *style == ScalarStyle::Plain, at, place(span.end))
            }
            Event::SequenceStart(anchor, tag) => {
                self.plain_speech(at, *anchor, tag.is_some())
                    && self.open(Children::List(Vec::new()), at)
            }
            Event::MappingStart(anchor, tag) => {
                self.plain_speech(at, *anchor, tag.is_some())
                    && self.open(Children::Mapping(BTreeMap::new()), at)
            }
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some(frame) = self.stack.pop()
                    && let Some(node) = self.positions.nodes.get_mut(frame.node)
                {
                    node.end = place(span.end);
                }
                true
            }
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => true,
        }
    }

    fn stop(&mut self, at: Place, message: &str, help: &str) -> bool {
        self.problems.push(Problem::new(at, message, Some(help)));
        false
    }

    fn plain_speech(&mut self, at: Place, anchor: usize, tagged: bool) -> bool {
        if anchor > 0 {
            return self.stop(
                at,
                "anchors are not allowed",
                "write the value out where it is used",
            );
        }
        if tagged {
            return self.stop(
                at,
                "tags are not allowed",
                "remove the word that begins with `!`; quote a text that begins with it",
            );
        }
        true
    }

    fn scalar(&mut self, text: &str, plain: bool, at: Place, end: Place) -> bool {
        if self.awaits_key() {
            return self.key(text, plain, at);
        }
        let node = Node {
            key: None,
            start: at,
            end,
            scalar: Some(text.to_owned()),
            plain,
            children: Children::None,
        };
        self.attach(node, at).is_some()
    }

    fn awaits_key(&self) -> bool {
        self.stack.last().is_some_and(|frame| {
            frame.pending.is_none()
                && self
                    .positions
                    .nodes
                    .get(frame.node)
                    .is_some_and(|node| matches!(node.children, Children::Mapping(_)))
        })
    }

    fn key(&mut self, text: &str, plain: bool, at: Place) -> bool {
        if plain && text == "<<" {
            return self.stop(at, "merge keys are not allowed", "write the keys out");
        }
        let Some(frame) = self.stack.last_mut() else {
            return false;
        };
        if let Some(first) = frame.keys.insert(text.to_owned(), at) {
            let (line, column) = (first.line, first.column);
            self.problems.push(Problem {
                place: at,
                message: format!("key `{text}` is written twice"),
                help: Some(format!(
                    "it stands first at {line}:{column}; keep one of the two"
                )),
            });
        }
        frame.pending = Some((text.to_owned(), at));
        true
    }

    fn open(&mut self, children: Children, at: Place) -> bool {
        if self.awaits_key() {
            return self.stop(
                at,
                "a key must be a word",
                "a list or mapping cannot be a key",
            );
        }
        if self.stack.len() >= self.limits.depth {
            let deepest = self.limits.depth;
            let message = format!("lists and mappings are nested more than {deepest} deep");
            return self.stop(at, &message, "nothing that presec reads is that deep");
        }
        let node = Node {
            key: None,
            start: at,
            end: at,
            scalar: None,
            plain: false,
            children,
        };
        let Some(node) = self.attach(node, at) else {
            return false;
        };
        self.stack.push(Frame {
            node,
            pending: None,
            keys: BTreeMap::new(),
        });
        true
    }

    fn attach(&mut self, mut node: Node, at: Place) -> Option<usize> {
        let index = self.positions.nodes.len();
        if index >= self.limits.nodes {
            let most = self.limits.nodes;
            self.stop(
                at,
                &format!("more than {most} values in one file"),
                "split it",
            );
            return None;
        }
        if let Some(frame) = self.stack.last_mut() {
            let pending = frame.pending.take();
            node.key = pending.as_ref().map(|(_, place)| *place);
            if let Some(parent) = self.positions.nodes.get_mut(frame.node) {
                match (&mut parent.children, pending) {
                    (Children::Mapping(entries), Some((key, _))) => {
                        entries.insert(key, index);
                    }
                    (Children::List(items), _) => items.push(index),
                    _ => {}
                }
            }
        }
        self.positions.nodes.push(node);
        Some(index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn only_problem(text: &str) -> (usize, usize, String) {
        let (_, problems) = scan(text, WRITTEN);
        assert_eq!(problems.len(), 1, "{problems:?}");
        let problem = &problems[0];
        (
            problem.place.line,
            problem.place.column,
            problem.message.clone(),
        )
    }

    #[test]
    fn places_of_keys_and_values() {
        let (positions, problems) = scan(
            "a: 1\nsteps:\n  - tls-offer: { suites: [x, \"y\"] }\n",
            WRITTEN,
        );
        assert!(problems.is_empty());
        let suite = Path::of("steps")
            .index(0)
            .key("tls-offer")
            .key("suites")
            .index(1);
        let node = positions.node(&suite).unwrap();
        assert_eq!(
            (node.start.line, node.start.column, node.plain),
            (3, 30, false)
        );
        let offer = Path::of("steps").index(0).key("tls-offer");
        assert_eq!(positions.place(&offer), Place { line: 3, column: 5 });
        let nowhere = offer.key("expect").index(7);
        assert_eq!(positions.place(&nowhere), Place { line: 3, column: 5 });
    }

    #[test]
    fn a_duplicate_key_names_both_places() {
        let (_, problems) = scan("a: 1\nb: { c: 1, c: 2 }\na: 2\n", WRITTEN);
        let told: Vec<_> = problems
            .iter()
            .map(|p| (p.place.line, p.place.column, p.help.clone().unwrap()))
            .collect();
        assert_eq!(told[0].0, 2);
        assert!(told[0].2.contains("2:6"));
        assert_eq!((told[1].0, told[1].1), (3, 1));
        assert!(told[1].2.contains("1:1"));
    }

    #[test]
    fn what_is_refused() {
        assert_eq!(only_problem("a: &x 1\n").2, "anchors are not allowed");
        assert_eq!(only_problem("a: !!str 1\n").2, "tags are not allowed");
        assert_eq!(
            only_problem("<<: { a: 1 }\n").2,
            "merge keys are not allowed"
        );
        assert_eq!(
            only_problem("a: 1\n---\nb: 2\n").2,
            "a second document begins here"
        );
        assert_eq!(only_problem("? [a]\n: 1\n").2, "a key must be a word");
        assert_eq!(only_problem("# nothing\n").2, "the file is empty");
        assert!(only_problem(&"[".repeat(100)).2.contains("16 deep"));
        assert_eq!(only_problem(&"[".repeat(20_000)).0, 1);
        let many = format!("[{}]", "1,".repeat(30_000));
        assert!(only_problem(&many).2.contains("more than 20000 values"));
    }
}
