//! What the origin did not receive.

use super::*;

/// An origin that has received exactly these marks.
struct Received(Mutex<BTreeSet<String>>);

#[async_trait]
impl Testbed for Received {
    fn received(&self, marker: &str) -> OriginFacts {
        OriginFacts {
            requests: u32::from(self.0.lock().expect("marks").contains(marker)),
            ..OriginFacts::default()
        }
    }

    async fn arrived(&self, marker: &str, _: Duration) -> bool {
        self.received(marker).requests > 0
    }
}

#[tokio::test]
async fn absence_is_settled_by_the_answer_and_a_later_mark() {
    let mut bench = Bench::new().await;
    bench.login().await;
    bench.get(", marker: forged").await;
    bench.get(", marker: after").await;
    let wires: Vec<String> = bench
        .server
        .got()
        .iter()
        .filter_map(|got| got.field("x-presec-marker").map(str::to_owned))
        .collect();
    let origin = Received(Mutex::new(BTreeSet::new()));
    let Step::Origin(look) =
        step("origin: { marker: forged, expect: [{ shall: { requests: 0 } }] }")
    else {
        panic!("origin");
    };
    let settled = async |bench: &Bench| {
        let seen = bench
            .case
            .origin(&look, &bench.names, &origin)
            .await
            .expect("seen");
        match seen.facts {
            Facts::Origin(facts) => (facts.requests, facts.settled),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(settled(&bench).await, (0, false));
    origin.0.lock().expect("marks").insert(wires[1].clone());
    assert_eq!(settled(&bench).await, (0, true));
    origin.0.lock().expect("marks").insert(wires[0].clone());
    assert_eq!(settled(&bench).await, (1, true));
}
