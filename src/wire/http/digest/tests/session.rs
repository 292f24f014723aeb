//! What a client keeps of a challenge, and what it cannot use.

use super::*;

fn session_for(value: &str, prefer: Option<Qop>) -> Result<DigestSession, Unusable> {
    DigestSession::from_challenge(&parse_challenges([value]).list[0], prefer)
}

const GET: SignedRequest<'static> = SignedRequest {
    method: "GET",
    uri: "/",
    body: b"",
    cnonce: "c1",
};

#[test]
fn session_counts_and_follows_the_next_nonce() {
    let mut session = session_for(
        "Digest realm=r, nonce=n1, qop=\"auth,auth-int\", opaque=o",
        None,
    )
    .unwrap();
    assert_eq!(session.qop, Some(Qop::Auth));
    let first = session.authorize(ALICE, GET);
    let second = session.authorize(ALICE, GET);
    assert_eq!(
        (first.nc.as_deref(), second.nc.as_deref()),
        (Some("00000001"), Some("00000002"))
    );
    assert_eq!(
        (first.algorithm.as_deref(), first.opaque.as_deref()),
        (None, Some("o"))
    );
    assert!(verify(&second, ALICE.password, "GET", b""));
    session.follow(&check_authentication_info(
        "nextnonce=\"n2\"",
        &second,
        ALICE.password,
        b"",
    ));
    let third = session.authorize(ALICE, GET);
    assert_eq!(
        (third.nonce.as_deref(), third.nc.as_deref()),
        (Some("n2"), Some("00000001"))
    );
}

#[test]
fn session_without_quality_has_no_client_nonce() {
    let mut session = session_for("Digest realm=r, nonce=n", Some(Qop::AuthInt)).unwrap();
    let authorization = session.authorize(ALICE, GET);
    assert_eq!(
        (&authorization.qop, &authorization.nc, &authorization.cnonce),
        (&None, &None, &None)
    );
    assert!(verify(&authorization, ALICE.password, "GET", b""));
}

#[test]
fn session_key_stays_with_the_first_request() {
    let mut session = session_for(
        "Digest realm=r, nonce=n, qop=auth, algorithm=MD5-sess",
        None,
    )
    .unwrap();
    let first = session.authorize(ALICE, GET);
    let second = session.authorize(
        ALICE,
        SignedRequest {
            cnonce: "c2",
            ..GET
        },
    );
    assert!(verify(&first, ALICE.password, "GET", b""));
    assert!(verify(&second, ALICE.password, "GET", b""));
    let mut received = Authorization::parse(&second.encode()).unwrap();
    assert!(!verify(&received, ALICE.password, "GET", b""));
    received.session_key = Some(SessionKey {
        nonce: "n".into(),
        cnonce: "c1".into(),
    });
    assert!(verify(&received, ALICE.password, "GET", b""));
}

#[test]
fn unusable_challenges_are_named() {
    assert_eq!(session_for("Basic realm=r", None), Err(Unusable::NotDigest));
    assert_eq!(session_for("Digest nonce=n", None), Err(Unusable::NoRealm));
    assert_eq!(session_for("Digest realm=r", None), Err(Unusable::NoNonce));
    let unknown = session_for("Digest realm=r, nonce=n, algorithm=SHA-1", None);
    assert_eq!(unknown, Err(Unusable::UnknownAlgorithm("SHA-1".into())));
    let unknown = session_for("Digest realm=r, nonce=n, qop=\"auth-conf\"", None);
    assert_eq!(unknown, Err(Unusable::UnknownQop("auth-conf".into())));
    let list =
        parse_challenges(["Digest realm=r, nonce=n, algorithm=X, Digest realm=r, nonce=m"]).list;
    assert_eq!(select_challenge(&list).unwrap().nonce(), Some("m"));
}
