//! The probe against servers that answer in known ways.

mod offers;
mod openssl;
mod servers;
mod sessions;
