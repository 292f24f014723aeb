//! The application and the store over byte streams.

mod bench;
mod conformance_authentication;
mod conformance_proxy;
mod conformance_store;
mod curl;
mod matrix;
mod stories_access;
mod stories_digest;
mod stories_identity;
mod stories_reauthentication;
