//! Requests in clear: nothing is served (TS 33.141, 5.1.3).

use bytes::Bytes;
use hyper::header::{CONNECTION, HeaderValue, LOCATION, UPGRADE};
use hyper::{Response, StatusCode};

use super::application::{Received, plain};
use super::connection::Transport;
use super::defect::HttpDefect;
use super::settings::{ApplicationSettings, ClearBehaviour};

/// The answer to a request in clear; `None` where a defect serves it.
pub(super) fn answer(
    settings: &ApplicationSettings,
    transport: Transport,
    received: &Received,
) -> Option<Response<Bytes>> {
    let served = match transport {
        Transport::Tls => false,
        Transport::ClearOnTlsPort => settings.has(HttpDefect::TlsPortServesClear),
        Transport::ClearPort => settings.has(HttpDefect::ClearPortServes),
    };
    if served {
        return None;
    }
    if transport == Transport::ClearOnTlsPort {
        return Some(plain(StatusCode::BAD_REQUEST));
    }
    if settings.has(HttpDefect::ClearUpgradeAccepted)
        && received.parts.headers.contains_key(UPGRADE)
    {
        let mut response = plain(StatusCode::SWITCHING_PROTOCOLS);
        let headers = response.headers_mut();
        headers.insert(UPGRADE, HeaderValue::from_static("TLS/1.0, HTTP/1.1"));
        headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
        return Some(response);
    }
    let location = match &settings.clear {
        ClearBehaviour::Forbid => None,
        ClearBehaviour::Redirect(authority) => {
            HeaderValue::from_str(&format!("https://{authority}{}", received.target)).ok()
        }
    };
    Some(match location {
        None => plain(StatusCode::FORBIDDEN),
        Some(location) => {
            let mut response = plain(StatusCode::MOVED_PERMANENTLY);
            response.headers_mut().insert(LOCATION, location);
            response
        }
    })
}
