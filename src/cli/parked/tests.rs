use super::*;

fn state() -> State {
    let case: ParkedCase = serde_json::from_value(serde_json::json!({
        "id": "TLSS-06[mechanism=ticket]", "scenario": "TLSS-06", "content_sha256": "5e", "run_id": "r",
        "clock": "a clock", "parked_at": 1_780_000_100, "begun": false,
        "pause": { "step": 2, "so_far": { "contributions": [], "controls": [1], "policy_used": {}, "steps": [] },
            "state": { "since": 1_780_000_000, "sessions": [{
                "name": "s", "created": 1_780_000_000, "version": "tls1.2", "suite": 49195, "server_name": "h", "chain": [],
                "proven": true, "means": { "master-secret": { "secret": "abab", "extended": true, "id": "01",
                    "ticket": { "ticket": "cdcdcd", "lifetime": 3600 } } } }] } }
    }))
    .unwrap();
    State {
        version: "0".to_owned(),
        target: StateTarget {
            file: "/t.yaml".into(),
            file_sha256: "aa".to_owned(),
            name: "t".to_owned(),
            url: "https://h/".to_owned(),
            address: "127.0.0.1:1".to_owned(),
        },
        scenarios: Vec::new(),
        policy: Vec::new(),
        risks: Vec::new(),
        cases: vec![case],
    }
}

fn parking(folder: &Path) -> (PathBuf, Arc<FileParking>) {
    let path = folder.join("state");
    let empty = State {
        cases: Vec::new(),
        ..state()
    };
    let parking = FileParking {
        path: path.clone(),
        waiting: Vec::new(),
        state: Mutex::new(empty),
    };
    (path, Arc::new(parking))
}

#[test]
fn every_case_is_on_the_disk_as_soon_as_it_is_parked_and_only_for_its_owner() {
    let folder = tempfile::tempdir().unwrap();
    let (path, parking) = parking(folder.path());
    let case = state().cases.remove(0);
    parking.keep(&case).unwrap();
    assert_eq!(read(&path).unwrap(), state());
    let other = ParkedCase {
        id: "TLSS-08".to_owned(),
        ..case.clone()
    };
    parking.keep(&other).unwrap();
    parking.keep(&case).unwrap();
    let ids =
        |state: State| -> Vec<String> { state.cases.into_iter().map(|case| case.id).collect() };
    assert_eq!(
        ids(read(&path).unwrap()),
        ["TLSS-08", "TLSS-06[mechanism=ticket]"]
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    parking.release("TLSS-08");
    assert_eq!(ids(read(&path).unwrap()), ["TLSS-06[mechanism=ticket]"]);
    parking.release("TLSS-06[mechanism=ticket]");
    assert!(!path.exists());
}

#[test]
fn what_is_not_as_it_was_written_is_not_read_and_not_repeated() {
    let good = encode(&state()).unwrap();
    assert_eq!(decode(good.as_bytes()).unwrap(), state());
    let said = |text: &str| decode(text.as_bytes()).unwrap_err();
    for (text, wanted) in [
        (good.replace("cdcdcd", "cdcdcc"), "damaged"),
        (good.replace(",\"proven\":true", ""), "damaged"),
        (good[..good.len() - 9].to_owned(), "damaged"),
        (
            good.replace("\"format\":1", "\"format\":2"),
            "newer presec (format 2",
        ),
        (
            good.replace(KIND, "other things"),
            "no file of parked cases",
        ),
        ("{}".to_owned(), "no file of parked cases"),
        (String::new(), "no file of parked cases"),
        ("name: lab\n".to_owned(), "no file of parked cases"),
    ] {
        let said = said(&text);
        assert!(said.contains(wanted), "{said}");
        assert!(!said.contains("cdcd") && !said.contains("abab"), "{said}");
    }
    // Whoever mends the checksum of what is no state gets no further.
    let body = "{\"version\":\"0\"}";
    let head = format!(
        "{{\"presec\":\"{KIND}\",\"format\":1,\"sha256\":\"{}\"}}",
        hex::encode(Sha256::digest(body))
    );
    assert!(said(&format!("{head}\n{body}\n")).contains("damaged"));
}

proptest::proptest! {
    #[test]
    fn any_octets_are_one_clear_error(octets: Vec<u8>) {
        proptest::prop_assert!(decode(&octets).is_err());
    }
}
