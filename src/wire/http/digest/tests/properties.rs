//! Whatever a field holds is read without panic, and what is signed verifies.

use super::*;

proptest! {
    #[test]
    fn any_value_is_read(text in r#"(Digest )?([a-z]{1,8}=("[^"]*"|[a-z0-9]*)[, ]*|.){0,20}"#) {
        if let Ok(authorization) = Authorization::parse(&text) {
            let _ = verify(&authorization, b"p", "GET", b"");
            let _ = check_authentication_info(&text, &authorization, b"p", b"");
        }
    }

    #[test]
    fn what_is_signed_verifies(username: String, realm: String, nonce: String, uri: String, body: Vec<u8>) {
        let sent = Authorization {
            username: Some(username),
            realm: Some(realm),
            nonce: Some(nonce),
            uri: Some(uri),
            qop: Some("auth-int".into()),
            nc: Some("0000000f".into()),
            cnonce: Some("c".into()),
            ..Authorization::default()
        }
        .signed(b"p", "PUT", &body);
        let received = Authorization::parse(&sent.encode()).unwrap();
        prop_assert!(verify(&received, b"p", "PUT", &body));
    }
}
