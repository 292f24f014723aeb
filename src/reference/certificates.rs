//! Keys and certificates of the reference target, made anew at every start.

mod borrowed;

use borrowed::{BorrowedKey, Sha1Issuer, say_sha1};
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256,
    SerialNumber,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use thiserror::Error;
use time::{Duration, OffsetDateTime};

use crate::model::secret::Secret;

/// Host name of the presence server behind the proxy, and of the proxy itself.
pub const FIRST_HOST: &str = "ps.example.test";
/// Host name of a second application server behind the proxy.
pub const SECOND_HOST: &str = "as2.example.test";

/// Names the conforming server certificate is for.
const SERVER_NAMES: [&str; 4] = [FIRST_HOST, SECOND_HOST, "localhost", "127.0.0.1"];
/// Days before now at which certificates begin, so that skewed clocks agree.
const DAYS_BEFORE: i64 = 45;
/// Days after now at which certificates end.
const DAYS_AFTER: i64 = 45;

/// A published RSA key of 2048 bits, see [`Certificates::rsa_server`].
const RSA_KEY: &str = include_str!("certificates/rsa-key.pem");

/// Certificates could not be made.
#[derive(Debug, Error)]
#[error("cannot make the certificates of the reference target: {0}")]
pub struct CertificateError(#[from] rcgen::Error);

/// A server certificate, conforming or with one thing wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ServerCertificate {
    /// For every host, valid 90 days, for server authentication, from the root given to the tester.
    Conforming,
    /// Ended yesterday.
    Expired,
    /// Begins tomorrow.
    NotYetValid,
    /// For another host only.
    WrongName,
    /// Names the host in the subject's common name and has no subjectAltName.
    CommonNameOnly,
    /// From an authority that nobody was told of.
    ForeignAuthority,
    /// Extended key usage allows only clients.
    ClientAuthenticationOnly,
    /// Key usage has none of the bits a handshake needs.
    UnfitKeyUsage,
    /// Valid for 800 days.
    LongLived,
    /// Says it is an authority.
    Authority,
    /// For the first host only.
    FirstHostOnly,
    /// With a serial number of 24 octets.
    LongSerial,
    /// With an RSA key of 1024 bits, which is not the one that signs.
    ShortKey,
    /// Says it is signed over SHA-1.
    Sha1Signed,
    /// With a critical extension that nobody knows.
    UnknownCritical,
    /// Names an OCSP responder; no response is sent.
    OcspResponder,
    /// Followed by a certificate that has nothing to do with it.
    Disordered,
    /// With a key whose private part is published, which is not the one that signs.
    PublishedKey,
}

/// A client certificate for alice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ClientCertificate {
    /// From the authority the server trusts.
    Valid,
    /// From another authority.
    ForeignAuthority,
    /// Ended yesterday.
    Expired,
}

/// A certificate with its private key.
#[derive(Debug, Clone)]
pub struct Identity {
    certificate: CertificateDer<'static>,
    sent_after: Option<CertificateDer<'static>>,
    certificate_pem: String,
    key: Secret,
    key_pem: Secret,
}

impl Identity {
    /// The certificate as DER.
    #[must_use]
    pub fn certificate(&self) -> CertificateDer<'static> {
        self.certificate.clone()
    }

    /// What is sent in a handshake, the certificate first.
    #[must_use]
    pub fn chain(&self) -> Vec<CertificateDer<'static>> {
        let mut chain = vec![self.certificate()];
        chain.extend(self.sent_after.clone());
        chain
    }

    /// The certificate as PEM.
    #[must_use]
    pub fn certificate_pem(&self) -> &str {
        &self.certificate_pem
    }

    /// The private key as PKCS #8.
    #[must_use]
    pub fn key(&self) -> PrivateKeyDer<'static> {
        PrivatePkcs8KeyDer::from(self.key.expose().to_vec()).into()
    }

    /// The private key as PEM.
    #[must_use]
    pub const fn key_pem(&self) -> &Secret {
        &self.key_pem
    }
}

/// An authority that signs.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: CertificateDer<'static>,
    pem: String,
    params: CertificateParams,
}

impl Authority {
    fn new(name: &str, now: OffsetDateTime) -> Result<Self, CertificateError> {
        let mut params = params_of(name, now)?;
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.extended_key_usages = Vec::new();
        params.use_authority_key_identifier_extension = false;
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let certificate = params.self_signed(&key)?;
        Ok(Self {
            certificate: certificate.der().clone(),
            pem: certificate.pem(),
            issuer: Issuer::new(params.clone(), key),
            params,
        })
    }

    fn issue(&self, params: &CertificateParams) -> Result<Identity, CertificateError> {
        self.issue_for(params, None)
    }

    /// Issues a certificate for this key, or for the one that signs handshakes.
    fn issue_for(
        &self,
        params: &CertificateParams,
        shown: Option<&BorrowedKey>,
    ) -> Result<Identity, CertificateError> {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let certificate = match shown {
            Some(shown) => params.signed_by(shown, &self.issuer)?,
            None => params.signed_by(&key, &self.issuer)?,
        };
        Ok(identity(&certificate, &key))
    }
}

impl Authority {
    /// A certificate in this authority's name that says it is signed over SHA-1.
    fn issue_by_sha1(&self, params: &CertificateParams) -> Result<Identity, CertificateError> {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let issuer = Issuer::new(self.params.clone(), Sha1Issuer::new());
        let made = params.signed_by(&key, &issuer)?;
        let der = CertificateDer::from(say_sha1(made.der()));
        Ok(Identity {
            certificate: der,
            sent_after: None,
            certificate_pem: made.pem(),
            key: Secret::new(key.serialize_der()),
            key_pem: Secret::new(key.serialize_pem()),
        })
    }
}

/// The authorities of one reference target.
pub struct Certificates {
    trusted: Authority,
    foreign: Authority,
    now: OffsetDateTime,
}

impl Certificates {
    /// Makes the authorities; `now` is the time certificates are valid around.
    ///
    /// # Errors
    /// When no key can be made.
    pub fn new(now: OffsetDateTime) -> Result<Self, CertificateError> {
        Ok(Self {
            trusted: Authority::new("presec reference authority", now)?,
            foreign: Authority::new("presec foreign authority", now)?,
            now,
        })
    }

    /// The root to give to the tester, as PEM.
    #[must_use]
    pub fn authority_pem(&self) -> &str {
        &self.trusted.pem
    }

    /// The root as DER.
    #[must_use]
    pub fn authority(&self) -> CertificateDer<'static> {
        self.trusted.certificate.clone()
    }

    /// Makes a server certificate.
    ///
    /// # Errors
    /// When no key can be made.
    pub fn server(&self, which: ServerCertificate) -> Result<Identity, CertificateError> {
        use ServerCertificate as Which;
        let names: &[&str] = match which {
            Which::WrongName => &["other.example.test"],
            Which::CommonNameOnly => &[],
            Which::FirstHostOnly => &[FIRST_HOST],
            _ => &SERVER_NAMES,
        };
        let mut params = params_of(FIRST_HOST, self.now)?;
        params.subject_alt_names = alternative_names(names)?;
        change(which, &mut params, self.now);
        match which {
            Which::ForeignAuthority => self.foreign.issue(&params),
            Which::ShortKey => self.trusted.issue_for(&params, Some(&BorrowedKey::short())),
            Which::PublishedKey => {
                let published = BorrowedKey::published();
                self.trusted.issue_for(&params, Some(&published))
            }
            Which::Sha1Signed => self.trusted.issue_by_sha1(&params),
            Which::Disordered => Ok(Identity {
                sent_after: Some(self.foreign.certificate.clone()),
                ..self.trusted.issue(&params)?
            }),
            _ => self.trusted.issue(&params),
        }
    }

    /// Makes a conforming server certificate with an RSA key, for suites that need one. Everybody knows the key: making
    /// one takes too long for a start, and only defects use it.
    ///
    /// # Errors
    /// When the certificate cannot be made.
    pub fn rsa_server(&self) -> Result<Identity, CertificateError> {
        let mut params = params_of(FIRST_HOST, self.now)?;
        params.subject_alt_names = alternative_names(&SERVER_NAMES)?;
        params.key_usages.push(KeyUsagePurpose::KeyEncipherment);
        let key = KeyPair::from_pem(RSA_KEY)?;
        let certificate = params.signed_by(&key, &self.trusted.issuer)?;
        Ok(identity(&certificate, &key))
    }

    /// Makes a client certificate for alice.
    ///
    /// # Errors
    /// When no key can be made.
    pub fn client(&self, which: ClientCertificate) -> Result<Identity, CertificateError> {
        let mut params = params_of("alice", self.now)?;
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        match which {
            ClientCertificate::Valid => self.trusted.issue(&params),
            ClientCertificate::ForeignAuthority => self.foreign.issue(&params),
            ClientCertificate::Expired => {
                params.not_after = self.now - Duration::DAY;
                self.trusted.issue(&params)
            }
        }
    }
}

fn identity(certificate: &rcgen::Certificate, key: &KeyPair) -> Identity {
    Identity {
        certificate: certificate.der().clone(),
        sent_after: None,
        certificate_pem: certificate.pem(),
        key: Secret::new(key.serialize_der()),
        key_pem: Secret::new(key.serialize_pem()),
    }
}

impl std::fmt::Debug for Certificates {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Certificates")
    }
}

/// What makes a server certificate odd in its own fields.
fn change(which: ServerCertificate, params: &mut CertificateParams, now: OffsetDateTime) {
    use ServerCertificate as Which;
    match which {
        Which::Expired => params.not_after = now - Duration::DAY,
        Which::NotYetValid => params.not_before = now + Duration::DAY,
        Which::ClientAuthenticationOnly => {
            params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        }
        Which::UnfitKeyUsage => params.key_usages = vec![KeyUsagePurpose::CrlSign],
        Which::LongLived => params.not_after = params.not_before + Duration::days(800),
        Which::Authority => params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained),
        Which::LongSerial => params.serial_number = Some(SerialNumber::from_slice(&[0x4d; 24])),
        Which::UnknownCritical => {
            let mut unknown = CustomExtension::from_oid_content(NOBODY_S_OID, vec![0x05, 0x00]);
            unknown.set_criticality(true);
            params.custom_extensions.push(unknown);
        }
        Which::OcspResponder => {
            let access =
                CustomExtension::from_oid_content(AUTHORITY_INFO_ACCESS, OCSP_ACCESS.to_vec());
            params.custom_extensions.push(access);
        }
        _ => {}
    }
}

/// An object identifier in the arc for examples (2.999).
const NOBODY_S_OID: &[u64] = &[2, 999, 33141];
/// Authority information access (RFC 5280 4.2.2.1).
const AUTHORITY_INFO_ACCESS: &[u64] = &[1, 3, 6, 1, 5, 5, 7, 1, 1];
/// Access by OCSP to `http://ocsp.invalid/` in DER.
const OCSP_ACCESS: &[u8] =
    b"\x30\x22\x30\x20\x06\x08\x2b\x06\x01\x05\x05\x07\x30\x01\x86\x14http://ocsp.invalid/";

/// Parameters of an end-entity certificate for a server with this common name.
fn params_of(name: &str, now: OffsetDateTime) -> Result<CertificateParams, CertificateError> {
    let mut params = CertificateParams::new(Vec::new())?;
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = now - Duration::days(DAYS_BEFORE);
    params.not_after = now + Duration::days(DAYS_AFTER);
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    Ok(params)
}

fn alternative_names(names: &[&str]) -> Result<Vec<rcgen::SanType>, CertificateError> {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    Ok(CertificateParams::new(names)?.subject_alt_names)
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;
    use x509_parser::prelude::{FromDer, X509Certificate};

    use super::*;

    const NOW: OffsetDateTime = datetime!(2026-06-01 12:00 UTC);

    fn with_server<T>(which: ServerCertificate, look: impl Fn(&X509Certificate<'_>) -> T) -> T {
        let certificates = Certificates::new(NOW).unwrap();
        let identity = certificates.server(which).unwrap();
        let der = identity.certificate();
        let (_, certificate) = X509Certificate::from_der(&der).unwrap();
        look(&certificate)
    }

    fn verdict(which: ServerCertificate) -> Result<(), webpki::Error> {
        let certificates = Certificates::new(NOW).unwrap();
        let identity = certificates.server(which).unwrap();
        let der = identity.certificate();
        let root = certificates.authority();
        let anchor = webpki::anchor_from_trusted_cert(&root).unwrap();
        let certificate = webpki::EndEntityCert::try_from(&der).unwrap();
        let now = u64::try_from(NOW.unix_timestamp()).unwrap();
        certificate.verify_for_usage(
            webpki::ALL_VERIFICATION_ALGS,
            &[anchor],
            &[],
            rustls::pki_types::UnixTime::since_unix_epoch(std::time::Duration::from_secs(now)),
            webpki::KeyUsage::server_auth(),
            None,
            None,
        )?;
        certificate.verify_is_valid_for_subject_name(&FIRST_HOST.try_into().unwrap())
    }

    #[test]
    fn another_library_agrees_with_what_is_wrong() {
        use ServerCertificate as Which;
        assert_eq!(verdict(Which::Conforming), Ok(()));
        assert_eq!(verdict(Which::LongLived), Ok(()));
        assert_eq!(verdict(Which::FirstHostOnly), Ok(()));
        assert!(matches!(
            verdict(Which::Expired),
            Err(webpki::Error::CertExpired { .. })
        ));
        assert!(matches!(
            verdict(Which::NotYetValid),
            Err(webpki::Error::CertNotValidYet { .. })
        ));
        assert!(matches!(
            verdict(Which::ForeignAuthority),
            Err(webpki::Error::UnknownIssuer)
        ));
        assert!(matches!(
            verdict(Which::Authority),
            Err(webpki::Error::CaUsedAsEndEntity)
        ));
        for which in [Which::WrongName, Which::CommonNameOnly] {
            assert!(matches!(
                verdict(which),
                Err(webpki::Error::CertNotValidForName(_))
            ));
        }
        assert!(verdict(Which::ClientAuthenticationOnly).is_err());
    }

    #[test]
    fn the_conforming_one_lives_ninety_days_for_all_hosts() {
        with_server(ServerCertificate::Conforming, |certificate| {
            let validity = certificate.validity();
            let seconds = validity.not_after.timestamp() - validity.not_before.timestamp();
            assert_eq!(seconds, 90 * 86_400);
            let names = certificate.subject_alternative_name().unwrap().unwrap();
            assert_eq!(names.value.general_names.len(), SERVER_NAMES.len());
            assert!(
                certificate
                    .key_usage()
                    .unwrap()
                    .unwrap()
                    .value
                    .digital_signature()
            );
            assert!(!certificate.is_ca());
        });
        with_server(ServerCertificate::CommonNameOnly, |certificate| {
            assert!(certificate.subject_alternative_name().unwrap().is_none());
        });
        with_server(ServerCertificate::UnfitKeyUsage, |certificate| {
            let usage = certificate.key_usage().unwrap().unwrap();
            assert!(!usage.value.digital_signature());
        });
    }

    #[test]
    fn private_keys_do_not_print() {
        let certificates = Certificates::new(NOW).unwrap();
        let identity = certificates.client(ClientCertificate::Valid).unwrap();
        let pem = String::from_utf8(identity.key_pem().expose().to_vec()).unwrap();
        let middle = pem.lines().nth(1).unwrap();
        assert!(!format!("{identity:?}").contains(middle));
    }
}
