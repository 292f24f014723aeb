//! TLS profiles of the 3GPP releases: what a target of a release has to offer, select and refuse.
//!
//! The data is in `scenarios/profiles/`. Every row says where it comes from and how sure it is,
//! because the tester may only fail a target on rows that were read or are remembered for sure.

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::requirement::Confidence;
use super::suite::ProtocolVersion;

/// A 3GPP release.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the variants are the releases' numbers")]
pub enum Release {
    Rel6,
    Rel7,
    Rel8,
    Rel9,
    Rel10,
    Rel11,
    Rel12,
    Rel13,
    Rel14,
    Rel15,
    Rel16,
    Rel17,
    Rel18,
}

impl Release {
    /// Every release with a profile, oldest first.
    pub const ALL: [Self; 13] = [
        Self::Rel6,
        Self::Rel7,
        Self::Rel8,
        Self::Rel9,
        Self::Rel10,
        Self::Rel11,
        Self::Rel12,
        Self::Rel13,
        Self::Rel14,
        Self::Rel15,
        Self::Rel16,
        Self::Rel17,
        Self::Rel18,
    ];
}

impl fmt::Display for Release {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Rel6 => "rel6",
            Self::Rel7 => "rel7",
            Self::Rel8 => "rel8",
            Self::Rel9 => "rel9",
            Self::Rel10 => "rel10",
            Self::Rel11 => "rel11",
            Self::Rel12 => "rel12",
            Self::Rel13 => "rel13",
            Self::Rel14 => "rel14",
            Self::Rel15 => "rel15",
            Self::Rel16 => "rel16",
            Self::Rel17 => "rel17",
            Self::Rel18 => "rel18",
        })
    }
}

/// What a profile demands of the target regarding one thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Demand {
    /// The target shall support it.
    Shall,
    /// The target should support it.
    Should,
    /// The target may support it.
    May,
    /// The target should refuse it.
    ShouldNot,
    /// The target shall refuse it.
    ShallNot,
}

/// One protocol version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VersionRow {
    /// What the release demands.
    pub demand: Demand,
    /// Document and clause, or what the row was concluded from.
    pub source: String,
    /// How sure it is.
    pub confidence: Confidence,
}

/// Suites that are to be supported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SuitesRow {
    /// IANA names or quoted hex.
    pub suites: Vec<String>,
    /// The versions they are demanded in; empty = every version they are defined in.
    #[serde(default)]
    pub versions: Vec<ProtocolVersion>,
    /// Document and clause.
    pub source: String,
    /// How sure it is.
    pub confidence: Confidence,
}

/// A set of suites that is to be refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ForbiddenRow {
    /// Name of a suite set.
    pub set: String,
    /// `shall-not` or `should-not`; `may` where the release permits what others forbid.
    pub demand: Demand,
    /// Document and clause.
    pub source: String,
    /// How sure it is.
    pub confidence: Confidence,
}

/// Least size of an RSA key in a certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RsaRow {
    /// Bits of the modulus.
    pub bits: u16,
    /// `shall` or `should`.
    pub demand: Demand,
    /// Document and clause.
    pub source: String,
    /// How sure it is.
    pub confidence: Confidence,
}

/// A rule on signature algorithms, by hash name or TLS 1.3 scheme name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SignatureRow {
    /// `md5`, `sha1`, `sha256` or a scheme such as `ecdsa_secp384r1_sha384`.
    pub algorithm: String,
    /// What the release demands.
    pub demand: Demand,
    /// Document and clause.
    pub source: String,
    /// How sure it is.
    pub confidence: Confidence,
}

/// A rule on anything else: extension, group, compression, name check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FeatureRow {
    /// The thing, by its registered name where it has one, e.g. `renegotiation_info`, `secp256r1`.
    pub feature: String,
    /// What the release demands.
    pub demand: Demand,
    /// Document and clause.
    pub source: String,
    /// How sure it is.
    pub confidence: Confidence,
}

/// How long a session may be resumed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LifetimeRow {
    /// Seconds from the full handshake.
    pub seconds: u32,
    /// Document and clause.
    pub source: String,
    /// How sure it is.
    pub confidence: Confidence,
}

/// The TLS profile of one release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TlsProfile {
    /// Where the profile of this release is written.
    pub document: String,
    /// One row for every protocol version.
    pub versions: BTreeMap<ProtocolVersion, VersionRow>,
    /// Suites the target shall support.
    pub mandatory_suites: Vec<SuitesRow>,
    /// Suites the target should support.
    #[serde(default)]
    pub recommended_suites: Vec<SuitesRow>,
    /// Suite sets the target shall or should refuse.
    pub forbidden_sets: Vec<ForbiddenRow>,
    /// Least RSA key sizes, strictest demand first.
    pub minimum_rsa_bits: Vec<RsaRow>,
    /// Signature algorithms.
    #[serde(default)]
    pub signatures: Vec<SignatureRow>,
    /// Extensions, groups and the rest.
    #[serde(default)]
    pub features: Vec<FeatureRow>,
    /// Longest life of a session.
    pub session_lifetime: LifetimeRow,
}

/// The profiles by release.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct TlsProfiles(pub BTreeMap<Release, TlsProfile>);

impl TlsProfiles {
    /// The profile of a release.
    #[must_use]
    pub fn get(&self, release: Release) -> Option<&TlsProfile> {
        self.0.get(&release)
    }
}

#[cfg(test)]
mod tests {
    use super::super::suite::{SuiteRecord, SuiteRegistry, SuiteSetNames};
    use super::*;

    fn profiles() -> TlsProfiles {
        serde_yaml::from_str(include_str!("../../scenarios/profiles/releases.yaml")).unwrap()
    }

    #[test]
    fn every_release_rules_on_every_version() {
        let profiles = profiles();
        for release in Release::ALL {
            let profile = profiles.get(release).unwrap();
            let versions: Vec<_> = profile.versions.keys().copied().collect();
            assert_eq!(versions, ProtocolVersion::ALL, "{release}");
            let ssl = profile.versions[&ProtocolVersion::Ssl3].demand;
            assert_eq!(ssl, Demand::ShallNot, "{release}");
            assert_eq!(profile.session_lifetime.seconds, 24 * 3600);
        }
    }

    #[test]
    fn suites_and_sets_exist() {
        let records: Vec<SuiteRecord> =
            serde_yaml::from_str(include_str!("../../scenarios/sets/suites.yaml")).unwrap();
        let registry = SuiteRegistry::new(records).unwrap();
        let names: SuiteSetNames =
            serde_yaml::from_str(include_str!("../../scenarios/sets/sets.yaml")).unwrap();
        for (release, profile) in &profiles().0 {
            for row in profile
                .mandatory_suites
                .iter()
                .chain(&profile.recommended_suites)
            {
                for suite in &row.suites {
                    assert!(registry.by_name(suite).is_some(), "{release}: {suite}");
                }
            }
            for row in &profile.forbidden_sets {
                assert!(names.0.contains_key(&row.set), "{release}: {}", row.set);
            }
        }
    }

    #[test]
    fn a_release_from_memory_never_fails_on_its_suites() {
        let profiles = profiles();
        for (release, profile) in &profiles.0 {
            for row in &profile.mandatory_suites {
                let read = *release >= Release::Rel17 && row.versions == [ProtocolVersion::Tls13];
                assert_eq!(row.confidence.may_fail(), read, "{release}");
            }
        }
        let rel17 = profiles.get(Release::Rel17).unwrap();
        assert_eq!(
            rel17.versions[&ProtocolVersion::Tls11].confidence,
            Confidence::Read
        );
        let rel6 = profiles.get(Release::Rel6).unwrap();
        assert_eq!(rel6.versions[&ProtocolVersion::Tls10].demand, Demand::Shall);
    }

    #[test]
    fn release_names_are_those_of_the_data() {
        for release in Release::ALL {
            let json = serde_json::to_string(&release).unwrap();
            assert_eq!(json, format!("\"{release}\""));
        }
    }
}
