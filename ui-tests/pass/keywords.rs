//! Keywords before `fn` stay what they are.

use altlocks::{circuit_breaker, resource_guard, throttle};

/// # Safety
///
/// None needed; it is the keyword that counts.
#[circuit_breaker]
#[throttle(rate = 1e9)]
#[resource_guard]
async unsafe fn by_contract(value: u8) -> Option<u8> {
    Some(value)
}

fn main() {
    let _unsafe: unsafe fn(u8) -> _ = by_contract;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    assert_eq!(runtime.block_on(unsafe { by_contract(1) }), Some(1));
}
