//! Whose a row is, by its name.

/// The function that nothing stands around.
pub const BARE: &str = "bare async fn";

/// Whether a row is of altlocks.
#[must_use]
pub fn is_ours(peer: &str) -> bool {
    peer.starts_with("altlocks")
}

/// Whether a row is of a peer: neither of altlocks nor of something that is there to compare with.
#[must_use]
pub fn is_peer(peer: &str) -> bool {
    !is_ours(peer) && !peer.starts_with("bare ") && !peer.starts_with("tracing::")
}
