//! Answers of HTTP steps.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::answer_challenge::ChallengeView;
use super::bind::Bind;
use super::names::{NameError, Names};
use super::seen::{Expected, Facts, Fit, Seen};
use super::seen_http::HttpFacts;

/// What an HTTP answer may be claimed to be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// A 2xx.
    Served,
    /// No 2xx, nothing protected in the answer: an error status, or a close by the target.
    NotServed,
    /// The login worked: 2xx, or 404 from behind the authentication.
    Authenticated,
    /// One of these status codes.
    Status(Vec<u16>),
    /// An answer with any status but these.
    NotStatus(Vec<u16>),
    /// A 4xx (or 501, 505) with nothing protected in it, or a close by the target.
    ClientError,
    /// A 401 with a challenge as described.
    Challenge(ChallengeView),
    /// An answer without a challenge as described.
    ChallengeAbsent(ChallengeView),
    /// The same body as the answer saved under this name.
    SameBodyAs(String),
    /// Another body than the answer saved under this name, or none.
    OtherBodyThan(String),
    /// The same status as the answer saved under this name.
    SameStatusAs(String),
    /// An entity tag, and another one than that of the answer saved under this name.
    OtherEntityTagThan(String),
    /// Authentication-Info with a right rspauth.
    ResponseAuthentication,
    /// No Authentication-Info with a wrong rspauth: a right one or none.
    ResponseAuthenticationNotWrong,
    /// A header field with this name is present.
    Header(String),
    /// No header field with this name is present.
    HeaderAbsent(String),
    /// No header field holds this text.
    WithoutText(Bind<String>),
    /// No Server or X-Powered-By names the version of a product.
    NoProductVersion,
    /// Nothing in the body reads like a stack trace or a path of the server's own files.
    NoStackTrace,
    /// No two challenges of a series have the same nonce.
    NoncesDiffer,
    /// At least this many bits differ from nonce to nonce of a series as chance has it.
    NonceBitsVary(u32),
    /// The target answered the series otherwise in the end: 429, 403, 503, or a close.
    Throttled,
    /// The target asked for another TLS handshake on the connection before it answered: by a HelloRequest, or by a
    /// CertificateRequest after the handshake (TLS 1.3).
    HandshakeDemanded,
    /// The early data was not taken.
    EarlyDataRefused,
    /// One of several answers.
    AnyOf(Vec<Self>),
}

/// Fewer nonces say nothing about how they are made.
const ENOUGH_NONCES: usize = 50;

impl Answer {
    /// Whether it is about further TLS handshakes, which not every client shows.
    #[must_use]
    pub fn speaks_of_handshakes(&self) -> bool {
        match self {
            Self::HandshakeDemanded => true,
            Self::AnyOf(answers) => answers.iter().any(Self::speaks_of_handshakes),
            _ => false,
        }
    }

    fn fit_http(&self, facts: &HttpFacts, names: &Names) -> Result<Fit, NameError> {
        if let Self::AnyOf(answers) = self {
            let mut fit = Fit::Unmet;
            for answer in answers {
                fit = fit.or(answer.fit_http(facts, names)?);
            }
            return Ok(fit);
        }
        if let Some(fit) = self.fit_series(facts) {
            return Ok(fit);
        }
        if matches!(self, Self::EarlyDataRefused) {
            return Ok(match facts.early_data_accepted {
                Some(accepted) => Fit::when(!accepted),
                None => Fit::Undecided("no early data was sent".to_owned()),
            });
        }
        if matches!(self, Self::HandshakeDemanded) {
            return Ok(Fit::when(facts.handshake_demanded));
        }
        let Some(status) = facts.status else {
            return Ok(self.fit_unanswered(facts));
        };
        Ok(match self {
            Self::Served => Fit::when(facts.is_success()),
            Self::NotServed if facts.is_success() || facts.leaks_document => Fit::Unmet,
            Self::NotServed if status >= 500 && status != 501 => Fit::Undecided(format!(
                "status {status} does not show why nothing was served"
            )),
            Self::NotServed => Fit::Met,
            Self::ClientError => Fit::when(
                !facts.is_success()
                    && !facts.leaks_document
                    && matches!(status, 400..=499 | 501 | 505),
            ),
            Self::Authenticated => Fit::when(facts.is_success() || status == 404),
            Self::Status(wanted) => Fit::when(wanted.contains(&status)),
            Self::NotStatus(unwanted) => Fit::when(!unwanted.contains(&status)),
            Self::Challenge(_) if status >= 500 => Fit::Undecided(format!(
                "status {status} does not show whether it would challenge"
            )),
            Self::Challenge(view) => Fit::when(status == 401 && view.is_among(facts, names)?),
            Self::ChallengeAbsent(view) => Fit::when(!view.is_among(facts, names)?),
            Self::WithoutText(text) => {
                let text = text.resolve(names)?;
                let holds = |(_, value): &(String, String)| value.contains(&text);
                Fit::when(!facts.headers.iter().any(holds))
            }
            _ => self.fit_content(facts),
        })
    }

    /// What is said of a series as a whole.
    fn fit_series(&self, facts: &HttpFacts) -> Option<Fit> {
        let of_nonces = matches!(self, Self::NoncesDiffer | Self::NonceBitsVary(_));
        if !of_nonces && !matches!(self, Self::Throttled) {
            return None;
        }
        let Some(series) = &facts.series else {
            return Some(Fit::Undecided("the request was sent only once".to_owned()));
        };
        if of_nonces && series.nonces < ENOUGH_NONCES {
            return Some(Fit::Undecided(format!(
                "only {} nonces came, {ENOUGH_NONCES} are needed",
                series.nonces
            )));
        }
        Some(Fit::when(match self {
            Self::NoncesDiffer => series.distinct_nonces == series.nonces,
            Self::NonceBitsVary(least) => series.varying_bits >= *least,
            _ => series.throttled,
        }))
    }

    /// What is said of body, header fields and earlier answers.
    fn fit_content(&self, facts: &HttpFacts) -> Fit {
        let saved = |list: &[(String, bool)], name: &String| {
            let found = list.iter().find(|(saved, _)| saved == name);
            found.map(|(_, holds)| *holds)
        };
        let undecided = |name: &String| Fit::Undecided(format!("nothing was saved as `{name}`"));
        match self {
            Self::SameBodyAs(name) => match saved(&facts.equal_to_saved, name) {
                Some(equal) => Fit::when(equal && facts.is_success()),
                None => undecided(name),
            },
            Self::OtherBodyThan(name) => match saved(&facts.equal_to_saved, name) {
                Some(equal) => Fit::when(!equal && !facts.leaks_document),
                None => undecided(name),
            },
            Self::SameStatusAs(name) => {
                saved(&facts.same_status_as_saved, name).map_or_else(|| undecided(name), Fit::when)
            }
            Self::OtherEntityTagThan(name) => {
                Fit::when(saved(&facts.other_tag_than_saved, name) == Some(true))
            }
            Self::ResponseAuthentication => Fit::when(facts.response_authentication == Some(true)),
            Self::ResponseAuthenticationNotWrong => {
                Fit::when(facts.response_authentication != Some(false))
            }
            Self::Header(name) => Fit::when(facts.has_header(name)),
            Self::HeaderAbsent(name) => Fit::when(!facts.has_header(name)),
            Self::NoProductVersion => Fit::when(!facts.names_product_version()),
            Self::NoStackTrace => Fit::when(!facts.shows_stack_trace),
            _ => Fit::Unmet,
        }
    }

    /// Without a readable answer, only a close by the target is evidence, and only of not being served.
    fn fit_unanswered(&self, facts: &HttpFacts) -> Fit {
        match self {
            Self::NotServed
            | Self::NotStatus(_)
            | Self::ClientError
            | Self::OtherBodyThan(_)
            | Self::HeaderAbsent(_)
            | Self::WithoutText(_)
            | Self::NoProductVersion
            | Self::NoStackTrace
            | Self::ResponseAuthenticationNotWrong
                if facts.closed_instead =>
            {
                Fit::Met
            }
            _ if facts.closed_instead => Fit::Unmet,
            _ => Fit::Undecided("no answer came".to_owned()),
        }
    }
}

impl Expected for Answer {
    fn fit(&self, seen: &Seen, names: &Names) -> Result<Fit, NameError> {
        match &seen.facts {
            Facts::Http(facts) => self.fit_http(facts, names),
            _ => Ok(Fit::Undecided(seen.observed.clone())),
        }
    }

    fn instead(&self, seen: &Seen) -> Option<String> {
        let Facts::Http(facts) = &seen.facts else {
            return None;
        };
        match self {
            Self::SameBodyAs(name) if facts.is_success() => {
                Some(format!("another document than `{name}`"))
            }
            Self::OtherBodyThan(name) if facts.is_success() => {
                Some(format!("the document of `{name}`"))
            }
            Self::OtherEntityTagThan(name) if facts.has_header("etag") => {
                Some(format!("the entity tag of `{name}`"))
            }
            Self::Header(name) if !facts.closed_instead => Some(format!("without {name}")),
            Self::HeaderAbsent(name) => Some(format!("with {name}")),
            _ => None,
        }
    }

    fn is_negative(&self) -> bool {
        match self {
            Self::NotServed
            | Self::NotStatus(_)
            | Self::ClientError
            | Self::ChallengeAbsent(_)
            | Self::OtherBodyThan(_)
            | Self::HeaderAbsent(_)
            | Self::WithoutText(_)
            | Self::NoProductVersion
            | Self::EarlyDataRefused
            | Self::NoStackTrace => true,
            Self::Status(codes) => !codes.iter().any(|code| (200..300).contains(code)),
            Self::AnyOf(answers) => answers.iter().any(Self::is_negative),
            Self::Served
            | Self::Authenticated
            | Self::NoncesDiffer
            | Self::NonceBitsVary(_)
            | Self::Throttled
            | Self::HandshakeDemanded
            | Self::Challenge(_)
            | Self::SameBodyAs(_)
            | Self::SameStatusAs(_)
            | Self::OtherEntityTagThan(_)
            | Self::ResponseAuthentication
            | Self::ResponseAuthenticationNotWrong
            | Self::Header(_) => false,
        }
    }

    fn describe(&self) -> String {
        let codes = |codes: &[u16]| {
            codes
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join(" or ")
        };
        match self {
            Self::Served => "a 2xx answer".to_owned(),
            Self::NotServed => "no 2xx and no protected content".to_owned(),
            Self::Authenticated => "an answer from behind the authentication".to_owned(),
            Self::Status(wanted) => format!("status {}", codes(wanted)),
            Self::NotStatus(unwanted) => format!("any status but {}", codes(unwanted)),
            Self::ClientError => "a client error without protected content, or a close".to_owned(),
            Self::Challenge(view) => view.describe(),
            Self::ChallengeAbsent(view) => format!("anything but {}", view.describe()),
            Self::OtherBodyThan(name) => format!("not the document of `{name}`"),
            Self::SameStatusAs(name) => format!("the same status as `{name}`"),
            Self::OtherEntityTagThan(name) => format!("an entity tag other than that of `{name}`"),
            Self::ResponseAuthenticationNotWrong => {
                "no Authentication-Info with a wrong rspauth".to_owned()
            }
            Self::HeaderAbsent(name) => format!("no {name} header"),
            Self::WithoutText(text) => format!("no header field that holds {text}"),
            Self::NoProductVersion => {
                "no version of a product in Server or X-Powered-By".to_owned()
            }
            Self::NoStackTrace => "no stack trace in the body".to_owned(),
            Self::NoncesDiffer => "another nonce in each challenge".to_owned(),
            Self::NonceBitsVary(least) => format!("at least {least} varying bits in the nonces"),
            Self::Throttled => "an end to the guessing: 429, 403, 503 or a close".to_owned(),
            Self::EarlyDataRefused => "early data not taken".to_owned(),
            Self::HandshakeDemanded => "a demand for another TLS handshake".to_owned(),
            Self::SameBodyAs(name) => format!("the same document as `{name}`"),
            Self::ResponseAuthentication => "Authentication-Info with a right rspauth".to_owned(),
            Self::Header(name) => format!("a {name} header"),
            Self::AnyOf(answers) => answers
                .iter()
                .map(Self::describe)
                .collect::<Vec<_>>()
                .join("; or "),
        }
    }

    fn to_provide(&self) -> Option<&'static str> {
        // Scenarios ask for this where a document that is missing looks like one that is withheld.
        match self {
            Self::NotStatus(unwanted) if unwanted.as_slice() == [404] => {
                Some("create the document of `documents.default` for the subscriber and run again")
            }
            _ => None,
        }
    }
}
