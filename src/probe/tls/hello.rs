//! The hello a step asks for, and the hello of the control that differs from it in one thing.

use super::code_points::{group, hex_u16, signature_scheme};
use super::exchange::Manner;
use super::probe::TlsProbeSettings;
use super::session::SavedSession;
use super::survey::Accepted;
use crate::engine::ports::Trouble;
use crate::model::bind::{Bind, resolve_all};
use crate::model::names::Names;
use crate::model::step_tls::{DiffersBy, HelloForm, HelloQuirk, TlsOffer};
use crate::model::suite::ProtocolVersion;
use crate::wire::tls::extension::GREASE;
use crate::wire::tls::hello::{HelloQuirks, is_grease};
use crate::wire::tls::offer::{DEFAULT_GROUPS, Offer};

/// Code points that fill an oversized list: 65,000 octets.
const FILLERS: usize = 32_500;
/// The compression method of RFC 3749.
const DEFLATE: u8 = 1;
/// Octets announced beyond the end of an overlong handshake message.
const OVERLONG: i32 = 64;
/// Record header, handshake header, version and half of the random.
const HALF_OF_THE_RANDOM: usize = 5 + 4 + 2 + 16;
/// Octets of each record of a fragmented hello.
const FRAGMENT: u16 = 16;
/// Octets of padding in an oversized hello: with it, the hello is longer than any record may be, even an encrypted one.
const PADDING: u16 = 20_000;
/// Pieces of garbage before a hello.
const GARBAGE: usize = 16;

/// A hello to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hello {
    /// What it offers.
    pub(super) offer: Offer,
    /// How it is sent.
    pub(super) manner: Manner,
}

impl Hello {
    /// An ordinary offer of `suites`.
    pub(super) fn ordinary(version: ProtocolVersion, suites: Vec<u16>, host: &str) -> Self {
        let mut offer = Offer::new(version, suites);
        offer.server_name = named(host);
        Self {
            offer,
            manner: Manner::Whole,
        }
    }
}

/// A control: the hello, what it must select, and what it is in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ControlHello {
    /// The hello.
    pub(super) hello: Hello,
    /// The suite that must be selected; any when `None`.
    pub(super) selects: Option<u16>,
    /// In words.
    pub(super) label: String,
}

/// Host names go into server_name, addresses do not (RFC 6066 3).
fn named(host: &str) -> Option<String> {
    let bare = host.trim_matches(['[', ']']);
    bare.parse::<std::net::IpAddr>()
        .is_err()
        .then(|| host.trim_end_matches('.').to_owned())
}

/// Builds hellos for the steps of one case.
pub(super) struct HelloBuilder<'a> {
    /// What the probe works with.
    pub(super) settings: &'a TlsProbeSettings,
    /// What the target is known to accept.
    pub(super) accepted: &'a Accepted,
    /// Values of `$names`.
    pub(super) names: &'a Names,
}

impl HelloBuilder<'_> {
    /// The hello of a step; `saved` is the session whose id is offered.
    pub(super) fn hello(
        &self,
        step: &TlsOffer,
        saved: Option<&SavedSession>,
    ) -> Result<Hello, Trouble> {
        let version = self.version(step, saved)?;
        let mut offer = Offer::new(version, self.suites(step, version, saved)?);
        let host = match (&step.server_name, saved) {
            (Some(bind), _) => bind.resolve(self.names)?,
            (None, Some(saved)) => saved.server_name.clone(),
            (None, None) => self.settings.target.host.clone(),
        };
        offer.server_name = (host != "none").then(|| named(&host)).flatten();
        offer.groups = self.code_points(&step.groups, "group", group)?;
        offer.signature_schemes = self.code_points(
            &step.signature_schemes,
            "signature scheme",
            signature_scheme,
        )?;
        offer.record_version = self.hex(step.record_version.as_ref())?;
        offer.client_version = self.hex(step.client_version.as_ref())?;
        if let Some(saved) = saved {
            offer.session_id.clone_from(&saved.session_id);
            if step.without_session_suite {
                offer.suites.retain(|suite| Some(*suite) != saved.suite);
            }
            if offer.suites.is_empty() && step.without_session_suite {
                let what = "no suite is offered besides the one of the session; name some";
                return Err(Trouble::Fault(what.to_owned()));
            }
            let session = saved.of_lab().filter(|_| step.session_of.is_some());
            if let Some(ticket) = session.and_then(|session| session.ticket.as_ref()) {
                offer.session_ticket = Some(ticket.ticket.expose().to_vec());
                // An id of one's own shows that the ticket was taken (RFC 5077 3.4).
                offer.session_id = vec![0x70; 32];
            }
        }
        if step.compression {
            offer.compressions = vec![DEFLATE, 0];
        }
        offer.grease = step.grease;
        if step.grease {
            offer.suites.insert(0, GREASE);
        }
        let manner = self.spoil(&mut offer, step.quirk);
        Ok(Hello { offer, manner })
    }

    /// The control beside `hello` that makes good what `step` has wrong.
    pub(super) fn control(&self, step: &TlsOffer, hello: &Hello) -> ControlHello {
        let mut offer = hello.offer.clone();
        // The session stays untouched until it is offered for real.
        offer.session_id.clear();
        offer.session_ticket = None;
        if step.without_session_suite {
            return ControlHello {
                hello: Hello {
                    offer,
                    manner: hello.manner,
                },
                selects: None,
                label: "the same hello without the session id".to_owned(),
            };
        }
        match step.differs_by {
            DiffersBy::Suites => return self.with_known_suite(offer, hello.manner),
            DiffersBy::Version => return self.in_accepted_version(offer),
            DiffersBy::Groups => {
                let groups = offer.groups.get_or_insert_default();
                groups.extend(DEFAULT_GROUPS);
            }
            DiffersBy::SignatureSchemes => offer.signature_schemes = None,
            DiffersBy::ServerName => offer.server_name = named(&self.settings.target.host),
            DiffersBy::FallbackScsv => offer.suites.retain(|suite| *suite != FALLBACK_SCSV),
            DiffersBy::Quirk => return self.without_quirk(offer, step),
        }
        let label = match step.differs_by {
            DiffersBy::Groups => "the same hello with the usual groups as well",
            DiffersBy::SignatureSchemes => "the same hello with the usual signature schemes",
            DiffersBy::FallbackScsv => "the same hello without TLS_FALLBACK_SCSV",
            _ => "the same hello with the target's own name",
        };
        ControlHello {
            hello: Hello {
                offer,
                manner: hello.manner,
            },
            selects: None,
            label: label.to_owned(),
        }
    }

    /// An ordinary offer in the best version the target accepts; in TLS 1.2 when none is known.
    pub(super) fn baseline(&self) -> ControlHello {
        let version = self.accepted.best().unwrap_or(ProtocolVersion::Tls12);
        let suites = self.settings.baseline_of(version);
        ControlHello {
            hello: Hello::ordinary(version, suites, &self.settings.target.host),
            selects: None,
            label: format!("an ordinary offer in {version}"),
        }
    }

    fn with_known_suite(&self, mut offer: Offer, manner: Manner) -> ControlHello {
        let Some(known) = self.accepted.suite(offer.version) else {
            return self.baseline();
        };
        offer.suites.retain(|suite| *suite != known);
        offer.suites.push(known);
        ControlHello {
            hello: Hello { offer, manner },
            selects: Some(known),
            label: format!("the same hello and {}", self.settings.registry.label(known)),
        }
    }

    fn in_accepted_version(&self, mut offer: Offer) -> ControlHello {
        let Some(version) = self.accepted.best_but(offer.version) else {
            return self.baseline();
        };
        offer.version = version;
        offer.client_version = None;
        offer.record_version = None;
        if let Some(known) = self.accepted.suite(version)
            && !offer.suites.contains(&known)
        {
            offer.suites.push(known);
        }
        ControlHello {
            hello: Hello {
                offer,
                manner: Manner::Whole,
            },
            selects: None,
            label: format!("the same suites in {version}"),
        }
    }

    fn without_quirk(&self, mut offer: Offer, step: &TlsOffer) -> ControlHello {
        let fillers = step.quirk == Some(HelloQuirk::OversizedSuiteList);
        if fillers {
            offer.suites.drain(..FILLERS.min(offer.suites.len()));
        }
        offer.quirks = HelloQuirks::default();
        if let Some(known) = self.accepted.suite(offer.version)
            && !offer.suites.contains(&known)
        {
            offer.suites.push(known);
        }
        ControlHello {
            hello: Hello {
                offer,
                manner: Manner::Whole,
            },
            selects: None,
            label: "the same hello without its flaw".to_owned(),
        }
    }

    /// The version that a step offers.
    pub(super) fn version(
        &self,
        step: &TlsOffer,
        saved: Option<&SavedSession>,
    ) -> Result<ProtocolVersion, Trouble> {
        if step.form == HelloForm::Ssl2 {
            return Ok(ProtocolVersion::Ssl2);
        }
        if let Some(bind) = &step.version {
            return version_of(&bind.resolve(self.names)?);
        }
        if self.only_tls13(step)? {
            return Ok(ProtocolVersion::Tls13);
        }
        let best = saved
            .and_then(|saved| saved.version)
            .or_else(|| self.accepted.best_up_to(ProtocolVersion::Tls12))
            .or_else(|| self.accepted.best());
        Ok(best.unwrap_or(ProtocolVersion::Tls12))
    }

    /// Whether every suite of the step exists in TLS 1.3 only.
    fn only_tls13(&self, step: &TlsOffer) -> Result<bool, Trouble> {
        let registry = &self.settings.registry;
        let suites = resolve_all(&step.suites, self.names)?;
        Ok(!suites.is_empty()
            && suites.iter().all(|text| {
                let record = registry
                    .resolve(text)
                    .and_then(|code| registry.by_code(code));
                record.is_some_and(|record| record.versions.minimum == ProtocolVersion::Tls13)
            }))
    }

    fn suites(
        &self,
        step: &TlsOffer,
        version: ProtocolVersion,
        saved: Option<&SavedSession>,
    ) -> Result<Vec<u16>, Trouble> {
        if step.suites.is_empty() {
            let saved = saved.filter(|_| !step.without_session_suite);
            let of_session = saved.and_then(|saved| saved.suite);
            return Ok(
                of_session.map_or_else(|| self.settings.baseline_of(version), |suite| vec![suite])
            );
        }
        resolve_all(&step.suites, self.names)?
            .iter()
            .map(|text| {
                self.settings.registry.resolve(text).ok_or_else(|| {
                    Trouble::Fault(format!("`{text}` is no cipher suite and no hex code point"))
                })
            })
            .collect()
    }

    fn code_points(
        &self,
        binds: &[Bind<String>],
        what: &str,
        read: fn(&str) -> Option<u16>,
    ) -> Result<Option<Vec<u16>>, Trouble> {
        if binds.is_empty() {
            return Ok(None);
        }
        resolve_all(binds, self.names)?
            .iter()
            .map(|text| read(text).ok_or_else(|| Trouble::Fault(format!("`{text}` is no {what}"))))
            .collect::<Result<_, _>>()
            .map(Some)
    }

    fn hex(&self, bind: Option<&Bind<String>>) -> Result<Option<u16>, Trouble> {
        let Some(bind) = bind else {
            return Ok(None);
        };
        let text = bind.resolve(self.names)?;
        let code = hex_u16(&text)
            .ok_or_else(|| Trouble::Fault(format!("`{text}` is no version in four hex digits")))?;
        Ok(Some(code))
    }

    /// Puts the quirk in; how the hello has to be sent for it.
    fn spoil(&self, offer: &mut Offer, quirk: Option<HelloQuirk>) -> Manner {
        match quirk {
            None => {}
            Some(HelloQuirk::Dripped) => return Manner::Dripped,
            Some(HelloQuirk::OddSuiteLength) => offer.quirks.odd_suites = true,
            Some(HelloQuirk::NoSuites) => offer.quirks.no_suites = true,
            Some(HelloQuirk::Fragmented) => offer.quirks.fragment = Some(FRAGMENT),
            Some(HelloQuirk::FragmentedSingly) => offer.quirks.fragment = Some(1),
            Some(HelloQuirk::OversizedHello) => offer.quirks.padding = Some(PADDING),
            Some(HelloQuirk::OversizedRecord) => {
                offer.quirks.padding = Some(PADDING);
                offer.quirks.one_record = true;
            }
            Some(HelloQuirk::GarbageFirst) => offer.quirks.garbage = GARBAGE,
            Some(HelloQuirk::OversizedSuiteList) => {
                let mut suites = self.unassigned();
                suites.append(&mut offer.suites);
                offer.suites = suites;
            }
            Some(HelloQuirk::OverlongHandshakeLength) => {
                offer.quirks.handshake_length_delta = OVERLONG;
                return Manner::HalfClose;
            }
            Some(HelloQuirk::Truncated) => {
                offer.quirks.truncate = Some(HALF_OF_THE_RANDOM);
                return Manner::HalfClose;
            }
        }
        Manner::Whole
    }

    fn unassigned(&self) -> Vec<u16> {
        (0..=u16::MAX)
            .filter(|code| !is_grease(*code) && self.settings.registry.by_code(*code).is_none())
            .filter(|code| !SIGNALLING.contains(code))
            .take(FILLERS)
            .collect()
    }
}

/// TLS_EMPTY_RENEGOTIATION_INFO_SCSV and TLS_FALLBACK_SCSV: they mean something without being suites.
pub(super) const SIGNALLING: [u16; 2] = [0x00FF, FALLBACK_SCSV];

/// TLS_FALLBACK_SCSV (RFC 7507).
const FALLBACK_SCSV: u16 = 0x5600;

/// The version with this name.
pub(super) fn version_of(text: &str) -> Result<ProtocolVersion, Trouble> {
    text.parse()
        .map_err(|error: crate::model::suite::UnknownVersion| Trouble::Fault(error.to_string()))
}
