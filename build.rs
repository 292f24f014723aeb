//! Scenarios are embedded by a macro that does not watch its folder; this does.

fn main() {
    println!("cargo:rerun-if-changed=scenarios");
}
