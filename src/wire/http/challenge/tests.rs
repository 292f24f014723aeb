use super::*;
use proptest::prelude::{prop_assert, proptest};

fn one(value: &str) -> Challenge {
    let challenges = parse_challenges([value]);
    assert_eq!(challenges.flaws, []);
    assert_eq!(challenges.list.len(), 1, "{challenges:?}");
    challenges.list.into_iter().next().unwrap()
}

#[test]
fn reads_what_httpd_sends() {
    // From fixtures/wire/http/apache-2.4.71.
    let stale = one(
        r#"Digest realm="3GPP-bootstrapping@ps.example.test", nonce="HPBdS79gBgA=b7d0b5d306c68a16aeaa324af946c95585a99377", algorithm=MD5, stale=true, qop="auth""#,
    );
    assert!(stale.is_digest());
    assert_eq!(stale.realm(), Some("3GPP-bootstrapping@ps.example.test"));
    assert_eq!(
        stale.nonce(),
        Some("HPBdS79gBgA=b7d0b5d306c68a16aeaa324af946c95585a99377")
    );
    assert_eq!(stale.algorithm(), Some("MD5"));
    assert_eq!(stale.stale(), Some(true));
    assert_eq!(stale.qop(), ["auth"]);
    assert_eq!(stale.opaque(), None);
    assert!(
        stale
            .params
            .iter()
            .all(|param| param.quoted == !matches!(param.name.as_str(), "algorithm" | "stale"))
    );
    let one_time =
        one(r#"Digest realm="r", nonce="AQAAAAAAAAA=d504", algorithm=MD5, opaque="1", qop="auth""#);
    assert_eq!(one_time.opaque(), Some("1"));
    assert_eq!(one_time.stale(), None);
}

#[test]
fn several_challenges_in_one_field_and_in_several() {
    // RFC 9110, 11.6.1.
    let both = parse_challenges([
        r#"Basic realm="simple", Newauth realm="apps", type=1, title="Login to \"apps\"""#,
    ]);
    assert_eq!(both.flaws, []);
    let schemes: Vec<&str> = both
        .list
        .iter()
        .map(|challenge| challenge.scheme.as_str())
        .collect();
    assert_eq!(schemes, ["Basic", "Newauth"]);
    assert_eq!(both.list[1].param("title"), Some("Login to \"apps\""));
    // RFC 7616, 3.9.1: two fields, strongest first.
    let fields = parse_challenges([
        r#"Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=SHA-256, nonce="n""#,
        r#"Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=MD5, nonce="n""#,
    ]);
    assert_eq!(fields.list.len(), 2);
    assert_eq!(fields.digest().unwrap().algorithm(), Some("SHA-256"));
    assert_eq!(fields.list[0].qop(), ["auth", "auth-int"]);
}

#[test]
fn token68_and_bare_schemes() {
    let list =
        parse_challenges(["Negotiate, Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==, Digest nonce=abc"]).list;
    assert_eq!(list.len(), 3);
    assert_eq!(
        list[0],
        Challenge {
            scheme: "Negotiate".into(),
            ..Challenge::default()
        }
    );
    assert_eq!(
        list[1].token68.as_deref(),
        Some("QWxhZGRpbjpvcGVuIHNlc2FtZQ==")
    );
    assert_eq!(list[2].nonce(), Some("abc"));
}

#[test]
fn spaces_around_equals_and_empty_elements() {
    let challenge = one(",, Digest  , realm = \"a, b=c\" ,, nonce\t=\tn ,");
    assert_eq!(challenge.realm(), Some("a, b=c"));
    assert_eq!(challenge.nonce(), Some("n"));
}

#[test]
fn deviations_are_noted() {
    let flaws = |value: &str| parse_challenges([value]).flaws;
    assert_eq!(
        flaws(r#"Digest realm="a" nonce="b""#),
        [ChallengeFlaw::MissingComma]
    );
    assert_eq!(
        flaws(r#"Digest realm="a"#),
        [ChallengeFlaw::UnterminatedQuote]
    );
    assert_eq!(
        flaws(r#"Digest realm="a\"#),
        [ChallengeFlaw::UnterminatedQuote]
    );
    assert_eq!(flaws("Digest realm=a/b, x="), [ChallengeFlaw::BadToken]);
    assert_eq!(
        flaws(r#"Digest realm="a", REALM="b""#),
        [ChallengeFlaw::DuplicateParam]
    );
    assert_eq!(flaws("realm=x"), [ChallengeFlaw::ParamWithoutScheme]);
    assert_eq!(
        flaws("@ Digest realm=x"),
        [ChallengeFlaw::UnexpectedCharacter]
    );
    let twice = parse_challenges([r#"Digest realm="a", REALM="b", realm=c"#]).list;
    assert_eq!(twice[0].realm(), Some("a"));
    assert_eq!(twice[0].duplicate_params(), ["realm"]);
}

#[test]
fn numbers_are_bounded() {
    let many = "A, ".repeat(100);
    let challenges = parse_challenges([many.as_str()]);
    assert_eq!(challenges.list.len(), MAX_CHALLENGES);
    assert_eq!(challenges.flaws, [ChallengeFlaw::TooManyChallenges]);
    let wide: String = (0..100).map(|index| format!("p{index}=1,")).collect();
    let challenges = parse_challenges([format!("Digest {wide}").as_str()]);
    assert_eq!(challenges.list[0].params.len(), MAX_PARAMS);
    assert_eq!(challenges.flaws, [ChallengeFlaw::TooManyParams]);
}

#[test]
fn params_without_scheme() {
    let (params, flaws) =
        parse_params(r#"rspauth="c25c57", cnonce="0a4f113b", nc=00000001, qop=auth-int"#);
    assert_eq!(flaws, []);
    assert_eq!(params.len(), 4);
    assert_eq!(
        params[2],
        Param {
            name: "nc".into(),
            value: "00000001".into(),
            quoted: false
        }
    );
}

#[test]
fn bootstrapping_realms_are_split() {
    // The order and the separator seen in TS 24.109 clients.
    let realms = bootstrapping_realms(
        "3GPP-bootstrapping-uicc@x.test; 3GPP-bootstrapping@x.test;other@x;3GPP-bootstrapping@",
    );
    assert_eq!(
        realms,
        [
            BootstrappingRealm {
                prefix: BootstrappingPrefix::Uicc,
                fqdn: "x.test".into()
            },
            BootstrappingRealm {
                prefix: BootstrappingPrefix::Me,
                fqdn: "x.test".into()
            },
        ]
    );
    assert_eq!(realms[0].to_string(), "3GPP-bootstrapping-uicc@x.test");
    assert_eq!(
        bootstrapping_realms("3GPP-bootstrapping-digest@n")[0].prefix,
        BootstrappingPrefix::Digest
    );
    assert_eq!(bootstrapping_realms("plain"), []);
}

proptest! {
    #[test]
    fn any_text_is_read_with_bounds(value in r#"[ ,="\\a-cD\t/é;]{0,300}|.{0,200}"#) {
        let challenges = parse_challenges([value.as_str(), value.as_str()]);
        prop_assert!(challenges.list.len() <= MAX_CHALLENGES);
        prop_assert!(challenges.list.iter().all(|challenge| challenge.params.len() <= MAX_PARAMS));
        prop_assert!(parse_params(&value).0.len() <= MAX_PARAMS);
        let _ = bootstrapping_realms(&value);
    }
}
