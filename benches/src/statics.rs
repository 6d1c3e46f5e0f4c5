//! What all threads share, as a service's `static` is shared.

/// A place for good.
pub fn leak<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}
