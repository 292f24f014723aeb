use super::*;
use crate::wire::http::challenge::parse_challenges;
use crate::wire::http::{Limits, Progress, Response, ResponseReader};
use proptest::prelude::{prop_assert, proptest};

macro_rules! recorded {
    ($name:literal) => {
        include_bytes!(concat!(
            "../../../../fixtures/wire/http/apache-2.4.71/",
            $name
        ))
        .as_slice()
    };
}

mod properties;
mod session;

/// RFC 7616, 3.9.1.
const MUFASA: DigestContext<'static> = DigestContext {
    algorithm: Algorithm::Md5,
    username: "Mufasa",
    realm: "http-auth@example.org",
    password: b"Circle of Life",
    method: "GET",
    uri: "/dir/index.html",
    nonce: "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
    cnonce: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
    nc: 1,
    qop: Some(Qop::Auth),
    body: b"",
};

/// Ua with the key of TS 35.208 test set 1, as in TS 24.109; the values were computed with another implementation.
const UA: DigestContext<'static> = DigestContext {
    algorithm: Algorithm::Md5,
    username: "I1U8vpY3qJ0hiuZNrke/NQ==@bsf.home1.net",
    realm: "3GPP-bootstrapping@naf1.home1.net",
    password: b"fDUbacSRDS2loxKtc846x75vRhZf25/8NJTYdKyopQE=",
    method: "GET",
    uri: "/",
    nonce: "6629fae49393a05397450978507c4ef1",
    cnonce: "0a4f113b",
    nc: 1,
    qop: Some(Qop::AuthInt),
    body: b"",
};

#[test]
fn example_of_rfc_2617() {
    let context = DigestContext {
        realm: "testrealm@host.com",
        password: b"Circle Of Life",
        nonce: "dcd98b7102dd2f0e8b11d0f600bfb0c093",
        cnonce: "0a4f113b",
        ..MUFASA
    };
    assert_eq!(context.response(), "6629fae49393a05397450978507c4ef1");
}

#[test]
fn examples_of_rfc_7616() {
    assert_eq!(MUFASA.response(), "8ca523f5e9506fed4657c9700eebdbec");
    let sha256 = DigestContext {
        algorithm: Algorithm::Sha256,
        ..MUFASA
    };
    assert_eq!(
        sha256.response(),
        "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"
    );
    // 3.9.2 with the response of erratum 4897; the printed one is not of its inputs.
    let sha512_256 = DigestContext {
        algorithm: Algorithm::Sha512_256,
        username: "Jäsøn Doe",
        realm: "api@example.org",
        password: b"Secret, or not?",
        uri: "/doe.json",
        nonce: "5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK",
        cnonce: "NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v",
        ..MUFASA
    };
    assert_eq!(
        sha512_256.response(),
        "3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5"
    );
}

#[test]
fn session_keys_and_bodies() {
    // The inputs of RFC 7616, 3.9.1; values computed with Python's hashlib.
    let integrity = DigestContext {
        method: "INVITE",
        uri: "sip:bob@example.org",
        nc: 2,
        qop: Some(Qop::AuthInt),
        body: b"v=0\r\n",
        ..MUFASA
    };
    let expected = [
        (
            Algorithm::Md5Sess,
            "e783283f46242139c486a698fec7211d",
            "11713a2ffc80446ab4c404a4a997b69c",
        ),
        (
            Algorithm::Sha256Sess,
            "2fd51b3a77ad75bad6afad6003e818d767133c46d9e2749e7f5232ae1ea3efd7",
            "2c66c095845ec6e7e158c4f689683959329e5296947f1c4930d0ffa7b93c09fd",
        ),
        (
            Algorithm::Sha512_256Sess,
            "3f2a34f923c38b0fb26dce2fdfc2ce326c23cecf86fbb1444f3e51fbbc2cb92e",
            "39fcf9431af157aced94549f5fff6fea4d427a3e231c8a5557ccc7976e056b09",
        ),
    ];
    for (algorithm, auth, auth_int) in expected {
        assert_eq!(
            DigestContext {
                algorithm,
                ..MUFASA
            }
            .response(),
            auth
        );
        assert_eq!(
            DigestContext {
                algorithm,
                ..integrity
            }
            .response(),
            auth_int
        );
    }
}

#[test]
fn ua_with_bootstrapped_credentials() {
    assert_eq!(UA.response(), "b100085716a6b7709242766548d2b1ac");
    assert_eq!(UA.rspauth(), "c25c57167570cc85d8b240158a2be175");
    let tls_bound = DigestContext {
        password: b"uEx63bUrJxabRBW3HUABry855CsmTtiWsJjuO/jQcl8=",
        ..UA
    };
    assert_eq!(tls_bound.response(), "a9d56356cdbaf242f59e52c306d6a86d");
}

#[test]
fn ub_with_res_as_password() {
    // TS 35.208 test set 1, computed with another implementation.
    let ub = DigestContext {
        algorithm: Algorithm::AkaV1Md5,
        username: "user1_private@home1.net",
        realm: "bsf.home1.net",
        password: &[0xa5, 0x42, 0x11, 0xd5, 0xe3, 0xba, 0x50, 0xbf],
        nonce: "I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7m5Sp/6w1Tfr7M=",
        cnonce: "6629fae49393a05397450978507c4ef1",
        ..UA
    };
    assert_eq!(ub.response(), "c3010b8b0c8fe3d6425a4d50b6a66ba8");
    assert_eq!(
        DigestContext {
            password: b"",
            ..ub
        }
        .response(),
        "0c6b780251d1cc17f1efdcbe83e90720"
    );
}

const ALICE: Credentials<'static> = Credentials {
    username: "alice-btid@bsf.example.test",
    password: b"a2V5LW9mLWFsaWNlLTAwMDE=",
};

fn response(bytes: &[u8]) -> Response {
    match ResponseReader::new(Limits::default(), "GET").feed(bytes) {
        Progress::Complete(response) => *response,
        other => panic!("{other:?}"),
    }
}

/// Method, target, credentials and body that curl sent.
fn curl_request(bytes: &'static [u8]) -> (&'static str, &'static str, Authorization, &'static str) {
    let (head, body) = std::str::from_utf8(bytes)
        .unwrap()
        .split_once("\r\n\r\n")
        .unwrap();
    let mut line = head.split(' ');
    let authorization = head
        .lines()
        .find_map(|line| line.strip_prefix("Authorization: "))
        .unwrap();
    (
        line.next().unwrap(),
        line.next().unwrap(),
        Authorization::parse(authorization).unwrap(),
        body,
    )
}

fn digest_session(bytes: &[u8], prefer: Option<Qop>) -> DigestSession {
    let response = response(bytes);
    let challenges = parse_challenges(response.headers_named("www-authenticate"));
    assert_eq!(challenges.flaws, []);
    DigestSession::from_challenge(select_challenge(&challenges.list).unwrap(), prefer).unwrap()
}

#[test]
fn answers_httpd_as_curl_did() {
    let exchanges = [
        (
            recorded!("401-challenge.bin"),
            recorded!("put-authorized-request.bin"),
        ),
        (
            recorded!("401-one-time-nonce.bin"),
            recorded!("get-one-time-nonce-request.bin"),
        ),
    ];
    for (challenge, request) in exchanges {
        let (method, uri, sent, body) = curl_request(request);
        let cnonce = sent.cnonce.clone().unwrap();
        let request = SignedRequest {
            method,
            uri,
            body: body.as_bytes(),
            cnonce: &cnonce,
        };
        assert_eq!(
            digest_session(challenge, Some(Qop::AuthInt)).authorize(ALICE, request),
            sent
        );
    }
}

#[test]
fn verifies_what_curl_sent() {
    let requests = [
        recorded!("put-authorized-request.bin"),
        recorded!("get-authorized-request.bin"),
        recorded!("head-authorized-request.bin"),
        recorded!("delete-authorized-request.bin"),
    ];
    for request in requests {
        let (method, _, sent, body) = curl_request(request);
        assert!(verify(&sent, ALICE.password, method, body.as_bytes()));
        assert!(!verify(&sent, b"other", method, body.as_bytes()));
        assert!(!verify(&sent, ALICE.password, "POST", body.as_bytes()));
    }
}

#[test]
fn stale_challenge_of_httpd_is_seen() {
    let response = response(recorded!("401-stale.bin"));
    let challenges = parse_challenges(response.headers_named("WWW-Authenticate"));
    assert_eq!(challenges.digest().unwrap().stale(), Some(true));
}

fn ua_authorization() -> Authorization {
    Authorization {
        username: Some(UA.username.into()),
        realm: Some(UA.realm.into()),
        nonce: Some(UA.nonce.into()),
        uri: Some(UA.uri.into()),
        cnonce: Some(UA.cnonce.into()),
        qop: Some("auth-int".into()),
        nc: Some("00000001".into()),
        ..Authorization::default()
    }
    .signed(UA.password, UA.method, UA.body)
}

#[test]
fn fields_are_quoted_as_the_rfc_wants_and_come_back() {
    let mut authorization = ua_authorization();
    authorization.algorithm = Some("MD5".into());
    authorization.opaque = Some("a\"b\\c".into());
    let auts = crate::wire::http::Param {
        name: "auts".into(),
        value: "AA==".into(),
        quoted: true,
    };
    authorization.additional.push(auts);
    let text = authorization.encode();
    assert_eq!(
        text,
        "Digest username=\"I1U8vpY3qJ0hiuZNrke/NQ==@bsf.home1.net\", realm=\"3GPP-bootstrapping@naf1.home1.net\", \
         nonce=\"6629fae49393a05397450978507c4ef1\", uri=\"/\", response=\"b100085716a6b7709242766548d2b1ac\", \
         algorithm=MD5, cnonce=\"0a4f113b\", opaque=\"a\\\"b\\\\c\", qop=auth-int, nc=00000001, auts=\"AA==\""
    );
    assert_eq!(Authorization::parse(&text), Ok(authorization));
    assert_eq!(Authorization::default().encode(), "Digest");
}

#[test]
fn server_reads_strictly() {
    assert_eq!(
        Authorization::parse("Basic QTpC"),
        Err(AuthorizationError::NotDigest)
    );
    assert_eq!(Authorization::parse(""), Err(AuthorizationError::NotDigest));
    assert_eq!(
        Authorization::parse("Digest nc=1, NC=2"),
        Err(AuthorizationError::Duplicate("nc".into()))
    );
    assert_eq!(
        Authorization::parse("Digest realm=\"a"),
        Err(AuthorizationError::Malformed)
    );
    assert_eq!(
        Authorization::parse("Digest realm=\"a\", Digest realm=\"a\""),
        Err(AuthorizationError::Malformed)
    );
}

#[test]
fn every_missing_or_altered_field_fails_the_check() {
    let good = ua_authorization();
    assert!(verify(&good, UA.password, "GET", b""));
    assert!(!verify(&good, UA.password, "GET", b"x"));
    let alterations: [fn(&mut Authorization); 12] = [
        |a| a.username = None,
        |a| a.realm = Some("3GPP-bootstrapping@naf2.home1.net".into()),
        |a| a.nonce = None,
        |a| a.uri = Some("/b".into()),
        |a| a.response = None,
        |a| a.response = Some("B100085716A6B7709242766548D2B1AC".into()),
        |a| a.cnonce = None,
        |a| a.nc = Some("1".into()),
        |a| a.nc = Some("0000000g".into()),
        |a| a.qop = Some("auth".into()),
        |a| a.qop = None,
        |a| a.algorithm = Some("SHA-256".into()),
    ];
    for (index, alter) in alterations.into_iter().enumerate() {
        let mut bad = good.clone();
        alter(&mut bad);
        assert!(!verify(&bad, UA.password, "GET", b""), "alteration {index}");
    }
    let mut unknown = good;
    unknown.qop = Some("auth-conf".into());
    assert!(!verify(
        &unknown.signed(UA.password, "GET", b""),
        UA.password,
        "GET",
        b""
    ));
}

#[test]
fn authentication_info_proves_the_server() {
    let sent = ua_authorization();
    let value = "rspauth=\"c25c57167570cc85d8b240158a2be175\", cnonce=\"0a4f113b\", nc=00000001, qop=auth-int";
    let info = check_authentication_info(value, &sent, UA.password, b"");
    assert_eq!(
        (
            info.rspauth_ok,
            info.echoes_match,
            info.nextnonce.as_deref()
        ),
        (Some(true), true, None)
    );
    assert_eq!(
        check_authentication_info(value, &sent, UA.password, b"x").rspauth_ok,
        Some(false)
    );
    assert_eq!(
        check_authentication_info(value, &sent, b"other", b"").rspauth_ok,
        Some(false)
    );
    let other = check_authentication_info("nc=00000002, nextnonce=n", &sent, UA.password, b"");
    assert_eq!(
        (
            other.rspauth_ok,
            other.echoes_match,
            other.nextnonce.as_deref()
        ),
        (None, false, Some("n"))
    );
}
