//! Realms by which a NAF asks for bootstrapped credentials (TS 24.109, 5.2).

/// Which kind of bootstrapping a realm asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BootstrappingPrefix {
    /// `3GPP-bootstrapping`: Ks_NAF, or Ks_ext_NAF with GBA_U.
    Me,
    /// `3GPP-bootstrapping-uicc`: Ks_int_NAF, which stays on the UICC.
    Uicc,
    /// `3GPP-bootstrapping-digest`: Ks_NAF from GBA_Digest.
    Digest,
}

impl BootstrappingPrefix {
    /// The prefix as it stands before the `@`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Me => "3GPP-bootstrapping",
            Self::Uicc => "3GPP-bootstrapping-uicc",
            Self::Digest => "3GPP-bootstrapping-digest",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        [Self::Me, Self::Uicc, Self::Digest]
            .into_iter()
            .find(|prefix| prefix.as_str() == text)
    }
}

/// One realm of a bootstrapping challenge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BootstrappingRealm {
    /// Kind of bootstrapping.
    pub prefix: BootstrappingPrefix,
    /// Name of the NAF as spelled.
    pub fqdn: String,
}

impl std::fmt::Display for BootstrappingRealm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}@{}", self.prefix.as_str(), self.fqdn)
    }
}

/// Bootstrapping realms of a `realm` value in order, which may hold several separated by `;`; others are left out.
pub fn bootstrapping_realms(realm: &str) -> Vec<BootstrappingRealm> {
    realm
        .split(';')
        .filter_map(|part| {
            let (prefix, fqdn) = part.trim().split_once('@')?;
            let prefix = BootstrappingPrefix::parse(prefix)?;
            (!fqdn.is_empty()).then(|| BootstrappingRealm {
                prefix,
                fqdn: fqdn.to_owned(),
            })
        })
        .collect()
}
