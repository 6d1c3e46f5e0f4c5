//! Tells the crate whether the linker can collect its annotated functions.

/// Those for which linkme knows how. (Its list has some without std, too.)
const LINKED: [&str; 10] =
    ["android", "freebsd", "fuchsia", "illumos", "ios", "linux", "macos", "openbsd", "tvos", "windows"];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-check-cfg=cfg(altlocks_linked)");
    let target = std::env::var("CARGO_CFG_TARGET_OS").unwrap_or_default();
    // For the tests of the other way, on a machine that has this one.
    let refused = std::env::var_os("CARGO_CFG_ALTLOCKS_FIRST_USE").is_some();
    if LINKED.contains(&target.as_str()) && !refused {
        println!("cargo::rustc-cfg=altlocks_linked");
    }
}
