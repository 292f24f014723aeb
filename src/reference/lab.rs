//! Subscribers, hosts and documents of the embedded reference target: lab values, no secrets of anybody.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::certificates::{FIRST_HOST, SECOND_HOST};
use super::http::{HostSettings, Store, StoreUser, SubscriberSettings};
use super::settings::Topology;
use crate::model::secret::Secret;

/// The subscriber of the client certificates.
pub const CERTIFICATE_HOLDER: &str = "alice";

/// XCAP root of the reference target.
pub const XCAP_ROOT: &str = "/";

/// Document of presence rules that every subscriber has (RFC 5025).
const RULES: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<ruleset xmlns="urn:ietf:params:xml:ns:common-policy"><rule id="RULE"><conditions/><actions/><transformations/></rule></ruleset>
"#;

/// Where every subscriber's presence rules are.
const RULES_PATH: &str = "pres-rules/users/";

/// Name of the documents that scenarios read and write.
pub const TEST_DOCUMENT: &str = "presec-test.xml";

/// The test documents by AUID, each valid for its application usage (RFC 4827, RFC 5025, RFC 4826); `XUI` stands for the owner.
const TEST_DOCUMENTS: [(&str, &str); 4] = [
    (
        "pidf-manipulation",
        r#"<?xml version="1.0" encoding="UTF-8"?>
<presence xmlns="urn:ietf:params:xml:ns:pidf" entity="XUI"><tuple id="lab"><status><basic>open</basic></status></tuple></presence>
"#,
    ),
    (
        "pres-rules",
        r#"<?xml version="1.0" encoding="UTF-8"?>
<ruleset xmlns="urn:ietf:params:xml:ns:common-policy"><rule id="lab"><conditions/><actions/><transformations/></rule></ruleset>
"#,
    ),
    (
        "resource-lists",
        r#"<?xml version="1.0" encoding="UTF-8"?>
<resource-lists xmlns="urn:ietf:params:xml:ns:resource-lists"><list name="lab"><entry uri="XUI"/></list></resource-lists>
"#,
    ),
    (
        "rls-services",
        r#"<?xml version="1.0" encoding="UTF-8"?>
<rls-services xmlns="urn:ietf:params:xml:ns:rls-services"/>
"#,
    ),
];

/// The application usages of which every subscriber has a test document, by AUID.
pub fn test_auids() -> impl Iterator<Item = &'static str> {
    TEST_DOCUMENTS.iter().map(|(auid, _)| *auid)
}

/// The subscribers: alice with two public identities, bob and carol with one; one whose association may be lost, alice with
/// an earlier association, and one who may not use the service.
#[must_use]
pub fn subscribers() -> Vec<SubscriberSettings> {
    vec![
        subscriber(
            "alice",
            &["sip:alice@example.test", "sip:alice.work@example.test"],
        ),
        subscriber("bob", &["sip:bob@example.test"]),
        subscriber("carol", &["sip:carol@example.test"]),
        subscriber("throw_away", &["sip:throw.away@example.test"]),
        SubscriberSettings {
            superseded: true,
            ..subscriber(
                "alice_before",
                &["sip:alice@example.test", "sip:alice.work@example.test"],
            )
        },
        SubscriberSettings {
            allowed_hosts: Some(Vec::new()),
            ..subscriber("no_service", &["sip:no.service@example.test"])
        },
    ]
}

/// The application servers behind the proxy by their host names.
#[must_use]
pub fn hosts(topology: Topology) -> Vec<HostSettings> {
    let host = |name: &str| HostSettings {
        identity_transfer: topology != Topology::ApUntrusted,
        ..HostSettings::new(name)
    };
    vec![host(FIRST_HOST), host(SECOND_HOST)]
}

fn subscriber(name: &str, impus: &[&str]) -> SubscriberSettings {
    let impus: Vec<String> = impus.iter().map(|impu| (*impu).to_owned()).collect();
    // Names of any length make keys of one length.
    let short = |length: usize| -> String {
        name.chars()
            .chain(std::iter::repeat('.'))
            .take(length)
            .collect()
    };
    let rand = format!("lab-rand-{}", short(7));
    let ks_naf = format!("lab-value-of-ks-naf-for-{}", short(8));
    let of_tls = format!("lab-ks-naf-for-tls-psk-.{}", short(8));
    let of_tls13 = format!("lab-ks-naf-for-tls13-psk{}", short(8));
    let default_impu = impus.first().cloned().unwrap_or_default();
    SubscriberSettings {
        name: name.to_owned(),
        b_tid: format!("{}@bsf.example.test", STANDARD.encode(rand)),
        ks_naf: Secret::new(STANDARD.encode(ks_naf)),
        ks_naf_of_tls: Secret::new(STANDARD.encode(of_tls)),
        ks_naf_of_tls13: Secret::new(STANDARD.encode(of_tls13)),
        xui: default_impu.clone(),
        default_impu,
        certificate_subject: format!("CN={name}"),
        impus,
        key_expiry: None,
        superseded: false,
        allowed_hosts: None,
    }
}

/// Users of the store for these subscribers.
pub(super) fn store_users(subscribers: &[SubscriberSettings]) -> Vec<StoreUser> {
    let user = |subscriber: &SubscriberSettings| StoreUser {
        xui: subscriber.xui.clone(),
        // A store behind a proxy without the IMPUs knows its users by their transaction identifiers (TS 33.141, 6.1.3).
        identities: subscriber
            .impus
            .iter()
            .chain([&subscriber.b_tid])
            .cloned()
            .collect(),
    };
    let current = subscribers
        .iter()
        .filter(|subscriber| !subscriber.superseded);
    current.map(user).collect()
}

/// Gives every subscriber the first documents.
pub(super) fn fill(store: &Arc<Store>, subscribers: &[SubscriberSettings]) {
    for subscriber in subscribers {
        let xui = &subscriber.xui;
        let rules = (
            format!("{XCAP_ROOT}{RULES_PATH}{xui}/index"),
            RULES.replace("RULE", &subscriber.name),
        );
        let tests = TEST_DOCUMENTS.iter().map(|(auid, text)| {
            let path = format!("{XCAP_ROOT}{auid}/users/{xui}/{TEST_DOCUMENT}");
            (path, text.replace("XUI", xui))
        });
        for (path, body) in std::iter::once(rules).chain(tests) {
            if !store.insert(&path, body) {
                tracing::warn!(path, "the store did not take a first document");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_b_tid_is_base64_of_sixteen_octets_at_the_bsf() {
        for subscriber in subscribers() {
            let (rand, host) = subscriber.b_tid.split_once('@').unwrap();
            assert_eq!(STANDARD.decode(rand).unwrap().len(), 16);
            assert_eq!(host, "bsf.example.test");
            let key = STANDARD.decode(subscriber.ks_naf.expose()).unwrap();
            assert_eq!(key.len(), 32);
            let of_tls = STANDARD.decode(subscriber.ks_naf_of_tls.expose()).unwrap();
            assert_eq!(of_tls.len(), 32);
            assert_ne!(of_tls, key);
            let of_tls13 = STANDARD.decode(subscriber.ks_naf_of_tls13.expose());
            let of_tls13 = of_tls13.unwrap();
            assert_eq!(of_tls13.len(), 32);
            assert!(of_tls13 != of_tls && of_tls13 != key);
        }
    }

    #[test]
    fn the_store_takes_the_first_documents() {
        let subscribers = subscribers();
        let store = Store::new(XCAP_ROOT, store_users(&subscribers), [].into());
        fill(&store, &subscribers);
        for subscriber in &subscribers {
            let path = format!("{XCAP_ROOT}{RULES_PATH}{}/index", subscriber.xui);
            assert!(store.insert(&path, RULES), "{path}");
        }
    }
}
