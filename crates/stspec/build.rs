//! Rebuilds when a scenario file comes or goes: the rules are inside the binary.

fn main() {
    println!("cargo::rerun-if-changed=../../scenarios");
}
