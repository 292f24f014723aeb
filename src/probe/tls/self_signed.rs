//! A client certificate that looks like the valid one and is signed by nobody but itself.

use rcgen::{CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, KeyPair};
use rustls_pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use x509_parser::prelude::{FromDer as _, X509Certificate};

use crate::engine::ports::Trouble;
use crate::probe::target::ClientIdentity;

/// A certificate with subject, alternative names and dates of `model`, and a key of its own that signed it.
///
/// # Errors
/// [`Trouble::Fault`] when the model is no certificate that could be copied.
pub(super) fn self_signed(model: &ClientIdentity) -> Result<ClientIdentity, Trouble> {
    let unfit = |what: &str| {
        Trouble::Fault(format!(
            "client_certificates.valid cannot be copied: {what}"
        ))
    };
    let leaf = model.chain.first().ok_or_else(|| unfit("it is empty"))?;
    let (_, leaf) = X509Certificate::from_der(leaf).map_err(|error| unfit(&error.to_string()))?;
    let mut params = CertificateParams::default();
    params.distinguished_name = subject_of(&leaf);
    params.not_before = leaf.validity().not_before.to_datetime();
    params.not_after = leaf.validity().not_after.to_datetime();
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    params.subject_alt_names = alternative_names(&leaf);
    let key = KeyPair::generate().map_err(|error| unfit(&error.to_string()))?;
    let certificate = params
        .self_signed(&key)
        .map_err(|error| unfit(&error.to_string()))?;
    Ok(ClientIdentity {
        chain: vec![certificate.der().clone()],
        key: PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())),
    })
}

fn subject_of(leaf: &X509Certificate<'_>) -> DistinguishedName {
    let mut subject = DistinguishedName::new();
    for attribute in leaf.subject().iter_attributes() {
        let (Some(oid), Ok(value)) = (attribute.attr_type().iter(), attribute.as_str()) else {
            continue;
        };
        subject.push(DnType::from_oid(&oid.collect::<Vec<u64>>()), value);
    }
    subject
}

fn alternative_names(leaf: &X509Certificate<'_>) -> Vec<rcgen::SanType> {
    use x509_parser::extensions::GeneralName;
    let names = leaf.subject_alternative_name().ok().flatten();
    let names = names.map(|found| found.value.general_names.iter());
    let copied = names.into_iter().flatten().filter_map(|name| match name {
        GeneralName::DNSName(name) => (*name).try_into().ok().map(rcgen::SanType::DnsName),
        GeneralName::URI(name) => (*name).try_into().ok().map(rcgen::SanType::URI),
        GeneralName::RFC822Name(name) => (*name).try_into().ok().map(rcgen::SanType::Rfc822Name),
        _ => None,
    });
    copied.collect()
}
