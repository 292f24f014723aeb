//! First flights that are canned, and refusals that spoil their own offer only.

use super::*;

/// What is offered to show a defect, and the suite that shows it.
fn selections() -> Vec<(&'static str, Offer, u16)> {
    let long = |first| -> Vec<u16> { [first, 0xC02B].into_iter().chain(0xC040..0xC070).collect() };
    let tls12 = |suites: &[u16]| named(Version::Tls12, suites);
    let weak_curve = |mut offer: Offer| {
        offer.groups = Some(vec![19]);
        offer
    };
    let weak_signature = |mut offer: Offer| {
        offer.signature_schemes = Some(vec![0x0203, 0x0201, 0x0101]);
        offer
    };
    vec![
        ("speaks-ssl3", named(Version::Ssl3, &[0x002F]), 0x002F),
        (
            "speaks-tls10",
            named(Version::Tls10, &[0x002F, 0xC013]),
            0xC013,
        ),
        ("speaks-tls11", named(Version::Tls11, &[0x002F]), 0x002F),
        ("selects-anonymous", tls12(&[0x0018, 0x0034]), 0x0034),
        ("selects-one-anonymous", tls12(&[0x003A]), 0x003A),
        (
            "selects-elliptic-anonymous",
            tls12(&[0xC015, 0xC018]),
            0xC018,
        ),
        ("prefers-anonymous", tls12(&long(0x0034)), 0x0034),
        ("selects-null-with-null", tls12(&[0x0000]), 0x0000),
        (
            "selects-anonymous-beside-null",
            tls12(&[0x0000, 0x0034]),
            0x0034,
        ),
        ("selects-unencrypted", tls12(&[0x0001, 0x003B]), 0x003B),
        ("selects-one-unencrypted", tls12(&[0xC006]), 0xC006),
        ("prefers-unencrypted", tls12(&long(0x0002)), 0x0002),
        (
            "selects-integrity-only",
            named(Version::Tls13, &[0xC0B4]),
            0xC0B4,
        ),
        ("selects-export", tls12(&[0x0003, 0x0006]), 0x0003),
        ("selects-des", tls12(&[0x0009, 0x0015]), 0x0009),
        ("selects-3des", tls12(&[0x000A]), 0x000A),
        ("selects-rc4", tls12(&[0x0005]), 0x0005),
        ("selects-export-or-des", tls12(&[0x0003, 0x0009]), 0x0009),
        ("weak-first", tls12(&[0x0005, 0x000A, 0xC02B]), 0x0005),
        (
            "selects-static-rsa",
            tls12(&[0x002F, 0x003C, 0x009C]),
            0x002F,
        ),
        ("selects-cbc", tls12(&[0xC013, 0x0033]), 0xC013),
        ("selects-obscure", tls12(&[0x0007, 0x0004]), 0x0007),
        ("selects-unknown", tls12(&[0x0A0A]), 0x0A0A),
        ("selects-signalling", tls12(&[0x00FF]), 0x00FF),
        ("small-prime", tls12(&[0x009E]), 0x009E),
        ("weak-curve", weak_curve(tls12(&[0xC02B])), 0xC02B),
        ("weak-signature", weak_signature(tls12(&[0xC02B])), 0xC02B),
    ]
}

#[tokio::test]
async fn every_canned_answer_is_read_by_the_client_side() {
    let conforming = reference(&[]).await;
    for (defect, offered, suite) in selections() {
        let refused = offer(&conforming, &offered).await;
        let selected = refused.server_hello.map(|hello| hello.suite);
        let preference = defect.starts_with("prefers") || defect == "weak-first";
        assert_eq!(
            selected.is_some(),
            preference,
            "{defect} without the defect"
        );
        assert_ne!(selected, Some(suite), "{defect} without the defect");
        let broken = reference(&[defect]).await;
        let flight = offer(&broken, &offered).await;
        assert_eq!(flight.malformed, None, "{defect}");
        let hello = flight.server_hello.unwrap();
        assert_eq!(hello.suite, suite, "{defect}");
        assert_eq!(hello.version, offered.version.wire(), "{defect}");
        let usual = offer(&broken, &named(Version::Tls12, &[0xC02C, 0xC02B])).await;
        assert!(usual.server_hello_done, "{defect} spoils other offers");
        broken.stop().await;
    }
    conforming.stop().await;
}

#[tokio::test]
async fn refusals_spoil_their_own_offer_only() {
    let usual = named(Version::Tls12, &[0xC02C, 0xC02B]);
    let mut grease = usual.clone();
    grease.grease = true;
    let mut record = usual.clone();
    record.record_version = Some(0x0300);
    let mut unnamed = usual.clone();
    unnamed.server_name = None;
    let long: Vec<u16> = (0xC02B..0xC0A0).collect();
    for (defect, refused) in [
        ("intolerant-of-reserved-values", grease),
        ("intolerant-of-record-version", record),
        ("refuses-mandatory-suite", named(Version::Tls12, &[0xC02B])),
        ("refuses-long-offers", named(Version::Tls12, &long)),
        ("demands-server-name", unnamed),
    ] {
        let reference = reference(&[defect]).await;
        let flight = offer(&reference, &refused).await;
        assert!(flight.fatal_alert().is_some(), "{defect}");
        let flight = offer(&reference, &usual).await;
        assert!(flight.server_hello_done, "{defect}");
        reference.stop().await;
    }
}
