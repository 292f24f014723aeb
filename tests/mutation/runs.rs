//! Runs of the binary against its embedded target: conforming in every shape, and with each defect.

use std::collections::BTreeMap;
use std::sync::{LazyLock, Mutex};

use presec::reference::Defect;
use presec::reference::defect::Shape;

use super::support::Call;

/// The shapes in which the target conforms, as options of `presec run`.
pub(crate) const SHAPES: [&[&str]; 8] = [
    &[],
    &["--topology", "direct"],
    &["--topology", "ap-untrusted"],
    &["--client-certificate", "required"],
    &["--client-certificate", "none"],
    &["--role", "list-server"],
    &["--auth-mode", "psk"],
    &["--auth-mode", "certificate"],
];

/// Runs at a time; they wait more than they compute.
const AT_A_TIME: usize = 3;

/// A run with scenarios of every risk: the target is our own.
pub(crate) fn run(arguments: &[&str]) -> Call {
    let mut all = vec!["--risk", "load", "--risk", "disruptive"];
    all.extend_from_slice(arguments);
    super::support::run(&all)
}

static CONFORMING: LazyLock<BTreeMap<&'static [&'static str], Call>> = LazyLock::new(|| {
    let runs = SHAPES.map(|shape| (shape, run(shape)));
    runs.into_iter().collect()
});

/// The run against the conforming target in this shape.
pub(crate) fn conforming(shape: &[&str]) -> &'static Call {
    let known = CONFORMING.iter().find(|(known, _)| **known == shape);
    known.expect("a shape that is run").1
}

/// The run against the conforming target that a run with this defect is compared with.
pub(crate) fn conforming_beside(defect: Defect) -> &'static Call {
    let shape = Shape {
        one_at_a_time: false,
        ..defect.shape()
    };
    conforming(&shape.arguments())
}

/// The run of these scenarios, or of all, against the target with this defect.
pub(crate) fn with_defect(defect: Defect, picks: &[&str]) -> Call {
    let mut arguments = vec!["--defect", defect.name()];
    arguments.extend(defect.shape().arguments());
    arguments.extend(picks);
    run(&arguments)
}

/// What `look` finds about each defect, in the order of the defects; a few at a time.
pub(crate) fn each_defect<T: Send>(look: impl Fn(Defect) -> Vec<T> + Sync) -> Vec<T> {
    let waiting = Mutex::new(Defect::all().into_iter().enumerate());
    let found = Mutex::new(BTreeMap::new());
    std::thread::scope(|scope| {
        for _ in 0..AT_A_TIME {
            scope.spawn(|| {
                loop {
                    let next = waiting.lock().expect("no panic before").next();
                    let Some((position, defect)) = next else {
                        break;
                    };
                    let seen = look(defect);
                    found
                        .lock()
                        .expect("no panic before")
                        .insert(position, seen);
                }
            });
        }
    });
    let found = found.into_inner().expect("no panic before");
    found.into_values().flatten().collect()
}
