//! The Certificate message up to TLS 1.2, RFC 5246 clause 7.4.2.

use super::codec::{Malformed, Reader, put_vector24};

/// Reads the list of DER certificates, the server's own first; it may be empty.
///
/// # Errors
/// [`Malformed`] when lengths do not fit, a certificate is empty or octets are left over.
pub fn parse_certificates(body: &[u8]) -> Result<Vec<Vec<u8>>, Malformed> {
    let mut reader = Reader::new(body, "Certificate");
    let mut list = Reader::new(reader.vector24("certificate list")?, "Certificate");
    reader.end()?;
    let mut certificates = Vec::new();
    while !list.is_empty() {
        let certificate = list.vector24("certificate")?;
        if certificate.is_empty() {
            return Err(Malformed::new("Certificate: empty certificate"));
        }
        certificates.push(certificate.to_vec());
    }
    Ok(certificates)
}

/// The body of the message.
#[must_use]
pub fn encode_certificates(certificates: &[Vec<u8>]) -> Vec<u8> {
    let mut list = Vec::new();
    for certificate in certificates {
        put_vector24(&mut list, certificate);
    }
    let mut body = Vec::with_capacity(list.len() + 3);
    put_vector24(&mut body, &list);
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chains_round_trip() {
        for chain in [vec![], vec![vec![0x30, 0]], vec![vec![1; 1000], vec![2; 3]]] {
            assert_eq!(parse_certificates(&encode_certificates(&chain)), Ok(chain));
        }
        assert!(parse_certificates(&[0, 0, 3, 0, 0, 0]).is_err());
        assert!(parse_certificates(&[0, 0, 9, 0, 0, 1, 1]).is_err());
    }
}
