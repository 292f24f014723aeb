//! Several observers as one.

use std::sync::Arc;

use crate::engine::event::Event;
use crate::engine::ports::Observer;

/// Tells every event to each of its observers, in their order.
#[derive(Default)]
pub struct Fan {
    observers: Vec<Arc<dyn Observer>>,
}

impl Fan {
    /// One observer of several.
    #[must_use]
    pub fn new(observers: Vec<Arc<dyn Observer>>) -> Self {
        Self { observers }
    }
}

impl Observer for Fan {
    fn on(&self, event: &Event<'_>) {
        for observer in &self.observers {
            observer.on(event);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    struct Note(&'static str, Arc<Mutex<Vec<String>>>);

    impl Observer for Note {
        fn on(&self, event: &Event<'_>) {
            self.1.lock().unwrap().push(format!("{} {event:?}", self.0));
        }
    }

    #[test]
    fn every_observer_is_told_in_order() {
        let notes = Arc::new(Mutex::new(Vec::new()));
        let fan = Fan::new(vec![
            Arc::new(Note("one", Arc::clone(&notes))),
            Arc::new(Note("two", Arc::clone(&notes))),
        ]);
        fan.on(&Event::RunFinished);
        assert_eq!(
            *notes.lock().unwrap(),
            ["one RunFinished", "two RunFinished"]
        );
    }
}
