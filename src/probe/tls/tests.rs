//! The probe against servers that answer in known ways.

mod enumerate;
mod offers;
mod openssl;
mod servers;
mod sessions;
mod slow;
