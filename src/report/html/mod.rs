//! The report as one HTML file: no network, readable without its script, light and dark, on paper and on a phone.

mod case;
mod page;
mod requirements;
mod results;
mod summary;
mod svg;
mod words;

pub use page::render;
