//! `presec doctor`: the way to a target, checked step by step before anybody blames the target.

use std::sync::Arc;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

use crate::engine::gate::Exit;
use crate::engine::ports::{Case, CaseContext, Clock, Probe};
use crate::load::Library;
use crate::model::answer_http::Answer;
use crate::model::bind::Bind;
use crate::model::claim::Claim;
use crate::model::names::Names;
use crate::model::seen::{Facts, Seen};
use crate::model::seen_tls::{CertificateFacts, NameSource};
use crate::model::step::Step;
use crate::model::step_http::{Credentials, Http, Login, Origin};
use crate::model::target::Declared;
use crate::report::listing::checks;

use super::args::DoctorArgs;
use super::clock::SystemClock;
use super::context::{Context, say};
use super::failure::Failure;
use super::place::Place;
use super::situation::situation;

/// How far the target's clock may be off before dates in verdicts become doubtful.
const TOLERATED_SKEW_SECONDS: i64 = 60;

/// The subscriber of the target file who may not use the service.
const NO_SERVICE: &str = "no_service";

/// Checks the way to the target and says what is wrong in words.
///
/// # Errors
/// A target file that cannot be used.
pub(crate) async fn doctor(args: &DoctorArgs, context: &Context) -> Result<Exit, Failure> {
    let library = Arc::new(Library::embedded()?);
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let place = Place::of_file(&args.target, &library, context, (Arc::clone(&clock), 1)).await?;
    let known =
        situation(&place.loaded, &place.target, &library, &[], &[]).map_err(Failure::usage)?;
    let mut visit = Visit {
        place: &place,
        names: known.names,
        clock,
        troubles: 0,
        rows: Vec::new(),
    };
    visit.all().await;
    let (troubles, rows) = (visit.troubles, visit.rows);
    let end = match troubles {
        0 => format!("the way to {} is clear", place.target.name),
        1 => "1 trouble; mend it before you believe verdicts".to_owned(),
        many => format!("{many} troubles; mend them before you believe verdicts"),
    };
    place.close().await;
    say(&format!("{}{end}\n", checks(&rows, context.width)));
    Ok(if troubles == 0 {
        Exit::Met
    } else {
        Exit::Undecided
    })
}

struct Visit<'a> {
    place: &'a Place,
    names: Names,
    clock: Arc<dyn Clock>,
    troubles: usize,
    rows: Vec<(&'static str, String)>,
}

impl Visit<'_> {
    async fn all(&mut self) {
        if !self.reachable().await {
            return;
        }
        let mut case = self.case("doctor");
        self.certificate(case.as_mut()).await;
        self.answer(case.as_mut()).await;
        let subscribers: Vec<String> = self.place.target.subscribers.keys().cloned().collect();
        for name in &subscribers {
            self.login(case.as_mut(), name).await;
        }
        let declared_none = self.place.loaded.target.subscribers == Some(Declared::None);
        if declared_none {
            self.note(
                "subscribers",
                "declared none: what needs a login is not judged",
            );
        } else if subscribers.is_empty() {
            self.trouble(
                "subscribers",
                "none is set: whatever needs a login is inconclusive",
            );
        }
        self.observer(case.as_mut(), subscribers.first()).await;
        self.unknown_policy();
        for note in case.finish().await {
            self.trouble("undo", &note);
        }
    }

    fn case(&self, id: &str) -> Box<dyn Case> {
        self.place.probe.open(CaseContext {
            id: id.to_owned(),
            run_id: "doctor".to_owned(),
            seed: 1,
            may_be_parked: false,
            trace: crate::engine::trace::Trace::none(),
        })
    }

    fn good(&mut self, what: &str, text: &str) {
        self.rows.push(("ok", format!("{what}: {text}")));
    }

    fn trouble(&mut self, what: &str, text: &str) {
        self.troubles += 1;
        self.rows.push(("TROUBLE", format!("{what}: {text}")));
    }

    fn note(&mut self, what: &str, text: &str) {
        self.rows.push(("note", format!("{what}: {text}")));
    }

    async fn reachable(&mut self) -> bool {
        let survey = self.place.probe.survey().await;
        let address = self.place.target.address;
        if let Some(because) = survey.target.unreachable {
            self.trouble("reachability", &format!("{address}: {because}"));
            return false;
        }
        let versions: Vec<String> = survey
            .target
            .accepted_versions
            .iter()
            .map(|(version, suite)| format!("{version} ({suite})"))
            .collect();
        self.good(
            "reachability",
            &format!("{address} speaks {}", versions.join(", ")),
        );
        self.names.extend(&survey.names);
        true
    }

    async fn certificate(&mut self, case: &mut dyn Case) {
        let step = Step::TlsConnect(Box::default());
        match case.perform(&step, &self.names).await {
            Ok(Seen {
                facts: Facts::Connection(facts),
                ..
            }) => match facts.certificate {
                Some(certificate) => self.judge_certificate(&certificate),
                None => self.trouble("certificate", "none was seen"),
            },
            Ok(seen) => self.trouble("handshake", &seen.observed),
            Err(trouble) => self.trouble("handshake", &trouble.to_string()),
        }
    }

    fn judge_certificate(&mut self, certificate: &CertificateFacts) {
        let names = certificate.names.join(", ");
        if certificate.name_source == NameSource::None {
            let host = self.place.target.host.clone();
            self.trouble("certificate", &format!("names {names}, not {host}"));
        }
        if !certificate.valid_now {
            self.trouble(
                "certificate",
                "now is outside its validity period (or a clock is wrong)",
            );
        }
        match &certificate.path_problem {
            _ if !certificate.root_configured => self.trouble(
                "certificate",
                "ut.ca is not set, so nothing can verify the chain; credentials will not be sent",
            ),
            Some(problem) => self.trouble("certificate", &format!("does not verify: {problem}")),
            None => self.good("certificate", &format!("verifies, names {names}")),
        }
    }

    async fn answer(&mut self, case: &mut dyn Case) {
        let request = self.request("plain", Credentials::None, None);
        match case.perform(&request, &self.names).await {
            Ok(Seen {
                facts: Facts::Http(facts),
                observed,
                ..
            }) => {
                self.good("answer", &observed);
                let date = facts.headers.iter().find(|(name, _)| name == "date");
                self.skew(date.map(|(_, value)| value.as_str()));
            }
            Ok(seen) => self.trouble("answer", &seen.observed),
            Err(trouble) => self.trouble("answer", &trouble.to_string()),
        }
    }

    fn skew(&mut self, date: Option<&str>) {
        let Some(date) = date else {
            self.note(
                "clock",
                "answers carry no Date, so the clocks cannot be compared",
            );
            return;
        };
        let text = date.replace("GMT", "+0000");
        match OffsetDateTime::parse(&text, &Rfc2822) {
            Ok(theirs) => {
                let seconds = (theirs - self.clock.now()).whole_seconds();
                if seconds.abs() > TOLERATED_SKEW_SECONDS {
                    self.trouble(
                        "clock",
                        &format!("the target's clock is off by {seconds} s"),
                    );
                } else {
                    self.good("clock", "the target's Date agrees with this machine");
                }
            }
            Err(_) => self.note("clock", &format!("the Date `{date}` cannot be read")),
        }
    }

    /// A subscriber who may not use the service: the right answer to her login is 403.
    async fn without_service(&mut self, case: &mut dyn Case) {
        let step = Step::Login(Login {
            subscriber: NO_SERVICE.to_owned(),
            session: NO_SERVICE.to_owned(),
            host: None,
            // With a claim the answer is what is looked at, and no control.
            expect: vec![Claim::permits(Answer::Status(vec![403]))],
        });
        let what = format!("login of {NO_SERVICE}");
        match case.perform(&step, &self.names).await {
            Ok(seen) => match &seen.facts {
                Facts::Http(facts) if facts.status == Some(403) => {
                    self.good(&what, &format!("{}, as it should be", seen.observed));
                }
                Facts::Http(facts) if facts.status == Some(401) => {
                    self.trouble(&what, &seen.observed);
                }
                _ => self.note(
                    &what,
                    &format!("{}; a 403 was to be expected", seen.observed),
                ),
            },
            Err(trouble) => self.trouble(&what, &trouble.to_string()),
        }
    }

    async fn login(&mut self, case: &mut dyn Case, name: &str) {
        if name == NO_SERVICE {
            return self.without_service(case).await;
        }
        let step = Step::Login(Login {
            subscriber: name.to_owned(),
            session: name.to_owned(),
            host: None,
            expect: Vec::new(),
        });
        match case.perform(&step, &self.names).await {
            Ok(seen) => {
                self.good(&format!("login of {name}"), &seen.observed);
                if matches!(&seen.facts, Facts::Http(facts) if facts.status == Some(404)) {
                    self.note(
                        "documents",
                        &format!("{name}'s does not exist; where wrong credentials get 404 as well, nothing is proven: create it"),
                    );
                }
            }
            Err(trouble) => self.trouble(&format!("login of {name}"), &trouble.to_string()),
        }
    }

    async fn observer(&mut self, case: &mut dyn Case, subscriber: Option<&String>) {
        match &self.place.loaded.target.origin_observer {
            Some(Declared::Given(_)) => {}
            Some(Declared::None) => {
                self.note(
                    "origin observer",
                    "declared none: what needs it is not judged",
                );
                return;
            }
            None => {
                self.note("origin observer", "not set: what needs it is inconclusive");
                return;
            }
        }
        let Some(subscriber) = subscriber else { return };
        let request = self.request(subscriber, Credentials::Session, Some("doctor"));
        if let Err(trouble) = case.perform(&request, &self.names).await {
            self.trouble("origin observer", &trouble.to_string());
            return;
        }
        let look = Step::Origin(Origin {
            marker: "doctor".to_owned(),
            within: Some("2s".to_owned()),
            expect: Vec::new(),
        });
        match case.perform(&look, &self.names).await {
            Ok(Seen { facts: Facts::Origin(facts), .. }) if facts.requests > 0 => {
                self.good("origin observer", "the marker came through the proxy");
                if !facts.header_names.iter().any(|name| name == "x-presec-marker") {
                    self.note("origin observer", "only by User-Agent: the proxy drops X-Presec-Marker");
                }
            }
            Ok(_) => self.trouble(
                "origin observer",
                "an authenticated request did not arrive with its marker; does the proxy forward to origin_observer.listen?",
            ),
            Err(trouble) => self.trouble("origin observer", &trouble.to_string()),
        }
    }

    fn unknown_policy(&mut self) {
        let known = &self.place.loaded.target.policy;
        let unknown: Vec<&str> = crate::model::policy::POLICY_KEYS
            .iter()
            .filter(|key| key.written && !known.contains_key(key.name))
            .map(|key| key.name)
            .collect();
        if !unknown.is_empty() {
            self.note(
                "policy",
                &format!(
                    "unknown, so inconclusive where it matters: {}",
                    unknown.join(", ")
                ),
            );
        }
    }

    fn request(&self, session: &str, credentials: Credentials, marker: Option<&str>) -> Step {
        let document = Bind::Name("own_document".to_owned());
        Step::Http(Box::new(Http {
            marker: marker.map(str::to_owned),
            credentials,
            ..Http::get(session, document)
        }))
    }
}
