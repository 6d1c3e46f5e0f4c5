//! Why an attempt to enter failed.

use std::panic::Location;

use crate::Name;

/// A [`ResourceGuard`](crate::ResourceGuard) was entered already.
///
/// # Examples
///
/// ```
/// use altlocks::ResourceGuard;
///
/// let guard = ResourceGuard::new(()).with_name("journal").with_action("compacting");
/// let held = guard.enter()?; let here = line!();
/// let busy = guard.enter().unwrap_err();
/// let text = busy.to_string();
/// assert!(text.starts_with("another task is already compacting resource: journal, entered at "));
/// assert_eq!(busy.held_at().unwrap().line(), here);
/// # drop(held);
/// # Ok::<(), altlocks::ResourceBusy>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("another task is already {action} resource: {resource}{}", EnteredAt(*held_at))]
pub struct ResourceBusy {
    resource: Name,
    action: Name,
    held_at: Option<&'static Location<'static>>,
}

impl ResourceBusy {
    pub(super) const fn new(resource: Name, action: Name, held_at: &'static Location<'static>) -> Self {
        Self { resource, action, held_at: Some(held_at) }
    }

    /// The resource, as its guard describes it.
    #[must_use]
    pub fn resource(&self) -> &str {
        &self.resource
    }

    /// What the guard says that a holder does with it.
    #[must_use]
    pub fn action(&self) -> &str {
        &self.action
    }

    /// Where the holder entered, if that is known.
    #[must_use]
    pub const fn held_at(&self) -> Option<&'static Location<'static>> {
        self.held_at
    }
}

/// The end of the text: where to look.
struct EnteredAt(Option<&'static Location<'static>>);

impl std::fmt::Display for EnteredAt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.map_or(Ok(()), |at| write!(f, ", entered at {at}"))
    }
}
